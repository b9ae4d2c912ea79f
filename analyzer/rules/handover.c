/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/handover.h"

#include "analyzer/rules/owed.h"
#include "analyzer/rules/suspect.h"
#include "base/memory.h"

void handover_order_broken(struct replay *replay, struct root *root, uint64_t time_ns)
{
	root->break_ns = time_ns + 1;
	root->breaks++;
	for (size_t i = replay->verdicts.count; i-- > 0;) {
		struct verdict *verdict = replay->verdicts.all[i];

		if (verdict->found_ns + WINDOW_DISORDER_NS < time_ns)
			break;
		if (verdict->key.path != PATH_ROLLBACK || verdict->key.root != root->totals.root ||
			verdict->key.fs != root->fs->number || verdict->revoked)
			continue;
		verdict->revoked = true;
		replay->result.unproven.of[FINDING_FOREIGN_FREE]++;
	}
}

static struct suspect *guilty_rollback(struct replay *replay, struct verdict *verdict, struct claim *claim)
{
	struct suspect *suspect = memory_zeroed(sizeof(*suspect));

	*suspect = (struct suspect){.verdict = verdict, .claim = claim_keep(claim), .free = claim->event};
	claim->suspect = suspect;
	suspect_watch(replay, suspect);
	suspect_convict(replay, suspect);
	return suspect;
}

/* Whether the owner's reserve stands so near on another CPU that it may as well have come after the rollback. */
static bool order_is_doubtful(const struct verdict *verdict, const struct event *event)
{
	static const uint64_t near_ns = 5000;

	for (size_t i = 0; i < verdict->evidence_count; i++) {
		const struct evidence *evidence = &verdict->evidence[i];

		if (evidence->role != ROLE_OWNER_RESERVES)
			continue;
		if (evidence->event.number > event->number ||
			(evidence->event.cpu != event->cpu && evidence->event.time_ns + near_ns > event->time_ns))
			return true;
	}
	return false;
}

/* A task that was refused metadata, or gave it back, fails; it has not waited for the end of an extent. */
static bool is_failing(struct replay *replay, const struct event *event)
{
	const struct event *last = &books_task(&replay->books, event)->last;

	return last->kind == EVENT_META_RESERVE ||
	       (last->kind == EVENT_UPDATE_RESERVE && last->type == EVENT_TYPE_META_PREALLOC && last->diff < 0);
}

void handover_rollback(struct replay *replay, const struct claim *operation, const struct event *event)
{
	struct verdict_group_key key = {.kind = FINDING_FOREIGN_FREE,
		.path = PATH_ROLLBACK,
		.fs = event->fs,
		.root = operation->event.root,
		.ino = operation->event.ino};
	struct inode *inode = books_inode(&replay->books, event->fs, key.root, key.ino);
	struct event named = *event;
	struct verdict *verdict;
	struct claim *claim;

	named.ino = operation->event.ino;
	named.start = operation->event.start;
	named.len = operation->event.len;
	claim = claim_new(&replay->books.claims, &named);
	verdict = verdict_new(key, &named);
	for (size_t i = 0; i < operation->part_count; i++)
		suspect_owners(verdict, inode, operation->parts[i], operation, false);
	if (operation->taken_by != NULL)
		verdict_evidence(verdict, &operation->taken_by->event, ROLE_RANGE_TAKEN);
	suspect_story(verdict, operation, event);
	for (size_t i = 0; i < operation->part_count; i++)
		books_turn(&replay->books, inode, operation->parts[i], RANGE_RESERVED, RANGE_CLEAR, claim);
	verdict->relies_on_ordered = !is_failing(replay, event);
	if (order_is_doubtful(verdict, event))
		verdict->certainty = CERTAINTY_LIKELY;
	if (inode->root->break_ns != 0 && event->time_ns < inode->root->break_ns + WINDOW_DISORDER_NS) {
		replay->result.unproven.of[FINDING_FOREIGN_FREE]++;
		verdict_free(verdict);
	} else {
		owed_take(replay, claim, verdict);
		guilty_rollback(replay, verdict, claim);
	}
	claim_drop(&replay->books.claims, claim);
}
