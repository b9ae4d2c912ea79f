/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/events/event_walk.h"

#include <inttypes.h>
#include <string.h>

enum statement { TRACE_UP, TRACE_DOWN, BLOCKS_UP, BLOCKS_DOWN, PAYLOAD, STATEMENT_COUNT };

_Static_assert((int)STATEMENT_COUNT == (int)EVENT_WALK_STATEMENTS, "one place for each");

/*
 * The payload is read by a statement of its own, because SQLite reads all columns that a statement names, and most
 * blocks are passed over. The first block may begin before ?2, which lies within it.
 */
#define BLOCK_COLUMNS "SELECT id, first_seq, events, first_ns, last_ns, skip FROM main.event_block "
#define BLOCK_WHERE                                                                                                    \
	"WHERE trace = ?1 AND first_seq <= ?3 AND first_seq >= coalesce((SELECT max(first_seq) FROM main.event_block " \
	"WHERE trace = ?1 AND first_seq <= ?2), ?2) "

static const char *const statements[STATEMENT_COUNT] = {
	[TRACE_UP] = "SELECT min(trace) FROM main.event_block WHERE trace >= ?1",
	[TRACE_DOWN] = "SELECT max(trace) FROM main.event_block WHERE trace <= ?1",
	[BLOCKS_UP] = BLOCK_COLUMNS BLOCK_WHERE "ORDER BY first_seq",
	[BLOCKS_DOWN] = BLOCK_COLUMNS BLOCK_WHERE "ORDER BY first_seq DESC",
	[PAYLOAD] = "SELECT checksum, payload FROM main.event_block WHERE id = ?1",
};

enum { COLUMN_ID, COLUMN_FIRST_SEQ, COLUMN_EVENTS, COLUMN_FIRST_NS, COLUMN_LAST_NS, COLUMN_SKIP };

static void sort_kinds(enum event_kind *kinds)
{
	for (int i = 0; i < EVENT_COUNT; i++) {
		const char *name = event_kind_name((enum event_kind)i);
		int at = i;

		for (; at > 0 && strcmp(event_kind_name(kinds[at - 1]), name) > 0; at--)
			kinds[at] = kinds[at - 1];
		kinds[at] = (enum event_kind)i;
	}
}

void event_walk_init(struct event_walk *walk, sqlite3 *database, const struct event_wish *wish)
{
	*walk = (struct event_walk){.database = database, .wish = wish};
	sort_kinds(walk->by_name);
}

void event_walk_release(struct event_walk *walk)
{
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(walk->statements[i]);
	*walk = (struct event_walk){0};
}

void event_walk_start(struct event_walk *walk)
{
	for (int i = 0; i < PAYLOAD; i++)
		sqlite3_reset(walk->statements[i]);
	walk->traces = walk->wish->trace;
	walk->kind_place = 0;
	walk->kinds = walk->wish->kinds;
	walk->in_blocks = false;
}

int event_walk_damaged(const struct event_walk *walk, struct error *error)
{
	error_wrap(error, "block at event %" PRId64 " of trace %" PRId64 " is damaged", (int64_t)walk->block.first_seq,
		walk->trace);
	return SQLITE_CORRUPT_VTAB;
}

static int prepared(struct event_walk *walk, enum statement which, sqlite3_stmt **statement)
{
	int code = SQLITE_OK;

	if (walk->statements[which] == NULL)
		code = sqlite3_prepare_v3(walk->database, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
			&walk->statements[which], NULL);
	*statement = walk->statements[which];
	return code != SQLITE_OK ? code : sqlite3_reset(*statement);
}

static bool has_types(sqlite3_stmt *statement)
{
	for (int i = COLUMN_ID; i < COLUMN_SKIP; i++)
		if (sqlite3_column_type(statement, i) != SQLITE_INTEGER)
			return false;
	return sqlite3_column_type(statement, COLUMN_SKIP) == SQLITE_BLOB;
}

/* Whether the block is after those before it, which overlapping ones are not. */
static bool is_in_order(const struct event_walk *walk, int64_t first, int64_t last)
{
	return !walk->has_edge || (walk->wish->seq_descends ? last < walk->edge : first > walk->edge);
}

static int read_row(struct event_walk *walk, sqlite3_stmt *statement, struct error *error)
{
	int64_t first = sqlite3_column_int64(statement, COLUMN_FIRST_SEQ);
	int64_t events = sqlite3_column_int64(statement, COLUMN_EVENTS);
	const char *trouble = NULL;

	walk->id = sqlite3_column_int64(statement, COLUMN_ID);
	walk->block = (struct block){.first_seq = (uint64_t)first,
		.events = (uint32_t)events,
		.first_ns = (uint64_t)sqlite3_column_int64(statement, COLUMN_FIRST_NS),
		.last_ns = (uint64_t)sqlite3_column_int64(statement, COLUMN_LAST_NS)};
	if (!has_types(statement))
		trouble = "its row has values of other types";
	else if (first < 0 || first > INT64_MAX - BLOCK_EVENTS_MAX || events < 1 || events > BLOCK_EVENTS_MAX)
		trouble = "it cannot hold so many events";
	else if (!is_in_order(walk, first, first + events - 1))
		trouble = "it overlaps another one";
	if (trouble != NULL) {
		error_set(error, ERR_INPUT, "%s", trouble);
		return event_walk_damaged(walk, error);
	}
	walk->block.skip = sqlite3_column_blob(statement, COLUMN_SKIP);
	walk->block.skip_size = (size_t)sqlite3_column_bytes(statement, COLUMN_SKIP);
	walk->has_edge = true;
	walk->edge = walk->wish->seq_descends ? first : first + events - 1;
	return SQLITE_ROW;
}

