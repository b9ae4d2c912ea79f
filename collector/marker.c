/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/marker.h"

#include <string.h>

#include "base/utf8.h"

enum { TEXTS_MAX = 1 << 16, TEXT_BYTES_MAX = 16 << 20 };

static const char writer[] = "tracing_mark_write";

struct names *marker_texts_new(void)
{
	struct names *texts = names_new(TEXTS_MAX);

	names_limit_bytes(texts, TEXT_BYTES_MAX);
	return texts;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_plain(const char *text, size_t length)
{
	bool plain = true;

	for (size_t i = 0; i < length; i++)
		plain &= text[i] >= ' ' && text[i] <= '~';
	return plain;
}

uint32_t marker_number(struct names *texts, const void *bytes, size_t length)
{
	char text[MARKER_TEXT_MAX + 1];
	const char *from = bytes;

	if (length == 0)
		return 0;
	length = strnlen(from, length);
	for (; length > 0 && is_blank(*from); from++)
		length--;
	if (length > MARKER_TEXT_MAX)
		length = MARKER_TEXT_MAX;
	while (length > 0 && is_blank(from[length - 1]))
		length--;
	if (length == 0)
		return 0;
	if (is_plain(from, length))
		return names_number(texts, from, length);
	memcpy(text, from, length);
	text[length] = '\0';
	utf8_make_harmless(text);
	return names_number(texts, text, strlen(text));
}

static bool begins(const struct text_span *span, const char *word)
{
	size_t length = strlen(word);

	return span->length >= length && memcmp(span->text, word, length) == 0;
}

/* "+0x15e/0x1a0: " or " <ffffffff9a1f2b00>: "; the function tracer's " <-vfs_write" is a call, and no text. */
static bool is_place(const char *at, size_t length)
{
	const char *end = memchr(at, ':', length);

	return end != NULL && (*at == '+' || *at == ' ') && memmem(at, (size_t)(end - at), "<-", 2) == NULL;
}

bool marker_is_line(const struct text_line *line)
{
	size_t length = sizeof(writer) - 1;

	if (line->name.length > 0)
		return line->name.length == length && begins(&line->name, writer);
	return line->body.length > length && begins(&line->body, writer) &&
	       is_place(line->body.text + length, line->body.length - length);
}

/* Goes behind the first `mark` in the span; false when there is none. */
static bool pass(struct text_span *span, const char *mark)
{
	const char *at = memmem(span->text, span->length, mark, strlen(mark));

	if (at == NULL)
		return false;
	at += strlen(mark);
	span->length -= (size_t)(at - span->text);
	span->text = at;
	return true;
}

uint32_t marker_number_of_line(struct names *texts, const struct text_line *line)
{
	struct text_span text = line->body;

	if (line->name.length == sizeof(writer) - 1)
		return marker_number(texts, text.text, text.length);
	if (!begins(&text, "ip=") || !pass(&text, " buf="))
		pass(&text, ":");
	return marker_number(texts, text.text, text.length);
}
