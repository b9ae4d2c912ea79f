/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metamorph_law - what a variation of a trace may show, held against the whole trace.
 *
 * An error of a variation must be one of the whole trace: of the same kind, filesystem, root and inode, at about the
 * same time. A leak must be of the same root, and not be more bytes. Where a variation leaves the events as they were,
 * the findings must be equal in everything.
 */
#ifndef QGREPLAY_TESTS_METAMORPH_LAW_H
#define QGREPLAY_TESTS_METAMORPH_LAW_H

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/replay.h"
#include "tests/model/model.h"
#include "tests/tools/metamorph_vary.h"

/* One run over one trace: the whole trace's result, and how the variations fare against it. */
struct judge {
	const char *name;
	const struct events *whole;
	const struct model_run *run; /* that made the trace, and knows the truth; or NULL */
	struct replay *base_replay;
	const struct replay_result *base;
	uint64_t errors;
	uint64_t runs;
	uint64_t faults;
};

static inline struct replay *replay_events(
	const struct events *events, size_t piece, const struct replay_result **result)
{
	struct replay *replay = replay_new(NULL);

	for (size_t at = 0; at < events->count; at += piece) {
		size_t left = events->count - at;

		replay_take(replay, events->all + at, left < piece ? left : piece);
	}
	*result = replay_finish(replay);
	return replay;
}

/* A filesystem's number in the whole trace. */
static inline uint16_t whole_fs(uint16_t fs)
{
	return fs >= TWIN_FS ? (uint16_t)(fs - TWIN_FS) : fs;
}

/*
 * What becomes of one mistake is seen in less detail where fewer events are recorded: an extent that a commit did not
 * drop is then a leak without a cause, and so is metadata that it did not free.
 */
enum mistake { MISTAKE_LEAK, MISTAKE_METADATA, MISTAKE_BY_KIND };

static inline unsigned mistake_of(const struct finding *finding)
{
	bool kept = finding->path == PATH_NOT_DROPPED || finding->path == PATH_DROPPED_LESS;

	if (finding->kind == FINDING_META_IMBALANCE || (finding->kind == FINDING_LEAK && finding->where == LEAK_META))
		return MISTAKE_METADATA;
	if (finding->kind == FINDING_LEAK || (finding->kind == FINDING_COMMIT_MISMATCH && kept))
		return MISTAKE_LEAK;
	return MISTAKE_BY_KIND + (unsigned)finding->kind;
}

static inline uint64_t leaked_bytes(const struct replay_result *result, uint16_t fs, uint64_t root)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (finding->severity == SEVERITY_ERROR && mistake_of(finding) == MISTAKE_LEAK && finding->fs == fs &&
			finding->root == root)
			bytes += finding->bytes;
	}
	return bytes;
}

static inline bool leaks_more(
	const struct judge *judge, const struct replay_result *result, const struct finding *finding)
{
	return mistake_of(finding) == MISTAKE_LEAK &&
	       leaked_bytes(result, finding->fs, finding->root) >
		       leaked_bytes(judge->base, whole_fs(finding->fs), finding->root);
}

/* Events that changed places have each other's time. */
static inline bool is_near(uint64_t a_ns, uint64_t b_ns)
{
	return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) < NEAR_NS;
}

/* An underflow is told as a consequence where its cause is known. */
static inline bool follows_from(const struct finding *known, const struct finding *finding, uint64_t time_ns)
{
	for (size_t i = 0; finding->kind == FINDING_UNDERFLOW && i < known->consequence_count; i++)
		if (known->consequences[i].kind == CONSEQUENCE_UNDERFLOW &&
			is_near(known->consequences[i].event.time_ns, time_ns))
			return true;
	return false;
}

static inline bool base_has(
	const struct judge *judge, const struct finding *finding, const struct occurrence *occurrence)
{
	unsigned mistake = mistake_of(finding);

	for (size_t i = 0; i < judge->base->finding_count; i++) {
		const struct finding *known = &judge->base->findings[i];

		if (known->severity != SEVERITY_ERROR || known->root != finding->root ||
			known->fs != whole_fs(finding->fs))
			continue;
		if (follows_from(known, finding, occurrence->time_ns))
			return true;
		if (mistake_of(known) != mistake)
			continue;
		/* How much has leaked, is compared beside this; where, not every variation knows. */
		if (mistake < MISTAKE_BY_KIND)
			return true;
		for (size_t k = 0; k < known->occurrence_count; k++)
			if ((finding->ino == 0 || known->ino == finding->ino) &&
				is_near(known->occurrences[k].time_ns, occurrence->time_ns))
				return true;
	}
	return false;
}

