/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What real kernels trace, and what the model does, obey the same facts. The checks run over the real traces of
 * tests/traces and of SHARED first, so that they are proven against reality, then over the model without a bug.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/source.h"
#include "tests/model/facts.h"
#include "tests/model/model.h"

enum { SEEDS = 300 };

/* Traces of unaltered kernels with a complete head, without loss and without a change of quota. */
static const struct {
	const char *name;
	bool shared;
	uint32_t excepted; /* facts as bits */
} traces[] = {
	{"tests/traces/kernel/b0-w1.dat.zst", false, 0},
	{"tests/traces/live/nocow.txt.zst", false, 0},
	{"tests/traces/live/hier.txt.zst", false, 0},
	{"tests/traces/live/remount.txt.zst", false, 0},
	{"clean/s00.dat", true, 0},
	{"clean/s01.dat", true, 0},
	{"clean/s02.dat", true, 0},
	{"clean/s08.dat", true, 0},
	{"clean/s11.dat", true, 0},
	{"clean/s13.dat", true, 0},
	{"clean/b0-w2.dat", true, 0},
	{"clean/look-host.dat", true, 0},
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	(void)error;
	for (size_t i = 0; i < count; i++)
		facts_take(context, &events[i]);
	return ERR_OK;
}

/* Prints what was tried and says how many facts, but for the excepted ones, did not hold. */
static uint64_t show(const char *name, const struct facts *facts, uint32_t excepted)
{
	uint64_t broken = 0;

	printf("%s:", name);
	for (int fact = 0; fact < FACT_COUNT; fact++) {
		uint64_t times = facts_broken(facts, (enum fact)fact);

		printf(" %s %" PRIu64, fact_name((enum fact)fact), facts_tried(facts, (enum fact)fact));
		if (times > 0)
			printf(" (%" PRIu64 " NOT, first event %" PRIu64 ")", times,
				facts_first(facts, (enum fact)fact));
		if ((excepted >> fact & 1) == 0)
			broken += times;
	}
	printf("\n");
	return broken;
}

static uint64_t check_trace(const char *path, uint32_t excepted)
{
	struct facts *facts = facts_new();
	struct sink sink = {take, facts};
	struct source *source = NULL;
	struct error error = {ERR_OK, ""};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int spool = memfd_create("facts", MFD_CLOEXEC);
	uint64_t broken;

	assert_true(fd >= 0 && spool >= 0);
	if (source_open(&source, fd, spool, path, &error) == ERR_OK)
		source_read(source, &sink, &error);
	if (error.code != ERR_OK)
		fail_msg("%s: %s", path, error.text);
	broken = show(path, facts, excepted);
	source_close(source);
	close(spool);
	close(fd);
	facts_free(facts);
	return broken;
}

static void test_real_traces(void **state)
{
	const char *shared = getenv("SHARED");
	uint64_t broken = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s%s%s", traces[i].shared ? shared != NULL ? shared : "../shared" : "",
			traces[i].shared ? "/traces/" : "", traces[i].name);
		if (traces[i].shared && access(path, R_OK) != 0) {
			printf("%s is not here\n", traces[i].name);
			continue;
		}
		broken += check_trace(path, traces[i].excepted);
	}
	assert_int_equal(broken, 0);
}

static void add(struct facts *facts, uint64_t seed, enum model_bug bug, bool races)
{
	struct model_setup setup = model_setup_of(seed, bug);
	struct model_run run;

	setup.races = races;
	setup.simple = false;
	setup.toggles = false;
	model_run(&run, &setup);
	for (size_t i = 0; i < run.event_count; i++)
		facts_take(facts, &run.events[i]);
	model_run_release(&run);
}

static uint64_t check_model(bool races, uint32_t excepted)
{
	uint64_t broken = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct facts *facts = facts_new();
		char name[64];
		uint64_t found = 0;

		add(facts, seed, BUG_NONE, races);
		for (int fact = 0; fact < FACT_COUNT; fact++)
			found += (excepted >> fact & 1) ? 0 : facts_broken(facts, (enum fact)fact);
		snprintf(name, sizeof(name), "model seed %" PRIu64 "%s", seed, races ? " with races" : "");
		if (found > 0 || seed == SEEDS)
			show(name, facts, excepted);
		broken += found;
		facts_free(facts);
	}
	return broken;
}

static void test_model_obeys(void **state)
{
	(void)state;
	assert_int_equal(check_model(false, 0), 0);
}

/* Tasks that meet between a change of bits and its counter also take each other's bytes, on real kernels too. */
static void test_model_obeys_with_races(void **state)
{
	(void)state;
	assert_int_equal(check_model(true, 1u << FACT_DROP | 1u << FACT_EMPTY), 0);
}

/* The checks can fail: bugs that change what is traced break the fact that they are about. */
static void test_bugs_break_them(void **state)
{
	static const struct {
		enum model_bug bug;
		enum fact fact;
	} breaks[] = {{BUG_LOST_ROLLBACK, FACT_EMPTY}, {BUG_COMMIT_DROPS_LENGTH, FACT_DROP},
		{BUG_NOCOW_RELEASED, FACT_ORDERED}, {BUG_INT_TRUNCATION, FACT_CHARGE}, {BUG_COMMIT_SKIPS, FACT_EMPTY}};

	(void)state;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		uint64_t broken = 0;

		for (uint64_t seed = 1; seed <= 60; seed++) {
			struct facts *facts = facts_new();

			add(facts, seed, breaks[i].bug, false);
			broken += facts_broken(facts, breaks[i].fact);
			facts_free(facts);
		}
		printf("%s: %s broken %" PRIu64 " times\n", model_bug_name(breaks[i].bug), fact_name(breaks[i].fact),
			broken);
		assert_true(broken > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_traces),
		cmocka_unit_test(test_model_obeys),
		cmocka_unit_test(test_model_obeys_with_races),
		cmocka_unit_test(test_bugs_break_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
