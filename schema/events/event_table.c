/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/events/event_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schema/events/event_plan.h"
#include "schema/events/event_scan.h"
#include "schema/events/event_texts.h"

/* Where a trace's number begins in a rowid: 2^40 events in each. */
enum { ROWID_TRACE_SHIFT = 40 };

struct table {
	const char *declaration;
	uint32_t kinds;
	size_t column_count;
	enum event_column columns[EVENT_COLUMN_COUNT];
};

#define LOST_BIT (UINT32_C(1) << EVENT_LOST)

/* `op` is a word or a number, and has no type lest the number become a text when it is compared. */
static const struct table event_table = {
	.declaration = "CREATE TABLE event (trace INTEGER, seq INTEGER, time_ns INTEGER, cpu INTEGER, pid INTEGER, "
		       "comm TEXT, kind TEXT, fsid TEXT, root INTEGER, ino INTEGER, start INTEGER, len INTEGER, "
		       "bytes INTEGER, diff INTEGER, flags INTEGER, op, type TEXT, text TEXT, damaged HIDDEN)",
	.kinds = LOST_BIT - 1, /* those before it: all others */
	.column_count = 19,
	.columns = {EVENT_COLUMN_TRACE, EVENT_COLUMN_SEQ, EVENT_COLUMN_TIME_NS, EVENT_COLUMN_CPU, EVENT_COLUMN_PID,
		EVENT_COLUMN_COMM, EVENT_COLUMN_KIND, EVENT_COLUMN_FSID, EVENT_COLUMN_ROOT, EVENT_COLUMN_INO,
		EVENT_COLUMN_START, EVENT_COLUMN_LEN, EVENT_COLUMN_BYTES, EVENT_COLUMN_DIFF, EVENT_COLUMN_FLAGS,
		EVENT_COLUMN_OP, EVENT_COLUMN_TYPE, EVENT_COLUMN_TEXT, EVENT_COLUMN_DAMAGED},
};

static const struct table gap_table = {
	.declaration = "CREATE TABLE gap (trace INTEGER, seq INTEGER, cpu INTEGER, time_ns INTEGER, since_ns INTEGER, "
		       "events INTEGER, damaged HIDDEN)",
	.kinds = LOST_BIT,
	.column_count = 7,
	.columns = {EVENT_COLUMN_TRACE, EVENT_COLUMN_SEQ, EVENT_COLUMN_CPU, EVENT_COLUMN_TIME_NS, EVENT_COLUMN_SINCE_NS,
		EVENT_COLUMN_MISSING, EVENT_COLUMN_DAMAGED},
};

struct table_link {
	sqlite3_vtab base;
	sqlite3 *database;
	const struct table *table;
	uint32_t having[EVENT_MEMBER_TYPE + 1]; /* kinds with that member */
};

struct table_cursor {
	sqlite3_vtab_cursor base;
	struct event_scan *scan;
	struct event_texts *texts;
};

static int table_connect(
	sqlite3 *database, void *aux, int argc, const char *const *argv, sqlite3_vtab **result, char **message)
{
	const struct table *table = aux;
	struct table_link *link;
	int code = sqlite3_declare_vtab(database, table->declaration);

	(void)argc;
	(void)argv;
	(void)message;
	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(database, SQLITE_VTAB_INNOCUOUS);
	link = memory_zeroed(sizeof(*link));
	link->database = database;
	link->table = table;
	for (int member = EVENT_MEMBER_ROOT; member <= EVENT_MEMBER_TYPE; member++)
		link->having[member] = event_kinds_having((enum event_member)member);
	*result = &link->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *base)
{
	free(base);
	return SQLITE_OK;
}

static int table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const struct table *table = ((struct table_link *)base)->table;

	return event_plan_make(info, table->columns, table->column_count);
}

