/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/rows/rows.h"

#include <stdlib.h>
#include <string.h>

#define COUNTED(...)                                                                                                   \
	.columns = {__VA_ARGS__, NULL}, .column_count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)

static const struct row_table_info tables[ROW_TABLE_COUNT] = {
	[ROW_TRACE] = {.name = "trace",
		.owner = ROW_OWNS_ITSELF,
		.order = "id",
		COUNTED("sha256", "name", "host", "status", "source", "kernel", "clock", "file_bytes", "recorded_at",
			"imported_at", "events", "first_ns", "last_ns", "skipped_events", "garbled_lines", "lost_marks",
			"lost_events")},
	[ROW_EVENT_COUNT] = {.name = "event_count", .owner = ROW_OF_TRACE, .order = "kind", COUNTED("kind", "events")},
	[ROW_NAME] = {.name = "name",
		.owner = ROW_OF_TRACE,
		.order = "space, number",
		COUNTED("space", "number", "name")},
	[ROW_EVENT_BLOCK] = {.name = "event_block",
		.owner = ROW_OF_TRACE,
		.order = "first_seq",
		COUNTED("first_seq", "events", "first_ns", "last_ns", "skip", "checksum", "payload")},
	[ROW_QGROUP] = {.name = "qgroup",
		.owner = ROW_OF_TRACE,
		.order = "qgid",
		COUNTED("qgid", "max_rfer", "max_excl")},
	[ROW_REPLAY] = {.name = "replay",
		.owner = ROW_OWNS_ITSELF,
		.order = "id",
		COUNTED("made_at", "engine", "fresh", "limited", "logged", "free_events", "chain_breaks",
			"contradictions", "exchanges", "log_lines", "log_left_out")},
	[ROW_UNPROVEN] = {.name = "unproven", .owner = ROW_OF_REPLAY, .order = "kind", COUNTED("kind", "count")},
	[ROW_FILESYSTEM] = {.name = "filesystem",
		.owner = ROW_OF_REPLAY,
		.order = "number",
		COUNTED("number", "fsid", "quota_epochs")},
	[ROW_ROOT_LEDGER] = {.name = "root_ledger",
		.owner = ROW_OF_REPLAY,
		.order = "filesystem, root",
		COUNTED("filesystem", "root", "place", "counter_known", "reserved", "released", "freed", "dropped",
			"peak", "end_ranges", "end_flight", "end_counter", "end_unknown", "leaked", "underflow",
			"drawn", "differs", "was_peak", "was_end", "should_peak", "should_end", "low_bytes", "low_ns",
			"low_byte_seconds", "low_byte_nanos", "high_bytes", "high_ns", "high_byte_seconds",
			"high_byte_nanos", "told_twice")},
	[ROW_SAMPLE] = {.name = "sample",
		.owner = ROW_OF_REPLAY,
		.order = "place, span, number",
		COUNTED("place", "span", "number", "time_ns", "was_low", "was_high", "should_low", "should_high")},
	[ROW_FINDING] = {.name = "finding",
		.owner = ROW_OF_REPLAY,
		.order = "number",
		COUNTED("number", "kind", "severity", "certainty", "path", "place", "signature", "filesystem", "root",
			"ino", "bytes", "healed", "occurrences", "consequences", "headline")},
	[ROW_OCCURRENCE] = {.name = "occurrence",
		.owner = ROW_OF_REPLAY,
		.order = "finding, number",
		COUNTED("finding", "number", "time_ns", "root", "ino", "start", "len", "bytes", "have_bytes",
			"diff_bytes", "pid", "comm")},
	[ROW_OWNER] = {.name = "owner",
		.owner = ROW_OF_REPLAY,
		.order = "finding, occurrence, number",
		COUNTED("finding", "occurrence", "number", "pid", "comm", "bytes", "start", "len", "time_ns")},
	[ROW_EVIDENCE] = {.name = "evidence",
		.owner = ROW_OF_REPLAY,
		.order = "finding, number",
		COUNTED("finding", "number", "role", "consequence", "occurrence", "victim_bytes", "victim_ino", "seq",
			"time_ns", "cpu", "pid", "comm", "kind", "fs", "root", "ino", "start", "len", "bytes", "diff",
			"flags", "op", "type")},
	[ROW_LOG_LINE] = {.name = "log_line",
		.owner = ROW_OF_REPLAY,
		.order = "number",
		COUNTED("number", "kind", "verdict", "ambiguous", "count", "seen_ns", "line", "time_ns", "qgid", "type",
			"have_bytes", "bytes", "ino", "start", "last", "device", "findings")},
};

const struct row_table_info *row_table_info(enum row_table table)
{
	return &tables[table];
}

size_t row_column(enum row_table table, const char *name)
{
	const struct row_table_info *info = &tables[table];

	for (size_t i = 0; i < info->column_count; i++)
		if (strcmp(info->columns[i], name) == 0)
			return i;
	abort();
}

const char *row_space_word(unsigned space)
{
	static const char *const words[ROW_SPACES] = {
		[ROW_SPACE_TASK] = "task", [ROW_SPACE_FSID] = "fsid", [ROW_SPACE_TEXT] = "text"};

	return words[space];
}

const char *row_source_word(unsigned source)
{
	static const char *const words[ROW_SOURCES] = {
		[ROW_SOURCE_TRACE_DAT] = "trace.dat", [ROW_SOURCE_TEXT] = "text", [ROW_SOURCE_LIVE] = "live"};

	return words[source];
}

void row_begin(struct row *row, enum row_table table)
{
	row->table = table;
	row->count = 0;
}

static void add(struct row *row, struct row_value value)
{
	if (row->count == tables[row->table].column_count)
		abort();
	row->values[row->count++] = value;
}

void row_add_number(struct row *row, uint64_t number)
{
	add(row, (struct row_value){.kind = ROW_NUMBER, .number = (int64_t)number});
}

void row_add_signed(struct row *row, int64_t number)
{
	add(row, (struct row_value){.kind = ROW_NUMBER, .number = number});
}

void row_add_text(struct row *row, const char *text)
{
	if (text == NULL)
		row_add_null(row);
	else
		add(row, (struct row_value){.kind = ROW_TEXT, .bytes = text, .size = strlen(text)});
}

void row_add_blob(struct row *row, const void *bytes, size_t size)
{
	add(row, (struct row_value){.kind = ROW_BLOB, .bytes = bytes, .size = size});
}

void row_add_null(struct row *row)
{
	add(row, (struct row_value){.kind = ROW_NULL});
}

static const struct row_value *value_of(const struct row *row, size_t column, enum row_value_kind kind)
{
	return column < row->count && row->values[column].kind == kind ? &row->values[column] : NULL;
}

uint64_t row_number(const struct row *row, size_t column)
{
	const struct row_value *value = value_of(row, column, ROW_NUMBER);

	return value == NULL ? 0 : (uint64_t)value->number;
}

const char *row_text(const struct row *row, size_t column)
{
	const struct row_value *value = value_of(row, column, ROW_TEXT);

	return value == NULL ? NULL : value->bytes;
}

const void *row_blob(const struct row *row, size_t column, size_t *size)
{
	const struct row_value *value = value_of(row, column, ROW_BLOB);

	*size = value == NULL ? 0 : value->size;
	return value == NULL ? NULL : value->bytes;
}
