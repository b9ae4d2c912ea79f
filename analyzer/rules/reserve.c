/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/reserve.h"

#include "analyzer/rules/counter.h"
#include "analyzer/rules/inode.h"
#include "analyzer/rules/leak.h"
#include "analyzer/rules/old.h"
#include "analyzer/rules/order.h"
#include "analyzer/rules/owed.h"
#include "analyzer/rules/stale.h"
#include "analyzer/rules/suspect.h"
#include "analyzer/rules/unexplained.h"

/* How long before or after it a reserve may see the bits of one that fails (REPLAY rule 2). */
static const uint64_t transient_ns = 1000000;

static void add_part(struct claim *claim, uint64_t from, uint64_t to)
{
	struct claim_part *last = claim->part_count > 0 ? &claim->parts[claim->part_count - 1] : NULL;

	if (claim->part_count > CLAIM_PARTS || from >= to)
		return;
	if (last != NULL && last->end == from)
		last->end = to;
	else if (claim->part_count == CLAIM_PARTS)
		claim->part_count++;
	else
		claim->parts[claim->part_count++] = (struct claim_part){from, to};
}

/* Remembers which pieces of a span a reserve newly sets: those not reserved before. */
static void note_parts(struct inode *inode, struct claim *claim, struct claim_part span)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	uint64_t at = span.start;

	for (; range != NULL; range = ranges_next(range, span.end)) {
		if (range->start > at)
			add_part(claim, at, range->start);
		at = range->end < span.end ? range->end : span.end;
		if (range->state != RANGE_RESERVED)
			add_part(claim, range->start > span.start ? range->start : span.start, at);
	}
	add_part(claim, at, span.end);
}

/* The kernel's count lies within what the model allows: every byte of the span is reserved now. */
static void reserve_as_expected(struct replay *replay, struct inode *inode, struct claim *claim, struct range_sums sums)
{
	struct claim_part span = rules_span(&claim->event);
	uint64_t fresh = claim->event.bytes;
	bool unknown_was_clear = fresh == sums.of[RANGE_CLEAR] + sums.of[RANGE_UNKNOWN];

	if (unknown_was_clear)
		note_parts(inode, claim, span);
	else
		claim->part_count = fresh > 0 ? CLAIM_PARTS + 1 : 0;
	if (sums.of[RANGE_CLEAR] > 0)
		books_turn(&replay->books, inode, span, RANGE_CLEAR, RANGE_RESERVED, claim);
	if (sums.of[RANGE_UNKNOWN] > 0 && fresh == sums.of[RANGE_CLEAR] && inode->root->fs->toggled_ns != 0)
		stale_adopt(replay, inode, span);
	if (sums.of[RANGE_UNKNOWN] > 0)
		books_turn(
			&replay->books, inode, span, RANGE_UNKNOWN, RANGE_RESERVED, unknown_was_clear ? claim : NULL);
}

/* The same, but for clear bytes that had not been cleared yet. */
static void reserve_around(struct replay *replay, struct inode *inode, struct claim *claim, struct claim_part left_out)
{
	struct claim_part span = rules_span(&claim->event);
	struct claim_part sides[] = {{span.start, left_out.start}, {left_out.end, span.end}};
	struct range_sums sums = ranges_sum(&inode->ranges, span.start, span.end);
	uint64_t fresh = claim->event.bytes + (left_out.end - left_out.start);
	bool unknown_was_clear = fresh == sums.of[RANGE_CLEAR] + sums.of[RANGE_UNKNOWN];

	if (!unknown_was_clear)
		claim->part_count = claim->event.bytes > 0 ? CLAIM_PARTS + 1 : 0;
	for (size_t i = 0; i < 2; i++) {
		struct claim_part side = sides[i];

		if (side.start >= side.end)
			continue;
		if (unknown_was_clear)
			note_parts(inode, claim, side);
		books_turn(&replay->books, inode, side, RANGE_CLEAR, RANGE_RESERVED, claim);
		books_turn(
			&replay->books, inode, side, RANGE_UNKNOWN, RANGE_RESERVED, unknown_was_clear ? claim : NULL);
	}
}

