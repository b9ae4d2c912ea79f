/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of text that read back to the events that they were written from: every kind, every member, every extreme. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/event_line.h"
#include "tests/unit/text_collect.h"

enum { NUMBERS = 9 };

static const uint64_t numbers[NUMBERS] = {
	0, 1, 4096, INT32_MAX, UINT32_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 8, UINT64_MAX};

struct fixture {
	struct names *comms;
	struct names *fsids;
	struct names *texts;
	uint16_t fs;
	uint16_t partial_fs;
};

static uint32_t name(struct names *names, const char *text)
{
	return names_number(names, text, strlen(text));
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->comms = names_new(100);
	fixture->fsids = names_new(100);
	fixture->texts = names_new(100);
	fixture->fs = (uint16_t)name(fixture->fsids, "2f077664-b46e-4eb4-9cbe-2af92dee194d");
	fixture->partial_fs = (uint16_t)name(fixture->fsids, "4a4b00xx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	names_free(fixture->comms);
	names_free(fixture->fsids);
	names_free(fixture->texts);
	free(fixture);
	return 0;
}

/* Compares member by member, so that what differs is named; numbers of names belong to their own table. */
static void expect_same(const struct event *event, const struct event *read, const char *line)
{
	for (int member = EVENT_MEMBER_NONE; member <= EVENT_MEMBER_TYPE; member++)
		if (event_get(event, (enum event_member)member) != event_get(read, (enum event_member)member))
			fail_msg("member %d of %s", member, line);
	assert_int_equal(event->kind, read->kind);
	assert_int_equal(event->time_ns, read->time_ns);
	assert_int_equal(event->pid, read->pid);
	assert_int_equal(event->cpu, read->cpu);
}

static struct event_names names_of(const struct fixture *fixture)
{
	return (struct event_names){fixture->comms, fixture->fsids, fixture->texts};
}

static void expect_round_trip(const struct fixture *fixture, const struct event *event)
{
	const struct event_names names = names_of(fixture);
	bool is_print = event->kind == EVENT_PRINT;
	char *line = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&line, &size);
	struct collected collected;

	event_line(stream, event, &names);
	fclose(stream);
	assert_int_equal(collect(&collected, line), ERR_OK);
	if (collected.count != 1)
		fail_msg("%zu events are read from: %s", collected.count, line);
	if (is_print)
		assert_string_equal(names_text(fixture->texts, event->flags),
			names_text(collected.info.texts, collected.events[0].flags));
	if (is_print)
		collected.events[0].flags = event->flags;
	expect_same(event, &collected.events[0], line);
	assert_string_equal(
		names_text(fixture->comms, event->comm), names_text(collected.info.comms, collected.events[0].comm));
	assert_string_equal(
		names_text(fixture->fsids, event->fs), names_text(collected.info.fsids, collected.events[0].fs));
	collected_release(&collected);
	free(line);
}

static struct event plain_event(const struct fixture *fixture, enum event_kind kind)
{
	struct event event = {.kind = (uint8_t)kind, .time_ns = 1500000001, .pid = 77, .cpu = 3, .fs = fixture->fs};

	event.comm = name(fixture->comms, "kworker/u8:2");
	for (const struct event_field *field = event_info(kind)->fields; field->raw != NULL; field++)
		event_set(&event, field->member, field->member == EVENT_MEMBER_TYPE ? EVENT_TYPE_DATA : 4);
	return event;
}

/* One member after the other takes every extreme; a decoder keeps 8 bits of an op and 32 of flags. */
static void test_every_kind_and_member(void **state)
{
	const struct fixture *fixture = *state;
	size_t lines = 0;

	for (int kind = EVENT_NONE + 1; kind < EVENT_LOST; kind++) {
		for (const struct event_field *field = event_info((enum event_kind)kind)->fields; field->raw != NULL;
			field++) {
			for (size_t i = 0; i < NUMBERS; i++, lines++) {
				struct event event = plain_event(fixture, (enum event_kind)kind);

				event_set(&event, field->member, numbers[i]);
				expect_round_trip(fixture, &event);
			}
		}
	}
	assert_true(lines > 22 * NUMBERS);
}

