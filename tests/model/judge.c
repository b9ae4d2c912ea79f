/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/judge.h"

#include <inttypes.h>

#include "base/limits.h"
#include "tests/model/doubt.h"

#include <stdlib.h>
#include <string.h>

/* Events of one step of a task are this near. */
static const uint64_t near_ns = 20000;

/* Errors, and the one note that says what a kernel did wrong. */
static bool is_judged(const struct finding *finding)
{
	return finding->severity == SEVERITY_ERROR || finding->kind == FINDING_OVER_BROAD_ROLLBACK;
}

/* Bytes that stay for ever: also those of an extent that a commit accounted for and did not drop. */
static bool is_leak(const struct finding *finding)
{
	return (finding->kind == FINDING_LEAK && finding->where != LEAK_META) ||
	       (finding->kind == FINDING_COMMIT_MISMATCH && finding->where == LEAK_FLIGHT);
}

static bool is_near(uint64_t a, uint64_t b)
{
	return a < b ? b - a <= near_ns : a - b <= near_ns;
}

static bool same_range(const struct model_truth *truth, const struct occurrence *occurrence)
{
	if (truth->len == 0)
		return true;
	return occurrence->start < truth->start + truth->len && truth->start < occurrence->start + occurrence->len;
}

static bool same_numbers(const struct model_truth *truth, const struct occurrence *occurrence)
{
	if (truth->kind == FINDING_UNDERFLOW)
		return occurrence->have_bytes == truth->have_bytes && occurrence->diff_bytes == truth->diff_bytes;
	/* A free of exactly 4 GiB makes no event at all, and may have come before. */
	if (truth->kind == FINDING_TRUNCATED_COUNT)
		return occurrence->diff_bytes == truth->diff_bytes &&
		       (uint32_t)occurrence->bytes == (uint32_t)truth->bytes;
	/* Of the last reserve only some bytes lie beyond, and of metadata not all that is held is certain. */
	if (truth->kind == FINDING_LIMIT_EXCEEDED)
		return occurrence->bytes <= truth->bytes;
	return truth->kind == FINDING_UNEXPLAINED || occurrence->bytes == truth->bytes;
}

static bool is_the(const struct model_truth *truth, const struct finding *finding, const struct occurrence *occurrence)
{
	return truth->kind == finding->kind && truth->fs == finding->fs && truth->root == occurrence->root &&
	       (truth->ino == 0 || truth->ino == occurrence->ino) && truth->pid == occurrence->task.pid &&
	       is_near(truth->time_ns, occurrence->time_ns) && same_range(truth, occurrence) &&
	       same_numbers(truth, occurrence);
}

/*
 * That something is wrong with an inode may show at any time after it, stale bytes go when they are dropped, and which
 * of several drops was too large only the accounted extents would tell.
 */
static struct model_truth *find_later(struct model_run *run, const struct finding *finding)
{
	enum finding_kind kind = finding->kind == FINDING_UNEXPLAINED ? FINDING_LEAK : finding->kind;

	if (finding->kind != FINDING_STALE_FREE && finding->kind != FINDING_UNEXPLAINED &&
		finding->kind != FINDING_COMMIT_MISMATCH && finding->kind != FINDING_META_IMBALANCE &&
		finding->kind != FINDING_OVER_BROAD_ROLLBACK)
		return NULL;
	for (size_t i = 0; i < run->truth_count; i++)
		if (run->truths[i].kind == kind && run->truths[i].fs == finding->fs &&
			run->truths[i].root == finding->root &&
			(run->truths[i].ino == 0 || run->truths[i].ino == finding->ino))
			return &run->truths[i];
	return NULL;
}

static struct model_truth *find_truth(
	struct model_run *run, const struct finding *finding, const struct occurrence *occurrence)
{
	for (size_t i = 0; i < run->truth_count; i++)
		if (!run->truths[i].found && is_the(&run->truths[i], finding, occurrence))
			return &run->truths[i];
	return find_later(run, finding);
}

