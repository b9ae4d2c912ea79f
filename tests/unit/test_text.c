/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "collector/text_split.h"
#include "tests/unit/text_collect.h"

#define EVENT(cpu, time) "  wl-1 [00" #cpu "] " time ": qgroup_update_reserve: qgid=256 cur_reserved=0 diff=1\n"
#define OTHER(cpu, time) "  wl-1 [00" #cpu "] " time ": sched_switch: prev_comm=wl\n"

static void assert_lost(const struct event *event, uint16_t cpu, uint64_t start, uint64_t time_ns, uint64_t lost)
{
	assert_int_equal(event->kind, EVENT_LOST);
	assert_int_equal(event->cpu, cpu);
	assert_true(event->start == start);
	assert_true(event->time_ns == time_ns);
	assert_true(event->bytes == lost);
}

static void assert_counts(const struct collected *collected, size_t events, uint64_t skipped, uint64_t garbled)
{
	assert_int_equal(collected->count, events);
	assert_int_equal(collected->info.skipped_events, skipped);
	assert_int_equal(collected->info.garbled_lines, garbled);
	for (size_t i = 0; i < events; i++)
		assert_true(collected->events[i].number == i + 1);
}

static void counts_lines(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected,
		"# tracer: nop\n#\n\n   \ncpus=2\nversion = 6\nCPU 1 is empty\n" EVENT(0, "1.5")
			OTHER(0, "1.6") " => btrfs_x\n\tffffffff8123 y ([kernel])\nwhat is this\n"
					"  wl-1 [000] 1.7: qgroup_update_reserve: qgid=256 diff=1\n" EVENT(1, "1.5"));
	assert_counts(&collected, 3, 1, 2);
	assert_true(collected.events[0].time_ns == 1500000000);
	assert_int_equal(collected.events[1].cpu, 1);
	assert_lost(&collected.events[2], 0, 1600000000, 1500000000, 1);
	collected_release(&collected);
}

static void knows_old_and_new_names(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected, "  a-1 [000] 1.0: qgroup_meta_reserve: refroot=5 diff=1\n"
			    "  a-1 [000] 1.0: btrfs_qgroup_meta_reserve: refroot=5 diff=1\n"
			    "  a     1 [000] 1.0: btrfs:qgroup_meta_reserve: refroot=5 diff=1\n"
			    "  a     1 [000] 1.0: btrfs:btrfs_qgroup_meta_reserve: refroot=5 diff=1\n"
			    "  a     1 [000] 1.0: other:btrfs_qgroup_meta_reserve: refroot=5 diff=1\n"
			    "  a-1 [000] 1.0: btrfs_qgroup_meta_reserved: refroot=5 diff=1\n"
			    "  a-1 [000] 1.0: a_name_that_is_longer_than_every_name_of_the_kernel: refroot=5 diff=1\n");
	assert_counts(&collected, 4, 3, 0);
	for (size_t i = 0; i < collected.count; i++)
		assert_int_equal(collected.events[i].kind, EVENT_META_RESERVE);
	collected_release(&collected);
}

static void names_tasks_and_filesystems(void **state)
{
	static const char fsids[][37] = {
		"2f077664-b46e-4eb4-9cbe-2af92dee194d", "4a007c19-e433-4efd-afbd-40a02b07a7c7"};
	struct collected collected;
	char text[1000];

	(void)state;
	snprintf(text, sizeof(text),
		"  wl-7 [000] 1.0: qgroup_meta_reserve: %s: refroot=5 diff=1\n"
		"  rm-8 [000] 1.0: qgroup_meta_reserve: %s: refroot=5 diff=1\n"
		"  wl-9 [000] 1.0: qgroup_meta_reserve: %s: refroot=5 diff=1\n"
		"  <...>-9 [000] 1.0: qgroup_meta_reserve: refroot=5 diff=1\n",
		fsids[0], fsids[1], fsids[0]);
	collect(&collected, text);
	assert_counts(&collected, 4, 0, 0);
	assert_string_equal(names_text(collected.info.comms, collected.events[0].comm), "wl");
	assert_string_equal(names_text(collected.info.comms, collected.events[1].comm), "rm");
	assert_int_equal(collected.events[2].comm, collected.events[0].comm);
	assert_int_equal(collected.events[3].comm, 0);
	assert_int_equal(collected.events[2].pid, 9);
	assert_string_equal(names_text(collected.info.fsids, collected.events[0].fs), fsids[0]);
	assert_string_equal(names_text(collected.info.fsids, collected.events[1].fs), fsids[1]);
	assert_int_equal(collected.events[2].fs, collected.events[0].fs);
	assert_int_equal(collected.events[3].fs, 0);
	collected_release(&collected);
}

