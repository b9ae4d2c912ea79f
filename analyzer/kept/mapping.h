/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mapping - how a struct lies in the columns of a table: one description, by which rows are written and read.
 *
 * Rows that are read may hold anything: numbers are held against the member that takes them, words against those that
 * the program knows.
 */
#ifndef QGREPLAY_ANALYZER_KEPT_MAPPING_H
#define QGREPLAY_ANALYZER_KEPT_MAPPING_H

#include <stddef.h>

#include "base/error.h"
#include "schema/rows/rows.h"

enum member_kind {
	MEMBER_NONE, /* the column is the store's: NULL when written, passed over when read */
	MEMBER_U64,
	MEMBER_I64,
	MEMBER_U32,
	MEMBER_I32,
	MEMBER_U16,
	MEMBER_U8,
	MEMBER_BOOL,
	MEMBER_WORD,	   /* an enum, as its word */
	MEMBER_TEXT,	   /* const char *; one that was read lives as long as the row */
	MEMBER_TEXT_IF_ANY /* the same, or NULL */
};

/* The words of an enum, from 0; NULL behind the last. `word` may give NULL for one that the column says by NULL. */
struct vocabulary {
	unsigned count;
	const char *(*word)(unsigned value);
};

struct member {
	const char *column;
	size_t offset;
	enum member_kind kind;
	const struct vocabulary *words; /* of MEMBER_WORD */
	bool optional; /* the column is NULL where the bool at `present` is false; the member is then 0 */
	size_t present;
};

/* Members in the order of the table's columns, all of them. */
struct mapping {
	enum row_table table;
	const struct member *members;
	size_t count;
};

/* Fills `row` from a struct, whose texts it then points to. */
void mapping_write(const struct mapping *mapping, const void *from, struct row *row);

/* Fills a struct from a row. Errors: ERR_INPUT, naming the table and the column. */
enum err mapping_read(const struct mapping *mapping, const struct row *row, void *to, struct error *error);

/* "the row of table 'finding' ...": ERR_INPUT. `why` is what is wrong with it. */
enum err mapping_misfit(enum row_table table, const char *why, struct error *error);

#endif
