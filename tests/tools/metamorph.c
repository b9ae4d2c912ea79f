/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metamorph [--clean] [--combined] [--seeds N] [--first SEED] TRACE... - replays variations of traces that must not
 * change the verdict for the worse.
 *
 * What is left out of a trace, and a little disorder, may hide an error but never make one: no variation may show an
 * error (of the same kind, filesystem, root and inode; but for leaks also at the same time) that the whole trace does
 * not, nor more leaked bytes of a root. Fed in pieces of any size, a trace gives the same findings. With --clean the
 * whole trace must be free of errors, with --combined it is also varied in many ways at once. Prints what breaks the
 * law, with the seed that shows it, and counts; exit code 1 when the law was broken.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/tools/metamorph_vary.h"

#include "analyzer/replay.h"
#include "collector/source.h"

struct options {
	bool clean;
	bool combined;
	uint64_t seeds;
	uint64_t first;
};

/* One run over one trace: the whole trace's result, and how the variations fare against it. */
struct judge {
	const char *name;
	const struct events *whole;
	struct replay *base_replay;
	const struct replay_result *base;
	uint64_t runs;
	uint64_t faults;
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	(void)error;
	events_add(context, events, count);
	return ERR_OK;
}

static enum err load(const char *path, struct events *events, struct error *error)
{
	struct sink sink = {take, events};
	struct source *source = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int spool = memfd_create("metamorph", MFD_CLOEXEC);
	enum err err = ERR_OK;

	if (fd < 0 || spool < 0)
		err = error_set(error, ERR_SYSTEM, "cannot open '%s'", path);
	if (err == ERR_OK)
		err = source_open(&source, fd, spool, path, error);
	if (err == ERR_OK)
		err = source_read(source, &sink, error);
	source_close(source);
	close(spool);
	close(fd);
	return err;
}

static struct replay *replay_events(const struct events *events, size_t piece, const struct replay_result **result)
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
static uint16_t whole_fs(uint16_t fs)
{
	return fs >= TWIN_FS ? (uint16_t)(fs - TWIN_FS) : fs;
}

/* Where fewer events are recorded, an extent that no commit dropped is a leak of its bytes. */
static bool is_leak(const struct finding *finding)
{
	return finding->kind == FINDING_LEAK || finding->where == LEAK_FLIGHT;
}

static uint64_t leaked_bytes(const struct replay_result *result, uint16_t fs, uint64_t root)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (finding->severity == SEVERITY_ERROR && is_leak(finding) && finding->fs == fs &&
			finding->root == root)
			bytes += finding->bytes;
	}
	return bytes;
}

static bool leaks_more(const struct judge *judge, const struct replay_result *result, const struct finding *finding)
{
	return finding->kind == FINDING_LEAK && leaked_bytes(result, finding->fs, finding->root) >
							leaked_bytes(judge->base, whole_fs(finding->fs), finding->root);
}

/* Events that changed places have each other's time. */
static bool is_near(uint64_t a_ns, uint64_t b_ns)
{
	return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) < NEAR_NS;
}

static bool base_has(const struct judge *judge, const struct finding *finding, const struct occurrence *occurrence)
{
	for (size_t i = 0; i < judge->base->finding_count; i++) {
		const struct finding *known = &judge->base->findings[i];
		/* Where a leak sits is sometimes known and sometimes not; how much it is, is compared beside this. */
		bool same_file = finding->ino == 0 || known->ino == finding->ino ||
				 (finding->kind == FINDING_LEAK && known->ino == 0);

		if (known->kind != finding->kind || known->root != finding->root || !same_file ||
			known->fs != whole_fs(finding->fs))
			continue;
		if (finding->kind == FINDING_LEAK)
			return true;
		for (size_t k = 0; k < known->occurrence_count; k++)
			if (is_near(known->occurrences[k].time_ns, occurrence->time_ns))
				return true;
	}
	return false;
}

static void accuse(struct judge *judge, const char *what, const struct finding *finding, const struct occurrence *one)
{
	judge->faults++;
	printf("%s, %s: new %s %s %s root %" PRIu64 " ino %" PRIu64 " start %" PRIu64 " bytes %" PRIu64 " at %" PRIu64
	       ".%06u\n",
		judge->name, what, finding_certainty_name(finding->certainty), finding_kind_name(finding->kind),
		finding_path_name(finding->path), finding->root, finding->ino, one->start, one->bytes,
		one->time_ns / 1000000000, (unsigned)(one->time_ns / 1000 % 1000000));
}

static void hold_to_the_law(struct judge *judge, const struct events *varied, const char *what)
{
	const struct replay_result *result;
	struct replay *replay = replay_events(varied, 512, &result);

	judge->runs++;
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		for (size_t k = 0; finding->severity == SEVERITY_ERROR && k < finding->occurrence_count; k++)
			if (!base_has(judge, finding, &finding->occurrences[k]) || leaks_more(judge, result, finding))
				accuse(judge, what, finding, &finding->occurrences[k]);
	}
	replay_free(replay);
}

static bool same_occurrence(const struct occurrence *a, const struct occurrence *b)
{
	if (a->time_ns != b->time_ns || a->start != b->start || a->len != b->len || a->bytes != b->bytes ||
		a->have_bytes != b->have_bytes || a->diff_bytes != b->diff_bytes || a->task.pid != b->task.pid ||
		a->owner_count != b->owner_count)
		return false;
	for (size_t i = 0; i < a->owner_count; i++)
		if (a->owners[i].task.pid != b->owners[i].task.pid || a->owners[i].bytes != b->owners[i].bytes ||
			a->owners[i].time_ns != b->owners[i].time_ns)
			return false;
	return true;
}

