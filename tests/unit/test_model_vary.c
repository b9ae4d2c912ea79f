/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traces of the model kernel that are spoilt: a head cut off, events of one CPU lost with a mark, kinds of event that
 * were not recorded, one filesystem of two, and traces fed in chunks. What is then proven is
 * true, or was found in the whole trace too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/replay.h"
#include "base/memory.h"
#include "tests/model/model.h"
#include "tests/unit/seeded.h"

enum { SEEDS = 120 };

static const enum model_bug bugs[] = {BUG_NONE, BUG_FOREIGN_FREE, BUG_LOST_ROLLBACK, BUG_WRITEBACK_KEEPS,
	BUG_NOCOW_RELEASED, BUG_COMMIT_SKIPS, BUG_COMMIT_DROPS_LENGTH};

/* Copies a trace, but for what a variation leaves out; returns how many events that are. */
typedef size_t vary_fn(struct event *to, const struct model_run *run, struct seeded *seeded);

static size_t cut_head(struct event *to, const struct model_run *run, struct seeded *seeded)
{
	size_t from = (size_t)seeded_below(seeded, run->event_count);

	memcpy(to, run->events + from, (run->event_count - from) * sizeof(*to));
	return run->event_count - from;
}

/* A reader was too slow for one CPU. */
static size_t lose(struct event *to, const struct model_run *run, struct seeded *seeded)
{
	size_t from = (size_t)seeded_below(seeded, run->event_count);
	uint64_t left = 1 + seeded_below(seeded, 60);
	uint16_t cpu = (uint16_t)seeded_below(seeded, 2);
	struct event mark = {.kind = EVENT_LOST, .cpu = cpu};
	size_t count = 0;

	for (size_t i = 0; i < run->event_count; i++) {
		const struct event *event = &run->events[i];

		if (event->cpu == cpu && i < from)
			mark.start = event->time_ns;
		if (event->cpu == cpu && i >= from && left > 0) {
			left--;
			mark.bytes++;
			continue;
		}
		if (event->cpu == cpu && mark.bytes > 0) {
			mark.time_ns = event->time_ns;
			to[count++] = mark;
			mark.bytes = 0;
		}
		to[count++] = *event;
	}
	/* At the very end nothing would say that something is missing. */
	if (mark.bytes > 0) {
		count = run->event_count;
		memcpy(to, run->events, count * sizeof(*to));
	}
	return count;
}

static size_t without(struct event *to, const struct model_run *run, uint64_t kinds)
{
	size_t count = 0;

	for (size_t i = 0; i < run->event_count; i++)
		if ((kinds >> run->events[i].kind & 1) == 0)
			to[count++] = run->events[i];
	return count;
}

static size_t no_bits(struct event *to, const struct model_run *run, struct seeded *seeded)
{
	(void)seeded;
	return without(to, run, UINT64_C(1) << EVENT_SET_EXTENT_BIT | UINT64_C(1) << EVENT_CLEAR_EXTENT_BIT);
}

static size_t no_kind(struct event *to, const struct model_run *run, struct seeded *seeded)
{
	return without(to, run, UINT64_C(1) << (EVENT_NONE + 1 + seeded_below(seeded, EVENT_LOST - EVENT_NONE - 1)));
}

static size_t one_filesystem(struct event *to, const struct model_run *run, struct seeded *seeded)
{
	uint16_t fs = (uint16_t)(1 + seeded_below(seeded, run->setup.two ? 2 : 1));
	size_t count = 0;

	for (size_t i = 0; i < run->event_count; i++)
		if (run->events[i].fs == fs)
			to[count++] = run->events[i];
	return count;
}

static const struct {
	const char *name;
	vary_fn *vary;
} variations[] = {{"head cut off", cut_head}, {"events lost", lose}, {"no extent bits", no_bits},
	{"a kind not recorded", no_kind}, {"one filesystem of them", one_filesystem}};

static bool is_true(const struct model_run *run, const struct finding *finding)
{
	for (size_t i = 0; i < run->truth_count; i++) {
		const struct model_truth *truth = &run->truths[i];

		if (truth->kind == finding->kind && truth->fs == finding->fs && truth->root == finding->root &&
			(truth->ino == 0 || truth->ino == finding->ino || finding->ino == 0))
			return true;
	}
	return false;
}

