/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/bits.h"

#include "analyzer/rules/broad.h"
#include "analyzer/rules/inode.h"
#include "analyzer/rules/leak.h"
#include "analyzer/rules/rollback.h"
#include "base/memory.h"

/* Longer rows of clears are not remembered; the kernel makes one for each range of a changeset. */
enum { CLEARS_KEPT = 64, INODE_IO = 3 };

/* Requests to clear reserved bits that a task made since its last other event. */
struct clears {
	size_t count;
	bool more; /* than are kept */
	struct event of[CLEARS_KEPT];
};

/* The end of an inode in memory: everything is asked for, and 2^64 bytes read as 0 (btrfs_qgroup_check_reserved_leak).
 */
static bool ends_inode(const struct event *event)
{
	return event->start == 0 && event->len == 0;
}

static void inode_ends(struct replay *replay, struct task *task, const struct event *event)
{
	const struct claim_part everything = {0, UINT64_MAX};
	struct inode *inode = books_inode(&replay->books, event->fs, event->root, event->ino);

	task->destroyed_bytes = inode->ranges.reserved_bytes;
	task->destroyed_ino = event->ino;
	if (task->evicting && rules_same_file(&task->evict_event, event)) {
		rule_evict_ends(replay, task);
		return;
	}
	if (inode->ranges.reserved_bytes > 0)
		leak_range(inode, event, PATH_EVICTED, everything);
	books_end_inode(&replay->books, inode);
}

void rule_bits(struct replay *replay, struct task *task, const struct event *event)
{
	struct clears *clears = task->clears;
	struct claim_part span = rules_span(event);

	if (event->kind != EVENT_CLEAR_EXTENT_BIT || (event->flags & EVENT_BIT_QGROUP_RESERVED) == 0 ||
		event->op != INODE_IO || !books_is_subvolume(event->root))
		return;
	if (ends_inode(event)) {
		if (bits_pending(task))
			bits_go_on(replay, task, event);
		inode_ends(replay, task, event);
		return;
	}
	if (span.start >= span.end)
		return;
	books_fs(&replay->books, event->fs)->bits_seen = true;
	broad_repeat(task, event);
	if (clears == NULL)
		clears = task->clears = memory_zeroed(sizeof(*clears));
	if (clears->count < CLEARS_KEPT)
		clears->of[clears->count++] = *event;
	else
		clears->more = true;
}

/*
 * Bits were cleared, and the task went on without a release and without a counter update: what they stood for was not
 * freed (a86805504b88). Bytes that were reserved after the request are not meant.
 */
static void settle_silent(struct replay *replay, const struct event *clear)
{
	struct claim_part span = rules_span(clear);
	struct inode *inode = books_inode(&replay->books, clear->fs, clear->root, clear->ino);
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	struct range *next;

	for (; range != NULL; range = next) {
		struct claim_part part = ranges_within(range, span);

		next = ranges_next(range, span.end);
		if (range->state != RANGE_RESERVED || range->claim == NULL ||
			range->claim->event.number > clear->number)
			continue;
		leak_range(inode, clear, PATH_SILENT_CLEAR, part);
		books_set(&replay->books, inode, part, RANGE_CLEAR, NULL);
	}
}

void bits_go_on(struct replay *replay, struct task *task, const struct event *event)
{
	struct clears *clears = task->clears;
	size_t count = clears->count;

	/* The last request is that of the release or free itself. */
	if (event->kind == EVENT_RELEASE_DATA && count > 0 && rules_same_file(event, &clears->of[count - 1]) &&
		event->start == clears->of[count - 1].start && event->len == clears->of[count - 1].len)
		count--;
	for (size_t i = 0; i < count; i++)
		settle_silent(replay, &clears->of[i]);
	clears->count = 0;
	clears->more = false;
}

bool bits_pending(const struct task *task)
{
	return task->clears != NULL && (task->clears->count > 0 || task->clears->more);
}

struct clearing {
	uint64_t reserved_bytes;
	uint64_t unknown_bytes;
	uint64_t foreign_bytes; /* of the reserved, those of other operations */
};

static void sum_clear(struct replay *replay, const struct task *task, const struct event *clear, struct clearing *sums)
{
	struct claim_part span = rules_span(clear);
	struct inode *inode = books_inode(&replay->books, clear->fs, clear->root, clear->ino);
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	struct range_sums all = ranges_sum(&inode->ranges, span.start, span.end);

	sums->reserved_bytes = rules_plus(sums->reserved_bytes, all.of[RANGE_RESERVED]);
	sums->unknown_bytes = rules_plus(sums->unknown_bytes, all.of[RANGE_UNKNOWN]);
	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct claim_part part = ranges_within(range, span);

		if (range->state == RANGE_RESERVED && range->claim != NULL &&
			!claim_is_part(range->claim, task->operation))
			sums->foreign_bytes += part.end - part.start;
	}
}

static bool fits_update(struct replay *replay, const struct task *task, const struct event *update, bool *foreign)
{
	const struct clears *clears = task->clears;
	uint64_t bytes = 0 - (uint64_t)update->diff;
	struct clearing sums = {0};

	for (size_t i = 0; i < clears->count; i++) {
		if (clears->of[i].root != update->root || clears->of[i].fs != update->fs)
			return false;
		sum_clear(replay, task, &clears->of[i], &sums);
	}
	*foreign = sums.foreign_bytes > 0;
	return !clears->more && bytes >= sums.reserved_bytes && bytes - sums.reserved_bytes <= sums.unknown_bytes;
}

/* What the request cleared is clear now, whoever owned it. */
static void carry_out(struct replay *replay, const struct event *clear, const struct event *update)
{
	struct inode *inode = books_inode(&replay->books, clear->fs, clear->root, clear->ino);
	struct event named = *update;
	struct claim *claim;

	named.ino = clear->ino;
	named.start = clear->start;
	named.len = clear->len;
	claim = claim_new(&replay->books.claims, &named);
	books_turn(&replay->books, inode, rules_span(clear), RANGE_RESERVED, RANGE_CLEAR, claim);
	books_turn(&replay->books, inode, rules_span(clear), RANGE_UNKNOWN, RANGE_CLEAR, NULL);
	claim_drop(&replay->books.claims, claim);
}

bool bits_rollback(struct replay *replay, struct task *task, const struct event *update)
{
	struct clears *clears = task->clears;
	struct claim *operation = task->operation;
	bool foreign = false;

	if (clears == NULL || clears->count == 0 || !fits_update(replay, task, update, &foreign))
		return false;
	while (operation != NULL && operation->failed)
		operation = operation->earlier;
	/* Bytes that changed hands are told by the rule for them; here nothing is left to guess. */
	if (foreign && operation != NULL && rule_rollback(replay, task, update, false)) {
		clears->count = 0;
		return true;
	}
	broad_look(replay, task, operation, update);
	if (operation != NULL)
		operation->taken_back = true;
	for (size_t i = 0; i < clears->count; i++)
		carry_out(replay, &clears->of[i], update);
	clears->count = 0;
	return true;
}

bool bits_truncated(struct replay *replay, struct task *task, const struct event *update)
{
	struct clears *clears = task->clears;
	struct clearing sums = {0};

	for (size_t i = 0; i < clears->count; i++)
		sum_clear(replay, task, &clears->of[i], &sums);
	if (clears->more || sums.unknown_bytes > 0 || !rule_truncated(replay, task, update, sums.reserved_bytes))
		return false;
	for (size_t i = 0; i < clears->count; i++)
		carry_out(replay, &clears->of[i], update);
	clears->count = 0;
	return true;
}