static void tell_occurrence(
	FILE *why, const char *what, const struct finding *finding, const struct occurrence *occurrence)
{
	if (why == NULL)
		return;
	fprintf(why,
		"%s: %s %s %s fs=%u root=%" PRIu64 " ino=%" PRIu64 " start=%" PRIu64 " len=%" PRIu64 " bytes=%" PRIu64
		" have=%" PRIu64 " diff=%" PRId64 " by=%d at=%" PRIu64 "\n",
		what, finding_kind_name(finding->kind), finding_path_name(finding->path),
		finding_certainty_name(finding->certainty), finding->fs, occurrence->root, occurrence->ino,
		occurrence->start, occurrence->len, occurrence->bytes, occurrence->have_bytes, occurrence->diff_bytes,
		(int)occurrence->task.pid, occurrence->time_ns);
}

static void tell_truth(FILE *why, const struct model_truth *truth)
{
	if (why == NULL)
		return;
	fprintf(why,
		"missed: %s fs=%u root=%" PRIu64 " ino=%" PRIu64 " start=%" PRIu64 " len=%" PRIu64 " bytes=%" PRIu64
		" have=%" PRIu64 " diff=%" PRId64 " by=%d owner=%d at=%" PRIu64 "\n",
		finding_kind_name(truth->kind), truth->fs, truth->root, truth->ino, truth->start, truth->len,
		truth->bytes, truth->have_bytes, truth->diff_bytes, (int)truth->pid, (int)truth->owner, truth->time_ns);
}

static void note_wrong(struct judgement *judgement, const struct finding *finding)
{
	if (judgement->wrong++ > 0)
		return;
	judgement->kind = finding->kind;
	judgement->path = finding->path;
	judgement->root = finding->root;
	judgement->ino = finding->ino;
}

static void judge_finding(struct model_run *run, const struct finding *finding, struct judgement *judgement, FILE *why)
{
	for (size_t i = 0; i < finding->occurrence_count; i++) {
		const struct occurrence *occurrence = &finding->occurrences[i];
		struct model_truth *truth = find_truth(run, finding, occurrence);

		if (truth != NULL) {
			truth->found = true;
			judgement->found++;
			continue;
		}
		note_wrong(judgement, finding);
		tell_occurrence(why, "wrong", finding, occurrence);
	}
}

/*
 * What leaked of an inode (or of the whole root with ino 0), by the truth. What was left has leaked when quota goes
 * off, because then nothing can adopt it any more.
 */
static uint64_t true_leak(
	const struct model_run *run, const struct model_counter *of, uint64_t ino, bool with_left, bool *unprovable)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < run->truth_count; i++) {
		const struct model_truth *truth = &run->truths[i];

		if (truth->kind != FINDING_LEAK || truth->fs != of->fs || truth->root != of->root ||
			(truth->left && !with_left) || (ino != 0 && truth->ino != ino))
			continue;
		bytes += truth->bytes;
		*unprovable = *unprovable || truth->unprovable != NULL;
	}
	return bytes;
}

static uint64_t found_leak(const struct replay_result *result, const struct model_counter *of, uint64_t ino)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (is_leak(finding) && finding->fs == of->fs && finding->root == of->root &&
			(ino == 0 || finding->ino == ino))
			bytes += finding->bytes - finding->healed_bytes;
	}
	return bytes;
}

/* What was left of an inode, and may have healed. */
static uint64_t left_behind(const struct model_run *run, const struct finding *finding)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < run->truth_count; i++) {
		const struct model_truth *truth = &run->truths[i];

		if (truth->left && truth->fs == finding->fs && truth->root == finding->root &&
			truth->ino == finding->ino)
			bytes += truth->bytes;
	}
	return bytes;
}

/* Bits name their inode for certain; which extent was never dropped, amounts alone do not tell. */
static void judge_range(struct model_run *run, const struct finding *finding, struct judgement *judgement, FILE *why)
{
	const struct model_counter of = {.fs = finding->fs, .root = finding->root};
	bool ignored = false;

	if (finding->kind != FINDING_LEAK || finding->where != LEAK_RANGE ||
		finding->bytes - finding->healed_bytes <=
			true_leak(run, &of, finding->ino, run->setup.toggles, &ignored))
		return;
	note_wrong(judgement, finding);
	tell_occurrence(why, "wrong, that much did not leak there", finding, &finding->occurrences[0]);
}

