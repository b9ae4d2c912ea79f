/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/range_map.h"

#include <stdlib.h>

#include "analyzer/range_boxes.h"
#include "base/memory.h"

/* What a task is at: its reserves since its last other operation, which it may still take back. */
struct operation {
	RB_ENTRY(operation) link;
	int32_t pid;
	bool open;
	bool settled;		/* it went on to metadata: its next reserve is another operation */
	struct range_part part; /* around all of its reserves */
	uint64_t first_seq;	/* of its reserves */
	uint64_t last_seq;
	uint64_t due_bytes;   /* of the last reserve, until the counter takes them */
	uint64_t freed_bytes; /* of its last free, until the counter gives them */
};

RB_HEAD(operation_tree, operation);

struct range_map {
	struct range_boxes boxes;
	struct operation_tree operations;
	struct range_gap *gaps;
	size_t gap_count;
	size_t gap_capacity;
	uint64_t from_ns;
	uint64_t guesses;
	bool heads;	/* bytes of which nothing is known may be reserved */
	bool counters;	/* the map is given updates of the counter */
	unsigned steps; /* of looking for a task's own pieces: what a trace can make us do is bounded */
};

enum { STEPS_MAX = 1 << 22 };

static int by_pid(const struct operation *one, const struct operation *other)
{
	return (one->pid > other->pid) - (one->pid < other->pid);
}

RB_GENERATE_INTERNAL(operation_tree, operation, link, by_pid, static __attribute__((unused)))

struct range_map *range_map_new(uint64_t from_ns, bool heads)
{
	struct range_map *map = memory_zeroed(sizeof(*map));

	range_boxes_init(&map->boxes);
	RB_INIT(&map->operations);
	map->from_ns = from_ns;
	map->heads = heads;
	return map;
}

void range_map_free(struct range_map *map)
{
	struct operation *operation;

	if (map == NULL)
		return;
	while ((operation = RB_ROOT(&map->operations)) != NULL) {
		RB_REMOVE(operation_tree, &map->operations, operation);
		free(operation);
	}
	range_boxes_release(&map->boxes);
	free(map->gaps);
	free(map);
}

static struct operation *operation_of(struct range_map *map, int32_t pid)
{
	struct operation key = {.pid = pid};
	struct operation *operation = RB_FIND(operation_tree, &map->operations, &key);

	if (operation == NULL) {
		operation = memory_zeroed(sizeof(*operation));
		operation->pid = pid;
		RB_INSERT(operation_tree, &map->operations, operation);
	}
	return operation;
}

static struct range_part part_of(const struct event *event)
{
	uint64_t room = UINT64_MAX - event->start;

	return (struct range_part){event->start, event->start + (event->len < room ? event->len : room)};
}

static struct range_box end_by(const struct event *event, enum range_end end)
{
	return (struct range_box){
		.to_ns = event->time_ns,
		.to_seq = event->number,
		.end_pid = event->pid,
		.end_comm = event->comm,
		.end = end,
	};
}

/* A box that was there before anything is known of it. */
static struct range_box head_box(const struct range_map *map)
{
	uint64_t from_ns = map->gap_count > 0 ? map->gaps[map->gap_count - 1].from_ns : map->from_ns;

	return (struct range_box){.from_ns = from_ns, .pid = -1, .end_pid = -1};
}

static uint64_t size_of(const struct range_part *part)
{
	return part->end - part->start;
}

/* Opens what is not yet open of the part, like `box`. */
static void fill(struct range_map *map, const struct range_part *part, const struct range_box *box)
{
	struct range_part rest = *part;

	while (rest.start < rest.end) {
		struct range_part hole = range_boxes_hole(&map->boxes, &rest);

		if (hole.start < hole.end)
			range_boxes_open(&map->boxes, &hole, box);
		rest.start = hole.end;
	}
}

/* Looks for one hole of that size; an empty part when there is none. */
static struct range_part hole_of(struct range_map *map, const struct range_part *part, uint64_t bytes)
{
	struct range_part rest = *part;

	while (rest.start < rest.end) {
		struct range_part hole = range_boxes_hole(&map->boxes, &rest);

		if (size_of(&hole) == bytes)
			return hole;
		rest.start = hole.end;
	}
	return (struct range_part){0, 0};
}

/* `bytes` of the part were reserved although nothing is known of them: before the map, or in a gap. */
static void find_heads(struct range_map *map, const struct range_part *part, uint64_t bytes)
{
	uint64_t clear = size_of(part) - range_boxes_held(&map->boxes, part);
	struct range_box head = head_box(map);
	struct range_part hole;

	if (!map->heads && map->gap_count == 0) {
		map->guesses++;
		return;
	}
	hole = bytes == clear ? *part : hole_of(map, part, bytes);
	if (size_of(&hole) == 0)
		map->guesses++;
	else
		fill(map, &hole, &head);
}

/* `bytes` of the open ones are clear by now, and nobody saw it happen: all, or one piece of that size, or the oldest.
 */
static void close_unseen(
	struct range_map *map, const struct range_part *part, uint64_t bytes, const struct event *event)
{
	struct range_box how = end_by(event, RANGE_UNSEEN);
	uint64_t held = range_boxes_held(&map->boxes, part);

	if (bytes < held) {
		struct range_piece *piece = range_boxes_from(&map->boxes, part->start);

		while (piece != NULL && piece->box.start < part->end && piece->box.len != bytes)
			piece = range_boxes_after(piece);
		if (piece == NULL || piece->box.start >= part->end) {
			map->guesses++;
			return;
		}
		range_boxes_close(
			&map->boxes, &(struct range_part){piece->box.start, piece->box.start + piece->box.len}, &how);
		return;
	}
	range_boxes_close(&map->boxes, part, &how);
}

