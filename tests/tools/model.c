/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model [--seed N] [--seeds COUNT] [--bug NAME] [--with FLAG] [--without FLAG] [--dump] [--truth] - runs the model
 * kernel of tests/model and judges what the replay makes of its traces. Without --bug every bug has its turn. FLAG is a
 * member of struct model_setup, such as races or toggles. --dump prints the events as text, for `qgreplay check` or
 * tests/cases.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/judge.h"

struct options {
	uint64_t seed;
	uint64_t seeds;
	int bug; /* -1: all */
	bool dump;
	const char *with[8]; /* flags of the setup that are set, and cleared */
	const char *without[8];
	bool truth;
};

static int bug_of(const char *name)
{
	for (int bug = 0; bug < MODEL_BUGS; bug++)
		if (strcmp(name, model_bug_name((enum model_bug)bug)) == 0)
			return bug;
	return -2;
}

/* Notes the name of a flag; false when there is none of that name. */
static bool add(const char **names, const char *name)
{
	struct model_setup ignored;
	size_t count = 0;

	while (count < 7 && names[count] != NULL)
		count++;
	names[count] = name;
	return model_setup_flag(&ignored, name, true);
}

static struct model_setup setup_of(const struct options *options, uint64_t seed, enum model_bug bug)
{
	struct model_setup setup = model_setup_of(seed, bug);

	for (size_t i = 0; i < 8 && options->with[i] != NULL; i++)
		model_setup_flag(&setup, options->with[i], true);
	for (size_t i = 0; i < 8 && options->without[i] != NULL; i++)
		model_setup_flag(&setup, options->without[i], false);
	return setup;
}

static bool parse(struct options *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--dump") == 0)
			options->dump = true;
		else if (strcmp(argv[i], "--truth") == 0)
			options->truth = true;
		else if (strcmp(argv[i], "--seed") == 0 && *value != '\0')
			options->seed = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--seeds") == 0 && *value != '\0')
			options->seeds = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--with") == 0 && add(options->with, value))
			i++;
		else if (strcmp(argv[i], "--without") == 0 && add(options->without, value))
			i++;
		else if (strcmp(argv[i], "--bug") == 0 && bug_of(value) >= 0)
			options->bug = bug_of(argv[++i]);
		else
			return false;
	}
	return true;
}

static void print_truths(const struct model_run *run)
{
	for (size_t i = 0; i < run->truth_count; i++) {
		const struct model_truth *truth = &run->truths[i];

		fprintf(stderr,
			"truth: %s fs=%u root=%" PRIu64 " ino=%" PRIu64 " start=%" PRIu64 " bytes=%" PRIu64
			" by=%d at=%" PRIu64 "%s%s\n",
			finding_kind_name(truth->kind), truth->fs, truth->root, truth->ino, truth->start, truth->bytes,
			(int)truth->pid, truth->time_ns, truth->unprovable != NULL ? " unprovable: " : "",
			truth->unprovable != NULL ? truth->unprovable : "");
	}
}

static bool run_one(const struct options *options, uint64_t seed, enum model_bug bug, struct judgement *sum)
{
	struct model_setup setup = setup_of(options, seed, bug);
	struct model_run run;
	struct judgement judgement;

	model_run(&run, &setup);
	judgement = judge_run(&run, NULL);
	sum->found += judgement.found;
	sum->missed += judgement.missed;
	sum->unprovable += judgement.unprovable;
	sum->wrong += judgement.wrong;
	if (judgement.missed + judgement.wrong > 0) {
		fprintf(stderr, "seed %" PRIu64 " bug %s family %s%s%s%s%s%s%s%s%s%s%s:\n", seed, model_bug_name(bug),
			model_family_name(setup.family), setup.races ? " races" : "", setup.faults ? " faults" : "",
			setup.bits ? " bits" : "", setup.ordered ? " ordered" : "",
			setup.accounting ? " accounting" : "", setup.two ? " two" : "",
			setup.hierarchy ? " hierarchy" : "", setup.simple ? " simple" : "",
			setup.remounts ? " remounts" : "", setup.unmounted ? " unmounted" : "");
		judge_run(&run, stderr);
	}
	if (options->truth)
		print_truths(&run);
	if (options->dump)
		judge_print_events(stdout, &run);
	model_run_release(&run);
	return judgement.missed + judgement.wrong == 0;
}

int main(int argc, char **argv)
{
	struct options options = {.seed = 1, .seeds = 1, .bug = -1};
	uint64_t failed = 0;

	if (!parse(&options, argc, argv)) {
		fprintf(stderr,
			"usage: model [--seed N] [--seeds COUNT] [--bug NAME] [--with FLAG] [--without FLAG] [--dump] "
			"[--truth]\n");
		return 2;
	}
	for (int bug = 0; bug < MODEL_BUGS; bug++) {
		struct judgement sum = {0};
		uint64_t bad = 0;

		if (options.bug >= 0 && bug != options.bug)
			continue;
		for (uint64_t seed = options.seed; seed < options.seed + options.seeds; seed++)
			bad += !run_one(&options, seed, (enum model_bug)bug, &sum);
		fprintf(stderr,
			"%-20s %" PRIu64 " seeds, %" PRIu64 " fail: found %" PRIu64 ", missed %" PRIu64
			", unprovable %" PRIu64 ", wrong %" PRIu64 "\n",
			model_bug_name((enum model_bug)bug), options.seeds, bad, sum.found, sum.missed, sum.unprovable,
			sum.wrong);
		failed += bad;
	}
	return failed > 0;
}
