/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_split - a stream of bytes as lines, in memory that does not grow.
 */
#ifndef QGREPLAY_COLLECTOR_TEXT_SPLIT_H
#define QGREPLAY_COLLECTOR_TEXT_SPLIT_H

#include <stdbool.h>

#include "collector/bytes.h"

/* Longest line that is handed out; the longest line of a real trace is under 1 KiB. */
enum { TEXT_SPLIT_LINE_MAX = 64 * 1024, TEXT_SPLIT_BUFFER = 4 * TEXT_SPLIT_LINE_MAX };

struct text_split {
	const struct bytes *bytes;
	bool ended;
	bool skipping; /* inside a line that is too long */
	bool zeros;    /* seen in its part that was thrown away */
	size_t at;
	size_t filled;
	char buffer[TEXT_SPLIT_BUFFER];
};

/* A line without its line end (LF or CRLF). */
struct text_split_line {
	const char *text; /* valid until the next call; not ended by a NUL */
	size_t length;
	bool too_long; /* longer than TEXT_SPLIT_LINE_MAX, and therefore empty */
	bool zeros;    /* has bytes that are 0, also when it is too long */
	bool cut;      /* the last one, and without a line end */
};

/* Starts on `bytes`, which must outlive `split`. */
void text_split_init(struct text_split *split, const struct bytes *bytes);

/* The next line; `*more` is false when there is none. Errors: those of the stream. */
enum err text_split_next(struct text_split *split, struct text_split_line *line, bool *more, struct error *error);

#endif
