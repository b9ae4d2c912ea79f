/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/events/event_scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schema/events/event_match.h"

/* Of a list of roots or inodes, at most so many are looked up in what a block says of itself. */
enum { SKIP_TRIES_MAX = 16 };

enum statement { TRACE_UP, TRACE_DOWN, BLOCKS_UP, BLOCKS_DOWN, PAYLOAD, STATEMENT_COUNT };

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

struct event_scan {
	sqlite3 *database;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct block_decoder *decoder;
	struct event_wish wish;
	enum event_kind by_name[EVENT_COUNT]; /* kinds in the order of their names */
	struct event_range traces;	      /* those that are left */
	int64_t trace;
	size_t kind_place; /* in by_name, of the next kind */
	uint32_t kinds;	   /* that this pass over the blocks looks for */
	bool in_blocks;	   /* the statement of blocks is under way */
	bool has_edge;	   /* a block went before, and ended (or began, downwards) with seq `edge` */
	int64_t edge;
	int64_t id;
	struct block block;
	struct event_part part;
	bool opened;	/* the decoder is at this block */
	bool placed;	/* `places` are those of the events that fit; until then they are only counted */
	uint32_t count; /* of the events of the block that fit */
	uint32_t at;
	uint32_t *places;
	bool ended;
	struct error error;
};

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

struct event_scan *event_scan_new(sqlite3 *database)
{
	struct event_scan *scan = memory_zeroed(sizeof(*scan));

	scan->database = database;
	scan->decoder = block_decoder_new();
	scan->places = memory_resized(NULL, BLOCK_EVENTS_MAX, sizeof(*scan->places));
	scan->ended = true;
	sort_kinds(scan->by_name);
	return scan;
}

void event_scan_free(struct event_scan *scan)
{
	if (scan == NULL)
		return;
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(scan->statements[i]);
	block_decoder_free(scan->decoder);
	event_wish_release(&scan->wish);
	free(scan->places);
	free(scan);
}

struct event_wish *event_scan_wish(struct event_scan *scan)
{
	return &scan->wish;
}

bool event_scan_ended(const struct event_scan *scan)
{
	return scan->ended;
}

int64_t event_scan_trace(const struct event_scan *scan)
{
	return scan->trace;
}

enum event_kind event_scan_kind(const struct event_scan *scan)
{
	for (int kind = 0; kind < EVENT_COUNT; kind++)
		if (scan->kinds == UINT32_C(1) << kind)
			return (enum event_kind)kind;
	return EVENT_COUNT;
}

int64_t event_scan_seq(const struct event_scan *scan, uint32_t place)
{
	return (int64_t)(scan->block.first_seq + place);
}

const char *event_scan_error(const struct event_scan *scan)
{
	return scan->error.text;
}

static int prepared(struct event_scan *scan, enum statement which, sqlite3_stmt **statement)
{
	int code = SQLITE_OK;

	if (scan->statements[which] == NULL)
		code = sqlite3_prepare_v3(scan->database, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
			&scan->statements[which], NULL);
	*statement = scan->statements[which];
	return code != SQLITE_OK ? code : sqlite3_reset(*statement);
}

/* Says in scan->error which block it is; what is wrong with it stands there already. */
static int damaged(struct event_scan *scan)
{
	error_wrap(&scan->error, "block at event %" PRId64 " of trace %" PRId64 " is damaged",
		(int64_t)scan->block.first_seq, scan->trace);
	return SQLITE_CORRUPT_VTAB;
}

static int open_block(struct event_scan *scan)
{
	sqlite3_stmt *statement;
	int code = prepared(scan, PAYLOAD, &statement);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, scan->id);
	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return code;
	if (code == SQLITE_DONE || sqlite3_column_type(statement, 1) != SQLITE_BLOB) {
		error_set(&scan->error, ERR_INPUT, "it holds no bytes");
		return damaged(scan);
	}
	scan->block.checksum = (uint64_t)sqlite3_column_int64(statement, 0);
	scan->block.payload = sqlite3_column_blob(statement, 1);
	scan->block.payload_size = (size_t)sqlite3_column_bytes(statement, 1);
	if (block_decode_start(scan->decoder, &scan->block, &scan->error) != ERR_OK)
		return damaged(scan);
	scan->opened = true;
	return SQLITE_OK;
}