static bool has_span_of(const struct failed_reserve *failed, const struct event *event)
{
	struct claim_part span = rules_span(event);

	return failed->fs == event->fs && failed->pid != event->pid && failed->root == event->root &&
	       failed->ino == event->ino && failed->span.start < span.end && failed->span.end > span.start &&
	       failed->time_ns + transient_ns >= event->time_ns && event->time_ns + transient_ns >= failed->time_ns;
}

static struct failed_reserve failure_of(const struct event *event)
{
	return (struct failed_reserve){
		event->time_ns, event->ino, event->root, rules_span(event), event->fs, event->pid};
}

bool reserve_saw_failing(struct replay *replay, const struct event *event)
{
	for (size_t i = 0; i < FAILED_KEPT; i++)
		if (has_span_of(&replay->failed[i], event))
			return true;
	for (size_t ahead = 1; ahead < RULES_LOOK_AHEAD; ahead++) {
		const struct slot *slot = window_ahead(&replay->window, ahead);
		struct failed_reserve failed;

		if (slot == NULL || slot->event.time_ns > event->time_ns + transient_ns)
			return false;
		if (slot->event.kind != EVENT_RESERVE_DATA || slot->fate == FATE_CHARGED || slot->event.bytes == 0)
			continue;
		failed = failure_of(&slot->event);
		if (has_span_of(&failed, event))
			return true;
	}
	return false;
}

/*
 * Fewer bytes were new than are clear: somebody had set the bits. Either a failing reserve whose bits were about to
 * go (then the rest stays clear), or something that the trace does not show in this order.
 */
static void reserve_of_less(struct replay *replay, struct inode *inode, struct claim *claim, struct range_sums sums)
{
	struct claim_part span = rules_span(&claim->event);
	bool transient = reserve_saw_failing(replay, &claim->event);

	if (transient && claim->event.bytes == 0)
		return;
	if (!transient) {
		unexplained_count(replay, inode, &claim->event, sums);
		rules_contradiction(replay, inode->root);
	}
	claim->part_count = CLAIM_PARTS + 1;
	books_turn(&replay->books, inode, span, RANGE_CLEAR, RANGE_RESERVED, NULL);
	books_turn(&replay->books, inode, span, RANGE_UNKNOWN, RANGE_RESERVED, NULL);
}

/* More bytes were new than can be: bits were cleared of which nobody said anything (REPLAY rule "silent clear"). */
static void reserve_of_more(struct replay *replay, struct inode *inode, struct claim *claim, struct range_sums sums)
{
	struct claim_part span = rules_span(&claim->event);
	bool whole = claim->event.bytes == claim->event.len;

	if (!whole)
		unexplained_count(replay, inode, &claim->event, sums);
	rules_contradiction(replay, inode->root);
	if (whole)
		leak_range(inode, &claim->event, PATH_SILENT_CLEAR, span);
	if (whole) {
		claim->part_count = 1;
		claim->parts[0] = span;
	} else {
		claim->part_count = CLAIM_PARTS + 1;
	}
	books_set(&replay->books, inode, span, RANGE_RESERVED, whole ? claim : NULL);
}

static void apply_reserve(struct replay *replay, struct inode *inode, struct claim *claim)
{
	struct claim_part span = rules_span(&claim->event);
	struct range_sums sums = ranges_sum(&inode->ranges, span.start, span.end);
	uint64_t fresh = claim->event.bytes;
	bool less = fresh < sums.of[RANGE_CLEAR];
	bool more = fresh > sums.of[RANGE_CLEAR] + sums.of[RANGE_UNKNOWN];
	struct claim_part left_out;

	claim->reordered = (less || more) && order_exchange(replay, inode, &claim->event, &left_out);
	if (claim->reordered)
		reserve_around(replay, inode, claim, left_out);
	else if (less)
		reserve_of_less(replay, inode, claim, sums);
	else if (more)
		reserve_of_more(replay, inode, claim, sums);
	else
		reserve_as_expected(replay, inode, claim, sums);
}

