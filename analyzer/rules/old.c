/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/old.h"

#include "analyzer/rules/epoch.h"
#include "analyzer/rules/leak.h"
#include "analyzer/rules/rollback.h"

/*
 * Bytes that may be reserved are unknown, but it is known by whom, if they are. Later counts say whether: the same
 * bytes newly set once more were clear, and bytes found set, or cleared, were not.
 */
static void may_reserve(struct replay *replay, struct inode *inode, struct claim *claim, enum range_state from)
{
	books_turn(&replay->books, inode, rules_span(&claim->event), from, RANGE_UNKNOWN, claim);
}

/* What may be reserved by a claim is, for somebody found it so. */
static void held(struct replay *replay, struct inode *inode, struct claim_part span)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	struct range *next;

	for (; range != NULL; range = next) {
		struct claim_part part = ranges_within(range, span);

		next = ranges_next(range, span.end);
		if (range->state == RANGE_UNKNOWN && range->claim != NULL)
			books_set(&replay->books, inode, part, RANGE_RESERVED, range->claim);
	}
	books_turn(&replay->books, inode, span, RANGE_UNKNOWN, RANGE_RESERVED, NULL);
}

void old_reserve(struct replay *replay, struct inode *inode, struct claim *claim)
{
	struct claim_part span = rules_span(&claim->event);
	struct range_sums sums = ranges_sum(&inode->ranges, span.start, span.end);
	uint64_t clear = sums.of[RANGE_CLEAR];
	uint64_t fresh = claim->event.bytes;

	claim->unsure = false;
	claim->part_count = fresh > 0 ? CLAIM_PARTS + 1 : 0;
	if (fresh == clear) {
		held(replay, inode, span);
		may_reserve(replay, inode, claim, RANGE_CLEAR);
	} else if (fresh == clear + sums.of[RANGE_UNKNOWN]) {
		may_reserve(replay, inode, claim, RANGE_CLEAR);
		may_reserve(replay, inode, claim, RANGE_UNKNOWN);
	} else if (fresh == claim->event.len) {
		books_set(&replay->books, inode, span, RANGE_UNKNOWN, claim);
	} else {
		books_set(&replay->books, inode, span, RANGE_UNKNOWN, NULL);
	}
}

/*
 * Metadata changes a counter right after the event that asks for it; a conversion takes from one counter what it gives
 * to the other.
 */
static bool is_metadata(const struct task *task, const struct event *event)
{
	const struct event *last = &task->last;

	if (last->fs != event->fs || last->root != event->root)
		return false;
	if (last->kind == EVENT_META_RESERVE)
		return last->type == EVENT_TYPE_GARBAGE || last->diff == event->diff;
	if (last->kind == EVENT_UPDATE_RESERVE)
		return event->diff > 0 && (uint64_t)last->diff == 0 - (uint64_t)event->diff;
	return last->kind == EVENT_META_CONVERT || last->kind == EVENT_META_FREE_ALL_PERTRANS;
}

static void bare_negative(
	struct replay *replay, struct task *task, struct root *root, const struct event *event, bool ranges_done)
{
	uint64_t bytes = 0 - (uint64_t)event->diff;
	bool commits = task->committing && task->commit_fs == root->fs;

	if (!commits && task->last.kind != EVENT_FREE_DELAYED_REF && rule_rollback(replay, task, event, ranges_done))
		root->totals.freed_bytes = rules_plus(root->totals.freed_bytes, bytes);
	else if (flight_drop(&root->flight, bytes))
		root->totals.dropped_bytes = rules_plus(root->totals.dropped_bytes, bytes);
}

static void set_value(
	struct replay *replay, struct root *root, struct chain *chain, const struct event *event, uint64_t value)
{
	chain->value = chain->sum = value;
	chain->last_ns = chain->on_ns = chain->synced_ns = event->time_ns;
	root->data = chain;
	root->last_update = *event;
	root->totals.counter_known = true;
	root->totals.end_counter_bytes = value;
	if (value > root->totals.peak_bytes)
		root->totals.peak_bytes = value;
	leak_floor(replay, root, value);
}

