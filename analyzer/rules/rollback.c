/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/rollback.h"

#include "analyzer/rules/broad.h"
#include "analyzer/rules/handover.h"

static void sum_part(struct inode *inode, const struct claim *claim, struct claim_part part, struct rollback *sums)
{
	struct range *range = ranges_first(&inode->ranges, part.start, part.end);
	uint64_t covered = 0;

	for (; range != NULL; range = ranges_next(range, part.end)) {
		struct claim_part within = ranges_within(range, part);
		uint64_t bytes = within.end - within.start;

		covered += bytes;
		if (range->state == RANGE_UNKNOWN || (range->state == RANGE_RESERVED && range->claim == NULL))
			sums->unknown_bytes += bytes;
		else if (range->state == RANGE_RESERVED && range->claim == claim)
			sums->own_bytes += bytes;
		else if (range->state == RANGE_RESERVED)
			sums->others_bytes += bytes;
	}
	if (inode->ranges.otherwise == RANGE_UNKNOWN)
		sums->unknown_bytes = rules_plus(sums->unknown_bytes, part.end - part.start - covered);
}

static struct inode *inode_of(struct replay *replay, const struct claim *claim)
{
	return books_inode(&replay->books, claim->event.fs, claim->event.root, claim->event.ino);
}

struct rollback rollback_of(struct replay *replay, const struct claim *operation, bool whole_chain)
{
	struct rollback sums = {.certain = true};
	struct inode *inode = inode_of(replay, operation);

	for (const struct claim *claim = operation; claim != NULL; claim = whole_chain ? claim->earlier : NULL) {
		if (claim->part_count > CLAIM_PARTS) {
			sums.certain = false;
			sums.unknown_bytes = rules_plus(sums.unknown_bytes, claim->event.bytes);
			continue;
		}
		for (size_t i = 0; i < claim->part_count; i++)
			sum_part(inode, claim, claim->parts[i], &sums);
	}
	if (operation->depth >= CLAIM_DEPTH && whole_chain)
		sums.certain = false;
	return sums;
}

/* Clears the last `bytes` of what a claim still owns: a direct write gives back its tail. */
static void clear_tail(struct replay *replay, struct claim *claim, uint64_t bytes, struct claim *cleared_by)
{
	struct inode *inode = inode_of(replay, claim);

	for (size_t i = claim->part_count; i-- > 0 && bytes > 0;) {
		struct claim_part part = claim->parts[i];
		uint64_t end = part.end;

		while (end > part.start && bytes > 0) {
			struct range *range = ranges_first(&inode->ranges, end - 1, end);
			uint64_t start = range == NULL ? part.start : range->start;

			if (start < part.start)
				start = part.start;
			if (range != NULL && range->state == RANGE_RESERVED && range->claim == claim) {
				if (end - start > bytes)
					start = end - bytes;
				bytes -= end - start;
				books_set(&replay->books, inode, (struct claim_part){start, end}, RANGE_CLEAR,
					cleared_by);
			}
			end = start;
		}
	}
}

static void clear_chain(struct replay *replay, struct claim *operation, bool whole_chain, struct claim *cleared_by)
{
	for (struct claim *claim = operation; claim != NULL; claim = whole_chain ? claim->earlier : NULL)
		clear_tail(replay, claim, UINT64_MAX, cleared_by);
}

/* Some bytes of these pieces were cleared, and nobody knows which. */
static void make_unknown(struct replay *replay, struct claim *operation, bool whole_chain)
{
	struct inode *inode = inode_of(replay, operation);

	inode->root->head_known = false;
	for (struct claim *claim = operation; claim != NULL; claim = whole_chain ? claim->earlier : NULL) {
		if (claim->part_count > CLAIM_PARTS) {
			books_set(&replay->books, inode, rules_span(&claim->event), RANGE_UNKNOWN, NULL);
			continue;
		}
		for (size_t i = 0; i < claim->part_count; i++)
			books_turn(&replay->books, inode, claim->parts[i], RANGE_RESERVED, RANGE_UNKNOWN, NULL);
	}
}

static struct claim *claim_of_update(struct replay *replay, const struct claim *operation, const struct event *event)
{
	struct event named = *event;

	named.ino = operation->event.ino;
	named.start = operation->event.start;
	named.len = operation->event.len;
	return claim_new(&replay->books.claims, &named);
}

/* fallocate gives back what it had released for an extent that did not come about (insert_prealloc_file_extent()). */
static bool gives_back_release(const struct claim *operation, uint64_t bytes)
{
	const struct claim *taker = operation->taken_by;

	return taker != NULL && taker->event.pid == operation->event.pid && taker->event.op == EVENT_OP_RELEASE &&
	       !taker->ordered && taker->in_flight != NULL && taker->event.bytes == bytes;
}