static int decode(struct event_scan *scan, uint32_t wanted)
{
	int code = scan->opened ? SQLITE_OK : open_block(scan);

	if (code != SQLITE_OK)
		return code;
	if (block_decode(scan->decoder, wanted, &scan->error) != ERR_OK)
		return damaged(scan);
	return SQLITE_OK;
}

/* `count` is what was told of before the block was read, or UINT32_MAX. */
static int place_events(struct event_scan *scan, uint32_t count)
{
	int code = decode(scan, event_match_columns(&scan->wish, &scan->part));
	uint32_t found;

	if (code != SQLITE_OK)
		return code;
	found = event_match(block_columns(scan->decoder), &scan->wish, scan->kinds, &scan->part, scan->places);
	if (count != UINT32_MAX && count != found) {
		error_set(&scan->error, ERR_INPUT, "its number of events of a kind is wrong");
		return damaged(scan);
	}
	scan->count = found;
	scan->placed = true;
	return SQLITE_OK;
}

int event_scan_look(struct event_scan *scan, uint32_t wanted, const struct block_columns **columns, uint32_t *place)
{
	uint32_t at = scan->wish.seq_descends ? scan->count - 1 - scan->at : scan->at;
	int code = SQLITE_OK;

	if (!scan->placed)
		code = place_events(scan, scan->count);
	if (code == SQLITE_OK && wanted != 0)
		code = decode(scan, wanted);
	*columns = block_columns(scan->decoder);
	*place = scan->places[at];
	return code;
}

static bool holds_time(const struct event_scan *scan, bool *wholly)
{
	const struct event_range *range = &scan->wish.time_ns;
	int64_t first = (int64_t)scan->block.first_ns;
	int64_t last = (int64_t)scan->block.last_ns;

	/* Times on both sides of 2^63 are no range when they are taken as signed. */
	*wholly = (range->low == INT64_MIN && range->high == INT64_MAX) ||
		  (first <= last && first >= range->low && last <= range->high);
	return first > last || (first <= range->high && last >= range->low);
}

static bool holds_value(const struct event_scan *scan, const struct event_values *list, struct block_wish *wish)
{
	size_t tries = list->set ? list->count : 0;

	if (tries == 0 || tries > SKIP_TRIES_MAX)
		return true;
	for (size_t i = 0; i < tries; i++) {
		wish->has_root = list == &scan->wish.root;
		wish->has_ino = list == &scan->wish.ino;
		wish->root = wish->has_root ? (uint64_t)list->values[i] : 0;
		wish->ino = wish->has_ino ? (uint64_t)list->values[i] : 0;
		if (block_may_hold(scan->block.skip, scan->block.skip_size, wish))
			return true;
	}
	return false;
}

static bool may_hold(const struct event_scan *scan)
{
	const struct event_values *root = &scan->wish.root;
	const struct event_values *ino = &scan->wish.ino;
	struct block_wish wish = {.kinds = scan->kinds};

	if (root->set && ino->set && root->count == 1 && ino->count == 1) {
		wish.has_root = true;
		wish.root = (uint64_t)root->values[0];
		wish.has_ino = true;
		wish.ino = (uint64_t)ino->values[0];
	}
	return block_may_hold(scan->block.skip, scan->block.skip_size, &wish) && holds_value(scan, root, &wish) &&
	       holds_value(scan, ino, &wish);
}

/* How many events fit, by what the block says of itself; false when that does not tell. */
static bool count_events(struct event_scan *scan, bool wholly_in_time)
{
	uint32_t counts[EVENT_COUNT];
	uint64_t sum = 0;

	if (scan->wish.skip_damaged || scan->wish.root.set || scan->wish.ino.set || !wholly_in_time)
		return false;
	if (scan->part.low != 0 || scan->part.high != scan->block.events)
		return false;
	if (!block_kind_counts(scan->block.skip, scan->block.skip_size, counts))
		return false;
	for (int kind = 0; kind < EVENT_COUNT; kind++)
		sum += scan->kinds >> kind & 1 ? counts[kind] : 0;
	if (sum > scan->block.events)
		return false;
	scan->count = (uint32_t)sum;
	return true;
}

