/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json - writes JSON to a stream as it goes, holding nothing back.
 *
 * Why not jansson: its integers are signed (root -9 of the kernel is 2^64-9) and it keeps the whole document in memory,
 * which a trace with a million mismatches must not. Texts from traces may hold any byte: what is not valid UTF-8 is
 * written as U+FFFD. Containers are closed by the caller in the order opened; errors of the stream are the caller's to
 * ask for (ferror). A key is NULL for an element of an array.
 */
#ifndef QGREPLAY_BASE_JSON_H
#define QGREPLAY_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *stream;
	unsigned depth;
	unsigned broken_depth; /* containers down to this depth put each member on a line of its own */
	bool first;	       /* nothing stands in the open container yet */
};

/* A writer to `stream` that breaks lines in containers down to `broken_depth`. */
void json_init(struct json *json, FILE *stream, unsigned broken_depth);

void json_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array(struct json *json, const char *key);
void json_array_end(struct json *json);

void json_number(struct json *json, const char *key, uint64_t value);
void json_signed(struct json *json, const char *key, int64_t value);

/* A number that is written already, such as "0.25"; the caller sees to it that JSON knows such a one. */
void json_decimal(struct json *json, const char *key, const char *digits);

void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* `text` or, when it is NULL, null. */
void json_text(struct json *json, const char *key, const char *text);

#endif
