/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger/window.h"

#include <stdlib.h>

#include "base/memory.h"

/*
 * A task that waits for quota can be silent while others write much. HELD_MAX events bound the memory (6 MB): a charge
 * follows its reserve within microseconds, so one that has not come by then will not come.
 */
enum { SLOTS_AT_FIRST = 1024, HELD_MAX = 65536 };

struct window_task {
	struct table_entry entry; /* key: pid */
	uint64_t open;		  /* sequence of its undecided reserve, plus 1; 0 when there is none */
	uint64_t gaps;
};

void window_init(struct window *window)
{
	*window = (struct window){.capacity = SLOTS_AT_FIRST};
	window->slots = memory_resized(NULL, window->capacity, sizeof(*window->slots));
	table_init(&window->tasks);
}

void window_release(struct window *window)
{
	table_free_all(&window->tasks);
	free(window->slots);
}

static struct slot *slot_at(struct window *window, uint64_t sequence)
{
	return &window->slots[sequence & (window->capacity - 1)];
}

static void grow(struct window *window)
{
	size_t capacity = window->capacity * 2;
	struct slot *slots = memory_resized(NULL, capacity, sizeof(*slots));

	for (uint64_t at = window->head; at != window->tail; at++)
		slots[at & (capacity - 1)] = *slot_at(window, at);
	free(window->slots);
	window->slots = slots;
	window->capacity = capacity;
}

static struct window_task *task_of(struct window *window, int32_t pid)
{
	struct table_key key = {.a = (uint64_t)pid};
	struct window_task **recent = &window->recent[(uint32_t)pid % WINDOW_RECENT];

	if (*recent == NULL || (*recent)->entry.key.a != key.a)
		*recent = (struct window_task *)table_find(&window->tasks, key);
	if (*recent == NULL) {
		*recent = memory_zeroed(sizeof(**recent));
		(*recent)->entry.key = key;
		table_add(&window->tasks, &(*recent)->entry);
	}
	return *recent;
}

static bool is_charge_of(const struct event *update, const struct event *reserve)
{
	return update->kind == EVENT_UPDATE_RESERVE && update->fs == reserve->fs && update->root == reserve->root &&
	       (update->type == EVENT_TYPE_DATA || !event_has_type(update)) && update->diff == (int64_t)reserve->bytes;
}

/* No event of the task itself can stand between a reserve and its charge, but those of extents that finish elsewhere.
 */
static bool decides(const struct event *event)
{
	switch ((enum event_kind)event->kind) {
	case EVENT_RESERVE_DATA:
	case EVENT_RELEASE_DATA:
	case EVENT_UPDATE_RESERVE:
	case EVENT_META_RESERVE:
	case EVENT_META_CONVERT:
	case EVENT_META_FREE_ALL_PERTRANS:
	case EVENT_TRANSACTION_COMMIT:
	case EVENT_ORDERED_ADD:
	case EVENT_INODE_EVICT:
	case EVENT_INODE_NEW:
	case EVENT_SET_EXTENT_BIT:
	case EVENT_CLEAR_EXTENT_BIT:
		return true;
	case EVENT_NONE:
	case EVENT_FREE_DELAYED_REF:
	case EVENT_ACCOUNT_EXTENTS:
	case EVENT_ACCOUNT_EXTENT:
	case EVENT_UPDATE_COUNTERS:
	case EVENT_NUM_DIRTY_EXTENTS:
	case EVENT_INODE_REQUEST:
	case EVENT_ORDERED_REMOVE:
	case EVENT_ORDERED_SPLIT:
	case EVENT_ADD_DELAYED_REF_HEAD:
	case EVENT_ADD_DELAYED_DATA_REF:
	case EVENT_RUN_DELAYED_DATA_REF:
	case EVENT_SYNC_FILE:
	case EVENT_PRINT:
	case EVENT_LOST:
	case EVENT_COUNT:
		return false;
	}
	return false;
}