static bool same_finding(const struct finding *a, const struct finding *b)
{
	if (a->id != b->id || a->kind != b->kind || a->path != b->path || a->certainty != b->certainty ||
		a->where != b->where || a->fs != b->fs || a->root != b->root || a->ino != b->ino ||
		a->bytes != b->bytes || a->occurrence_total != b->occurrence_total ||
		a->occurrence_count != b->occurrence_count || a->evidence_count != b->evidence_count ||
		a->consequence_total != b->consequence_total)
		return false;
	for (size_t i = 0; i < a->occurrence_count; i++)
		if (!same_occurrence(&a->occurrences[i], &b->occurrences[i]))
			return false;
	for (size_t i = 0; i < a->evidence_count; i++)
		if (a->evidence[i].event.number != b->evidence[i].event.number ||
			a->evidence[i].role != b->evidence[i].role)
			return false;
	return true;
}

static void feed_in_pieces(struct judge *judge, size_t piece)
{
	const struct replay_result *result;
	struct replay *replay = replay_events(judge->whole, piece, &result);
	bool same = result->finding_count == judge->base->finding_count && result->events == judge->base->events &&
		    result->contradictions == judge->base->contradictions;

	judge->runs++;
	for (size_t i = 0; same && i < result->finding_count; i++)
		same = same_finding(&result->findings[i], &judge->base->findings[i]);
	if (!same) {
		judge->faults++;
		printf("%s: other findings in pieces of %zu events\n", judge->name, piece);
	}
	replay_free(replay);
}

static void run_fixed(struct judge *judge, struct events *varied)
{
	static const size_t pieces[] = {1, 7, 4096, SIZE_MAX / 2};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		feed_in_pieces(judge, pieces[i]);
	for (size_t i = 0; i < FIXED_VARIATIONS; i++) {
		varied->count = 0;
		if (fixed_variations[i].make(varied, judge->whole, fixed_variations[i].argument))
			hold_to_the_law(judge, varied, fixed_variations[i].name);
	}
}

static void run_seed(struct judge *judge, struct events *varied, uint64_t seed, bool combined)
{
	for (size_t i = 0; i < RANDOM_VARIATIONS; i++) {
		struct seeded seeded = seeded_by(seed * RANDOM_VARIATIONS + i);
		char what[64];

		snprintf(what, sizeof(what), "%s, seed %" PRIu64, random_variations[i].name, seed);
		if (random_variations[i].combined && !combined)
			continue;
		varied->count = 0;
		if (random_variations[i].make(varied, judge->whole, &seeded))
			hold_to_the_law(judge, varied, what);
	}
}

static uint64_t count_errors(struct judge *judge, bool clean)
{
	uint64_t errors = 0;

	for (size_t i = 0; i < judge->base->finding_count; i++) {
		const struct finding *finding = &judge->base->findings[i];

		if (finding->severity != SEVERITY_ERROR)
			continue;
		errors += finding->occurrence_total;
		if (clean)
			accuse(judge, "whole", finding, &finding->occurrences[0]);
	}
	return errors;
}

/* Returns how often the law was broken. */
static uint64_t judge_trace(const char *path, const struct events *whole, const struct options *options)
{
	const char *slash = strrchr(path, '/');
	struct judge judge = {.name = slash != NULL ? slash + 1 : path, .whole = whole};
	struct events varied = {0};
	uint64_t errors;

	judge.base_replay = replay_events(whole, 512, &judge.base);
	errors = count_errors(&judge, options->clean);
	run_fixed(&judge, &varied);
	for (uint64_t i = 0; i < options->seeds; i++)
		run_seed(&judge, &varied, options->first + i, options->combined);
	printf("%s: %zu events, %" PRIu64 " errors, %" PRIu64 " variations, seeds %" PRIu64 " to %" PRIu64 ", %" PRIu64
	       " faults\n",
		judge.name, whole->count, errors, judge.runs, options->first, options->first + options->seeds - 1,
		judge.faults);
	free(varied.all);
	replay_free(judge.base_replay);
	return judge.faults;
}

/* Reads the options in front of the file names; returns the index of the first file name, 0 when they are wrong. */
static int parse(int argc, char **argv, struct options *options)
{
	int at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		if (strcmp(argv[at], "--clean") == 0)
			options->clean = true;
		else if (strcmp(argv[at], "--combined") == 0)
			options->combined = true;
		else if (strcmp(argv[at], "--seeds") == 0 && at + 1 < argc)
			options->seeds = strtoull(argv[++at], NULL, 10);
		else if (strcmp(argv[at], "--first") == 0 && at + 1 < argc)
			options->first = strtoull(argv[++at], NULL, 10);
		else
			return 0;
	}
	return at < argc && options->seeds > 0 ? at : 0;
}

int main(int argc, char **argv)
{
	struct options options = {.seeds = 10, .first = 1};
	int at = parse(argc, argv, &options);
	uint64_t faults = 0;

	if (at == 0) {
		fprintf(stderr, "usage: metamorph [--clean] [--combined] [--seeds N] [--first SEED] TRACE...\n");
		return 2;
	}
	for (; at < argc; at++) {
		struct events whole = {0};
		struct error error = {ERR_OK, ""};

		if (load(argv[at], &whole, &error) != ERR_OK || whole.count == 0) {
			fprintf(stderr, "metamorph: %s: %s\n", argv[at], error.code != ERR_OK ? error.text : "empty");
			return 2;
		}
		faults += judge_trace(argv[at], &whole, &options);
		free(whole.all);
	}
	return faults > 0 ? 1 : 0;
}
