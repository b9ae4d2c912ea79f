/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * order_map - a small copy of a part of one inode's ranges, on which an order of events is tried out.
 *
 * Of fixed size, copied by assignment. Whoever owns bytes is only a pointer here that is compared and never followed.
 * What lies outside of the copied part is unknown. All positions are file offsets in bytes, ends exclusive.
 */
#ifndef QGREPLAY_ANALYZER_RULES_ORDER_MAP_H
#define QGREPLAY_ANALYZER_RULES_ORDER_MAP_H

#include <stdbool.h>

#include "analyzer/ledger/ranges.h"

enum { ORDER_PIECES = 64 };

struct order_piece {
	uint64_t start;
	uint64_t end;
	enum range_state state;
	const void *owner;
};

struct order_map {
	struct order_piece pieces[ORDER_PIECES]; /* without holes between them */
	size_t count;
	bool full; /* it had more pieces than fit: nothing that it says is worth anything */
};

/* Copies `part`, which is not empty. */
void order_map_copy(struct order_map *map, struct ranges *ranges, struct claim_part part);

/* How much of the span is in which state. */
struct range_sums order_map_sums(const struct order_map *map, struct claim_part span);

/* How much of the span is reserved and belongs to `owner`. */
uint64_t order_map_owned(const struct order_map *map, struct claim_part span, const void *owner);

/* Whether two copies of the same part say the same of every byte. */
bool order_map_same(const struct order_map *a, const struct order_map *b);

/* Bytes of the span in state `from` go to state `to` and belong to `owner`. */
void order_map_turn(
	struct order_map *map, struct claim_part span, enum range_state from, enum range_state to, const void *owner);

/* The last `bytes` of what `owner` has reserved in the span become clear. */
void order_map_clear_tail(struct order_map *map, struct claim_part span, const void *owner, uint64_t bytes);

#endif
