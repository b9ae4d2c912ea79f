/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/range_map.h"

#include <stdlib.h>

#include "analyzer/range_map_take.h"
#include "base/memory.h"

struct range_map *range_map_new(uint64_t ino, uint64_t from_ns, bool heads)
{
	struct range_map *map = memory_zeroed(sizeof(*map));

	range_boxes_init(&map->boxes);
	RB_INIT(&map->operations);
	map->ino = ino;
	map->from_ns = from_ns;
	map->heads = heads;
	return map;
}

void range_map_free(struct range_map *map)
{
	if (map == NULL)
		return;
	range_map_forget(map);
	range_boxes_release(&map->boxes);
	free(map->gaps);
	free(map);
}

static void gap(struct range_map *map, const struct event *event)
{
	struct range_gap gap = {
		.from_ns = event->start < event->time_ns ? event->start : event->time_ns,
		.to_ns = event->time_ns,
		.seq = event->number,
		.events = event->bytes,
	};

	if (gap.from_ns < map->from_ns)
		gap.from_ns = map->from_ns;
	map->gaps = memory_grown(map->gaps, &map->gap_capacity, map->gap_count + 1, sizeof(map->gaps[0]));
	map->gaps[map->gap_count++] = gap;
}

/* Whether there is a gap behind `from_seq` and before `to_seq`. */
static bool has_gap(const struct range_map *map, uint64_t from_seq, uint64_t to_seq)
{
	size_t low = 0;
	size_t high = map->gap_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->gaps[middle].seq > from_seq)
			high = middle;
		else
			low = middle + 1;
	}
	return low < map->gap_count && (to_seq == 0 || map->gaps[low].seq < to_seq);
}

void range_map_take(struct range_map *map, const struct event *event)
{
	bool data = event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA;

	if (data && event->ino != map->ino)
		range_map_elsewhere(map, event);
	else if (event->kind == EVENT_RESERVE_DATA)
		range_map_reserve(map, event);
	else if (event->kind == EVENT_RELEASE_DATA)
		range_map_release(map, event);
	else if (event->kind == EVENT_UPDATE_RESERVE)
		range_map_update(map, event);
	else if (event->kind == EVENT_TRANSACTION_COMMIT)
		range_map_commit(map, event);
	else if (event->kind == EVENT_INODE_EVICT)
		range_map_evict(map, event);
	else if (event->kind == EVENT_INODE_NEW)
		range_map_begin_anew(map, event);
	else if (event->kind == EVENT_LOST)
		gap(map, event);
}

static int by_begin(const void *one, const void *other)
{
	const struct range_box *a = one;
	const struct range_box *b = other;

	if (a->from_ns != b->from_ns)
		return a->from_ns < b->from_ns ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->to_ns > b->to_ns) - (a->to_ns < b->to_ns);
}

void range_map_finish(struct range_map *map, uint64_t to_ns)
{
	struct range_box how = {.to_ns = to_ns, .end_pid = -1, .end = RANGE_STILL};

	range_map_settle(map);
	range_boxes_close(&map->boxes, &(struct range_part){0, UINT64_MAX}, &how);
	for (size_t i = 0; i < map->boxes.closed_count; i++) {
		struct range_box *box = &map->boxes.closed[i];

		box->over_gap = has_gap(map, box->from_seq, box->to_seq);
	}
	if (map->boxes.closed_count > 0)
		qsort(map->boxes.closed, map->boxes.closed_count, sizeof(map->boxes.closed[0]), by_begin);
}

void range_map_mark(struct range_map *map, const struct range_mark *mark)
{
	for (size_t i = 0; i < map->boxes.closed_count; i++) {
		struct range_box *box = &map->boxes.closed[i];
		bool there = box->from_ns <= mark->time_ns && mark->time_ns <= box->to_ns;
		bool meets = box->start < mark->start ? mark->start - box->start < box->len
						      : box->start - mark->start < mark->len;

		if (there && meets && (box->finding == 0 || mark->finding < box->finding))
			box->finding = mark->finding;
	}
}

const struct range_box *range_map_boxes(const struct range_map *map, size_t *count)
{
	*count = map->boxes.closed_count;
	return map->boxes.closed;
}

const struct range_gap *range_map_gaps(const struct range_map *map, size_t *count)
{
	*count = map->gap_count;
	return map->gaps;
}

uint64_t range_map_guesses(const struct range_map *map)
{
	return map->guesses;
}

const char *range_end_name(enum range_end end)
{
	static const char *const names[RANGE_END_COUNT] = {
		[RANGE_STILL] = "still",
		[RANGE_RELEASED] = "released",
		[RANGE_FREED] = "freed",
		[RANGE_FREED_OTHER] = "freed-other",
		[RANGE_TAKEN_BACK] = "taken-back",
		[RANGE_EVICTED] = "evicted",
		[RANGE_UNSEEN] = "unseen",
	};

	return names[end];
}