#define RAW(fsid) "  a-1 [000] 1.0: qgroup_meta_reserve:  fsid=" fsid " refroot=5 diff=1 type=2\n"
#define RAW_TAIL ", 7c, 19, e4, 33, 4e, fd, af, bd, 40, a0, 2b, 07, a7, c7]"

/* What trace-cmd report -R does to an id that begins with "J" and a zero, and the filesystems that it must not mix. */
static void joins_partial_filesystem_ids(void **state)
{
	static const char text[] = RAW("J") RAW("ARRAY[4b, 00" RAW_TAIL) RAW("J") RAW("ARRAY[4a, 00" RAW_TAIL)
		RAW("ARRAY[4b, 00" RAW_TAIL) RAW("K") RAW("J") RAW("JJ");
	static const uint16_t numbers[] = {1, 2, 1, 1, 2, 2, 1, 3};
	struct collected collected;

	(void)state;
	collect(&collected, text);
	assert_counts(&collected, 8, 0, 0);
	for (size_t i = 0; i < collected.count; i++)
		assert_int_equal(collected.events[i].fs, numbers[i]);
	assert_string_equal(names_text(collected.info.fsids, 1), "4a00xxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	assert_string_equal(names_text(collected.info.fsids, 2), "4b007c19-e433-4efd-afbd-40a02b07a7c7");
	collected_release(&collected);
}

/* The mark waits for its own CPU; events of other kinds bound the gap as well. */
static void places_lost_events(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected,
		EVENT(0, "1.0") EVENT(1, "2.0") OTHER(1, "3.0") "CPU:1 [LOST 270 EVENTS]\n" EVENT(0, "4.0") OTHER(
			1, "5.0") EVENT(1, "6.0") "CPU:0 [199 EVENTS DROPPED]\nCPU:0 [1 EVENTS DROPPED]\n" EVENT(0,
			"7.0") "  lab: CPU:0 [EVENTS DROPPED]\n" EVENT(0,
			"8.0") "CPU:2 [LOST 5 EVENTS]\r\nCPU:2 [LOST EVENTS]\nCPU:2 [LOST 5 EVENTS]\n" EVENT(2, "9.0"));
	assert_counts(&collected, 11, 2, 0);
	assert_lost(&collected.events[3], 1, 3000000000, 5000000000, 270);
	assert_lost(&collected.events[5], 0, 4000000000, 7000000000, 200);
	assert_lost(&collected.events[7], 0, 7000000000, 8000000000, 0);
	assert_lost(&collected.events[9], 2, 0, 9000000000, 0);
	collected_release(&collected);
}

static void places_lost_events_at_the_end(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected, EVENT(0, "1.0") EVENT(3, "2.0") "CPU:3 [LOST 7 EVENTS]\nCPU:0 [LOST 8 EVENTS]\n");
	assert_counts(&collected, 4, 0, 0);
	assert_lost(&collected.events[2], 0, 1000000000, 2000000000, 8);
	assert_lost(&collected.events[3], 3, 2000000000, 2000000000, 7);
	collected_release(&collected);
}

static void understands_perf_losses(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected,
		EVENT(0, "1.0") EVENT(2, "2.0") "  swapper     0 [002]     3.000000: PERF_RECORD_LOST lost 17\n" EVENT(
			0, "4.0") EVENT(2, "5.0") "LOST 9 events!\n" EVENT(2, "6.0"));
	assert_counts(&collected, 8, 0, 0);
	assert_lost(&collected.events[3], 2, 2000000000, 5000000000, 17);
	assert_lost(&collected.events[5], 2, 5000000000, 6000000000, 0);
	assert_lost(&collected.events[7], 0, 4000000000, 6000000000, 0);
	collected_release(&collected);
	collect(&collected, EVENT(5, "0.000000") "LOST 9 events!\n");
	assert_lost(&collected.events[1], 5, 0, 0, 9);
	collected_release(&collected);
	collect(&collected, "CPU:5 [LOST 2 EVENTS]\nLOST 9 events!\n" EVENT(0, "1.0"));
	assert_lost(&collected.events[0], 0, 0, 1000000000, 9);
	collected_release(&collected);
}

