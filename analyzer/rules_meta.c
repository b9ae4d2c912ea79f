/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules.h"

void rule_garbage(struct replay *replay, const struct event *event)
{
	if (replay->garbage_types++ > 0)
		return;
	replay->first_garbage = *event;
	if (replay->books.types_seen || replay->books.meta_seen)
		epoch_void(replay);
	replay->books.types_seen = replay->books.meta_seen = false;
}

void rule_garbage_note(struct replay *replay)
{
	struct verdict_group_key key = {.kind = FINDING_GARBAGE_TYPE, .fs = replay->first_garbage.fs};
	struct verdict *verdict;

	if (replay->garbage_types == 0)
		return;
	verdict = verdict_new(key, &replay->first_garbage);
	verdict->occurrence.bytes = replay->garbage_types;
	verdict_evidence(verdict, &replay->first_garbage, ROLE_META);
	verdicts_add(&replay->verdicts, verdict);
}

void rule_meta_convert(struct replay *replay, struct task *task, const struct event *event)
{
	(void)replay;
	(void)task;
	(void)event;
}