/* One counter for data and metadata, before 4.17: how it goes on, and whether all of it lies within the trace. */
static void follow(struct replay *replay, struct root *root, const struct event *event)
{
	struct chain *chain = books_chain(&replay->books, event->fs, event->root, EVENT_TYPE_UNKNOWN);
	bool known = chain->known && chain->epoch == root->fs->epoch && chain->gap == replay->books.gaps;

	if (!known) {
		root->counter_whole = event->bytes == 0 && replay->books.gaps == 0 && root->fs->toggled_ns == 0;
	} else if (chain->value != event->bytes) {
		root->counter_whole = false;
		if (!epoch_restart(replay, chain, event))
			replay->result.chain_breaks++;
	}
	chain->known = true;
	chain->epoch = root->fs->epoch;
	chain->gap = replay->books.gaps;
	set_value(replay, root, chain, event, rules_below_zero(event) ? 0 : event->bytes + (uint64_t)event->diff);
}

static void underflow(struct replay *replay, struct root *root, const struct event *event, bool metadata)
{
	struct verdict_group_key key = {
		.kind = FINDING_UNDERFLOW, .path = PATH_FREE, .fs = event->fs, .root = event->root};
	uint64_t missing = 0 - (uint64_t)event->diff - event->bytes;
	struct verdict *verdict;

	root->totals.underflow_bytes = rules_plus(root->totals.underflow_bytes, missing);
	if (!root->counter_whole || root->fs->suspected) {
		replay->result.unproven.of[FINDING_UNDERFLOW]++;
		return;
	}
	verdict = verdict_new(key, event);
	verdict->certainty = metadata ? CERTAINTY_LIKELY : CERTAINTY_PROVEN;
	verdict->occurrence.start = verdict->occurrence.len = 0;
	verdict->occurrence.bytes = missing;
	verdict->occurrence.have_bytes = event->bytes;
	verdict->occurrence.diff_bytes = event->diff;
	verdict_evidence(verdict, event, ROLE_UNDERFLOW);
	verdicts_add(&replay->verdicts, verdict);
}

/* What the update did to data. Returns whether it was a free whose number wrapped. */
static bool explain(
	struct replay *replay, struct task *task, struct root *root, const struct event *event, bool ranges_done)
{
	uint64_t freed = task->free_bytes;
	uint64_t charged = task->charge_bytes;
	bool metadata = is_metadata(task, event);

	task->free_bytes = task->charge_bytes = 0;
	if (event->diff > 0 && charged == (uint64_t)event->diff)
		root->totals.reserved_bytes = rules_plus(root->totals.reserved_bytes, charged);
	else if (event->diff < 0 && freed == 0 - (uint64_t)event->diff)
		root->totals.freed_bytes = rules_plus(root->totals.freed_bytes, freed);
	else if (freed > 0)
		return rule_truncated(replay, task, event, freed) && event->diff > 0;
	else if (metadata && event->diff > 0 && task->operation != NULL && event->type == EVENT_TYPE_UNKNOWN)
		task->operation->meta_taken = true;
	else if (!metadata && event->diff > 0)
		return rule_rollback(replay, task, event, ranges_done);
	else if (!metadata && event->diff < 0)
		bare_negative(replay, task, root, event, ranges_done);
	return false;
}

void old_update(struct replay *replay, struct task *task, const struct event *event, bool ranges_done)
{
	bool single = event->type == EVENT_TYPE_UNKNOWN;
	struct root *root;

	if (!books_is_subvolume(event->root))
		return;
	root = books_root(&replay->books, event->fs, event->root);
	if (single)
		follow(replay, root, event);
	if (single && rules_below_zero(event))
		underflow(replay, root, event, is_metadata(task, event));
	if (explain(replay, task, root, event, ranges_done) && single)
		set_value(replay, root, root->data, event, 0);
}
