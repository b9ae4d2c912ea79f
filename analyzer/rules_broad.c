/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules.h"

static uint64_t own_bytes(struct replay *replay, const struct claim *claim)
{
	return claim->failed ? 0 : rollback_of(replay, claim, false).own_bytes;
}

/* An operation's reserves in the order in which they were made, those that still hold bytes. */
static struct verdict *tell(struct replay *replay, const struct claim *operation, const struct event *update)
{
	struct verdict_group_key key = {.kind = FINDING_OVER_BROAD_ROLLBACK,
		.fs = update->fs,
		.root = operation->event.root,
		.ino = operation->event.ino};
	const struct claim *first = operation;
	struct verdict *verdict;

	for (const struct claim *claim = operation; claim != NULL; claim = claim->earlier)
		first = own_bytes(replay, claim) > 0 ? claim : first;
	verdict = verdict_new(key, update);
	verdict_evidence(verdict, &first->event, ROLE_TASK_RESERVES);
	for (const struct claim *claim = operation; claim != NULL; claim = claim->earlier) {
		struct claim_part span = rules_span(&claim->event);

		if (claim == first || own_bytes(replay, claim) == 0)
			continue;
		verdict_claim(verdict, claim, span);
	}
	verdict_evidence(verdict, update, ROLE_COUNTER);
	verdict->certainty = CERTAINTY_LIKELY;
	return verdict;
}

/*
 * qgroup_free_reserved_data() took the end of the request for its length, and so cleared ranges of the changeset that
 * lie beyond: from 4.13 on, until its fix. Each range is asked for in turn, so one update should give back one.
 */
void broad_look(struct replay *replay, struct task *task, const struct claim *operation, const struct event *update)
{
	uint64_t bytes = 0;
	size_t pieces = 0;
	struct verdict *verdict;

	for (const struct claim *claim = operation; claim != NULL; claim = claim->earlier) {
		uint64_t own = own_bytes(replay, claim);

		pieces += own > 0;
		bytes = rules_plus(bytes, own);
	}
	if (pieces < 2 || bytes != 0 - (uint64_t)update->diff)
		return;
	verdict = tell(replay, operation, update);
	task->broad = verdicts_add(&replay->verdicts, verdict);
}

void broad_repeat(struct task *task, const struct event *clear)
{
	struct verdict *verdict = task->broad;
	const struct occurrence *occurrence = verdict != NULL ? &verdict->occurrence : NULL;

	if (occurrence == NULL || clear->root != occurrence->root || clear->ino != occurrence->ino ||
		clear->start < occurrence->start || clear->start - occurrence->start >= occurrence->len)
		return;
	verdict->certainty = CERTAINTY_PROVEN;
	verdict_evidence(verdict, clear, ROLE_BITS_CLEARED);
	task->broad = NULL;
}