static bool try_rollback(
	struct replay *replay, struct task *task, struct claim *operation, const struct event *event, bool whole_chain)
{
	uint64_t bytes = 0 - (uint64_t)event->diff;
	struct rollback sums = rollback_of(replay, operation, whole_chain);
	struct claim *cleared_by;

	if (sums.certain && sums.own_bytes > 0 && bytes != sums.own_bytes &&
		rule_truncated(replay, task, event, sums.own_bytes)) {
		clear_chain(replay, operation, whole_chain, NULL);
		return true;
	}
	if (event->diff > 0)
		return false;
	if (sums.certain && !whole_chain && sums.others_bytes > 0 && bytes == sums.own_bytes + sums.others_bytes &&
		!gives_back_release(operation, bytes)) {
		handover_rollback(replay, operation, event);
		return true;
	}
	if (rules_plus(sums.own_bytes, sums.unknown_bytes) < bytes)
		return false;
	if (whole_chain && sums.unknown_bytes == 0 && bytes != sums.own_bytes)
		return false;
	if (sums.unknown_bytes > 0) {
		make_unknown(replay, operation, whole_chain);
		return true;
	}
	if (whole_chain)
		broad_look(replay, task, operation, event);
	cleared_by = claim_of_update(replay, operation, event);
	operation->taken_back = bytes == sums.own_bytes;
	if (operation->taken_back)
		clear_chain(replay, operation, whole_chain, cleared_by);
	else
		clear_tail(replay, operation, bytes, cleared_by);
	claim_drop(&replay->books.claims, cleared_by);
	return true;
}

static bool off_by_wrap(uint64_t freed_bytes, int64_t diff)
{
	uint64_t sum = freed_bytes + (uint64_t)diff;

	return sum != 0 && (sum & UINT32_MAX) == 0;
}

/* The range of an operation that an update gives back as a whole, the first that was reserved; or NULL. */
static struct claim *range_of(struct replay *replay, struct claim *operation, const struct event *update)
{
	uint64_t bytes = 0 - (uint64_t)update->diff;
	struct claim *found = NULL;

	for (struct claim *claim = operation; claim != NULL; claim = claim->earlier) {
		struct rollback sums = rollback_of(replay, claim, false);

		if (!sums.certain || sums.own_bytes == 0 || sums.others_bytes > 0 || sums.unknown_bytes > 0)
			continue;
		if (sums.own_bytes == bytes || off_by_wrap(sums.own_bytes, update->diff))
			found = claim;
	}
	return found;
}

bool rule_rollback(struct replay *replay, struct task *task, const struct event *event, bool ranges_done)
{
	struct claim *operation = task->operation;
	struct claim *range;

	if (ranges_done)
		return true;
	while (operation != NULL && operation->failed)
		operation = operation->earlier;
	if (operation == NULL || operation->event.root != event->root || operation->event.fs != event->fs)
		return false;
	if (operation->earlier != NULL && try_rollback(replay, task, operation, event, true))
		return true;
	/* Since the length is right (9102b179512e), fallocate gives back range by range. */
	range = operation->earlier != NULL ? range_of(replay, operation, event) : NULL;
	if (range != NULL)
		operation = range;
	return try_rollback(replay, task, operation, event, false);
}

/*
 * An int or u32 held the number of freed bytes (9e65bfca24cf, b642b52d0b50): the counter changes by that number less a
 * multiple of 2^32, possibly in the wrong direction.
 */
bool rule_truncated(struct replay *replay, struct task *task, const struct event *event, uint64_t freed_bytes)
{
	const struct event *what = task->last.kind == EVENT_RELEASE_DATA ? &task->last : NULL;
	struct verdict_group_key key = {.kind = FINDING_TRUNCATED_COUNT, .path = PATH_FREE, .fs = event->fs};
	struct verdict *verdict;

	if (!off_by_wrap(freed_bytes, event->diff))
		return false;
	if (what == NULL && task->operation != NULL)
		what = &task->operation->event;
	if (what == NULL)
		return false;
	key.root = event->root;
	key.ino = what->ino;
	verdict = verdict_new(key, event);
	verdict->occurrence.start = what->start;
	verdict->occurrence.len = what->len;
	verdict->occurrence.bytes = freed_bytes;
	verdict->occurrence.have_bytes = event->bytes;
	verdict->occurrence.diff_bytes = event->diff;
	verdict_owner(
		verdict, (struct owner){{what->pid, what->comm}, freed_bytes, what->start, what->len, what->time_ns});
	verdict_evidence(verdict, what, what->kind == EVENT_RELEASE_DATA ? ROLE_TASK_FREES : ROLE_TASK_RESERVES);
	verdict_evidence(verdict, event, ROLE_COUNTER);
	verdicts_add(&replay->verdicts, verdict);
	return true;
}