/* Whether the task's reserves from `first_seq` on opened a piece that is open still. */
static bool is_own(const struct range_piece *piece, const struct operation *operation, uint64_t first_seq)
{
	return piece->box.pid == operation->pid && piece->box.from_seq != 0 && piece->box.from_seq >= first_seq;
}

static uint64_t own_bytes(struct range_map *map, const struct operation *operation)
{
	uint64_t bytes = 0;

	for (struct range_piece *piece = range_boxes_from(&map->boxes, operation->part.start);
		piece != NULL && piece->box.start < operation->part.end && map->steps < STEPS_MAX;
		piece = range_boxes_after(piece)) {
		map->steps++;
		if (is_own(piece, operation, operation->first_seq))
			bytes += piece->box.len;
	}
	return bytes;
}

static void take_back(
	struct range_map *map, const struct operation *operation, uint64_t first_seq, const struct event *event)
{
	struct range_box how = end_by(event, RANGE_TAKEN_BACK);
	struct range_piece *next;

	for (struct range_piece *piece = range_boxes_from(&map->boxes, operation->part.start);
		piece != NULL && piece->box.start < operation->part.end; piece = next) {
		struct range_part part = {piece->box.start, piece->box.start + piece->box.len};

		next = range_boxes_after(piece);
		if (is_own(piece, operation, first_seq))
			range_boxes_close(&map->boxes, &part, &how);
	}
}

/* A reserve is traced before the limit is looked at: one that no update follows was refused. */
static void settle_refused(struct range_map *map, struct operation *operation, const struct event *event)
{
	if (operation->due_bytes != 0 && map->counters)
		take_back(map, operation, operation->last_seq, event);
	operation->due_bytes = 0;
}

static void note_reserve(struct operation *operation, const struct event *event, const struct range_part *part)
{
	if (!operation->open || operation->settled) {
		operation->first_seq = event->number;
		operation->part = *part;
	}
	if (part->start < operation->part.start)
		operation->part.start = part->start;
	if (part->end > operation->part.end)
		operation->part.end = part->end;
	operation->open = true;
	operation->settled = false;
	operation->last_seq = event->number;
	operation->due_bytes = event->bytes;
	operation->freed_bytes = 0;
}

static void reserve(struct range_map *map, const struct event *event)
{
	struct range_part part = part_of(event);
	struct operation *operation = operation_of(map, event->pid);
	struct range_box box = {
		.from_ns = event->time_ns,
		.from_seq = event->number,
		.pid = event->pid,
		.comm = event->comm,
		.end_pid = -1,
	};
	uint64_t clear;

	settle_refused(map, operation, event);
	clear = size_of(&part) - range_boxes_held(&map->boxes, &part);
	if (event->bytes > clear)
		close_unseen(map, &part, event->bytes - clear, event);
	else if (event->bytes < clear)
		find_heads(map, &part, clear - event->bytes);
	if (event->bytes != 0)
		fill(map, &part, &box);
	note_reserve(operation, event, &part);
}

static void release(struct range_map *map, const struct event *event)
{
	bool freed = event->op == EVENT_OP_FREE;
	struct range_part part = part_of(event);
	struct range_box how = end_by(event, freed ? RANGE_FREED : RANGE_RELEASED);
	struct operation *operation = operation_of(map, event->pid);
	uint64_t held;

	settle_refused(map, operation, event);
	held = range_boxes_held(&map->boxes, &part);
	if (event->bytes > held)
		find_heads(map, &part, event->bytes - held);
	else if (event->bytes < held)
		close_unseen(map, &part, held - event->bytes, event);
	if (event->bytes != 0)
		range_boxes_close(&map->boxes, &part, &how);
	operation->freed_bytes = freed ? event->bytes : 0;
}

static void update_down(struct range_map *map, struct operation *operation, const struct event *event)
{
	uint64_t bytes = -(uint64_t)event->diff;

	if (operation->freed_bytes == bytes) {
		operation->freed_bytes = 0;
		return;
	}
	if (operation->open && own_bytes(map, operation) == bytes)
		take_back(map, operation, operation->first_seq, event);
	operation->open = false;
}

static void update(struct range_map *map, const struct event *event)
{
	struct operation *operation = operation_of(map, event->pid);

	if (event->type == EVENT_TYPE_META_PERTRANS) {
		operation->open = false;
		return;
	}
	if (event->type == EVENT_TYPE_META_PREALLOC) {
		operation->settled = operation->settled || event->diff > 0;
		return;
	}
	map->counters = true;
	if (event->diff > 0 && (uint64_t)event->diff == operation->due_bytes) {
		operation->due_bytes = 0;
		return;
	}
	settle_refused(map, operation, event);
	if (event->diff < 0)
		update_down(map, operation, event);
	else
		operation->open = false;
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

static void close_all(struct range_map *map, const struct event *event, enum range_end end)
{
	struct range_box how = end_by(event, end);

	range_boxes_close(&map->boxes, &(struct range_part){0, UINT64_MAX}, &how);
	map->heads = false;
}

void range_map_take(struct range_map *map, const struct event *event)
{
	if (event->kind == EVENT_RESERVE_DATA)
		reserve(map, event);
	else if (event->kind == EVENT_RELEASE_DATA)
		release(map, event);
	else if (event->kind == EVENT_UPDATE_RESERVE)
		update(map, event);
	else if (event->kind == EVENT_INODE_EVICT)
		close_all(map, event, RANGE_EVICTED);
	else if (event->kind == EVENT_INODE_NEW)
		close_all(map, event, RANGE_UNSEEN);
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