/* A ring that was overwritten begins at another time for each CPU: up to the last of them anything may be missing. */
static void begins_late_where_the_ring_was_overwritten(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected,
		"# entries-in-buffer/entries-written: 199/20618   #P:2\n##### CPU 1 buffer started ####\n" EVENT(
			0, "1.0") EVENT(1, "2.0") EVENT(1, "3.0"));
	assert_counts(&collected, 4, 0, 0);
	assert_lost(&collected.events[1], 1, 0, 2000000000, 0);
	collected_release(&collected);
	collect(&collected, "# entries-in-buffer/entries-written: 3/3   #P:2\n" EVENT(0, "1.0") EVENT(1, "2.0"));
	assert_counts(&collected, 2, 0, 0);
	collected_release(&collected);
}

static void refuses_false_marks(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected,
		EVENT(0,
			"1.0") "CPU:65536 [LOST 1 EVENTS]\nCPU:1 [LOST 1 EVENT]\nCPU:1 [1 EVENTS LOST]\n"
			       "CPU: [LOST 1 EVENTS]\nCPU:1[LOST 1 EVENTS]\nGPU:1 [LOST 1 EVENTS]\nxCPU:1 [LOST 1 "
			       "EVENTS]\n"
			       "CPU:1 [LOST 99999999999999999999 EVENTS]\nCPU:1 [LOST 1 EVENTS] x\nLOST some events\n");
	assert_counts(&collected, 1, 0, 10);
	collected_release(&collected);
}

static void bounds_memory_of_marks(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected,
		"CPU:65535 [LOST 18446744073709551615 EVENTS]\nCPU:65535 [LOST 1 EVENTS]\n" EVENT(0, "1.0"));
	assert_counts(&collected, 2, 0, 0);
	assert_lost(&collected.events[1], 65535, 0, 1000000000, 0);
	collected_release(&collected);
}

/* A cut-off last line may be half a number. */
static void distrusts_a_cut_line(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected,
		EVENT(0, "1.0") "  wl-1 [000] 1.0: qgroup_update_reserve: qgid=256 cur_reserved=0 diff=409");
	assert_counts(&collected, 1, 0, 1);
	collected_release(&collected);
}

static void takes_windows_line_ends(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected, "# x\r\n\r\n  wl-1 [000] 1.0: qgroup_update_reserve: qgid=256 cur_reserved=0 diff=1\r\n");
	assert_counts(&collected, 1, 0, 0);
	assert_true(collected.events[0].diff == 1);
	collected_release(&collected);
}

/* Zeros between lines are noise, zeros within an event spoil it, zeros in a torn line may have been events. */
static void survives_zeros(void **state)
{
	static const char text[] = EVENT(0, "1.0") "\0\0\n" EVENT(1, "2.0") EVENT(
		0, "3.0") "  wl-1 [000] 4.0: qgroup_update_reserve: qgid=256 cur_reserved=0 diff=1 \0\n" EVENT(1, "5.0")
		EVENT(0, "6.0") "  wl-1 [0\0\0=1\n" EVENT(0, "7.0") EVENT(1, "8.0") "\0\0\0";
	struct collected collected;

	(void)state;
	collect_bytes(&collected, text, sizeof(text) - 1, SIZE_MAX);
	assert_counts(&collected, 10, 0, 4);
	assert_lost(&collected.events[4], 0, 3000000000, 6000000000, 1);
	assert_lost(&collected.events[6], 0, 6000000000, 7000000000, 0);
	assert_lost(&collected.events[8], 1, 5000000000, 8000000000, 0);
	collected_release(&collected);
}

/* The event that cannot be read lies in the gap, which therefore begins before it. */
static void counts_a_damaged_event_as_lost(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected,
		EVENT(0, "1.0") "  wl-1 [000] 2.0: qgroup_update_reserve: qgid=256 cur_reserved=x diff=1\n"
				"  wl-1 [000] 2.5: qgroup_update_reserve: qgid=256 diff=1\n" EVENT(
					0, "3.0") "  wl-1 [000] 4.0: qgroup_update_reserve: 1234: qgid=256 "
						  "cur_reserved=0 diff=1\n" OTHER(0, "5.0") EVENT(
							  0, "6.0") "  wl-1 [000] 7.0: sched_switch: 1234: qgid=256\n");
	assert_counts(&collected, 5, 2, 3);
	assert_lost(&collected.events[1], 0, 1000000000, 3000000000, 2);
	assert_lost(&collected.events[3], 0, 3000000000, 5000000000, 1);
	collected_release(&collected);
}

