/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/review.h"

#include "analyzer/rules/misread.h"

/* Whether what the trace records leaves a traced free without an innocent explanation. */
static bool stands(struct replay *replay, struct verdict *verdict)
{
	const struct books *books = &replay->books;
	const struct fs *fs = books_fs(&replay->books, verdict->key.fs);
	bool ordered_missing = books->released_seen && !books->ordered_seen;

	if (!fs->cleared_seen)
		return false;
	/* A drop of a commit, or of an extent that was truncated to nothing, looks like a rollback. */
	if (verdict->key.path == PATH_ROLLBACK)
		return books->pertrans_seen && books->commits_seen && books->meta_seen && fs->ordinary &&
		       (!verdict->relies_on_ordered || replay->result.event_counts[EVENT_ORDERED_REMOVE] > 0);
	if (!books->evicts_seen && verdict->relies_on_evicts)
		return false;
	/* A writer that had metadata may have written, and freed for a NOCOW extent. */
	if (ordered_missing && (verdict->relies_on_ordered || !books->meta_seen || !replay->window.counters_seen))
		return false;
	if (!books->types_seen)
		verdict->certainty = CERTAINTY_LIKELY;
	if (books->meta_seen && replay->window.counters_seen && !ordered_missing)
		return true;
	verdict->certainty = CERTAINTY_LIKELY;
	return verdict->consequence_count > 0 && !verdict->relies_on_evicts;
}

/* Clocks that disagree all the time leave no order certain, not even far from where a counter shows it. */
static bool order_is_bad(struct replay *replay, const struct verdict *verdict)
{
	enum { BREAKS_MAX = 8 };

	return books_root(&replay->books, verdict->key.fs, verdict->key.root)->breaks > BREAKS_MAX;
}

/*
 * A counter that breaks anywhere in the root leaves the order of its events in doubt; and where a rollback was told by
 * its amount, a drop may have been taken for it: of simple quotas, or after a commit whose end is not traced.
 */
static void review_unexplained(struct replay *replay, struct verdict *verdict)
{
	const struct root *root = books_root(&replay->books, verdict->key.fs, verdict->key.root);
	bool guessed = root->rolled_back && !root->fs->bits_seen;

	if (root->breaks == 0 && !guessed && root->fs->ordinary && replay->books.commits_seen)
		return;
	verdict->revoked = true;
	replay->result.unproven.of[FINDING_UNEXPLAINED]++;
}

/*
 * An eviction takes the bits of an earlier epoch away without a word: none was there, or none is recorded. And counters
 * that are out of order now and then begin at 0 as if in another epoch.
 */
static void review_stale(struct replay *replay, struct verdict *verdict)
{
	if (replay->books.evicts_seen && !order_is_bad(replay, verdict))
		return;
	verdict->revoked = true;
	replay->result.unproven.of[FINDING_STALE_FREE]++;
}

/*
 * Where a counter shows that events are missing and no mark says which, others may be missing that no counter shows:
 * what follows from an event that is not there is not proven. Nor is what a commit dropped, when no end of a commit is
 * recorded: what its task gives back later looks like it.
 */
static void review_absence(struct replay *replay, struct verdict *verdict)
{
	bool ends_missing = verdict->key.kind == FINDING_COMMIT_MISMATCH && !replay->books.commits_seen;
	struct root *root;

	if (books_fs(&replay->books, verdict->key.fs)->holes == 0 && !ends_missing)
		return;
	verdict->revoked = true;
	replay->result.unproven.of[verdict->key.kind]++;
	if (verdict->key.kind != FINDING_LEAK || verdict->key.where == LEAK_META || verdict->healed_bytes > 0)
		return;
	root = books_root(&replay->books, verdict->key.fs, verdict->key.root);
	root->totals.leaked_bytes -= verdict->occurrence.bytes;
}

static bool rests_on_absence(enum finding_kind kind)
{
	return kind == FINDING_LEAK || kind == FINDING_COMMIT_MISMATCH || kind == FINDING_META_IMBALANCE ||
	       kind == FINDING_UNEXPLAINED;
}

/* Simple quotas may be what the filesystem runs, and a drop may have been taken for a rollback. */
static void review_misread(struct replay *replay, struct verdict *verdict)
{
	if (!verdict->revoked)
		replay->result.unproven.of[verdict->key.kind]++;
	verdict->revoked = true;
}

void rules_review(struct replay *replay)
{
	for (size_t i = 0; i < replay->verdicts.count; i++) {
		struct verdict *verdict = replay->verdicts.all[i];

		if (rests_on_absence(verdict->key.kind) && !verdict->revoked)
			review_absence(replay, verdict);
		if (misread_may_be(replay, verdict))
			review_misread(replay, verdict);
		if (verdict->key.kind == FINDING_UNEXPLAINED && !verdict->revoked)
			review_unexplained(replay, verdict);
		if (verdict->key.kind == FINDING_STALE_FREE && !verdict->revoked)
			review_stale(replay, verdict);
		if (verdict->key.kind != FINDING_FOREIGN_FREE || verdict->revoked)
			continue;
		if (order_is_bad(replay, verdict))
			verdict->certainty = CERTAINTY_LIKELY;
		if (stands(replay, verdict))
			continue;
		verdict->revoked = true;
		replay->result.unproven.of[FINDING_FOREIGN_FREE]++;
	}
}
