/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/order_map.h"

static void add(struct order_map *map, struct order_piece piece)
{
	if (piece.start >= piece.end)
		return;
	if (map->count == ORDER_PIECES)
		map->full = true;
	else
		map->pieces[map->count++] = piece;
}

void order_map_copy(struct order_map *map, struct ranges *ranges, struct claim_part part)
{
	struct range *range = ranges_first(ranges, part.start, part.end);
	uint64_t at = part.start;

	map->count = 0;
	map->full = false;
	for (; range != NULL && !map->full; range = ranges_next(range, part.end)) {
		struct claim_part within = ranges_within(range, part);

		add(map, (struct order_piece){at, within.start, ranges->otherwise, NULL});
		add(map, (struct order_piece){within.start, within.end, range->state, range->claim});
		at = within.end;
	}
	add(map, (struct order_piece){at, part.end, ranges->otherwise, NULL});
}

/* The bytes that a piece and a span have in common. */
static uint64_t common(const struct order_piece *piece, struct claim_part span)
{
	uint64_t start = piece->start > span.start ? piece->start : span.start;
	uint64_t end = piece->end < span.end ? piece->end : span.end;

	return start < end ? end - start : 0;
}

struct range_sums order_map_sums(const struct order_map *map, struct claim_part span)
{
	struct range_sums sums = {{0}};
	uint64_t known = 0;

	for (size_t i = 0; i < map->count; i++) {
		uint64_t bytes = common(&map->pieces[i], span);

		sums.of[map->pieces[i].state] += bytes;
		known += bytes;
	}
	sums.of[RANGE_UNKNOWN] += span.end - span.start - known;
	return sums;
}

uint64_t order_map_owned(const struct order_map *map, struct claim_part span, const void *owner)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < map->count; i++)
		if (map->pieces[i].state == RANGE_RESERVED && map->pieces[i].owner == owner)
			bytes += common(&map->pieces[i], span);
	return bytes;
}

bool order_map_same(const struct order_map *a, const struct order_map *b)
{
	size_t i = 0, k = 0;

	while (i < a->count && k < b->count) {
		const struct order_piece *one = &a->pieces[i];
		const struct order_piece *other = &b->pieces[k];

		if (one->state != other->state || one->owner != other->owner)
			return false;
		i += one->end <= other->end;
		k += other->end <= one->end;
	}
	return i == a->count && k == b->count;
}

static void split(struct order_map *map, uint64_t at)
{
	size_t i = 0;

	while (i < map->count && map->pieces[i].end <= at)
		i++;
	if (i == map->count || map->pieces[i].start >= at)
		return;
	if (map->count == ORDER_PIECES) {
		map->full = true;
		return;
	}
	for (size_t k = map->count++; k > i; k--)
		map->pieces[k] = map->pieces[k - 1];
	map->pieces[i].end = map->pieces[i + 1].start = at;
}

void order_map_turn(
	struct order_map *map, struct claim_part span, enum range_state from, enum range_state to, const void *owner)
{
	split(map, span.start);
	split(map, span.end);
	for (size_t i = 0; i < map->count; i++) {
		struct order_piece *piece = &map->pieces[i];

		if (piece->state == from && piece->start >= span.start && piece->end <= span.end) {
			piece->state = to;
			piece->owner = owner;
		}
	}
}

void order_map_clear_tail(struct order_map *map, struct claim_part span, const void *owner, uint64_t bytes)
{
	split(map, span.start);
	split(map, span.end);
	for (size_t i = map->count; i-- > 0 && bytes > 0;) {
		struct order_piece *piece = &map->pieces[i];
		uint64_t length = piece->end - piece->start;

		if (piece->state != RANGE_RESERVED || piece->owner != owner || piece->start < span.start ||
			piece->end > span.end)
			continue;
		if (length > bytes) {
			split(map, piece->end - bytes);
			if (!map->full)
				i += 2;
			continue;
		}
		bytes -= length;
		piece->state = RANGE_CLEAR;
		piece->owner = NULL;
	}
}