static void decide(struct window *window, struct window_task *task, const struct event *event)
{
	struct slot *slot;

	if (task->open == 0 || !decides(event))
		return;
	if (task->open - 1 >= window->head) {
		slot = slot_at(window, task->open - 1);
		slot->fate = is_charge_of(event, &slot->event) ? FATE_CHARGED : FATE_UNDONE;
		if (!window->counters_seen || task->gaps != window->gaps)
			slot->fate = FATE_UNSURE;
	}
	task->open = 0;
}

/*
 * Kernels 4.17 to 5.3.7 print in update_reserve and meta_reserve a type that was never set, which may be any number,
 * also a valid one; and the type in the place of meta_reserve's diff, which otherwise is a multiple of the node size.
 */
static void distrust_type(struct window *window, struct event *event)
{
	bool swapped = event->kind == EVENT_META_RESERVE &&
		       (event->diff == EVENT_TYPE_META_PERTRANS || event->diff == EVENT_TYPE_META_PREALLOC);

	if (event->type == EVENT_TYPE_GARBAGE || swapped)
		window->types_garbage = true;
	if (window->types_garbage && event->type != EVENT_TYPE_UNKNOWN)
		event->type = EVENT_TYPE_GARBAGE;
}

void window_push(struct window *window, const struct event *given)
{
	struct slot *slot;
	struct event *event;
	struct window_task *task;

	if (window->tail - window->head == window->capacity)
		grow(window);
	slot = slot_at(window, window->tail);
	slot->event = *given;
	event = &slot->event;
	if (event->kind == EVENT_UPDATE_RESERVE || event->kind == EVENT_META_RESERVE)
		distrust_type(window, event);
	slot->fate = FATE_NONE;
	slot->done = false;
	slot->claim = NULL;
	if (event->kind == EVENT_LOST) {
		window->gaps++;
		window->tail++;
		return;
	}
	if (event->kind == EVENT_UPDATE_RESERVE)
		window->counters_seen = true;
	task = task_of(window, event->pid);
	decide(window, task, event);
	if (event->kind == EVENT_RESERVE_DATA && event->bytes != 0) {
		slot->fate = FATE_OPEN;
		task->open = window->tail + 1;
		task->gaps = window->gaps;
	}
	window->tail++;
}

/* Whether the deciding event of an open slot was perhaps lost: a gap lies between it and now. */
static bool gap_follows(struct window *window, const struct slot *slot)
{
	const struct window_task *task = task_of(window, slot->event.pid);

	return task->open != 0 && task->gaps != window->gaps;
}

static enum fate fate_by_default(struct window *window, const struct slot *slot, bool ending)
{
	const struct slot *newest = slot_at(window, window->tail - 1);

	if (!window->counters_seen || gap_follows(window, slot))
		return FATE_UNSURE;
	if (ending && newest->event.time_ns - slot->event.time_ns < WINDOW_DISORDER_NS)
		return FATE_UNSURE;
	return FATE_UNDONE;
}

struct slot *window_ready(struct window *window, bool ending)
{
	uint64_t held = window->tail - window->head;
	struct slot *slot;
	struct slot *newest;

	if (held == 0)
		return NULL;
	slot = slot_at(window, window->head);
	newest = slot_at(window, window->tail - 1);
	if (!ending && held < HELD_MAX) {
		if (newest->event.time_ns < slot->event.time_ns + WINDOW_DISORDER_NS)
			return NULL;
		if (slot->fate == FATE_OPEN && !gap_follows(window, slot))
			return NULL;
	}
	if (slot->fate == FATE_OPEN)
		slot->fate = fate_by_default(window, slot, ending);
	return slot;
}

void window_pop(struct window *window)
{
	window->head++;
}

struct slot *window_ahead(struct window *window, size_t ahead)
{
	return window->head + ahead < window->tail ? slot_at(window, window->head + ahead) : NULL;
}
