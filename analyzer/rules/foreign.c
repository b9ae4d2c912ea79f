/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/foreign.h"

#include "analyzer/rules/owed.h"
#include "analyzer/rules/suspect.h"
#include "base/memory.h"

bool suspect_owners(struct verdict *verdict, struct inode *inode, struct claim_part span, const struct claim *operation,
	bool unknown_too)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	bool complete = false;

	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct claim_part part = ranges_within(range, span);

		if (range->state == RANGE_CLEAR || (range->state == RANGE_UNKNOWN && !unknown_too))
			continue;
		if (range->claim != NULL && claim_is_part(range->claim, operation))
			continue;
		verdict_claim(verdict, range->claim, part);
		complete = complete || (range->claim != NULL && range->claim->complete);
	}
	return complete;
}

void suspect_story(struct verdict *verdict, const struct claim *operation, const struct event *event)
{
	verdict_evidence(verdict, &operation->event, ROLE_TASK_RESERVES);
	if (operation->meta_failures > 0) {
		struct event failure = claim_noted(operation, &operation->meta_failure);

		verdict_evidence(verdict, &failure, ROLE_META_FAILS);
	}
	verdict_evidence(verdict, event, ROLE_TASK_FREES);
}

/*
 * Conditions (i) to (iii) of rule 7a. An operation that was refused its data, or has taken back what it held, is over:
 * what its task frees then is of the next one, as when a direct write drops the page cache (btrfs_launder_folio()).
 */
static bool has_shape_of_error_path(const struct task *task, const struct event *event)
{
	const struct claim *operation = task->operation;
	struct claim_part span = rules_span(event);
	struct claim_part reserved;

	if (operation == NULL || operation->unsure || operation->failed || operation->taken_back ||
		!task->reserve_is_last_data || task->evicting)
		return false;
	if (!rules_same_file(&operation->event, event))
		return false;
	reserved = rules_span(&operation->event);
	return span.start >= reserved.start && span.end <= reserved.end;
}

/*
 * Metadata that is given back is the order of an error path; but a write whose extent joins another gives some back
 * too, and what is dirtied after it is cleared by a direct write that may follow.
 */
static enum finding_certainty certainty_of(const struct claim *operation, bool newer)
{
	return !operation->meta_taken || (operation->meta_returned && !newer) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

/*
 * Whether all of the bytes that are not the operation's own may have become dirty only after the last word of the task
 * that frees them. Those that were dirty before, a flush by this task would have released.
 */
static bool owner_is_newer(struct inode *inode, struct claim_part span, const struct task *task)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);

	for (; range != NULL; range = ranges_next(range, span.end)) {
		const struct claim *owner = range->claim;

		if (range->state != RANGE_RESERVED || owner == NULL || claim_is_part(owner, task->operation))
			continue;
		if (owner->complete && owner->settled.time_ns < task->last.time_ns)
			return false;
	}
	return true;
}

/*
 * Of some reserves of the operation it is not known which bytes they newly set: bytes of an owner whom nobody knows may
 * then be its own. And so may what was set before quota was toggled, which no reserve finds to be new.
 */
static bool may_be_its_own(const struct claim *operation, const struct occurrence *freed, const struct fs *fs)
{
	uint64_t bytes = fs->toggled_ns != 0 ? UINT64_MAX : 0;

	for (; operation != NULL; operation = operation->earlier)
		if (operation->part_count > CLAIM_PARTS)
			bytes = rules_plus(bytes, operation->event.bytes);
	for (size_t i = 0; i < freed->owner_count; i++)
		if (freed->owners[i].task.pid >= 0)
			return false;
	return bytes >= freed->bytes;
}

/* An owner whose reserve had to be put before the free to make it true: whose bytes they were is not certain then. */
static bool is_owned_later(const struct occurrence *freed)
{
	for (size_t i = 0; i < freed->owner_count; i++)
		if (freed->owners[i].task.pid >= 0 && freed->owners[i].time_ns > freed->time_ns)
			return true;
	return false;
}

struct suspect *foreign_look(
	struct replay *replay, struct task *task, const struct event *event, struct inode *inode, struct claim *claim)
{
	struct verdict_group_key key = {.kind = FINDING_FOREIGN_FREE,
		.path = PATH_TRACED_FREE,
		.fs = event->fs,
		.root = event->root,
		.ino = event->ino};
	struct claim_part span = rules_span(event);
	struct range_sums sums;
	struct suspect *suspect;
	struct verdict *verdict;
	bool unknown_too;
	bool complete;
	bool newer;

	if (!has_shape_of_error_path(task, event))
		return NULL;
	sums = ranges_sum(&inode->ranges, span.start, span.end);
	unknown_too = sums.of[RANGE_UNKNOWN] > 0 && event->bytes == sums.of[RANGE_RESERVED] + sums.of[RANGE_UNKNOWN];
	verdict = verdict_new(key, event);
	complete = suspect_owners(verdict, inode, span, task->operation, unknown_too);
	if (unknown_too && ranges_first(&inode->ranges, span.start, span.end) == NULL)
		verdict_claim(verdict, NULL, span);
	if (may_be_its_own(task->operation, &verdict->occurrence, inode->root->fs) ||
		is_owned_later(&verdict->occurrence)) {
		replay->result.unproven.of[FINDING_FOREIGN_FREE] += verdict->occurrence.bytes > 0;
		verdict_free(verdict);
		return NULL;
	}
	newer = owner_is_newer(inode, span, task);
	verdict->certainty = certainty_of(task->operation, newer);
	verdict->relies_on_ordered = task->operation->meta_taken;
	suspect_story(verdict, task->operation, event);
	suspect = memory_zeroed(sizeof(*suspect));
	*suspect = (struct suspect){.verdict = verdict,
		.claim = claim_keep(claim),
		.task = task,
		.free = *event,
		.owner_complete = complete,
		.owner_newer = newer,
		.granted = task->operation->meta_taken};
	claim->suspect = suspect;
	suspect_watch(replay, suspect);
	owed_take(replay, claim, verdict);
	return suspect;
}