/* Whether the model kernel says that it is so, though the whole trace does not show it. */
static inline bool is_true(
	const struct judge *judge, const struct finding *finding, const struct occurrence *occurrence)
{
	const struct model_run *run = judge->run;

	for (size_t i = 0; run != NULL && i < run->truth_count; i++) {
		const struct model_truth *truth = &run->truths[i];
		struct finding named = {.kind = truth->kind};

		if (truth->fs != whole_fs(finding->fs) || truth->root != finding->root)
			continue;
		if (mistake_of(finding) < MISTAKE_BY_KIND &&
			(mistake_of(&named) < MISTAKE_BY_KIND || truth->kind == FINDING_COMMIT_MISMATCH))
			return true;
		if (truth->kind == finding->kind && is_near(truth->time_ns, occurrence->time_ns))
			return true;
	}
	return false;
}

static inline void accuse(
	struct judge *judge, const char *what, const struct finding *finding, const struct occurrence *one)
{
	judge->faults++;
	printf("%s, %s: new %s %s %s root %" PRIu64 " ino %" PRIu64 " start %" PRIu64 " bytes %" PRIu64 " at %" PRIu64
	       ".%06u\n",
		judge->name, what, finding_certainty_name(finding->certainty), finding_kind_name(finding->kind),
		finding_path_name(finding->path), finding->root, finding->ino, one->start, one->bytes,
		one->time_ns / 1000000000, (unsigned)(one->time_ns / 1000 % 1000000));
}

static inline void hold_to_the_law(struct judge *judge, const struct events *varied, const char *what)
{
	const struct replay_result *result;
	struct replay *replay = replay_events(varied, 512, &result);

	judge->runs++;
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		for (size_t k = 0; finding->severity == SEVERITY_ERROR && k < finding->occurrence_count; k++)
			if ((!base_has(judge, finding, &finding->occurrences[k]) ||
				    leaks_more(judge, result, finding)) &&
				!is_true(judge, finding, &finding->occurrences[k]))
				accuse(judge, what, finding, &finding->occurrences[k]);
	}
	replay_free(replay);
}

/* What a copy of the trace has added to its numbers, and how exactly it must be the same. */
struct sameness {
	uint16_t fs;
	int32_t pid;
	bool errors_alone; /* warnings and notes are not compared */
	bool facts_alone;  /* which events prove it is not */
};

static const struct sameness exactly;

static inline bool same_task(struct task_ref a, struct task_ref b, struct sameness how)
{
	return a.pid == b.pid || (a.pid >= 0 && a.pid + how.pid == b.pid);
}

static inline bool same_occurrence(const struct occurrence *a, const struct occurrence *b, struct sameness how)
{
	if (a->time_ns != b->time_ns || a->start != b->start || a->len != b->len || a->bytes != b->bytes ||
		a->have_bytes != b->have_bytes || a->diff_bytes != b->diff_bytes || !same_task(a->task, b->task, how) ||
		a->owner_count != b->owner_count)
		return false;
	for (size_t i = 0; i < a->owner_count; i++)
		if (!same_task(a->owners[i].task, b->owners[i].task, how) || a->owners[i].bytes != b->owners[i].bytes ||
			a->owners[i].time_ns != b->owners[i].time_ns)
			return false;
	return true;
}

/* All but the id, which counts the findings of all filesystems. */
static inline bool same_finding(const struct finding *a, const struct finding *b, struct sameness how)
{
	if (a->kind != b->kind || a->path != b->path || a->certainty != b->certainty || a->where != b->where ||
		a->fs + how.fs != b->fs || a->root != b->root || a->ino != b->ino || a->bytes != b->bytes ||
		a->occurrence_total != b->occurrence_total || a->occurrence_count != b->occurrence_count ||
		a->consequence_total != b->consequence_total)
		return false;
	for (size_t i = 0; i < a->occurrence_count; i++)
		if (!same_occurrence(&a->occurrences[i], &b->occurrences[i], how))
			return false;
	if (how.facts_alone)
		return true;
	if (a->evidence_count != b->evidence_count)
		return false;
	for (size_t i = 0; i < a->evidence_count; i++)
		if (a->evidence[i].event.number != b->evidence[i].event.number ||
			a->evidence[i].role != b->evidence[i].role)
			return false;
	return true;
}

