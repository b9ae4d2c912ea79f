/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/events/event_scan.h"

#include <stdlib.h>

#include "base/memory.h"
#include "schema/events/event_match.h"
#include "schema/events/event_walk.h"

/* Of a list of roots or inodes, at most so many are looked up in what a block says of itself. */
enum { SKIP_TRIES_MAX = 16 };

struct event_scan {
	struct event_wish wish;
	struct event_walk walk; /* at the block */
	struct block_decoder *decoder;
	struct event_part part;
	int64_t opened_id; /* the block at which the decoder is, where `opened` */
	struct block opened_block;
	bool opened;
	bool placed;	/* `places` are those of the events that fit; until then they are only counted */
	uint32_t count; /* of the events of the block that fit */
	uint32_t at;
	uint32_t *places;
	bool ended;
	struct error error;
};

struct event_scan *event_scan_new(sqlite3 *database)
{
	struct event_scan *scan = memory_zeroed(sizeof(*scan));

	scan->decoder = block_decoder_new();
	scan->places = memory_resized(NULL, BLOCK_EVENTS_MAX, sizeof(*scan->places));
	scan->ended = true;
	event_walk_init(&scan->walk, database, &scan->wish);
	return scan;
}

void event_scan_free(struct event_scan *scan)
{
	if (scan == NULL)
		return;
	event_walk_release(&scan->walk);
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
	return scan->walk.trace;
}

enum event_kind event_scan_kind(const struct event_scan *scan)
{
	for (int kind = 0; kind < EVENT_COUNT; kind++)
		if (scan->walk.kinds == UINT32_C(1) << kind)
			return (enum event_kind)kind;
	return EVENT_COUNT;
}

int64_t event_scan_seq(const struct event_scan *scan, uint32_t place)
{
	return (int64_t)(scan->walk.block.first_seq + place);
}

const char *event_scan_error(const struct event_scan *scan)
{
	return scan->error.text;
}

static int open_block(struct event_scan *scan)
{
	int code = event_walk_payload(&scan->walk, &scan->error);

	scan->opened = false;
	if (code != SQLITE_OK)
		return code;
	if (block_decode_start(scan->decoder, &scan->walk.block, &scan->error) != ERR_OK)
		return event_walk_damaged(&scan->walk, &scan->error);
	scan->opened = true;
	scan->opened_id = scan->walk.id;
	scan->opened_block = scan->walk.block;
	return SQLITE_OK;
}

/*
 * Whether the decoder is at this block; it still is when the inner side of a join looks for single events of one block
 * after the other. Where rows share an id, which no store has, their numbers tell them apart.
 */
static bool is_open(const struct event_scan *scan)
{
	const struct block *block = &scan->walk.block;

	return scan->opened && scan->opened_id == scan->walk.id && scan->opened_block.events == block->events &&
	       scan->opened_block.first_seq == block->first_seq;
}

static int decode(struct event_scan *scan, uint32_t wanted)
{
	int code = is_open(scan) ? SQLITE_OK : open_block(scan);

	if (code != SQLITE_OK)
		return code;
	if (block_decode(scan->decoder, wanted, &scan->error) != ERR_OK)
		return event_walk_damaged(&scan->walk, &scan->error);
	return SQLITE_OK;
}

/* `count` is what was told of before the block was read, or UINT32_MAX. */
static int place_events(struct event_scan *scan, uint32_t count)
{
	int code = decode(scan, event_match_columns(&scan->wish, &scan->part));
	uint32_t found;

	if (code != SQLITE_OK)
		return code;
	found = event_match(block_columns(scan->decoder), &scan->wish, scan->walk.kinds, &scan->part, scan->places);
	if (count != UINT32_MAX && count != found) {
		error_set(&scan->error, ERR_INPUT, "its number of events of a kind is wrong");
		return event_walk_damaged(&scan->walk, &scan->error);
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
	int64_t first = (int64_t)scan->walk.block.first_ns;
	int64_t last = (int64_t)scan->walk.block.last_ns;

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
		if (block_may_hold(scan->walk.block.skip, scan->walk.block.skip_size, wish))
			return true;
	}
	return false;
}

static bool may_hold(const struct event_scan *scan)
{
	const struct event_values *root = &scan->wish.root;
	const struct event_values *ino = &scan->wish.ino;
	struct block_wish wish = {.kinds = scan->walk.kinds};

	if (root->set && ino->set && root->count == 1 && ino->count == 1) {
		wish.has_root = true;
		wish.root = (uint64_t)root->values[0];
		wish.has_ino = true;
		wish.ino = (uint64_t)ino->values[0];
	}
	return block_may_hold(scan->walk.block.skip, scan->walk.block.skip_size, &wish) &&
	       holds_value(scan, root, &wish) && holds_value(scan, ino, &wish);
}

/* How many events fit, by what the block says of itself; false when that does not tell. */
static bool count_events(struct event_scan *scan, bool wholly_in_time)
{
	uint32_t counts[EVENT_COUNT];
	uint64_t sum = 0;

	if (scan->wish.skip_damaged || scan->wish.root.set || scan->wish.ino.set || !wholly_in_time)
		return false;
	if (scan->part.low != 0 || scan->part.high != scan->walk.block.events)
		return false;
	if (!block_kind_counts(scan->walk.block.skip, scan->walk.block.skip_size, counts))
		return false;
	for (int kind = 0; kind < EVENT_COUNT; kind++)
		sum += scan->walk.kinds >> kind & 1 ? counts[kind] : 0;
	if (sum > scan->walk.block.events)
		return false;
	scan->count = (uint32_t)sum;
	return true;
}

/* From `first` to `later`, which lies in the same block. Unsigned, because clang 14 draws from a signed difference that
 * it fits into the type on both sides of the question in front of it. */
static uint32_t distance(int64_t first, int64_t later)
{
	return (uint32_t)((uint64_t)later - (uint64_t)first);
}

/* Which events of the block at hand fit: scan->count of them, from the first. */
static int take_block(struct event_scan *scan)
{
	const struct event_range *seq = &scan->wish.seq;
	int64_t first = (int64_t)scan->walk.block.first_seq;
	int64_t last = first + scan->walk.block.events - 1;
	bool wholly_in_time;
	int code = SQLITE_OK;

	scan->placed = false;
	scan->count = 0;
	scan->at = 0;
	if (seq->low > last || seq->high < first || !holds_time(scan, &wholly_in_time) || !may_hold(scan))
		return SQLITE_OK;
	scan->part.low = seq->low > first ? distance(first, seq->low) : 0;
	scan->part.high = seq->high < last ? distance(first, seq->high) + 1 : scan->walk.block.events;
	scan->part.by_time = !wholly_in_time;
	if (!count_events(scan, wholly_in_time))
		code = place_events(scan, UINT32_MAX);
	/* Once a row was given out it is too late to pass its block over. */
	if (code == SQLITE_OK && scan->wish.skip_damaged && scan->count > 0)
		code = decode(scan, BLOCK_ALL);
	return code;
}

static int next_block(struct event_scan *scan)
{
	int code;

	for (;;) {
		code = event_walk_next(&scan->walk, &scan->error);
		scan->ended = code == SQLITE_DONE;
		if (code == SQLITE_DONE)
			return SQLITE_OK;
		if (code == SQLITE_ROW)
			code = take_block(scan);
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
	event_walk_start(&scan->walk);
	scan->error = (struct error){0};
	scan->count = 0;
	scan->ended = true;
	return event_wish_is_empty(&scan->wish) ? SQLITE_OK : next_block(scan);
}
