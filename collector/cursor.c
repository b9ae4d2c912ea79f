/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/cursor.h"

size_t cursor_left(const struct cursor *cursor)
{
	return cursor->failed ? 0 : cursor->size - cursor->at;
}

const unsigned char *cursor_bytes(struct cursor *cursor, uint64_t count)
{
	if (cursor->failed || count > cursor->size - cursor->at) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at += (size_t)count;
	return cursor->data + cursor->at - count;
}

uint64_t cursor_number(struct cursor *cursor, unsigned size)
{
	const unsigned char *bytes = cursor_bytes(cursor, size);

	return bytes == NULL ? 0 : cursor_peek(bytes, size, cursor->big_endian);
}

const char *cursor_text(struct cursor *cursor)
{
	size_t left = cursor_left(cursor);
	const unsigned char *start = left == 0 ? NULL : cursor->data + cursor->at;
	const unsigned char *end = left == 0 ? NULL : memchr(start, '\0', left);

	if (end == NULL) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at += (size_t)(end - start) + 1;
	return (const char *)start;
}

struct cursor cursor_part(struct cursor *cursor, uint64_t count)
{
	struct cursor part = {.big_endian = cursor->big_endian};

	part.data = cursor_bytes(cursor, count);
	part.failed = part.data == NULL;
	part.size = part.failed ? 0 : (size_t)count;
	return part;
}
