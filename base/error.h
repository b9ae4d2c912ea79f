/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * error - a failure on its way to the user: a code for machines, one line of text for people.
 *
 * Set where the failure is first seen, wrapped where context is known, shown only by main and by the HTTP
 * dispatcher. Texts are lower case, quote their subject, name the remedy, and have no full stop and no newline.
 */
#ifndef QGREPLAY_BASE_ERROR_H
#define QGREPLAY_BASE_ERROR_H

enum err {
	ERR_OK = 0,
	ERR_USAGE,  /* the command line asks for something impossible */
	ERR_INPUT,  /* the input is not what it should be: not a trace, truncated, hostile */
	ERR_LIMIT,  /* the input is larger than a stated limit */
	ERR_SYSTEM, /* the operating system refused: open, read, memory map, fork */
	ERR_STOPPED /* the receiver of the data wants no more; carries no text */
};

struct error {
	enum err code;
	char text[480];
};

/*
 * Fills `error` (which may be NULL) with `code` and the formatted text, and returns `code`, so that a failing
 * function can end with `return error_set(...)`. File names and the bytes of a hostile trace may hold anything, so the
 * text is made one harmless line of UTF-8 by the rule of utf8_make_harmless().
 */
enum err error_set(struct error *error, enum err code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Puts formatted context and ": " in front of the text that is there; returns the code that is there. With NULL nobody
 * kept the code, and ERR_SYSTEM stands for any failure: a caller who tells codes apart brings a struct error.
 */
enum err error_wrap(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