/* Which events of the block at hand fit: scan->count of them, from the first. */
static int take_block(struct event_scan *scan)
{
	const struct event_range *seq = &scan->wish.seq;
	int64_t first = (int64_t)scan->block.first_seq;
	int64_t last = first + scan->block.events - 1;
	bool wholly_in_time;
	int code = SQLITE_OK;

	scan->opened = false;
	scan->placed = false;
	scan->count = 0;
	scan->at = 0;
	if (seq->low > last || seq->high < first || !holds_time(scan, &wholly_in_time) || !may_hold(scan))
		return SQLITE_OK;
	scan->part.low = seq->low > first ? (uint32_t)(seq->low - first) : 0;
	scan->part.high = seq->high < last ? (uint32_t)(seq->high - first + 1) : scan->block.events;
	scan->part.by_time = !wholly_in_time;
	if (!count_events(scan, wholly_in_time))
		code = place_events(scan, UINT32_MAX);
	/* Once a row was given out it is too late to pass its block over. */
	if (code == SQLITE_OK && scan->wish.skip_damaged && scan->count > 0)
		code = decode(scan, BLOCK_ALL);
	return code;
}

static bool has_types(sqlite3_stmt *statement)
{
	for (int i = COLUMN_ID; i < COLUMN_SKIP; i++)
		if (sqlite3_column_type(statement, i) != SQLITE_INTEGER)
			return false;
	return sqlite3_column_type(statement, COLUMN_SKIP) == SQLITE_BLOB;
}

/* Whether the block is after those before it, which overlapping ones are not. */
static bool is_in_order(const struct event_scan *scan, int64_t first, int64_t last)
{
	return !scan->has_edge || (scan->wish.seq_descends ? last < scan->edge : first > scan->edge);
}

static int read_block(struct event_scan *scan, sqlite3_stmt *statement)
{
	int64_t first = sqlite3_column_int64(statement, COLUMN_FIRST_SEQ);
	int64_t events = sqlite3_column_int64(statement, COLUMN_EVENTS);
	const char *trouble = NULL;

	scan->id = sqlite3_column_int64(statement, COLUMN_ID);
	scan->block = (struct block){.first_seq = (uint64_t)first,
		.events = (uint32_t)events,
		.first_ns = (uint64_t)sqlite3_column_int64(statement, COLUMN_FIRST_NS),
		.last_ns = (uint64_t)sqlite3_column_int64(statement, COLUMN_LAST_NS)};
	if (!has_types(statement))
		trouble = "its row has values of other types";
	else if (first < 0 || first > INT64_MAX - BLOCK_EVENTS_MAX || events < 1 || events > BLOCK_EVENTS_MAX)
		trouble = "it cannot hold so many events";
	else if (!is_in_order(scan, first, first + events - 1))
		trouble = "it overlaps another one";
	if (trouble != NULL) {
		error_set(&scan->error, ERR_INPUT, "%s", trouble);
		return damaged(scan);
	}
	scan->block.skip = sqlite3_column_blob(statement, COLUMN_SKIP);
	scan->block.skip_size = (size_t)sqlite3_column_bytes(statement, COLUMN_SKIP);
	scan->has_edge = true;
	scan->edge = scan->wish.seq_descends ? first : first + events - 1;
	return take_block(scan);
}

static int next_trace(struct event_scan *scan)
{
	bool down = scan->wish.trace_descends;
	sqlite3_stmt *statement;
	int code;

	if (scan->traces.low > scan->traces.high)
		return SQLITE_DONE;
	if (scan->traces.low == scan->traces.high) {
		scan->trace = scan->traces.low;
		scan->traces = (struct event_range){1, 0};
		return SQLITE_ROW;
	}
	code = prepared(scan, down ? TRACE_DOWN : TRACE_UP, &statement);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, down ? scan->traces.high : scan->traces.low);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code != SQLITE_ROW)
		return code;
	scan->trace = sqlite3_column_int64(statement, 0);
	if (sqlite3_column_type(statement, 0) != SQLITE_INTEGER || scan->trace < scan->traces.low ||
		scan->trace > scan->traces.high)
		code = SQLITE_DONE;
	else if (scan->trace == (down ? scan->traces.low : scan->traces.high))
		scan->traces = (struct event_range){1, 0};
	else if (down)
		scan->traces.high = scan->trace - 1;
	else
		scan->traces.low = scan->trace + 1;
	sqlite3_reset(statement);
	return code;
}