static bool has(const struct replay_result *whole, const struct finding *finding)
{
	for (size_t i = 0; i < whole->finding_count; i++) {
		const struct finding *other = &whole->findings[i];

		if (other->kind == finding->kind && other->fs == finding->fs && other->root == finding->root &&
			(finding->ino == 0 || other->ino == finding->ino))
			return true;
	}
	return false;
}

static void show(const struct model_run *run, const char *name, const struct finding *finding)
{
	printf("seed %" PRIu64 " bug %s, %s: %s %s proven, root %" PRIu64 " ino %" PRIu64 ", %" PRIu64
	       " bytes at %" PRIu64 "\n",
		run->setup.seed, model_bug_name(run->setup.bug), name, finding_kind_name(finding->kind),
		finding_path_name(finding->path), finding->root, finding->ino, finding->bytes,
		finding->occurrences[0].time_ns);
}

static uint64_t compare(const struct model_run *run, const struct replay_result *whole,
	const struct replay_result *part, const char *name)
{
	uint64_t wrong = 0;

	for (size_t i = 0; i < part->finding_count; i++) {
		const struct finding *finding = &part->findings[i];

		if (finding->severity != SEVERITY_ERROR || finding->certainty != CERTAINTY_PROVEN ||
			is_true(run, finding) || has(whole, finding))
			continue;
		wrong++;
		show(run, name, finding);
	}
	return wrong;
}

/* In whatever portions the events come, the result is the same. */
static uint64_t feed_in_chunks(const struct model_run *run, const struct replay_result *whole, struct seeded *seeded)
{
	struct replay *replay = replay_new(NULL);
	const struct replay_result *result;
	uint64_t wrong = 0;

	for (size_t i = 0, next; i < run->event_count; i = next) {
		next = i + 1 + (size_t)seeded_below(seeded, 500);
		next = next < run->event_count ? next : run->event_count;
		replay_take(replay, run->events + i, next - i);
	}
	result = replay_finish(replay);
	wrong = result->finding_count != whole->finding_count;
	for (size_t i = 0; i < result->finding_count && wrong == 0; i++)
		wrong = result->findings[i].kind != whole->findings[i].kind ||
			result->findings[i].certainty != whole->findings[i].certainty ||
			result->findings[i].bytes != whole->findings[i].bytes ||
			result->findings[i].occurrence_total != whole->findings[i].occurrence_total;
	if (wrong > 0)
		printf("seed %" PRIu64 " bug %s: in chunks it is another result\n", run->setup.seed,
			model_bug_name(run->setup.bug));
	replay_free(replay);
	return wrong;
}

static uint64_t vary_all(struct model_run *run)
{
	struct seeded seeded = seeded_by(run->setup.seed);
	struct event *events = memory_zeroed((run->event_count + 1) * sizeof(*events));
	struct replay *whole = replay_new(NULL);
	const struct replay_result *result;
	uint64_t wrong = 0;

	for (size_t i = 0; i < run->event_count; i++)
		replay_take(whole, &run->events[i], 1);
	result = replay_finish(whole);
	for (size_t i = 0; i < sizeof(variations) / sizeof(variations[0]); i++) {
		struct replay *part = replay_new(NULL);
		size_t count = variations[i].vary(events, run, &seeded);

		replay_take(part, events, count);
		wrong += compare(run, result, replay_finish(part), variations[i].name);
		replay_free(part);
	}
	wrong += feed_in_chunks(run, result, &seeded);
	replay_free(whole);
	free(events);
	return wrong;
}

static void test_spoilt_traces_prove_nothing_new(void **state)
{
	const char *text = getenv("MODEL_SEEDS");
	uint64_t seeds = text != NULL ? strtoull(text, NULL, 10) : SEEDS;
	uint64_t wrong = 0;
	uint64_t traces = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bugs) / sizeof(bugs[0]); i++)
		for (uint64_t seed = 1; seed <= seeds; seed++, traces++) {
			struct model_setup setup = model_setup_of(seed, bugs[i]);
			struct model_run run;

			model_run(&run, &setup);
			wrong += vary_all(&run);
			model_run_release(&run);
		}
	printf("%" PRIu64 " traces, each in %zu variations: %" PRIu64 " proven that are not true\n", traces,
		sizeof(variations) / sizeof(variations[0]), wrong);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_spoilt_traces_prove_nothing_new)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
