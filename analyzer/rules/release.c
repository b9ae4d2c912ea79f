/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/release.h"

#include "analyzer/rules/commit.h"
#include "analyzer/rules/counter.h"
#include "analyzer/rules/foreign.h"
#include "analyzer/rules/leak.h"
#include "analyzer/rules/order.h"
#include "analyzer/rules/owed.h"
#include "analyzer/rules/reserve.h"
#include "analyzer/rules/stale.h"
#include "analyzer/rules/suspect.h"
#include "analyzer/rules/unexplained.h"

/* The owners of what is cleared learn who took it. */
static void note_taken(struct replay *replay, struct inode *inode, struct claim *taker, struct claim_part span)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);

	for (; range != NULL; range = ranges_next(range, span.end)) {
		if (range->state != RANGE_RESERVED || range->claim == NULL)
			continue;
		if (range->claim->lost)
			leak_adopted(replay, inode, range, &taker->event);
		claim_drop(&replay->books.claims, range->claim->taken_by);
		range->claim->taken_by = claim_keep(taker);
	}
}

/*
 * All bytes of the span are clear afterwards. What was clear already keeps the memory of what cleared it: a free of
 * nothing, the noise of every eviction, explains nothing.
 */
static void clear_span(
	struct replay *replay, struct inode *inode, struct claim *claim, struct range_sums sums, struct claim_part span)
{
	if (sums.of[RANGE_RESERVED] > 0)
		books_turn(&replay->books, inode, span, RANGE_RESERVED, RANGE_CLEAR, claim);
	if (sums.of[RANGE_UNKNOWN] > 0)
		books_turn(&replay->books, inode, span, RANGE_UNKNOWN, RANGE_CLEAR,
			claim->event.bytes > sums.of[RANGE_RESERVED] ? claim : NULL);
}

/* The event takes all that is reserved in its span, but for what was reserved only after it. */
static void take_span(struct replay *replay, struct inode *inode, struct claim *claim, struct range_sums sums,
	struct claim_part left_out)
{
	struct claim_part span = rules_span(&claim->event);
	struct claim_part sides[] = {{span.start, left_out.start}, {left_out.end, span.end}};

	for (size_t i = 0; i < 2; i++) {
		if (sides[i].start >= sides[i].end)
			continue;
		if (sums.of[RANGE_RESERVED] > 0)
			note_taken(replay, inode, claim, sides[i]);
		clear_span(replay, inode, claim, sums, sides[i]);
	}
}

/* The first claim of a state in a span: what cleared it, or who owns it. */
static struct claim *first_claim(struct inode *inode, struct claim_part span, enum range_state state)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);

	while (range != NULL && (range->state != state || range->claim == NULL))
		range = ranges_next(range, span.end);
	return range != NULL ? range->claim : NULL;
}

static void settle_outside(struct root *root, uint64_t bytes)
{
	root->outside_bytes -= bytes < root->outside_bytes ? bytes : root->outside_bytes;
}

static bool within(const struct event *event, const struct range_sums *sums)
{
	return event->bytes >= sums->of[RANGE_RESERVED] &&
	       event->bytes - sums->of[RANGE_RESERVED] <= sums->of[RANGE_UNKNOWN];
}

/*
 * Compares the kernel's count with the model's, and says whether they agree; `sums` is brought up to date, and counts
 * `left_out` as clear: bytes that were reserved only after the event.
 */
static bool count_agrees(struct replay *replay, struct inode *inode, const struct event *event, struct range_sums *sums,
	struct claim_part *left_out)
{
	struct claim_part span = rules_span(event);

	*left_out = (struct claim_part){span.end, span.end};
	if (!within(event, sums) && order_exchange(replay, inode, event, left_out)) {
		*sums = ranges_sum(&inode->ranges, span.start, span.end);
		sums->of[RANGE_RESERVED] -= left_out->end - left_out->start;
		sums->of[RANGE_CLEAR] += left_out->end - left_out->start;
	}
	if (within(event, sums)) {
		settle_outside(inode->root, event->bytes - sums->of[RANGE_RESERVED]);
		return true;
	}
	/* It caught the bits of a reserve that failed, before they were taken back: the counter never had them. */
	if (event->bytes > sums->of[RANGE_RESERVED] && reserve_saw_failing(replay, event))
		return false;
	if (event->bytes > sums->of[RANGE_RESERVED])
		leak_returned(replay, inode->root, inode->number,
			event->bytes - sums->of[RANGE_RESERVED] - sums->of[RANGE_UNKNOWN]);
	if (event->bytes == 0 && unexplained_exact(replay, inode, event, *sums))
		leak_vanished(inode, event);
	else
		unexplained_count(replay, inode, event, *sums);
	rules_contradiction(replay, inode->root);
	return false;
}

