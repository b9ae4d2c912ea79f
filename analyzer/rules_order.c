/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules.h"

struct exchange {
	struct replay *replay;
	struct inode *inode;
	const struct event *event; /* the one that contradicts the model */
	struct range_sums sums;	   /* of its span */
	bool wants_clear;	   /* it needs bytes to have been cleared before it, else to have been reserved */
};

static struct claim_part both(struct claim_part a, struct claim_part b)
{
	struct claim_part part = {a.start > b.start ? a.start : b.start, a.end < b.end ? a.end : b.end};

	return part.start < part.end ? part : (struct claim_part){0, 0};
}

/* Whether the event would agree with the model when `bytes` of its span were turned before it. */
static bool would_agree(const struct exchange *exchange, uint64_t bytes)
{
	uint64_t reserved = exchange->sums.of[RANGE_RESERVED];
	uint64_t clear = exchange->sums.of[RANGE_CLEAR];
	uint64_t unknown = exchange->sums.of[RANGE_UNKNOWN];
	uint64_t least;

	if (bytes == 0)
		return false;
	if (exchange->wants_clear) {
		reserved -= bytes < reserved ? bytes : reserved;
		clear += bytes;
	} else {
		clear -= bytes < clear ? bytes : clear;
		reserved += bytes;
	}
	least = exchange->event->kind == EVENT_RESERVE_DATA ? clear : reserved;
	return exchange->event->bytes >= least && exchange->event->bytes <= least + unknown;
}

/* Bytes of the event's span that are reserved by this operation. */
static uint64_t own_bytes_in_span(const struct exchange *exchange, const struct claim *operation)
{
	struct claim_part span = rules_span(exchange->event);
	struct range *range = ranges_first(&exchange->inode->ranges, span.start, span.end);
	uint64_t bytes = 0;

	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct claim_part part = ranges_within(range, span);

		if (range->state == RANGE_RESERVED && range->claim == operation)
			bytes += part.end - part.start;
	}
	return bytes;
}

static struct task *task_known(struct replay *replay, int32_t pid)
{
	return (struct task *)table_find(&replay->books.tasks, (struct table_key){.a = (uint64_t)pid});
}

/* The bits go before the counter does: a rollback whose update comes shortly after. */
static bool take_rollback(const struct exchange *exchange, struct slot *slot)
{
	const struct event *update = &slot->event;
	struct replay *replay = exchange->replay;
	struct task *task = task_known(replay, update->pid);
	struct rollback sums;

	if (task == NULL || task->gap != replay->books.gaps || task->operation == NULL || task->operation->failed ||
		task->committing || task->free_bytes > 0 || task->operation->event.root != update->root)
		return false;
	if (!would_agree(exchange, own_bytes_in_span(exchange, task->operation)))
		return false;
	sums = rollback_of(replay, task->operation, false);
	if (!sums.certain || sums.own_bytes != 0 - (uint64_t)update->diff)
		return false;
	return rule_rollback(replay, task, update, false);
}

static bool take_data_event(const struct exchange *exchange, struct slot *slot)
{
	const struct event *other = &slot->event;
	struct claim_part part = both(rules_span(exchange->event), rules_span(other));
	struct claim_part whole = rules_span(other);
	struct range_sums inner = ranges_sum(&exchange->inode->ranges, part.start, part.end);
	struct range_sums outer = ranges_sum(&exchange->inode->ranges, whole.start, whole.end);
	enum range_state turned = exchange->wants_clear ? RANGE_RESERVED : RANGE_CLEAR;

	if (part.start >= part.end || !rules_same_file(exchange->event, other) ||
		!would_agree(exchange, inner.of[turned]))
		return false;
	if (other->bytes < outer.of[turned] || other->bytes > outer.of[turned] + outer.of[RANGE_UNKNOWN])
		return false;
	if (exchange->wants_clear)
		range_clear_early(exchange->replay, exchange->inode, other);
	else
		slot->claim = range_reserve_early(exchange->replay, exchange->inode, other);
	return true;
}

/* Whether an event could help at all: asked first, because it is cheap. */
static bool could_help(const struct exchange *exchange, const struct slot *slot)
{
	const struct event *other = &slot->event;

	if (slot->done || other->pid == exchange->event->pid || other->fs != exchange->event->fs ||
		other->root != exchange->event->root)
		return false;
	if (other->kind == EVENT_UPDATE_RESERVE)
		return exchange->wants_clear && other->type == EVENT_TYPE_DATA && other->diff < 0;
	if (other->ino != exchange->event->ino || other->bytes == 0)
		return false;
	if (other->kind == EVENT_RELEASE_DATA)
		return exchange->wants_clear;
	return other->kind == EVENT_RESERVE_DATA && !exchange->wants_clear && slot->fate == FATE_CHARGED;
}

/* A task's own order is certain: nothing of it may be overtaken by a later event of its own. */
static bool overtakes_itself(struct replay *replay, size_t ahead)
{
	int32_t pid = window_ahead(&replay->window, ahead)->event.pid;

	for (size_t i = 1; i < ahead; i++) {
		const struct slot *slot = window_ahead(&replay->window, i);
		uint8_t kind = slot->event.kind;
		bool data_update = kind == EVENT_UPDATE_RESERVE && slot->event.type == EVENT_TYPE_DATA && !slot->done;

		if (slot->event.pid == pid && (kind == EVENT_RESERVE_DATA || kind == EVENT_RELEASE_DATA || data_update))
			return true;
	}
	return false;
}

/*
 * The first event that makes both true is taken. Whether that lowers the contradictions of what follows is not asked:
 * an exchange is only tried where the order of the trace is certainly wrong.
 */
bool order_exchange(
	struct replay *replay, struct inode *inode, const struct event *event, struct range_sums sums, bool wants_clear)
{
	const struct exchange exchange = {replay, inode, event, sums, wants_clear};
	struct slot *slot;

	for (size_t ahead = 1; ahead < RULES_LOOK_AHEAD; ahead++) {
		slot = window_ahead(&replay->window, ahead);
		if (slot == NULL || slot->event.kind == EVENT_LOST ||
			slot->event.time_ns > event->time_ns + WINDOW_DISORDER_NS)
			return false;
		if (!could_help(&exchange, slot) || overtakes_itself(replay, ahead))
			continue;
		if (slot->event.kind == EVENT_UPDATE_RESERVE ? !take_rollback(&exchange, slot)
							     : !take_data_event(&exchange, slot))
			continue;
		slot->done = true;
		replay->result.exchanges++;
		return true;
	}
	return false;
}
