/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

void target_pairs_release(struct target_pairs *pairs)
{
	free(pairs->all);
	memset(pairs, 0, sizeof(*pairs));
}

bool target_pairs_add(struct target_pairs *pairs, const char *name, const char *value)
{
	if (pairs->count == TARGET_PAIRS_MAX)
		return false;
	pairs->all = memory_grown(pairs->all, &pairs->capacity, pairs->count + 1, sizeof(pairs->all[0]));
	pairs->all[pairs->count++] = (struct request_pair){name, value};
	return true;
}

bool target_is_text(const char *text)
{
	size_t length;

	while ((length = utf8_length(text)))
		text += length;
	return *text == '\0';
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The byte that "%41" at `text` stands for; -1 when it is none. */
static int escaped_byte(const char *text)
{
	int high = hex_digit(text[1]);
	int low = high < 0 ? -1 : hex_digit(text[2]);

	return low < 0 ? -1 : high << 4 | low;
}

/* Bytes that are `unwanted` may not come out of an escape, NUL among them. */
static const char *unescape(char *text, bool plus, const char *unwanted)
{
	char *to = text;

	for (; *text; text++) {
		int byte = (unsigned char)*text;

		if (*text == '%') {
			byte = escaped_byte(text);
			if (byte < 0)
				return "it has a '%' without two hexadecimal digits behind it";
			if (strchr(unwanted, byte))
				return "it has an escaped character that cannot stand there";
			text += 2;
		} else if (plus && *text == '+') {
			byte = ' ';
		}
		*to++ = (char)byte;
	}
	*to = '\0';
	return NULL;
}

static bool has_dots(const char *path)
{
	while ((path = strchr(path, '/'))) {
		size_t length = strcspn(++path, "/");

		if ((length == 1 && path[0] == '.') || (length == 2 && path[0] == '.' && path[1] == '.'))
			return true;
	}
	return false;
}

const char *target_decode_path(char *path)
{
	const char *why;

	if (*path != '/')
		return "its target is not a path that begins with '/'";
	why = unescape(path, false, "/");
	if (why)
		return why;
	for (const char *at = path; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return "its path has a control character";
	if (has_dots(path))
		return "its path has a part '.' or '..'";
	return target_is_text(path) ? NULL : "its path is not UTF-8";
}

const char *target_decode_pairs(struct target_pairs *pairs, char *text)
{
	while (text && *text) {
		char *name = text;
		char *end = strchr(text, '&');
		char *value;
		const char *why;

		text = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		if (!*name)
			continue;
		value = strchr(name, '=');
		if (value)
			*value++ = '\0';
		else
			value = name + strlen(name);
		why = unescape(name, true, "");
		if (!why)
			why = unescape(value, true, "");
		if (why)
			return why;
		if (!target_is_text(name) || !target_is_text(value))
			return "it has a name or value that is not UTF-8";
		if (!target_pairs_add(pairs, name, value))
			return "it has more than 128 names";
	}
	return NULL;
}