static void test_every_op_and_type(void **state)
{
	const struct fixture *fixture = *state;

	for (unsigned value = 0; value <= UINT8_MAX; value++) {
		struct event event = plain_event(fixture, EVENT_RELEASE_DATA);

		event.op = (uint8_t)value;
		expect_round_trip(fixture, &event);
		event = plain_event(fixture, EVENT_UPDATE_RESERVE);
		event_set(&event, EVENT_MEMBER_TYPE, value);
		expect_round_trip(fixture, &event);
	}
}

static void test_times(void **state)
{
	static const uint64_t times[] = {0, 1, 100, 999, 1000, 999999999, 1000000000, UINT64_C(1436940172000),
		UINT64_C(1436940172345), UINT64_C(18446744072999999999), UINT64_C(18446744073000000000), UINT64_MAX};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct event event = plain_event(fixture, EVENT_RESERVE_DATA);

		event.time_ns = times[i];
		expect_round_trip(fixture, &event);
	}
}

static void test_tasks(void **state)
{
	static const char *const comms[] = {"a", "wl-151", "kworker/u4:1-ev", "tokio runtime w", "(sd-pam)",
		"a-1 [0] 1:x", "[btrfs]", "x: y", "15 characters:-", "\xc3\xa9\xff", "=", "7"};
	const struct fixture *fixture = *state;
	struct event event = plain_event(fixture, EVENT_RESERVE_DATA);

	for (size_t i = 0; i < sizeof(comms) / sizeof(comms[0]); i++) {
		event.comm = name(fixture->comms, comms[i]);
		expect_round_trip(fixture, &event);
	}
	event.comm = 0;
	event.cpu = UINT16_MAX;
	event.pid = INT32_MAX;
	expect_round_trip(fixture, &event);
	event.pid = 0;
	expect_round_trip(fixture, &event);
}

static void test_filesystems(void **state)
{
	const struct fixture *fixture = *state;
	struct event event = plain_event(fixture, EVENT_RESERVE_DATA);

	event.fs = 0;
	expect_round_trip(fixture, &event);
	event.fs = fixture->partial_fs;
	expect_round_trip(fixture, &event);
}

/* Texts as marker_number() leaves them; it is for these that the line must say no less and no more. */
static void test_markers(void **state)
{
	static const char *const texts[] = {"a", "lab: 1 buffered write", "x:y: z", "tracing_mark_write: again",
		"btrfs_qgroup_reserve_data: root=5 ino=257 start=0 len=4096 reserved=4096 op=reserve",
		"a-1 [0] 1:x: 5.000000: btrfs_transaction_commit: root=1 gen=9", "CPU:1 [LOST 270 EVENTS]",
		"# tracer: nop", "ip=0 buf=b", "\xc3\xa9 two  blanks", "?[31m"};
	const struct fixture *fixture = *state;
	struct event event = plain_event(fixture, EVENT_PRINT);

	event.fs = 0;
	event.flags = 0;
	expect_round_trip(fixture, &event);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		event.flags = name(fixture->texts, texts[i]);
		event.comm = name(fixture->comms, i % 2 == 0 ? "a-1 [0] 1:x" : "sh");
		expect_round_trip(fixture, &event);
	}
}

static void test_lost_events(void **state)
{
	const struct fixture *fixture = *state;
	struct event before = plain_event(fixture, EVENT_RESERVE_DATA);
	struct event lost = {.kind = EVENT_LOST, .cpu = 3, .time_ns = 1600000000, .start = 1400000001, .bytes = 17};
	struct event after = before;
	const struct event_names names = names_of(fixture);
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	struct collected collected;

	after.time_ns = lost.time_ns + 1000;
	event_line(stream, &before, &names);
	event_line(stream, &lost, &names);
	event_line(stream, &after, &names);
	fclose(stream);
	assert_int_equal(collect(&collected, text), ERR_OK);
	assert_int_equal(collected.count, 3);
	assert_int_equal(collected.events[1].start, lost.start);
	expect_same(&lost, &collected.events[1], text);
	collected_release(&collected);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_kind_and_member, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_op_and_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tasks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_filesystems, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_markers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lost_events, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
