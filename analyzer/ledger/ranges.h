/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ranges - the first ledger: which bytes of one inode hold a qgroup reservation (EXTENT_QGROUP_RESERVED in its
 * io_tree), which do not, and which nobody can know; and who or what made it so.
 *
 * An interval map: pieces never overlap, and bytes without a piece are in the map's default state. Every operation is
 * O(log n) plus the pieces it touches. All positions are file offsets in bytes, ends exclusive.
 */
#ifndef QGREPLAY_ANALYZER_LEDGER_RANGES_H
#define QGREPLAY_ANALYZER_LEDGER_RANGES_H

#include <bsd/sys/tree.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/ledger/claim.h"

enum range_state { RANGE_UNKNOWN, RANGE_CLEAR, RANGE_RESERVED, RANGE_STATES };

struct range {
	RB_ENTRY(range) link;
	uint64_t start;
	uint64_t end;
	enum range_state state;
	struct claim *claim; /* reserved: the owner; clear: what cleared it; NULL when unknown */
};

RB_HEAD(range_tree, range);

/* Pieces of all maps of a replay come from one pool. */
struct range_pool {
	struct range **slabs;
	size_t slab_count;
	size_t slab_capacity;
	struct range *free;
	struct claims *claims;
};

struct ranges {
	struct range_tree tree;
	enum range_state otherwise; /* bytes without a piece: RANGE_UNKNOWN or RANGE_CLEAR */
	size_t count;
	uint64_t reserved_bytes; /* in pieces of state RANGE_RESERVED */
	struct range *found;	 /* the piece that was looked up last: one event asks for the same one several times */
};

/* Bytes of a span by state. */
struct range_sums {
	uint64_t of[RANGE_STATES];
};

void range_pool_init(struct range_pool *pool, struct claims *claims);
void range_pool_release(struct range_pool *pool);

void ranges_init(struct ranges *ranges, enum range_state otherwise);

/* Drops all pieces; every byte is in state `otherwise` from now on. */
void ranges_reset(struct ranges *ranges, struct range_pool *pool, enum range_state otherwise);

/* How much of [start, end) is in which state. */
struct range_sums ranges_sum(struct ranges *ranges, uint64_t start, uint64_t end);

/* The first piece that reaches beyond `start` and begins before `end`, or NULL. */
struct range *ranges_first(struct ranges *ranges, uint64_t start, uint64_t end);

/* What of a piece lies in a span; it begins before the span's end and reaches beyond its start. */
struct claim_part ranges_within(const struct range *range, struct claim_part span);

/* The piece after `range` that begins before `end`, or NULL. */
struct range *ranges_next(struct range *range, uint64_t end);

/*
 * Puts [start, end) into `state` on account of `claim` (a reference is taken for each piece; NULL is none). Pieces that
 * reach beyond are cut. Neighbours of the same state and claim are not joined, but a piece in the default state without
 * a claim is not kept.
 */
void ranges_set(struct ranges *ranges, struct range_pool *pool, struct claim_part span, enum range_state state,
	struct claim *claim);

/* Like ranges_set(), but only for those bytes of the span that are in state `from`. */
void ranges_turn(struct ranges *ranges, struct range_pool *pool, struct claim_part span, enum range_state from,
	enum range_state state, struct claim *claim);

/* Forgets what cleared bytes were cleared by, before `before_ns`, and what that leaves as the default state. */
void ranges_forget(struct ranges *ranges, struct range_pool *pool, uint64_t before_ns);

#endif