/* Sets the kinds of the next pass; false when all kinds had theirs. */
static bool next_kind(struct event_scan *scan)
{
	while (scan->kind_place < EVENT_COUNT) {
		size_t place = scan->wish.kind_descends ? EVENT_COUNT - 1 - scan->kind_place : scan->kind_place;
		uint32_t bit = UINT32_C(1) << scan->by_name[place];

		scan->kind_place++;
		scan->kinds = bit;
		if ((scan->wish.kinds & bit) != 0)
			return true;
	}
	return false;
}

/* Goes on to the next pass over blocks: another trace, another kind. SQLITE_ROW, or SQLITE_DONE after the last. */
static int next_pass(struct event_scan *scan)
{
	int code;

	if (scan->wish.order == EVENT_BY_SEQ)
		return next_trace(scan);
	if (scan->wish.order == EVENT_BY_TRACE_AND_KIND) {
		if (scan->kind_place > 0 && next_kind(scan))
			return SQLITE_ROW;
		scan->kind_place = 0;
		code = next_trace(scan);
		return code == SQLITE_ROW && !next_kind(scan) ? SQLITE_DONE : code;
	}
	for (;;) {
		code = scan->kind_place > 0 ? next_trace(scan) : SQLITE_DONE;
		if (code != SQLITE_DONE)
			return code;
		if (!next_kind(scan))
			return SQLITE_DONE;
		scan->traces = scan->wish.trace;
	}
}

static int start_pass(struct event_scan *scan)
{
	sqlite3_stmt *statement;
	int code = prepared(scan, scan->wish.seq_descends ? BLOCKS_DOWN : BLOCKS_UP, &statement);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, scan->trace);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 2, scan->wish.seq.low);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 3, scan->wish.seq.high);
	scan->in_blocks = code == SQLITE_OK;
	scan->has_edge = false;
	return code;
}

/* On to the next block, or the next pass. SQLITE_ROW, or SQLITE_DONE at the end. */
static int step_block(struct event_scan *scan)
{
	enum statement which = scan->wish.seq_descends ? BLOCKS_DOWN : BLOCKS_UP;
	int code;

	for (;;) {
		if (scan->in_blocks) {
			code = sqlite3_step(scan->statements[which]);
			if (code != SQLITE_DONE)
				return code;
			scan->in_blocks = false;
		}
		code = next_pass(scan);
		if (code == SQLITE_ROW)
			code = start_pass(scan);
		if (code != SQLITE_OK)
			return code;
	}
}

static int next_block(struct event_scan *scan)
{
	enum statement which = scan->wish.seq_descends ? BLOCKS_DOWN : BLOCKS_UP;
	int code;

	for (;;) {
		code = step_block(scan);
		scan->ended = code != SQLITE_ROW;
		if (code != SQLITE_ROW)
			return code == SQLITE_DONE ? SQLITE_OK : code;
		code = read_block(scan, scan->statements[which]);
		if (code == SQLITE_CORRUPT_VTAB && scan->wish.skip_damaged)
			continue;
		if (code != SQLITE_OK || scan->count > 0)
			return code;
	}
}

int event_scan_next(struct event_scan *scan)
{
	scan->at++;
	return scan->at < scan->count ? SQLITE_OK : next_block(scan);
}

int event_scan_start(struct event_scan *scan)
{
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_reset(scan->statements[i]);
	scan->error = (struct error){0};
	scan->traces = scan->wish.trace;
	scan->kind_place = 0;
	scan->kinds = scan->wish.kinds;
	scan->in_blocks = false;
	scan->count = 0;
	scan->ended = true;
	return event_wish_is_empty(&scan->wish) ? SQLITE_OK : next_block(scan);
}
