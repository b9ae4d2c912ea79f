/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What makes a cut as good as the whole: the same false error is left, and there is no new doubt about the order. */
struct verdict_kept {
	struct judgement judgement;
	uint64_t chain_breaks;
};

static struct verdict_kept look_at(struct model_run *run)
{
	struct replay *replay = replay_new(NULL);
	struct verdict_kept kept = {.judgement = judge_run(run, NULL)};

	replay_take(replay, run->events, run->event_count);
	kept.chain_breaks = replay_finish(replay)->chain_breaks;
	replay_free(replay);
	return kept;
}

static bool still_fails(struct model_run *run, const struct verdict_kept *whole)
{
	struct verdict_kept part = look_at(run);

	if (part.chain_breaks > whole->chain_breaks)
		return false;
	return part.judgement.wrong > 0 && part.judgement.kind == whole->judgement.kind &&
	       part.judgement.path == whole->judgement.path && part.judgement.root == whole->judgement.root &&
	       part.judgement.ino == whole->judgement.ino;
}

/* Leaves out events [at, at + count); returns whether what is left still fails, and takes it back otherwise. */
static bool cut(struct model_run *run, size_t at, size_t count, const struct verdict_kept *whole)
{
	size_t before = run->event_count;
	struct event *saved = memory_zeroed(before * sizeof(*saved));
	bool fails;

	memcpy(saved, run->events, before * sizeof(*saved));
	memmove(run->events + at, run->events + at + count, (before - at - count) * sizeof(*saved));
	run->event_count = before - count;
	fails = still_fails(run, whole);
	if (!fails) {
		memcpy(run->events, saved, before * sizeof(*saved));
		run->event_count = before;
	}
	free(saved);
	return fails;
}

void judge_shorten(struct model_run *run)
{
	const struct verdict_kept whole = look_at(run);

	for (size_t count = run->event_count / 2; count > 0; count /= 2)
		for (size_t at = 0; at + count <= run->event_count;)
			if (!cut(run, at, count, &whole))
				at += count;
}
