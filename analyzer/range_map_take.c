/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/range_map_take.h"

#include <stdlib.h>

#include "base/memory.h"

enum { STEPS_MAX = 1 << 22 };

static int by_pid(const struct operation *one, const struct operation *other)
{
	return (one->pid > other->pid) - (one->pid < other->pid);
}

RB_GENERATE_INTERNAL(operation_tree, operation, link, by_pid, static __attribute__((unused)))

void range_map_forget(struct range_map *map)
{
	struct operation *operation;

	while ((operation = RB_ROOT(&map->operations)) != NULL) {
		RB_REMOVE(operation_tree, &map->operations, operation);
		free(operation);
	}
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

/* The same of those to whom bytes of the part belong. */
static void settle_owners(struct range_map *map, const struct range_part *part, const struct event *event)
{
	struct range_piece *piece = range_boxes_from(&map->boxes, part->start);

	while (piece != NULL && piece->box.start < part->end && map->steps < STEPS_MAX) {
		struct operation *operation = piece->box.from_seq != 0 ? operation_of(map, piece->box.pid) : NULL;
		uint64_t start = piece->box.start;

		map->steps++;
		if (operation != NULL && operation->due_bytes != 0 && operation->last_seq == piece->box.from_seq)
			settle_refused(map, operation, event);
		piece = range_boxes_from(&map->boxes, start);
		if (piece != NULL && piece->box.start == start)
			piece = range_boxes_after(piece);
	}
}

/* `bytes` of the open ones are clear by now, and nobody saw it happen: all, or one piece of that size, or the oldest.
 */
static void close_unseen(
	struct range_map *map, const struct range_part *part, uint64_t bytes, const struct event *event)
{
	struct range_box how = end_by(event, RANGE_UNSEEN);
	uint64_t before = range_boxes_held(&map->boxes, part);
	uint64_t held;

	settle_owners(map, part, event);
	held = range_boxes_held(&map->boxes, part);
	if (before - held >= bytes)
		return;
	bytes -= before - held;
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
	operation->commits = false;
	operation->last_seq = event->number;
	operation->due_bytes = event->bytes;
	operation->freed_bytes = 0;
}

static void close_all(struct range_map *map, const struct event *event, enum range_end end)
{
	struct range_box how = end_by(event, end);

	range_boxes_close(&map->boxes, &(struct range_part){0, UINT64_MAX}, &how);
	map->heads = false;
}

/* What no free has taken since the inode left memory is there no more. */
void range_map_settle(struct range_map *map)
{
	static const struct range_part all = {0, UINT64_MAX};

	if (map->evicted)
		settle_owners(map, &all, &map->evict);
	if (map->evicted)
		close_all(map, &map->evict, RANGE_EVICTED);
	map->evicted = false;
}

void range_map_evict(struct range_map *map, const struct event *event)
{
	range_map_settle(map);
	map->evict = *event;
	map->evicted = true;
}

void range_map_reserve(struct range_map *map, const struct event *event)
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

	range_map_settle(map);
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

void range_map_release(struct range_map *map, const struct event *event)
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

void range_map_elsewhere(struct range_map *map, const struct event *event)
{
	struct operation *operation = operation_of(map, event->pid);

	settle_refused(map, operation, event);
	if (event->kind == EVENT_RESERVE_DATA)
		operation->open = false;
	else
		operation->freed_bytes = event->op == EVENT_OP_FREE ? event->bytes : 0;
}

static void update_down(struct range_map *map, struct operation *operation, const struct event *event)
{
	uint64_t bytes = -(uint64_t)event->diff;

	if (operation->freed_bytes == bytes) {
		operation->freed_bytes = 0;
		return;
	}
	/* A task that waits for space may commit, and drops then what others wrote, before it gives up. */
	if (operation->commits)
		return;
	if (operation->open && own_bytes(map, operation) == bytes)
		take_back(map, operation, operation->first_seq, event);
	operation->open = false;
}

static void update_data(struct range_map *map, struct operation *operation, const struct event *event)
{
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

void range_map_update(struct range_map *map, const struct event *event)
{
	struct operation *operation = operation_of(map, event->pid);

	map->counters = true;
	if (event->type != EVENT_TYPE_META_PERTRANS && event->type != EVENT_TYPE_META_PREALLOC) {
		update_data(map, operation, event);
		return;
	}
	settle_refused(map, operation, event);
	/* Metadata that is used is converted: the operation is through. */
	if (event->type == EVENT_TYPE_META_PREALLOC)
		operation->settled = operation->settled || event->diff > 0;
	else if (event->diff > 0)
		operation->open = false;
	else
		operation->commits = true;
}

void range_map_commit(struct range_map *map, const struct event *event)
{
	operation_of(map, event->pid)->commits = false;
}

void range_map_begin_anew(struct range_map *map, const struct event *event)
{
	range_map_settle(map);
	close_all(map, event, RANGE_UNSEEN);
}