static void remember_failure(struct replay *replay, const struct event *event)
{
	replay->failed[replay->failed_next++ % FAILED_KEPT] = failure_of(event);
}

/*
 * fallocate reserves hole after hole and takes all of it back at once, with nothing but charges in between; a reserve
 * that was refused is tried once more after a flush. Returns the reserve before this one in the operation, or NULL.
 */
static struct claim *earlier_in_operation(const struct task *task, const struct event *event)
{
	struct claim *operation = task->operation;
	bool only_charges =
		task->last.kind == EVENT_RESERVE_DATA ||
		(task->last.kind == EVENT_UPDATE_RESERVE && task->last.type == EVENT_TYPE_DATA && task->last.diff > 0);

	if (operation == NULL || operation->depth >= CLAIM_DEPTH || !rules_same_file(&operation->event, event))
		return NULL;
	if (operation->failed)
		return operation->event.start == event->start && operation->event.len == event->len ? operation->earlier
												    : NULL;
	return only_charges && task->reserve_is_last_data ? operation : NULL;
}

static struct claim *new_operation(struct replay *replay, struct task *task, const struct slot *slot)
{
	struct claim *claim = slot->claim != NULL ? slot->claim : claim_new(&replay->books.claims, &slot->event);

	claim->failed = slot->fate == FATE_UNDONE;
	claim->unsure = slot->fate == FATE_UNSURE;
	claim->earlier = claim_keep(earlier_in_operation(task, &slot->event));
	claim->depth = claim->earlier != NULL ? claim->earlier->depth + 1 : 0;
	if (task->operation != NULL && !task->operation->complete && claim->earlier == NULL)
		task->operation->settled = claim_note_of(&slot->event);
	claim_drop(&replay->books.claims, task->operation);
	task->operation = claim;
	task->reserve_is_last_data = true;
	task->committing = false;
	task->charge_bytes = slot->fate == FATE_CHARGED ? slot->event.bytes : 0;
	return claim;
}

void rule_reserve(struct replay *replay, struct task *task, const struct slot *slot)
{
	const struct event *event = &slot->event;
	struct claim_part span = rules_span(event);
	struct inode *inode;
	struct claim *claim;

	if (!books_is_subvolume(event->root) || span.start >= span.end)
		return;
	inode = books_inode(&replay->books, event->fs, event->root, event->ino);
	rule_evict_over(replay, inode);
	inode->root->fs->alive_ns = event->time_ns;
	owed_next(replay, task->operation, event);
	if (task->operation != NULL && task->operation->meta_failures > 0)
		leak_abandoned(replay, task);
	claim = new_operation(replay, task, slot);
	if (slot->fate != FATE_UNDONE)
		unexplained_touch(inode, event);
	if (slot->fate == FATE_CHARGED)
		owed_reserved(replay, event);
	if (slot->done)
		return;
	if (!replay->window.counters_seen) {
		suspect_tell(replay, inode, event);
		old_reserve(replay, inode, claim);
	} else if (slot->fate == FATE_UNDONE) {
		remember_failure(replay, event);
	} else if (slot->fate == FATE_UNSURE) {
		claim->part_count = CLAIM_PARTS + 1;
		inode->root->head_known = false;
		books_turn(&replay->books, inode, span, RANGE_CLEAR, RANGE_UNKNOWN, NULL);
	} else {
		suspect_tell(replay, inode, event);
		apply_reserve(replay, inode, claim);
	}
}

struct claim *range_reserve_early(struct replay *replay, struct inode *inode, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct claim *claim = claim_new(&replay->books.claims, event);

	claim->reordered = true;
	suspect_tell(replay, inode, event);
	reserve_as_expected(replay, inode, claim, ranges_sum(&inode->ranges, span.start, span.end));
	return claim;
}