/* The next finding of a filesystem, from index `at` on, or NULL; EVERY_FS: of any. */
enum { EVERY_FS = -1 };

static inline const struct finding *next_of_fs(
	const struct replay_result *result, size_t *at, int fs, bool errors_alone)
{
	while (*at < result->finding_count) {
		const struct finding *finding = &result->findings[(*at)++];

		if ((fs == EVERY_FS || finding->fs == fs) && (!errors_alone || finding->severity == SEVERITY_ERROR))
			return finding;
	}
	return NULL;
}

static inline void print_finding(const char *what, const struct finding *finding)
{
	if (finding == NULL)
		return;
	printf("%s: %s %s %s root %" PRIu64 " ino %" PRIu64 " bytes %" PRIu64 " times %" PRIu64 " at %" PRIu64 "\n",
		what, finding_certainty_name(finding->certainty), finding_kind_name(finding->kind),
		finding_path_name(finding->path), finding->root, finding->ino, finding->bytes,
		finding->occurrence_total, finding->occurrences[0].time_ns);
}

/* Whether a filesystem (or all) has the same findings in the whole trace and in this one; prints the first that has
 * not. */
static inline bool same_findings(
	const struct replay_result *base, const struct replay_result *result, int fs, struct sameness how)
{
	size_t a = 0, b = 0;

	for (;;) {
		const struct finding *one = next_of_fs(base, &a, fs, how.errors_alone);
		const struct finding *other =
			next_of_fs(result, &b, fs == EVERY_FS ? fs : fs + how.fs, how.errors_alone);

		if (one == NULL && other == NULL)
			return true;
		if (one == NULL || other == NULL || !same_finding(one, other, how)) {
			print_finding("the whole trace", one);
			print_finding("the variation", other);
			return false;
		}
	}
}

/* Counts a run, and a fault when findings that must be equal are not. */
static inline void must_be_same(struct judge *judge, bool same, const char *what)
{
	judge->runs++;
	if (same)
		return;
	judge->faults++;
	printf("%s, %s: other findings\n", judge->name, what);
}

static inline void feed_in_pieces(struct judge *judge, size_t piece)
{
	const struct replay_result *result;
	struct replay *replay = replay_events(judge->whole, piece, &result);
	char what[40];

	snprintf(what, sizeof(what), "in pieces of %zu events", piece);
	must_be_same(judge,
		same_findings(judge->base, result, EVERY_FS, exactly) && result->events == judge->base->events &&
			result->contradictions == judge->base->contradictions,
		what);
	replay_free(replay);
}

/*
 * Each filesystem on its own has the findings that it has in the whole trace. What a task did next, on another one, is
 * evidence in the whole trace alone.
 */
static inline void take_apart(struct judge *judge, struct events *part)
{
	/* The model's tasks go from one filesystem to the other in the middle of what kernels do in one go. */
	const struct sameness how = {.facts_alone = true, .errors_alone = judge->run != NULL};

	for (uint16_t fs = 1; fs <= FILESYSTEMS_MAX; fs++) {
		const struct replay_result *result;
		struct replay *replay;
		char what[40];

		part->count = 0;
		if (!vary_split(part, judge->whole, fs))
			continue;
		replay = replay_events(part, 512, &result);
		snprintf(what, sizeof(what), "filesystem %u alone", fs);
		must_be_same(judge, same_findings(judge->base, result, fs, how), what);
		replay_free(replay);
	}
}

/*
 * Beside a copy of itself on other filesystems and by other tasks, the trace and the copy have the same errors. Ordered
 * extents of both may meet in the table of those under way, where the older is forgotten: that may cost a warning.
 */
static inline void put_beside(struct judge *judge, struct events *both)
{
	const struct sameness here = {.errors_alone = true};
	const struct sameness there = {TWIN_FS, TWIN_PID, .errors_alone = true};
	const struct replay_result *result;
	struct replay *replay;
	bool same = true;

	both->count = 0;
	vary_twin(both, judge->whole);
	replay = replay_events(both, 512, &result);
	for (uint16_t fs = 0; fs <= FILESYSTEMS_MAX; fs++)
		same = same && same_findings(judge->base, result, fs, here) &&
		       (fs == 0 || same_findings(judge->base, result, fs, there));
	must_be_same(judge, same, "beside a twin");
	replay_free(replay);
}

#endif
