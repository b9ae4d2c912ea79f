/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rows - rows of the store's tables, in memory and on their way: what the store takes, gives back, and what a confined
 * process writes into a file for one that may touch the store.
 *
 * Which tables there are, and their columns in order, is said here and in the .sql files; a test compares the two.
 * Values are what SQLite has: nothing, a signed 64-bit number (the bits of the kernel's unsigned ones), text, bytes.
 */
#ifndef QGREPLAY_SCHEMA_ROWS_ROWS_H
#define QGREPLAY_SCHEMA_ROWS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum row_table {
	ROW_TRACE,
	ROW_EVENT_COUNT,
	ROW_NAME,
	ROW_EVENT_BLOCK,
	ROW_QGROUP,
	ROW_REPLAY,
	ROW_UNPROVEN,
	ROW_FILESYSTEM,
	ROW_ROOT_LEDGER,
	ROW_SAMPLE,
	ROW_FINDING,
	ROW_OCCURRENCE,
	ROW_OWNER,
	ROW_EVIDENCE,
	ROW_LOG_LINE,
	ROW_TABLE_COUNT
};

/* Under what a row hangs; the column that says so is the store's affair and not among the row's values. */
enum row_owner { ROW_OWNS_ITSELF, ROW_OF_TRACE, ROW_OF_REPLAY };

enum { ROW_COLUMNS_MAX = 32 };

struct row_table_info {
	const char *name; /* of the table */
	enum row_owner owner;
	const char *columns[ROW_COLUMNS_MAX + 1]; /* without id and owner; ends with NULL */
	size_t column_count;
	const char *order; /* in which rows are given back: a list of columns */
};

/*
 * Values of ROW_TRACE by place, for the few who look at single ones. The process that decodes leaves those to NULL that
 * only its parent knows: sha256, name, host, file_bytes, recorded_at, imported_at. `host` is the name here, not the id.
 */
enum row_trace_column {
	ROW_TRACE_SHA256,
	ROW_TRACE_NAME,
	ROW_TRACE_HOST,
	ROW_TRACE_STATUS,
	ROW_TRACE_SOURCE,
	ROW_TRACE_KERNEL,
	ROW_TRACE_CLOCK,
	ROW_TRACE_FILE_BYTES,
	ROW_TRACE_RECORDED_AT,
	ROW_TRACE_IMPORTED_AT,
	ROW_TRACE_EVENTS,
	ROW_TRACE_FIRST_NS,
	ROW_TRACE_LAST_NS,
	ROW_TRACE_SKIPPED_EVENTS,
	ROW_TRACE_GARBLED_LINES,
	ROW_TRACE_LOST_MARKS,
	ROW_TRACE_LOST_EVENTS
};

enum row_block_column {
	ROW_BLOCK_FIRST_SEQ,
	ROW_BLOCK_EVENTS,
	ROW_BLOCK_FIRST_NS,
	ROW_BLOCK_LAST_NS,
	ROW_BLOCK_SKIP,
	ROW_BLOCK_CHECKSUM,
	ROW_BLOCK_PAYLOAD
};

enum row_name_column { ROW_NAME_SPACE, ROW_NAME_NUMBER, ROW_NAME_NAME };

/* What the names of a trace stand for, each kind with numbers of its own: ROW_NAME_SPACE. */
enum row_space { ROW_SPACE_TASK, ROW_SPACE_FSID, ROW_SPACE_TEXT, ROW_SPACES };

/* What a trace was read from: ROW_TRACE_SOURCE. */
enum row_source_kind { ROW_SOURCE_TRACE_DAT, ROW_SOURCE_TEXT, ROW_SOURCE_LIVE, ROW_SOURCES };

/* The words of these in the tables; their numbers are in memory only. */
const char *row_space_word(unsigned space);
const char *row_source_word(unsigned source);

const struct row_table_info *row_table_info(enum row_table table);

/* The place of a column that the table has; a name that it has not is a fault of the program, which ends. */
size_t row_column(enum row_table table, const char *name);

/* ROW_REAL comes from queries only: a number with a fraction, its digits as text in `bytes`. */
enum row_value_kind { ROW_NULL, ROW_NUMBER, ROW_TEXT, ROW_BLOB, ROW_REAL };

struct row_value {
	enum row_value_kind kind;
	int64_t number;
	const void *bytes; /* of text and blob: not the row's own; a text ends with a NUL that is not counted */
	size_t size;
};

struct row {
	enum row_table table;
	size_t count;
	struct row_value values[ROW_COLUMNS_MAX];
};

/* An empty row of that table; then its values, in the order of the columns. NULL texts become ROW_NULL. */
void row_begin(struct row *row, enum row_table table);
void row_add_number(struct row *row, uint64_t number);
void row_add_signed(struct row *row, int64_t number);
void row_add_text(struct row *row, const char *text);
void row_add_blob(struct row *row, const void *bytes, size_t size);
void row_add_null(struct row *row);

/* The value at `column`: 0 and NULL where it is of another kind, or there is none. The text lives as long as the row's.
 */
uint64_t row_number(const struct row *row, size_t column);
const char *row_text(const struct row *row, size_t column);
const void *row_blob(const struct row *row, size_t column, size_t *size);

/* Where rows go: `put` may keep nothing of a row. */
struct row_sink {
	enum err (*put)(void *context, const struct row *row, struct error *error);
	void *context;
};

/* Where rows of one owner come from: hands all rows of a table to `sink`, in the table's order. */
struct row_source {
	enum err (*each)(void *context, enum row_table table, const struct row_sink *sink, struct error *error);
	void *context;
};

static inline enum err row_put(const struct row_sink *sink, const struct row *row, struct error *error)
{
	return sink->put(sink->context, row, error);
}

static inline enum err row_each(
	const struct row_source *source, enum row_table table, const struct row_sink *sink, struct error *error)
{
	return source->each(source->context, table, sink, error);
}

#endif
