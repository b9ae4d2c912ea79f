/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metamorph [--clean] [--combined] [--text] [--seeds N] [--first SEED] TRACE...
 * metamorph --model TRACES [--seeds N] [--first SEED]
 *
 * Replays variations of traces that must not change the verdict for the worse. What is left out of a trace, and a
 * little disorder, may hide an error but never make one. In pieces of any size, one filesystem at a time, beside a copy
 * of itself, and (--text) written as text in several forms, a trace gives the same findings. With --clean the whole
 * trace must be free of errors, with --combined it is also varied in many ways at once. --model makes its traces
 * itself, in turn without a bug and with each. Prints what breaks a law, with the seed that shows it, and counts; exit
 * code 1 when a law was broken.
 */
#include <fcntl.h>

#include "tests/model/model.h"
#include "tests/tools/metamorph_law.h"
#include "tests/tools/metamorph_text.h"

struct options {
	bool clean;
	bool combined;
	bool text;
	uint64_t model;
	uint64_t seeds;
	uint64_t first;
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	(void)error;
	events_add(context, events, count);
	return ERR_OK;
}

/* Reads a trace; the source, which has its names, is the caller's to close also when it fails. */
static enum err load(int fd, const char *name, struct events *events, struct source **source, struct error *error)
{
	struct sink sink = {take, events};
	int spool = memfd_create("metamorph", MFD_CLOEXEC);
	enum err err = source_open(source, fd, spool, name, error);

	if (err == ERR_OK)
		err = source_read(*source, &sink, error);
	close(spool);
	return err;
}

/* Written as text and read back it is the same trace. */
static void put_into_words(struct judge *judge, const struct trace_info *info, const struct text_form *form)
{
	struct source *source = NULL;
	struct events back = {0};
	struct error error = {ERR_OK, ""};
	const struct replay_result *result = NULL;
	struct replay *replay = NULL;
	int fd = write_text(judge->whole, info, form);
	bool same = load(fd, form->name, &back, &source, &error) == ERR_OK && back.count == judge->whole->count;

	if (same) {
		rename_events(&back, source_info(source), info);
		replay = replay_events(&back, 512, &result);
		same = same_findings(judge->base, result, EVERY_FS, exactly);
	}
	must_be_same(judge, same, form->name);
	replay_free(replay);
	source_close(source);
	free(back.all);
	close(fd);
}

static void run_fixed(struct judge *judge, struct events *varied, const struct trace_info *info)
{
	static const size_t pieces[] = {1, 7, 4096, SIZE_MAX / 2};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		feed_in_pieces(judge, pieces[i]);
	take_apart(judge, varied);
	put_beside(judge, varied);
	for (size_t i = 0; i < TEXT_FORMS && info != NULL; i++)
		put_into_words(judge, info, &text_forms[i]);
	for (size_t i = 0; i < FIXED_VARIATIONS; i++) {
		varied->count = 0;
		if (vary_kinds(varied, judge->whole, fixed_variations[i].kinds))
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

/* Holds a trace to all laws; `info` is NULL where it is not to be written as text. */
static void judge_trace(struct judge *judge, const struct options *options, const struct trace_info *info)
{
	struct events varied = {0};

	judge->base_replay = replay_events(judge->whole, 512, &judge->base);
	judge->errors += count_errors(judge, options->clean);
	run_fixed(judge, &varied, info);
	for (uint64_t i = 0; i < options->seeds; i++)
		run_seed(judge, &varied, options->first + i, options->combined);
	free(varied.all);
	replay_free(judge->base_replay);
}

static void print_counts(const struct judge *judge, uint64_t events, const struct options *options)
{
	printf("%s: %" PRIu64 " events, %" PRIu64 " errors, %" PRIu64 " variations, seeds %" PRIu64 " to %" PRIu64
	       ", %" PRIu64 " faults\n",
		judge->name, events, judge->errors, judge->runs, options->first, options->first + options->seeds - 1,
		judge->faults);
}

/* Returns how often a law was broken; SIZE_MAX when the trace cannot be read. */
static uint64_t judge_file(const char *path, const struct options *options)
{
	const char *slash = strrchr(path, '/');
	struct source *source = NULL;
	struct events whole = {0};
	struct error error = {ERR_OK, ""};
	struct judge judge = {.name = slash != NULL ? slash + 1 : path, .whole = &whole};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (load(fd, path, &whole, &source, &error) != ERR_OK || whole.count == 0) {
		fprintf(stderr, "metamorph: %s: %s\n", path, error.code != ERR_OK ? error.text : "empty");
		judge.faults = SIZE_MAX;
	} else {
		judge_trace(&judge, options, options->text ? source_info(source) : NULL);
		print_counts(&judge, whole.count, options);
	}
	source_close(source);
	free(whole.all);
	close(fd);
	return judge.faults;
}

/* Returns how often a law was broken by traces of the model kernel. */
static uint64_t judge_model(const struct options *options)
{
	struct judge judge = {.name = "model"};
	uint64_t events = 0;

	for (uint64_t i = 0; i < options->model; i++) {
		uint64_t seed = options->first + i;
		struct model_setup setup = model_setup_of(seed, (enum model_bug)(seed % MODEL_BUGS));
		char name[64];
		struct model_run run;
		struct events whole = {0};
		uint64_t faults = judge.faults;

		model_run(&run, &setup);
		events_add(&whole, run.events, run.event_count);
		events += run.event_count;
		snprintf(name, sizeof(name), "model %s, seed %" PRIu64, model_bug_name(setup.bug), seed);
		judge.name = name;
		judge.whole = &whole;
		judge.run = &run;
		if (whole.count > 0)
			judge_trace(&judge, options, NULL);
		if (judge.faults > faults)
			printf("%s: %" PRIu64 " faults\n", name, judge.faults - faults);
		free(whole.all);
		model_run_release(&run);
	}
	judge.name = "model";
	print_counts(&judge, events, options);
	return judge.faults;
}

/* Reads the options in front of the file names; returns the index of the first file name, 0 when they are wrong. */
static int parse(int argc, char **argv, struct options *options)
{
	int at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		bool valued = at + 1 < argc;

		if (strcmp(argv[at], "--clean") == 0)
			options->clean = true;
		else if (strcmp(argv[at], "--combined") == 0)
			options->combined = true;
		else if (strcmp(argv[at], "--text") == 0)
			options->text = true;
		else if (strcmp(argv[at], "--model") == 0 && valued)
			options->model = strtoull(argv[++at], NULL, 10);
		else if (strcmp(argv[at], "--seeds") == 0 && valued)
			options->seeds = strtoull(argv[++at], NULL, 10);
		else if (strcmp(argv[at], "--first") == 0 && valued)
			options->first = strtoull(argv[++at], NULL, 10);
		else
			return 0;
	}
	return (at < argc) != (options->model > 0) && options->seeds > 0 ? at : 0;
}

int main(int argc, char **argv)
{
	struct options options = {.seeds = 10, .first = 1};
	int at = parse(argc, argv, &options);
	bool unread = false;
	uint64_t faults = 0;

	if (at == 0) {
		fprintf(stderr, "usage: metamorph [--clean] [--combined] [--text] [--seeds N] [--first SEED] TRACE...\n"
				"       metamorph --model TRACES [--combined] [--seeds N] [--first SEED]\n");
		return 2;
	}
	if (options.model > 0)
		faults = judge_model(&options);
	for (; at < argc && !unread; at++) {
		uint64_t more = judge_file(argv[at], &options);

		unread = more == SIZE_MAX;
		faults += unread ? 0 : more;
	}
	return unread ? 2 : faults > 0;
}
