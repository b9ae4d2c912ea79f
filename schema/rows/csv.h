/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * csv - comma-separated values as RFC 4180 has them, but for line ends, which are single line feeds.
 *
 * Texts are made harmless, so that a line is a line. A field is preceded by a comma unless it is the first of its line.
 * Errors of the stream are the caller's to ask for.
 */
#ifndef QGREPLAY_SCHEMA_ROWS_CSV_H
#define QGREPLAY_SCHEMA_ROWS_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "schema/rows/rows.h"

struct csv {
	FILE *stream;
	bool begun; /* the line has a field */
	/* A text that begins like a formula of a spreadsheet (= + - @ or a tab) is led by an apostrophe: for files that
	 * people open by a click, and whose texts come from others. */
	bool defused;
};

void csv_unsigned(struct csv *csv, uint64_t value);
void csv_signed(struct csv *csv, int64_t value);

/* Quoted where it must be; NULL is an empty field, "" a quoted one. */
void csv_text(struct csv *csv, const char *text);
void csv_end(struct csv *csv);

/* Whole lines: names of columns, and values of the store, of which bytes and fractions are left empty. */
void csv_names(struct csv *csv, const char *const *names, size_t count);
void csv_values(struct csv *csv, const struct row_value *values, size_t count);

#endif