static int table_open(sqlite3_vtab *base, sqlite3_vtab_cursor **result)
{
	struct table_cursor *cursor = memory_zeroed(sizeof(*cursor));
	sqlite3 *database = ((struct table_link *)base)->database;

	cursor->scan = event_scan_new(database);
	cursor->texts = event_texts_new(database);
	*result = &cursor->base;
	return SQLITE_OK;
}

static int table_close(sqlite3_vtab_cursor *base)
{
	struct table_cursor *cursor = (struct table_cursor *)base;

	event_scan_free(cursor->scan);
	event_texts_free(cursor->texts);
	free(cursor);
	return SQLITE_OK;
}

/* What SQLite does not know the reason of, it is told; of its own errors it would lose the text. */
static int told(struct table_cursor *cursor, int code)
{
	sqlite3_vtab *table = cursor->base.pVtab;
	const char *text = event_scan_error(cursor->scan);

	if (code == SQLITE_OK)
		return code;
	if (code != SQLITE_CORRUPT_VTAB)
		text = sqlite3_errmsg(((struct table_link *)table)->database);
	sqlite3_free(table->zErrMsg);
	table->zErrMsg = sqlite3_mprintf("%s", text);
	return code;
}

static int table_filter(
	sqlite3_vtab_cursor *base, int number, const char *text, int value_count, sqlite3_value **values)
{
	struct table_cursor *cursor = (struct table_cursor *)base;
	const struct table *table = ((struct table_link *)base->pVtab)->table;
	struct event_wish *wish = event_scan_wish(cursor->scan);
	int code;

	event_wish_reset(wish, table->kinds);
	code = event_plan_read(wish, number, text, value_count, values);
	if (code == SQLITE_MISUSE) {
		sqlite3_free(base->pVtab->zErrMsg);
		base->pVtab->zErrMsg = sqlite3_mprintf("column damaged can only be compared with 'skip'");
		return SQLITE_ERROR;
	}
	return code == SQLITE_OK ? told(cursor, event_scan_start(cursor->scan)) : code;
}

static int table_next(sqlite3_vtab_cursor *base)
{
	struct table_cursor *cursor = (struct table_cursor *)base;
	int code = event_scan_next(cursor->scan);

	return code == SQLITE_OK ? code : told(cursor, code);
}

static int table_eof(sqlite3_vtab_cursor *base)
{
	return event_scan_ended(((struct table_cursor *)base)->scan);
}

/* The column of the block behind a column of the table; BLOCK_COLUMN_COUNT when there is none. */
static const enum block_column sources[EVENT_COLUMN_COUNT] = {
	[EVENT_COLUMN_TRACE] = BLOCK_COLUMN_COUNT,
	[EVENT_COLUMN_SEQ] = BLOCK_COLUMN_COUNT,
	[EVENT_COLUMN_TIME_NS] = BLOCK_TIME,
	[EVENT_COLUMN_CPU] = BLOCK_CPU,
	[EVENT_COLUMN_PID] = BLOCK_PID,
	[EVENT_COLUMN_COMM] = BLOCK_COMM,
	[EVENT_COLUMN_KIND] = BLOCK_KIND,
	[EVENT_COLUMN_FSID] = BLOCK_FS,
	[EVENT_COLUMN_ROOT] = BLOCK_ROOT,
	[EVENT_COLUMN_INO] = BLOCK_INO,
	[EVENT_COLUMN_START] = BLOCK_START,
	[EVENT_COLUMN_LEN] = BLOCK_LEN,
	[EVENT_COLUMN_BYTES] = BLOCK_BYTES,
	[EVENT_COLUMN_DIFF] = BLOCK_DIFF,
	[EVENT_COLUMN_FLAGS] = BLOCK_FLAGS,
	[EVENT_COLUMN_OP] = BLOCK_OP,
	[EVENT_COLUMN_TYPE] = BLOCK_TYPE,
	[EVENT_COLUMN_TEXT] = BLOCK_FLAGS,
	[EVENT_COLUMN_SINCE_NS] = BLOCK_START,
	[EVENT_COLUMN_MISSING] = BLOCK_BYTES,
	[EVENT_COLUMN_DAMAGED] = BLOCK_COLUMN_COUNT,
};

