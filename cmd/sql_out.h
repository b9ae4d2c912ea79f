/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sql_out - the rows of a query as a table, CSV or JSON, written as they come.
 *
 * A table's columns are as wide as the first rows need, which are held until then; nothing else is held. Bytes are
 * written as digits of base 16, nothing at all as an empty field, or null.
 */
#ifndef QGREPLAY_CMD_SQL_OUT_H
#define QGREPLAY_CMD_SQL_OUT_H

#include <stdio.h>

#include "schema/store/store.h"

struct sql_out;

/* Writes to `stream` in that format, such as "json"; NULL when there is no such. Freed by sql_out_free(). */
struct sql_out *sql_out_new(FILE *stream, const char *format);
void sql_out_free(struct sql_out *out);

/* Where store_query() puts its result. Errors: ERR_STOPPED when the stream takes no more. */
struct store_query_sink sql_out_sink(struct sql_out *out);

/* After the last row. */
void sql_out_end(struct sql_out *out);

#endif
