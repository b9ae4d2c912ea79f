/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/text_split.h"

#include <string.h>

void text_split_init(struct text_split *split, const struct bytes *bytes)
{
	split->bytes = bytes;
	split->ended = false;
	split->skipping = false;
	split->zeros = false;
	split->at = 0;
	split->filled = 0;
}

static enum err fill(struct text_split *split, struct error *error)
{
	size_t got = 0;
	enum err err;

	memmove(split->buffer, split->buffer + split->at, split->filled - split->at);
	split->filled -= split->at;
	split->at = 0;
	err = split->bytes->read(split->bytes->context, (unsigned char *)split->buffer + split->filled,
		sizeof(split->buffer) - split->filled, &got, error);
	split->filled += got;
	split->ended = err == ERR_OK && got == 0;
	return err;
}

static void hand_out(struct text_split *split, struct text_split_line *line, const char *end, bool cut)
{
	const char *text = split->buffer + split->at;
	size_t length = (size_t)(end - text);

	line->cut = cut;
	line->zeros = split->zeros || memchr(text, 0, length) != NULL;
	line->too_long = split->skipping || length > TEXT_SPLIT_LINE_MAX;
	split->zeros = false;
	split->skipping = false;
	if (line->too_long)
		length = 0;
	if (length > 0 && text[length - 1] == '\r')
		length--;
	line->text = text;
	line->length = length;
}

enum err text_split_next(struct text_split *split, struct text_split_line *line, bool *more, struct error *error)
{
	size_t searched = 0;
	enum err err;

	*more = true;
	for (;;) {
		const char *from = split->buffer + split->at;
		size_t size = split->filled - split->at;
		const char *end = memchr(from + searched, '\n', size - searched);

		if (end != NULL) {
			hand_out(split, line, end, false);
			split->at = (size_t)(end - split->buffer) + 1;
			return ERR_OK;
		}
		if (split->ended) {
			*more = size > 0 || split->skipping;
			hand_out(split, line, from + size, true);
			split->at = split->filled;
			return ERR_OK;
		}
		searched = size;
		if (size > TEXT_SPLIT_LINE_MAX) {
			split->skipping = true;
			split->zeros = split->zeros || memchr(from, 0, size) != NULL;
			split->at = split->filled;
			searched = 0;
		}
		err = fill(split, error);
		if (err != ERR_OK)
			return err;
	}
}
