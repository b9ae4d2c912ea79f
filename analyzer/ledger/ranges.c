/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger/ranges.h"

#include <stdlib.h>

#include "base/memory.h"

enum { RANGES_PER_SLAB = 256 };

static int by_start(const struct range *a, const struct range *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

/* The tree is libbsd's: it keeps its balance through any order of keys. */
RB_GENERATE_INTERNAL(range_tree, range, link, by_start, static __attribute__((unused)))

void range_pool_init(struct range_pool *pool, struct claims *claims)
{
	*pool = (struct range_pool){.claims = claims};
}

void range_pool_release(struct range_pool *pool)
{
	for (size_t i = 0; i < pool->slab_count; i++)
		free(pool->slabs[i]);
	free(pool->slabs);
}

/* Free pieces are chained through their left link of the tree. */
static struct range *pool_take(struct range_pool *pool)
{
	struct range *range = pool->free;

	if (range == NULL) {
		struct range *slab = memory_aligned(RANGES_PER_SLAB * sizeof(*slab));

		pool->slabs =
			memory_grown(pool->slabs, &pool->slab_capacity, pool->slab_count + 1, sizeof(struct range *));
		pool->slabs[pool->slab_count++] = slab;
		for (size_t i = 0; i < RANGES_PER_SLAB; i++) {
			RB_LEFT(&slab[i], link) = range;
			range = &slab[i];
		}
	}
	pool->free = RB_LEFT(range, link);
	return range;
}

static void pool_give(struct range_pool *pool, struct range *range)
{
	RB_LEFT(range, link) = pool->free;
	pool->free = range;
}

void ranges_init(struct ranges *ranges, enum range_state otherwise)
{
	*ranges = (struct ranges){.otherwise = otherwise};
	RB_INIT(&ranges->tree);
}

static uint64_t length_of(const struct range *range)
{
	return range->end - range->start;
}

static void account(struct ranges *ranges, const struct range *range, int sign)
{
	if (range->state != RANGE_RESERVED)
		return;
	if (sign > 0)
		ranges->reserved_bytes += length_of(range);
	else
		ranges->reserved_bytes -= length_of(range);
}

static void add_piece(struct ranges *ranges, struct range_pool *pool, struct claim_part span, enum range_state state,
	struct claim *claim)
{
	struct range *range = pool_take(pool);

	range->start = span.start;
	range->end = span.end;
	range->state = state;
	range->claim = claim_keep(claim);
	RB_INSERT(range_tree, &ranges->tree, range);
	ranges->count++;
	account(ranges, range, 1);
}

static void remove_piece(struct ranges *ranges, struct range_pool *pool, struct range *range)
{
	account(ranges, range, -1);
	RB_REMOVE(range_tree, &ranges->tree, range);
	if (ranges->found == range)
		ranges->found = NULL;
	ranges->count--;
	claim_drop(pool->claims, range->claim);
	pool_give(pool, range);
}

void ranges_reset(struct ranges *ranges, struct range_pool *pool, enum range_state otherwise)
{
	struct range *range;

	while ((range = RB_ROOT(&ranges->tree)) != NULL)
		remove_piece(ranges, pool, range);
	ranges->otherwise = otherwise;
}

static struct range *look_up(const struct ranges *ranges, uint64_t start)
{
	struct range *range = RB_ROOT(&ranges->tree);
	struct range *best = NULL;

	while (range != NULL) {
		if (range->end > start) {
			best = range;
			range = range->start <= start ? NULL : RB_LEFT(range, link);
		} else {
			range = RB_RIGHT(range, link);
		}
	}
	return best;
}

struct range *ranges_first(struct ranges *ranges, uint64_t start, uint64_t end)
{
	struct range *range = ranges->found;

	if (range == NULL || range->start > start || range->end <= start) {
		range = look_up(ranges, start);
		if (range != NULL)
			ranges->found = range;
	}
	return range != NULL && range->start < end ? range : NULL;
}

struct range *ranges_next(struct range *range, uint64_t end)
{
	struct range *next;

	if (range->end >= end)
		return NULL;
	next = RB_NEXT(range_tree, NULL, range);
	return next != NULL && next->start < end ? next : NULL;
}

struct claim_part ranges_within(const struct range *range, struct claim_part span)
{
	return (struct claim_part){
		range->start > span.start ? range->start : span.start, range->end < span.end ? range->end : span.end};
}

struct range_sums ranges_sum(struct ranges *ranges, uint64_t start, uint64_t end)
{
	struct range_sums sums = {{0}};
	uint64_t covered = 0;

	for (struct range *range = ranges_first(ranges, start, end); range != NULL; range = ranges_next(range, end)) {
		struct claim_part part = ranges_within(range, (struct claim_part){start, end});

		sums.of[range->state] += part.end - part.start;
		covered += part.end - part.start;
	}
	sums.of[ranges->otherwise] += end - start - covered;
	return sums;
}

/* Cuts the piece that reaches across a place, if there is one, in two. */
static void cut(struct ranges *ranges, struct range_pool *pool, uint64_t at)
{
	struct range *range = ranges_first(ranges, at, at + 1);

	if (range == NULL || range->start >= at)
		return;
	account(ranges, range, -1);
	struct claim_part rest = {at, range->end};

	range->end = at;
	account(ranges, range, 1);
	add_piece(ranges, pool, rest, range->state, range->claim);
}

static bool is_default(const struct ranges *ranges, enum range_state state, const struct claim *claim)
{
	return state == ranges->otherwise && claim == NULL;
}

/* Most operations change one whole piece: no need to touch the tree. */
static void change_piece(struct ranges *ranges, struct range_pool *pool, struct range *range, enum range_state state,
	struct claim *claim)
{
	struct claim *old = range->claim;

	account(ranges, range, -1);
	range->state = state;
	range->claim = claim_keep(claim);
	account(ranges, range, 1);
	claim_drop(pool->claims, old);
}

void ranges_set(struct ranges *ranges, struct range_pool *pool, struct claim_part span, enum range_state state,
	struct claim *claim)
{
	bool keep = !is_default(ranges, state, claim);
	struct range *range = ranges_first(ranges, span.start, span.end);

	if (range != NULL && range->start == span.start && range->end == span.end && keep) {
		change_piece(ranges, pool, range, state, claim);
		return;
	}
	if (range != NULL) {
		cut(ranges, pool, span.start);
		cut(ranges, pool, span.end);
		while ((range = ranges_first(ranges, span.start, span.end)) != NULL)
			remove_piece(ranges, pool, range);
	}
	if (keep)
		add_piece(ranges, pool, span, state, claim);
}

void ranges_turn(struct ranges *ranges, struct range_pool *pool, struct claim_part span, enum range_state from,
	enum range_state state, struct claim *claim)
{
	uint64_t at = span.start;

	while (at < span.end) {
		struct range *range = ranges_first(ranges, at, span.end);
		uint64_t gap_end = range != NULL && range->start > at ? range->start : at;
		uint64_t next;

		if (range == NULL)
			gap_end = span.end;
		if (gap_end > at) {
			if (ranges->otherwise == from)
				ranges_set(ranges, pool, (struct claim_part){at, gap_end}, state, claim);
			at = gap_end;
			continue;
		}
		next = range->end < span.end ? range->end : span.end;
		if (range->state == from)
			ranges_set(ranges, pool, (struct claim_part){at, next}, state, claim);
		at = next;
	}
}

void ranges_forget(struct ranges *ranges, struct range_pool *pool, uint64_t before_ns)
{
	struct range *next;

	for (struct range *range = RB_MIN(range_tree, &ranges->tree); range != NULL; range = next) {
		next = RB_NEXT(range_tree, &ranges->tree, range);
		if (range->state == RANGE_RESERVED ||
			(range->state == RANGE_UNKNOWN && ranges->otherwise == RANGE_CLEAR))
			continue;
		if (range->claim != NULL && range->claim->event.time_ns >= before_ns)
			continue;
		remove_piece(ranges, pool, range);
	}
}