static void into_flight(struct root *root, struct claim *claim)
{
	if (claim->event.bytes == 0)
		return;
	root->totals.released_bytes += claim->event.bytes;
	flight_add(&root->flight, claim->event.bytes, claim, root->commits + (root->in_commit ? 1 : 0));
}

static void release(struct replay *replay, struct task *task, const struct event *event, struct inode *inode)
{
	struct claim_part span = rules_span(event);
	struct range_sums sums = ranges_sum(&inode->ranges, span.start, span.end);
	struct claim *claim = claim_new(&replay->books.claims, event);
	struct claim_part left_out;
	bool agrees = count_agrees(replay, inode, event, &sums, &left_out);

	suspect_tell(replay, inode, event);
	if (agrees && sums.of[RANGE_CLEAR] > 0 && event->bytes < event->len) {
		task->short_bytes = event->len - event->bytes;
		task->short_claim = claim_keep(first_claim(inode, span, RANGE_CLEAR));
	}
	if (event->bytes > 0) {
		replay->books.released_seen = true;
		task->released = claim_keep(claim);
		task->released_owner = claim_keep(first_claim(inode, span, RANGE_RESERVED));
	}
	claim->stale_owner = agrees ? claim_keep(stale_owner(inode, event, sums)) : NULL;
	take_span(replay, inode, claim, sums, left_out);
	into_flight(inode->root, claim);
	task->released_root = inode->root;
	claim_drop(&replay->books.claims, claim);
}

static void free_range(struct replay *replay, struct task *task, const struct event *event, struct inode *inode)
{
	struct claim_part span = rules_span(event);
	struct range_sums sums = ranges_sum(&inode->ranges, span.start, span.end);
	struct claim_part left_out;
	struct claim *claim;
	bool agrees;

	if (event->bytes == 0 && sums.of[RANGE_RESERVED] == 0 && sums.of[RANGE_UNKNOWN] == 0)
		return;
	claim = claim_new(&replay->books.claims, event);
	agrees = count_agrees(replay, inode, event, &sums, &left_out);
	if (sums.of[RANGE_RESERVED] > 0) {
		claim_drop(&replay->books.claims, task->freed_owner);
		task->freed_owner = claim_keep(first_claim(inode, span, RANGE_RESERVED));
	}
	/* Whose bytes they were is not certain in an order that is not. */
	if (agrees && event->bytes > 0 && left_out.start == left_out.end && !stale_free(replay, inode, event, sums))
		task->suspect = foreign_look(replay, task, event, inode, claim);
	take_span(replay, inode, claim, sums, left_out);
	claim_drop(&replay->books.claims, claim);
}

void range_clear_early(struct replay *replay, struct inode *inode, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct claim *claim = claim_new(&replay->books.claims, event);

	suspect_tell(replay, inode, event);
	take_span(replay, inode, claim, ranges_sum(&inode->ranges, span.start, span.end),
		(struct claim_part){span.end, span.end});
	if (event->op == EVENT_OP_RELEASE)
		into_flight(inode->root, claim);
	claim_drop(&replay->books.claims, claim);
}

void rule_release_or_free(struct replay *replay, struct task *task, const struct event *event, bool ranges_done)
{
	struct claim_part span = rules_span(event);
	struct inode *inode;

	if (!books_is_subvolume(event->root) || span.start >= span.end)
		return;
	inode = books_inode(&replay->books, event->fs, event->root, event->ino);
	inode->root->fs->silent_writes = false;
	inode->root->fs->cleared_seen = true;
	inode->root->fs->alive_ns = inode->root->fs->on_ns = event->time_ns;
	inode->root->fs->on_pid = event->pid;
	owed_cleared(replay, task, event);
	if (task->split_bytenr != 0)
		commit_split(replay, task, event);
	if (event->op == EVENT_OP_RELEASE && !ranges_done)
		release(replay, task, event, inode);
	else if (event->op == EVENT_OP_FREE && !ranges_done)
		free_range(replay, task, event, inode);
	unexplained_touch(inode, event);
	if (event->op == EVENT_OP_FREE)
		task->free_bytes = event->bytes;
	task->reserve_is_last_data = false;
}
