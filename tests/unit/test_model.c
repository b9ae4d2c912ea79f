/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The replay against the model kernel: for every seed, without a bug and with each, it must find what the trace proves
 * and accuse of nothing else. MODEL_SEEDS says how many seeds for each bug (make soak SEEDS=...), MODEL_FIRST with
 * which to begin, MODEL_WITH names a flag of the setup that is set for all of them, such as toggles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <inttypes.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/model/judge.h"

/* A limit is seldom reached, and its excess seldom certain. */
enum { SEEDS = 400, MORE_FOR_LIMITS = 4 };

/* Leaks that the replay finds too doubtful. */
static const struct {
	enum model_bug bug;
	uint64_t seed;
} open_seeds[] = {{BUG_LOST_ROLLBACK, 1642}, {BUG_RELEASE_VANISHES, 2026}};

static bool is_open(const struct model_setup *setup)
{
	for (size_t i = 0; i < sizeof(open_seeds) / sizeof(open_seeds[0]); i++)
		if (open_seeds[i].bug == setup->bug && open_seeds[i].seed == setup->seed)
			return true;
	return false;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

/* What fails, and of a false error the shortest part of the trace that still shows it, for tests/cases. */
static void show(struct model_run *run)
{
	printf("seed %" PRIu64 " bug %s (model --seed %" PRIu64 " --bug %s --dump shows it all):\n", run->setup.seed,
		model_bug_name(run->setup.bug), run->setup.seed, model_bug_name(run->setup.bug));
	if (judge_run(run, stdout).wrong == 0)
		return;
	judge_shorten(run);
	judge_print_events(stdout, run);
	judge_run(run, stdout);
}

static void run_seed(uint64_t seed, enum model_bug bug, struct judgement *sum)
{
	struct model_setup setup = model_setup_of(seed, bug);
	const char *with = getenv("MODEL_WITH");
	struct judgement judgement;
	struct model_run run;

	if (with != NULL && *with != '\0')
		assert_true(model_setup_flag(&setup, with, true));
	model_run(&run, &setup);
	judgement = judge_run(&run, NULL);
	if (is_open(&setup)) {
		printf("seed %" PRIu64 " bug %s is open: missed %" PRIu64 ", wrong %" PRIu64 "\n", seed,
			model_bug_name(bug), judgement.missed, judgement.wrong);
		judgement.missed = judgement.wrong = 0;
	}
	/* Around a toggle much is in doubt that the model knows: what is said must be true, not all must be said. */
	if (setup.toggles) {
		judgement.unprovable += judgement.missed;
		judgement.missed = 0;
	}
	if (judgement.missed + judgement.wrong > 0 && sum->missed + sum->wrong == 0)
		show(&run);
	sum->found += judgement.found;
	sum->missed += judgement.missed;
	sum->unplaced += judgement.unplaced;
	sum->unprovable += judgement.unprovable;
	sum->wrong += judgement.wrong;
	model_run_release(&run);
}

static void test_bug(void **state)
{
	const enum model_bug bug = *(const enum model_bug *)*state;
	uint64_t seeds = number_of("MODEL_SEEDS", SEEDS);
	uint64_t first = number_of("MODEL_FIRST", 1);
	struct judgement sum = {0};

	seeds *= bug == BUG_NO_LIMIT ? MORE_FOR_LIMITS : 1;
	for (uint64_t seed = first; seed < first + seeds; seed++)
		run_seed(seed, bug, &sum);
	printf("%s: seeds %" PRIu64 " to %" PRIu64 ", found %" PRIu64 ", missed %" PRIu64 ", unplaced %" PRIu64
	       ", unprovable %" PRIu64 ", wrong %" PRIu64 "\n",
		model_bug_name(bug), first, first + seeds - 1, sum.found, sum.missed, sum.unplaced, sum.unprovable,
		sum.wrong);
	assert_int_equal(sum.missed + sum.wrong, 0);
	/* Else nothing was tried. */
	assert_true(bug == BUG_NONE || sum.found > 0 || seeds < SEEDS);
}

int main(void)
{
	static enum model_bug bugs[] = {BUG_NONE, BUG_FOREIGN_FREE, BUG_LOST_ROLLBACK, BUG_SILENT_INVALIDATE,
		BUG_NOCOW_RELEASED, BUG_WRITEBACK_KEEPS, BUG_INT_TRUNCATION, BUG_COMMIT_DROPS_LENGTH, BUG_COMMIT_SKIPS,
		BUG_RELEASE_VANISHES, BUG_ERROR_EXTENT_KEEPS, BUG_OVER_BROAD, BUG_META_DOUBLE_FREE, BUG_PERTRANS_STUCK,
		BUG_NO_LIMIT};
	struct CMUnitTest tests[sizeof(bugs) / sizeof(bugs[0])];
	const size_t count = sizeof(tests) / sizeof(tests[0]);

	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){
			.name = model_bug_name(bugs[i]), .test_func = test_bug, .initial_state = &bugs[i]};
	return _cmocka_run_group_tests("model", tests, count, NULL, NULL);
}