/* A line of `length` bytes with an event at its end, after an event and before one. */
static void read_long_line(size_t length, size_t step, size_t events, uint64_t garbled)
{
	static const char event[] = EVENT(0, "1.0");
	size_t size = length + 1 + 2 * (sizeof(event) - 1);
	char *text = test_malloc(size);
	struct collected collected;

	memset(text, ' ', size);
	memcpy(text, event, sizeof(event) - 1);
	memset(text + sizeof(event) - 1, '#', 1);
	text[sizeof(event) - 1 + length] = '\n';
	memcpy(text + size - (sizeof(event) - 1), event, sizeof(event) - 1);
	collect_bytes(&collected, text, size, step);
	assert_counts(&collected, events, 0, garbled);
	collected_release(&collected);
	test_free(text);
}

/* A torn line that is too long: a zero after its beginning, then `length` bytes. */
static void read_long_hole(size_t length, size_t step)
{
	static const char event[] = EVENT(0, "1.0");
	size_t size = 3 * (sizeof(event) - 1) + length;
	char *text = test_malloc(size);
	struct collected collected;

	memset(text, 'x', size);
	memcpy(text, event, sizeof(event) - 1);
	memcpy(text + sizeof(event) - 1, event, sizeof(event) - 2);
	text[2 * (sizeof(event) - 1)] = '\0';
	memcpy(text + size - (sizeof(event) - 1), event, sizeof(event) - 1);
	text[size - sizeof(event)] = '\n';
	collect_bytes(&collected, text, size, step);
	assert_counts(&collected, 3, 0, 1);
	assert_lost(&collected.events[1], 0, 1000000000, 1000000000, 0);
	collected_release(&collected);
	test_free(text);
}

static void skips_long_lines(void **state)
{
	static const size_t steps[] = {SIZE_MAX, 65536, 65537, 4093};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		read_long_line(TEXT_SPLIT_LINE_MAX, steps[i], 2, 0);
		read_long_line(TEXT_SPLIT_LINE_MAX + 1, steps[i], 2, 1);
		read_long_line(TEXT_SPLIT_BUFFER, steps[i], 2, 1);
		read_long_line(10 * TEXT_SPLIT_BUFFER + 17, steps[i], 2, 1);
		read_long_hole(2 * TEXT_SPLIT_BUFFER + 17, steps[i]);
	}
}

static void reads_in_any_pieces(void **state)
{
	static const char text[] = "# tracer: nop\r\n" EVENT(0, "1.0") "\n" OTHER(
		1, "1.0") "CPU:1 [LOST 270 EVENTS]\n" EVENT(1, "2.0") "garbage\n" EVENT(0, "3.0") "cut";
	(void)state;
	for (size_t step = 1; step < sizeof(text); step++) {
		struct collected collected;

		collect_bytes(&collected, text, sizeof(text) - 1, step);
		assert_counts(&collected, 4, 1, 2);
		assert_lost(&collected.events[1], 1, 1000000000, 2000000000, 270);
		collected_release(&collected);
	}
}

static void notes_kernel_and_clock(void **state)
{
	struct collected collected;

	(void)state;
	collect(&collected, "# ========\n# os release : 6.18.44\n# clockid: CLOCK_MONOTONIC (1)\n" EVENT(0, "1.0"));
	assert_string_equal(collected.info.kernel, "6.18.44");
	assert_string_equal(collected.info.clock, "CLOCK_MONOTONIC (1)");
	collected_release(&collected);
	collect(&collected, "# tracer: nop\n#\n# nop latency trace v1.1.5 on 6.1.0-47-amd64\n" EVENT(0, "1.0"));
	assert_string_equal(collected.info.kernel, "6.1.0-47-amd64");
	assert_null(collected.info.clock);
	collected_release(&collected);
}