/* The member that a kind must have for the column to have a value. */
static const enum event_member members[EVENT_COLUMN_COUNT] = {
	[EVENT_COLUMN_ROOT] = EVENT_MEMBER_ROOT,
	[EVENT_COLUMN_INO] = EVENT_MEMBER_INO,
	[EVENT_COLUMN_START] = EVENT_MEMBER_START,
	[EVENT_COLUMN_LEN] = EVENT_MEMBER_LEN,
	[EVENT_COLUMN_BYTES] = EVENT_MEMBER_BYTES,
	[EVENT_COLUMN_DIFF] = EVENT_MEMBER_DIFF,
	[EVENT_COLUMN_FLAGS] = EVENT_MEMBER_FLAGS,
	[EVENT_COLUMN_OP] = EVENT_MEMBER_OP,
	[EVENT_COLUMN_TYPE] = EVENT_MEMBER_TYPE,
};

static void result_known(sqlite3_context *context, uint64_t value)
{
	if (value != 0)
		sqlite3_result_int64(context, (sqlite3_int64)value);
}

static void result_number(
	sqlite3_context *context, enum event_column column, const struct block_columns *columns, uint32_t place)
{
	const uint64_t *const wide[EVENT_COLUMN_COUNT] = {[EVENT_COLUMN_TIME_NS] = columns->time_ns,
		[EVENT_COLUMN_ROOT] = columns->root,
		[EVENT_COLUMN_INO] = columns->ino,
		[EVENT_COLUMN_START] = columns->start,
		[EVENT_COLUMN_LEN] = columns->len,
		[EVENT_COLUMN_BYTES] = columns->bytes};

	if (column == EVENT_COLUMN_CPU)
		sqlite3_result_int64(context, columns->cpu[place]);
	else if (column == EVENT_COLUMN_PID)
		sqlite3_result_int64(context, columns->pid[place]);
	else if (column == EVENT_COLUMN_DIFF)
		sqlite3_result_int64(context, columns->diff[place]);
	else if (column == EVENT_COLUMN_FLAGS)
		sqlite3_result_int64(context, columns->flags[place]);
	else if (column == EVENT_COLUMN_SINCE_NS)
		result_known(context, columns->start[place]);
	else if (column == EVENT_COLUMN_MISSING)
		result_known(context, columns->bytes[place]);
	else
		sqlite3_result_int64(context, (sqlite3_int64)wide[column][place]);
}

static void result_static(sqlite3_context *context, const char *text)
{
	if (text != NULL)
		sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}

static void result_op(sqlite3_context *context, const struct block_columns *columns, uint32_t place)
{
	const struct event event = {.kind = columns->kind[place], .op = columns->op[place]};
	const char *name = event_op_name(&event);

	if (name != NULL)
		result_static(context, name);
	else
		sqlite3_result_int64(context, event.op);
}

static int result_of_event(struct table_cursor *cursor, sqlite3_context *context, enum event_column column,
	const struct block_columns *columns, uint32_t place)
{
	int64_t trace = event_scan_trace(cursor->scan);
	enum event_kind kind = (enum event_kind)columns->kind[place];

	if (column == EVENT_COLUMN_KIND)
		result_static(context, event_kind_name(kind));
	else if (column == EVENT_COLUMN_COMM)
		return event_texts_result(cursor->texts, context, trace, ROW_SPACE_TASK, columns->comm[place]);
	else if (column == EVENT_COLUMN_FSID)
		return event_texts_result(cursor->texts, context, trace, ROW_SPACE_FSID, columns->fs[place]);
	else if (column == EVENT_COLUMN_TEXT && kind == EVENT_PRINT)
		return event_texts_result(cursor->texts, context, trace, ROW_SPACE_TEXT, columns->flags[place]);
	else if (column == EVENT_COLUMN_OP)
		result_op(context, columns, place);
	else if (column == EVENT_COLUMN_TYPE)
		result_static(context, event_type_name(&(struct event){.type = columns->type[place]}));
	else if (column != EVENT_COLUMN_TEXT)
		result_number(context, column, columns, place);
	return SQLITE_OK;
}