static void judge_healed(struct model_run *run, const struct finding *finding, struct judgement *judgement, FILE *why)
{
	if (finding->kind != FINDING_LEAK || finding->healed_bytes <= left_behind(run, finding))
		return;
	note_wrong(judgement, finding);
	tell_occurrence(why, "wrong, nothing was left there to heal", finding, &finding->occurrences[0]);
}

static void tell_leak(FILE *why, const struct model_counter *of, uint64_t ino, uint64_t found, uint64_t truth)
{
	if (why != NULL)
		fprintf(why, "leak of fs=%u root=%" PRIu64 " ino=%" PRIu64 ": found %" PRIu64 ", true %" PRIu64 "\n",
			of->fs, of->root, ino, found, truth);
}

/* Bits that leaked are named with their inode. */
static void judge_inodes(struct model_run *run, const struct replay_result *result, const struct model_counter *of,
	struct judgement *judgement, FILE *why)
{
	bool all_found = run->setup.unmounted && found_leak(result, of, 0) == of->bytes;

	for (size_t i = 0; i < run->truth_count; i++) {
		const struct model_truth *truth = &run->truths[i];
		bool unprovable = of->inexact || !run->setup.unmounted;
		uint64_t bytes, found;

		if (truth->kind != FINDING_LEAK || truth->left || truth->fs != of->fs || truth->root != of->root ||
			truth->ino == 0)
			continue;
		bytes = true_leak(run, of, truth->ino, false, &unprovable);
		found = found_leak(result, of, truth->ino);
		if (found == bytes) {
			judgement->found++;
		} else if (unprovable && found < bytes) {
			judgement->unprovable++;
		} else if (all_found && found < bytes) {
			judgement->unplaced++;
		} else {
			judgement->missed += found < bytes;
			if (found > true_leak(run, of, truth->ino, run->setup.toggles, &unprovable))
				note_wrong(judgement,
					&(struct finding){.kind = FINDING_LEAK, .root = of->root, .ino = truth->ino});
			tell_leak(why, of, truth->ino, found, bytes);
		}
	}
}

/* Stale bytes that are freed take the place of leaked ones in the counter. */
static uint64_t most_leaked(const struct model_run *run, const struct model_counter *of)
{
	bool ignored = false;
	uint64_t bytes = run->setup.toggles ? true_leak(run, of, 0, true, &ignored) : 0;

	return bytes > of->bytes ? bytes : of->bytes;
}

/* After an unmount the leaks of a root are what its counter still held, no more and no less. */
static void judge_root(
	const struct model_counter *of, uint64_t most, uint64_t found, struct judgement *judgement, FILE *why)
{
	if (found > most)
		note_wrong(judgement, &(struct finding){.kind = FINDING_LEAK, .root = of->root});
	else if (found >= of->bytes)
		judgement->found += found > 0;
	else if (of->inexact)
		judgement->unprovable++;
	else
		judgement->missed++;
	if (found > most || (found < of->bytes && !of->inexact))
		tell_leak(why, of, 0, found, of->bytes);
}

/*
 * A commit that frees no pertrans may be what turns quota on or off; the root's counter must go on after it to show
 * that it was not.
 */
static bool quota_in_doubt(const struct model_run *run, const struct model_counter *of)
{
	bool counted = false;
	bool doubt = false;

	for (size_t i = 0; i < run->event_count; i++) {
		const struct event *event = &run->events[i];
		bool unmounts = event->kind == EVENT_INODE_EVICT && event->root == 1 && event->ino == 1;

		if (event->fs != of->fs)
			continue;
		if (unmounts && doubt)
			break;
		counted = counted || event->kind == EVENT_META_FREE_ALL_PERTRANS;
		if (event->kind == EVENT_UPDATE_RESERVE && event->type == EVENT_TYPE_DATA && event->root == of->root)
			doubt = false;
		if (event->kind != EVENT_TRANSACTION_COMMIT)
			continue;
		doubt = doubt || !counted;
		counted = false;
	}
	return doubt;
}

