/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events that no kernel would write, in any order and with any numbers: whatever they claim, the replay comes to an
 * end, and its result keeps its form. Few roots, inodes and tasks, so that everything meets everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "analyzer/replay.h"
#include "tests/unit/seeded.h"

enum { EVENTS = 6000, SEEDS = 60 };

/* Numbers at which arithmetic goes wrong, and ordinary ones. */
static uint64_t any_number(struct seeded *seeded)
{
	static const uint64_t edges[] = {
		0, 1, 4095, UINT32_MAX, UINT64_C(1) << 32, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX - 4096, UINT64_MAX};

	if (seeded_percent(seeded, 10))
		return edges[seeded_below(seeded, sizeof(edges) / sizeof(edges[0]))];
	return seeded_below(seeded, 24) * 4096;
}

static uint64_t any_root(struct seeded *seeded)
{
	static const uint64_t roots[] = {256, 256, 256, 257, 5, 1, UINT64_MAX - 8, UINT64_C(1) << 48 | 100};

	return roots[seeded_below(seeded, sizeof(roots) / sizeof(roots[0]))];
}

static struct event any_event(struct seeded *seeded, uint64_t number, uint64_t time_ns)
{
	static const uint8_t common[] = {EVENT_RESERVE_DATA, EVENT_RELEASE_DATA, EVENT_UPDATE_RESERVE,
		EVENT_META_RESERVE, EVENT_ORDERED_ADD, EVENT_INODE_EVICT};
	static const uint8_t ops[] = {
		EVENT_OP_RELEASE, EVENT_OP_FREE, EVENT_OP_RESERVE, EVENT_OP_RELEASE | EVENT_OP_FREE, 0, 255};
	struct event event = {.number = number, .time_ns = time_ns};

	event.kind = seeded_percent(seeded, 80) ? common[seeded_below(seeded, sizeof(common))]
						: (uint8_t)seeded_below(seeded, EVENT_COUNT + 2);
	if (event.kind == EVENT_LOST && seeded_percent(seeded, 90))
		event.kind = EVENT_TRANSACTION_COMMIT;
	event.root = any_root(seeded);
	event.ino = seeded_percent(seeded, 90) ? 257 + seeded_below(seeded, 3) : seeded_below(seeded, 2);
	event.start = any_number(seeded);
	event.len = any_number(seeded);
	event.bytes = any_number(seeded);
	event.diff = (int64_t)(seeded_percent(seeded, 50) ? any_number(seeded) : 0 - any_number(seeded));
	event.pid = (int32_t)seeded_below(seeded, 4) - 1;
	event.comm = (uint32_t)seeded_below(seeded, 3);
	event.flags = (uint32_t)seeded_below(seeded, 32);
	event.fs = (uint16_t)seeded_below(seeded, 2);
	event.cpu = (uint16_t)seeded_below(seeded, 3);
	event.op = ops[seeded_below(seeded, sizeof(ops))];
	event.type = seeded_percent(seeded, 80) ? (uint8_t)EVENT_TYPE_DATA : (uint8_t)seeded_next(seeded);
	return event;
}

/* An event that fits what went before: a charge of the last reserve, the update of the last free. */
static struct event fitting_event(const struct event *last, struct event event)
{
	event.fs = last->fs;
	event.pid = last->pid;
	event.root = last->root;
	event.type = EVENT_TYPE_DATA;
	event.kind = EVENT_UPDATE_RESERVE;
	event.diff = (int64_t)(last->op == EVENT_OP_RESERVE ? last->bytes : 0 - last->bytes);
	return event;
}

static struct event next_event(struct seeded *seeded, const struct event *last)
{
	uint64_t step_ns = seeded_percent(seeded, 95) ? seeded_below(seeded, 300000) : seeded_next(seeded) >> 34;
	struct event event = any_event(seeded, last->number + 1, last->time_ns + step_ns);

	/* A hostile trace need not be in the order of time. */
	if (seeded_percent(seeded, 1))
		event.time_ns = seeded_next(seeded);
	if ((last->kind == EVENT_RESERVE_DATA || last->kind == EVENT_RELEASE_DATA) && seeded_percent(seeded, 70))
		event = fitting_event(last, event);
	return event;
}

static void check_finding(const struct finding *finding, const struct finding *previous, uint64_t last_number)
{
	assert_in_range(finding->kind, 0, FINDING_KIND_COUNT - 1);
	assert_int_equal(finding->severity, finding_severity_of(finding->kind));
	assert_in_range(finding->certainty, 0, CERTAINTY_COUNT - 1);
	assert_in_range(finding->path, 0, PATH_COUNT - 1);
	assert_in_range(finding->occurrence_count, 1, FINDING_OCCURRENCES_KEPT);
	assert_true(finding->occurrence_total >= finding->occurrence_count);
	assert_in_range(finding->evidence_count, 1, FINDING_EVIDENCE_KEPT);
	assert_true(finding->consequence_total >= finding->consequence_count);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		assert_in_range(finding->evidence[i].role, 0, ROLE_COUNT - 1);
		assert_true(finding->evidence[i].event.number <= last_number);
		assert_true(finding->evidence[i].occurrence < finding->occurrence_count);
	}
	for (size_t i = 1; i < finding->occurrence_count; i++)
		assert_true(finding->occurrences[i - 1].time_ns <= finding->occurrences[i].time_ns);
	if (previous == NULL)
		return;
	assert_true(previous->severity >= finding->severity);
	if (previous->severity == finding->severity)
		assert_true(previous->occurrences[0].time_ns <= finding->occurrences[0].time_ns);
}

static void check_result(const struct replay_result *result, uint64_t last_number)
{
	uint64_t counted = 0;

	for (size_t i = 0; i < result->finding_count; i++) {
		assert_int_equal(result->findings[i].id, i + 1);
		check_finding(&result->findings[i], i > 0 ? &result->findings[i - 1] : NULL, last_number);
	}
	for (size_t kind = 0; kind < EVENT_COUNT; kind++)
		counted += kind != EVENT_LOST ? result->event_counts[kind] : 0;
	assert_true(counted == result->events);
	for (size_t i = 0; i < result->filesystem_count; i++)
		for (size_t k = 1; k < result->filesystems[i].root_count; k++)
			assert_true(result->filesystems[i].roots[k - 1].root < result->filesystems[i].roots[k].root);
}

static size_t run_seed(uint64_t seed)
{
	struct replay *replay = replay_new(NULL);
	struct seeded seeded = seeded_by(seed);
	struct event event = {.time_ns = 1000000000};
	const struct replay_result *result;
	size_t findings;

	for (size_t i = 0; i < EVENTS; i++) {
		event = next_event(&seeded, &event);
		replay_take(replay, &event, 1);
	}
	result = replay_finish(replay);
	check_result(result, event.number);
	findings = result->finding_count;
	replay_free(replay);
	return findings;
}

static void test_absurd_events_are_data(void **state)
{
	size_t findings = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		printf("seed %u\n", (unsigned)seed);
		findings += run_seed(seed);
	}
	/* Else nothing was tried. */
	assert_true(findings > SEEDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_absurd_events_are_data)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
