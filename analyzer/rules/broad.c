/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/broad.h"

#include "analyzer/rules/rollback.h"

static uint64_t own_bytes(struct replay *replay, const struct claim *claim)
{
	return claim->failed ? 0 : rollback_of(replay, claim, false).own_bytes;
}

/*
 * The newest reserve of the first request that an operation would make to take itself back, which for fallocate is its
 * first hole with those that follow on it without a gap (add_falloc_range()). `bytes` is what all reserves still hold.
 */
static const struct claim *first_request(struct replay *replay, const struct claim *operation, uint64_t *bytes)
{
	const struct claim *newest = NULL;
	const struct claim *before = NULL;

	*bytes = 0;
	for (const struct claim *claim = operation; claim != NULL; claim = claim->earlier) {
		uint64_t own = own_bytes(replay, claim);

		if (own == 0)
			continue;
		*bytes = rules_plus(*bytes, own);
		if (before == NULL || rules_span(&claim->event).end != before->event.start)
			newest = claim;
		before = claim;
	}
	return newest;
}

static struct verdict *tell(
	struct replay *replay, const struct claim *operation, const struct claim *first, const struct event *update)
{
	struct verdict_group_key key = {.kind = FINDING_OVER_BROAD_ROLLBACK,
		.fs = update->fs,
		.root = operation->event.root,
		.ino = operation->event.ino};
	struct verdict *verdict = verdict_new(key, update);

	verdict_evidence(verdict, &first->event, ROLE_TASK_RESERVES);
	for (const struct claim *claim = operation; claim != first; claim = claim->earlier)
		if (own_bytes(replay, claim) > 0)
			verdict_claim(verdict, claim, rules_span(&claim->event));
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
	uint64_t bytes;
	const struct claim *first = first_request(replay, operation, &bytes);
	struct verdict *verdict;

	if (first == NULL || bytes != 0 - (uint64_t)update->diff)
		return;
	verdict = tell(replay, operation, first, update);
	if (verdict->occurrence.bytes == 0)
		verdict_free(verdict);
	else
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