static void judge_leaks(
	struct model_run *run, const struct replay_result *result, struct judgement *judgement, FILE *why)
{
	for (size_t i = 0; i < run->counter_count; i++) {
		struct model_counter of = run->counters[i];

		/*
		 * Without an unmount at the end the trace cannot tell it from what is on its way, and without ordered
		 * extents not from what was written while quota was off. Drops of simple quotas look like rollbacks.
		 */
		of.inexact = of.inexact || !run->setup.unmounted || !run->setup.ordered || run->setup.simple ||
			     quota_in_doubt(run, &of);
		judge_root(&of, most_leaked(run, &of), found_leak(result, &of, 0), judgement, why);
		judge_inodes(run, result, &of, judgement, why);
	}
}

/* An underflow that follows from another mismatch hangs under it. */
static void note_consequences(struct model_run *run, const struct replay_result *result)
{
	for (size_t i = 0; i < result->finding_count; i++)
		for (size_t k = 0; k < result->findings[i].consequence_count; k++) {
			const struct consequence *consequence = &result->findings[i].consequences[k];

			for (size_t t = 0; t < run->truth_count; t++)
				if (run->truths[t].kind == FINDING_UNDERFLOW &&
					consequence->kind == CONSEQUENCE_UNDERFLOW &&
					run->truths[t].root == consequence->event.root &&
					is_near(run->truths[t].time_ns, consequence->event.time_ns))
					run->truths[t].found = true;
		}
}

static void judge_truths(struct model_run *run, struct judgement *judgement, FILE *why)
{
	static const uint64_t end_ns = 5000000;
	uint64_t last_ns = run->event_count > 0 ? run->events[run->event_count - 1].time_ns : 0;

	for (size_t i = 0; i < run->truth_count; i++) {
		const struct model_truth *truth = &run->truths[i];

		if (truth->kind == FINDING_LEAK || truth->found)
			continue;
		if (truth->unprovable != NULL || truth->time_ns + end_ns > last_ns || doubt_of(run, truth) != NULL) {
			judgement->unprovable++;
			continue;
		}
		judgement->missed++;
		tell_truth(why, truth);
	}
}

struct judgement judge_run(struct model_run *run, FILE *why)
{
	struct limits limits = {0};
	const struct replay_options options = {.limits = run->max_rfer > 0 ? &limits : NULL};
	struct replay *replay;
	struct judgement judgement = {0};
	const struct replay_result *result;

	limits_add(&limits, (struct limit){.qgid = 256, .max_rfer = run->max_rfer, .max_excl = LIMIT_NONE});
	limits_sort(&limits, NULL);
	replay = replay_new(&options);

	for (size_t i = 0; i < run->truth_count; i++)
		run->truths[i].found = false;
	replay_take(replay, run->events, run->event_count);
	result = replay_finish(replay);
	for (size_t i = 0; i < result->finding_count; i++)
		if (is_judged(&result->findings[i]) && !is_leak(&result->findings[i]) &&
			result->findings[i].kind != FINDING_LEAK)
			judge_finding(run, &result->findings[i], &judgement, why);
	note_consequences(run, result);
	for (size_t i = 0; i < result->finding_count; i++) {
		judge_healed(run, &result->findings[i], &judgement, why);
		judge_range(run, &result->findings[i], &judgement, why);
	}
	judge_leaks(run, result, &judgement, why);
	judge_truths(run, &judgement, why);
	replay_free(replay);
	limits_release(&limits);
	return judgement;
}

void judge_print_events(FILE *out, const struct model_run *run)
{
	char text[EVENT_TEXT_MAX];

	for (size_t i = 0; i < run->event_count; i++) {
		const struct event *event = &run->events[i];
		const char *comm = model_comm_name(event->comm);

		fprintf(out, "%16s-%-7d [%03u] ..... %5" PRIu64 ".%06u: ", comm, (int)event->pid, event->cpu,
			event->time_ns / 1000000000, (unsigned)(event->time_ns / 1000 % 1000000));
		event_text(event, text, sizeof(text));
		if (run->setup.two)
			fprintf(out, "%.*s 00000000-0000-0000-0000-00000000000%u:%s\n",
				(int)(strchrnul(text, ':') - text + 1), text, event->fs, strchrnul(text, ':') + 1);
		else
			fprintf(out, "%s\n", text);
	}
}