/* What is told without looking at an event. */
static bool result_of_scan(struct table_cursor *cursor, sqlite3_context *context, enum event_column column)
{
	enum event_kind kind = column == EVENT_COLUMN_KIND ? event_scan_kind(cursor->scan) : EVENT_COUNT;

	if (column == EVENT_COLUMN_TRACE)
		sqlite3_result_int64(context, event_scan_trace(cursor->scan));
	else if (kind != EVENT_COUNT)
		result_static(context, event_kind_name(kind));
	else if (column == EVENT_COLUMN_DAMAGED && event_scan_wish(cursor->scan)->skip_damaged)
		result_static(context, "skip");
	return column == EVENT_COLUMN_TRACE || column == EVENT_COLUMN_DAMAGED || kind != EVENT_COUNT;
}

static int table_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int index)
{
	struct table_cursor *cursor = (struct table_cursor *)base;
	const struct table_link *link = (const struct table_link *)base->pVtab;
	enum event_column column = link->table->columns[index];
	const struct block_columns *columns;
	uint32_t wanted = 0;
	uint32_t place;
	int code;

	if (result_of_scan(cursor, context, column))
		return SQLITE_OK;
	if (column != EVENT_COLUMN_SEQ)
		wanted = BLOCK_BIT(sources[column]) | BLOCK_BIT(BLOCK_KIND);
	code = event_scan_look(cursor->scan, wanted, &columns, &place);
	if (code != SQLITE_OK)
		return told(cursor, code);
	if (column == EVENT_COLUMN_SEQ)
		sqlite3_result_int64(context, event_scan_seq(cursor->scan, place));
	else if (members[column] == EVENT_MEMBER_NONE || (link->having[members[column]] >> columns->kind[place] & 1))
		code = result_of_event(cursor, context, column, columns, place);
	return code == SQLITE_OK ? code : told(cursor, code);
}

static int table_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
	struct table_cursor *cursor = (struct table_cursor *)base;
	uint64_t trace = (uint64_t)event_scan_trace(cursor->scan);
	const struct block_columns *columns;
	uint32_t place;
	uint64_t id;
	int code = event_scan_look(cursor->scan, 0, &columns, &place);

	if (code != SQLITE_OK)
		return told(cursor, code);
	id = (trace << ROWID_TRACE_SHIFT) + (uint64_t)event_scan_seq(cursor->scan, place);
	*rowid = (sqlite3_int64)id;
	return SQLITE_OK;
}

/* Without xCreate: the tables are there without being created, and cannot be. */
static const sqlite3_module module = {
	.iVersion = 0,
	.xConnect = table_connect,
	.xBestIndex = table_best_index,
	.xDisconnect = table_disconnect,
	.xOpen = table_open,
	.xClose = table_close,
	.xFilter = table_filter,
	.xNext = table_next,
	.xEof = table_eof,
	.xColumn = table_column,
	.xRowid = table_rowid,
};

int event_table_register(sqlite3 *database)
{
	int code = sqlite3_create_module_v2(database, "event", &module, (void *)&event_table, NULL);

	if (code != SQLITE_OK)
		return code;
	return sqlite3_create_module_v2(database, "gap", &module, (void *)&gap_table, NULL);
}

int event_table_connect(sqlite3 *database)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database, "SELECT 1 FROM main.event, main.gap", -1, &statement, NULL);

	sqlite3_finalize(statement);
	return code;
}