static int next_trace(struct event_walk *walk)
{
	bool down = walk->wish->trace_descends;
	sqlite3_stmt *statement;
	int code;

	if (walk->traces.low > walk->traces.high)
		return SQLITE_DONE;
	if (walk->traces.low == walk->traces.high) {
		walk->trace = walk->traces.low;
		walk->traces = (struct event_range){1, 0};
		return SQLITE_ROW;
	}
	code = prepared(walk, down ? TRACE_DOWN : TRACE_UP, &statement);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, down ? walk->traces.high : walk->traces.low);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code != SQLITE_ROW)
		return code;
	walk->trace = sqlite3_column_int64(statement, 0);
	if (sqlite3_column_type(statement, 0) != SQLITE_INTEGER || walk->trace < walk->traces.low ||
		walk->trace > walk->traces.high)
		code = SQLITE_DONE;
	else if (walk->trace == (down ? walk->traces.low : walk->traces.high))
		walk->traces = (struct event_range){1, 0};
	else if (down)
		walk->traces.high = walk->trace - 1;
	else
		walk->traces.low = walk->trace + 1;
	sqlite3_reset(statement);
	return code;
}

/* Sets the kinds of the next pass; false when all kinds had theirs. */
static bool next_kind(struct event_walk *walk)
{
	while (walk->kind_place < EVENT_COUNT) {
		size_t place = walk->wish->kind_descends ? EVENT_COUNT - 1 - walk->kind_place : walk->kind_place;
		uint32_t bit = UINT32_C(1) << walk->by_name[place];

		walk->kind_place++;
		walk->kinds = bit;
		if ((walk->wish->kinds & bit) != 0)
			return true;
	}
	return false;
}

/* Goes on to the next pass over blocks: another trace, another kind. SQLITE_ROW, or SQLITE_DONE after the last. */
static int next_pass(struct event_walk *walk)
{
	int code;

	if (walk->wish->order == EVENT_BY_SEQ)
		return next_trace(walk);
	if (walk->wish->order == EVENT_BY_TRACE_AND_KIND) {
		if (walk->kind_place > 0 && next_kind(walk))
			return SQLITE_ROW;
		walk->kind_place = 0;
		code = next_trace(walk);
		return code == SQLITE_ROW && !next_kind(walk) ? SQLITE_DONE : code;
	}
	for (;;) {
		code = walk->kind_place > 0 ? next_trace(walk) : SQLITE_DONE;
		if (code != SQLITE_DONE)
			return code;
		if (!next_kind(walk))
			return SQLITE_DONE;
		walk->traces = walk->wish->trace;
	}
}

static int start_pass(struct event_walk *walk)
{
	sqlite3_stmt *statement;
	int code = prepared(walk, walk->wish->seq_descends ? BLOCKS_DOWN : BLOCKS_UP, &statement);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, walk->trace);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 2, walk->wish->seq.low);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 3, walk->wish->seq.high);
	walk->in_blocks = code == SQLITE_OK;
	walk->has_edge = false;
	return code;
}

static int step_block(struct event_walk *walk)
{
	enum statement which = walk->wish->seq_descends ? BLOCKS_DOWN : BLOCKS_UP;
	int code;

	for (;;) {
		if (walk->in_blocks) {
			code = sqlite3_step(walk->statements[which]);
			if (code != SQLITE_DONE)
				return code;
			walk->in_blocks = false;
		}
		code = next_pass(walk);
		if (code == SQLITE_ROW)
			code = start_pass(walk);
		if (code != SQLITE_OK)
			return code;
	}
}

int event_walk_next(struct event_walk *walk, struct error *error)
{
	int code = step_block(walk);

	if (code != SQLITE_ROW)
		return code;
	return read_row(walk, walk->statements[walk->wish->seq_descends ? BLOCKS_DOWN : BLOCKS_UP], error);
}

int event_walk_payload(struct event_walk *walk, struct error *error)
{
	sqlite3_stmt *statement;
	int code = prepared(walk, PAYLOAD, &statement);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, walk->id);
	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return code;
	if (code == SQLITE_DONE || sqlite3_column_type(statement, 1) != SQLITE_BLOB) {
		error_set(error, ERR_INPUT, "it holds no bytes");
		return event_walk_damaged(walk, error);
	}
	walk->block.checksum = (uint64_t)sqlite3_column_int64(statement, 0);
	walk->block.payload = sqlite3_column_blob(statement, 1);
	walk->block.payload_size = (size_t)sqlite3_column_bytes(statement, 1);
	return SQLITE_OK;
}