static void recognises_traces(void **state)
{
	static const char *const traces[] = {
		"# tracer: nop\n#\n# entries-in-buffer/entries-written: 0/0   #P:2\n",
		"cpus=2\n",
		EVENT(0, "1.0"),
		OTHER(0, "1.0"),
		"\n\nsome mail\r\n\r\n" EVENT(0, "1.0"),
		"CPU:1 [LOST 270 EVENTS]\r\n",
		"  wl-1 [000] 1.0: x",
	};
	static const char hollow[] = "# tracer: nop\n\0\0\0";
	static const char *const others[] = {"", "\n", "Dear list,\nmy trace is attached\n",
		"name: btrfs_inode_new\nID: 7\n", "#!/bin/sh\necho\n", "[  1.0] btrfs: mounted\n", "a-1 [000] 1.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		assert_true(text_recognised((const unsigned char *)traces[i], strlen(traces[i])));
	assert_false(text_recognised((const unsigned char *)hollow, sizeof(hollow)));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(text_recognised((const unsigned char *)others[i], strlen(others[i])));
}

static enum err take_none(void *context, const struct event *events, size_t count, struct error *error)
{
	(void)context;
	(void)events;
	(void)count;
	(void)error;
	return ERR_STOPPED;
}

static enum err read_nothing(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	(void)context;
	(void)buffer;
	(void)size;
	(void)got;
	return error_set(error, ERR_INPUT, "no more");
}

static void passes_errors_on(void **state)
{
	struct collected collected;
	struct text_piece piece = {EVENT(0, "1.0"), strlen(EVENT(0, "1.0")), 0, SIZE_MAX};
	struct bytes bytes = {piece_read, &piece}, failing = {read_nothing, NULL};
	struct sink refusing = {take_none, NULL}, sink = {keep_events, &collected};
	struct error error = {0};

	(void)state;
	collect(&collected, "");
	assert_int_equal(text_read(&bytes, &collected.info, &refusing, &error), ERR_STOPPED);
	assert_int_equal(text_read(&failing, &collected.info, &sink, &error), ERR_INPUT);
	assert_string_equal(error.text, "no more");
	collected_release(&collected);
}

/* What `tac` makes of a text is refused; what stands still, goes back once in a while or is too short is not. */
static void refuses_a_text_in_reverse_order(void **state)
{
	enum { LINES = 40 };
	static const struct {
		int step, jump_every;
		unsigned count;
		enum err err;
	} orders[] = {{1, 0, LINES, ERR_OK}, {-1, 0, LINES, ERR_INPUT}, {0, 0, LINES, ERR_OK}, {-1, 0, 16, ERR_OK},
		{-1, 0, 18, ERR_INPUT}, {-1, 5, LINES, ERR_OK}, {1, 5, LINES, ERR_OK}};

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct collected collected;
		char text[LINES * 100] = "";
		size_t size = 0;
		int time = 1000;

		for (unsigned line = 0; line < orders[i].count; line++) {
			bool jumps = orders[i].jump_every != 0 && line % (unsigned)orders[i].jump_every == 0;

			time += jumps ? -3 * orders[i].step : orders[i].step;
			size += (size_t)snprintf(text + size, sizeof(text) - size,
				"  wl-1 [00%u] %d.5: qgroup_update_reserve: qgid=256 cur_reserved=0 diff=1\n", line % 2,
				time);
		}
		print_message("order %zu\n", i);
		assert_int_equal(collect(&collected, text), orders[i].err);
		collected_release(&collected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_lines),
		cmocka_unit_test(knows_old_and_new_names),
		cmocka_unit_test(names_tasks_and_filesystems),
		cmocka_unit_test(joins_partial_filesystem_ids),
		cmocka_unit_test(places_lost_events),
		cmocka_unit_test(places_lost_events_at_the_end),
		cmocka_unit_test(understands_perf_losses),
		cmocka_unit_test(begins_late_where_the_ring_was_overwritten),
		cmocka_unit_test(refuses_false_marks),
		cmocka_unit_test(bounds_memory_of_marks),
		cmocka_unit_test(distrusts_a_cut_line),
		cmocka_unit_test(takes_windows_line_ends),
		cmocka_unit_test(survives_zeros),
		cmocka_unit_test(counts_a_damaged_event_as_lost),
		cmocka_unit_test(skips_long_lines),
		cmocka_unit_test(reads_in_any_pieces),
		cmocka_unit_test(notes_kernel_and_clock),
		cmocka_unit_test(recognises_traces),
		cmocka_unit_test(passes_errors_on),
		cmocka_unit_test(refuses_a_text_in_reverse_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
