/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples of what real kernels and tools print (tests/traces/text). Expected values were read off the texts by eye
 * and counted with grep.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/text_collect.h"

static void collect_file(struct collected *collected, const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = test_malloc(1 << 20);
	size_t size;

	if (file == NULL)
		fail_msg("cannot open '%s'", path);
	size = fread(text, 1, 1 << 20, file);
	fclose(file);
	assert_int_equal(collect_bytes(collected, text, size, SIZE_MAX), ERR_OK);
	test_free(text);
}

static size_t count_kind(const struct collected *collected, enum event_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < collected->count; i++)
		count += collected->events[i].kind == kind;
	return count;
}

/* Line 37: CPU 1 lost 270; line 105: CPU 0, no event before, lost 12106; line 174: CPU 0 lost 3901. */
static void trace_pipe_with_losses(void **state)
{
	static const struct {
		size_t line;
		uint16_t cpu;
		uint64_t start, time_ns, lost;
	} marks[] = {{37, 1, 2261508090000, 2261509155000, 270}, {105, 0, 0, 2261639351000, 12106},
		{174, 0, 2261639931000, 2261693881000, 3901}};
	struct collected collected;

	(void)state;
	collect_file(&collected, "tests/traces/text/lost.trace_pipe.txt");
	assert_int_equal(collected.count, 181);
	assert_int_equal(collected.info.garbled_lines, 0);
	assert_int_equal(collected.info.skipped_events, 0);
	assert_int_equal(count_kind(&collected, EVENT_LOST), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct event *event = &collected.events[marks[i].line - 1];

		assert_int_equal(event->kind, EVENT_LOST);
		assert_int_equal(event->cpu, marks[i].cpu);
		assert_true(event->start == marks[i].start);
		assert_true(event->time_ns == marks[i].time_ns);
		assert_true(event->bytes == marks[i].lost);
	}
	collected_release(&collected);
}

/* Lines 4, 13 and 14 of the 17. */
static void perf_script(void **state)
{
	struct collected collected;
	const struct event *event;

	(void)state;
	collect_file(&collected, "tests/traces/text/perf-script.txt");
	assert_int_equal(collected.count, 17);
	assert_int_equal(collected.info.garbled_lines, 0);
	event = &collected.events[3];
	assert_int_equal(event->kind, EVENT_SET_EXTENT_BIT);
	assert_int_equal(event->flags, EVENT_BIT_QGROUP_RESERVED);
	assert_int_equal(event->op, 3);
	event = &collected.events[12];
	assert_int_equal(event->kind, EVENT_RELEASE_DATA);
	assert_true(event->time_ns == 1654442374000 && event->root == 5 && event->ino == 257 && event->len == 8192);
	assert_true(event->bytes == 8192 && event->op == EVENT_OP_RELEASE && event->pid == 4798);
	event = &collected.events[13];
	assert_string_equal(names_text(collected.info.comms, event->comm), "kworker/u8:10-e");
	assert_int_equal(event->pid, 12208);
	assert_true(event->diff == -16384 && event->bytes == 16384 && event->type == EVENT_TYPE_META_PREALLOC);
	assert_string_equal(names_text(collected.info.fsids, event->fs), "f7dd78b0-015b-4434-9f11-505edafd1893");
	collected_release(&collected);
}

/* trace-cmd prints nanoseconds without a dot, glued to the CPU. */
static void boot_clock(void **state)
{
	struct collected collected;

	(void)state;
	collect_file(&collected, "tests/traces/text/clock-boot.report.txt");
	assert_int_equal(collected.count, 11);
	assert_true(collected.events[0].time_ns == 1016186347024);
	assert_true(collected.events[10].time_ns > collected.events[0].time_ns);
	assert_true(collected.events[10].time_ns < collected.events[0].time_ns + 1000000000);
	collected_release(&collected);
}

/* Names and bits of 6.1, with extent bits and delayed refs; 22 trace_extent are skipped. */
static void tracefs_of_6_1(void **state)
{
	struct collected collected;

	(void)state;
	collect_file(&collected, "tests/traces/text/6.1.trace.txt");
	assert_int_equal(collected.info.garbled_lines, 0);
	assert_int_equal(collected.info.skipped_events, 22);
	assert_int_equal(collected.count, 684);
	assert_int_equal(count_kind(&collected, EVENT_RESERVE_DATA), 54);
	assert_int_equal(count_kind(&collected, EVENT_RELEASE_DATA), 38);
	assert_int_equal(count_kind(&collected, EVENT_UPDATE_RESERVE), 197);
	assert_int_equal(count_kind(&collected, EVENT_SET_EXTENT_BIT), 54);
	assert_int_equal(count_kind(&collected, EVENT_CLEAR_EXTENT_BIT), 51);
	assert_int_equal(count_kind(&collected, EVENT_NUM_DIRTY_EXTENTS), 16);
	assert_int_equal(count_kind(&collected, EVENT_PRINT), 11);
	assert_string_equal(names_text(collected.info.texts, 2), "W falloc multi-range");
	for (size_t i = 0; i < collected.count; i++)
		if (collected.events[i].kind == EVENT_SET_EXTENT_BIT)
			assert_int_equal(collected.events[i].flags, EVENT_BIT_QGROUP_RESERVED);
	collected_release(&collected);
}

static void tracefs_of_6_18(void **state)
{
	struct collected collected;

	(void)state;
	collect_file(&collected, "tests/traces/text/6.18.trace.txt");
	assert_int_equal(collected.info.garbled_lines, 0);
	assert_int_equal(collected.count + collected.info.skipped_events, 45);
	assert_int_equal(count_kind(&collected, EVENT_RESERVE_DATA), 4);
	assert_int_equal(count_kind(&collected, EVENT_UPDATE_RESERVE), 7);
	assert_int_equal(count_kind(&collected, EVENT_ADD_DELAYED_REF_HEAD), 10);
	collected_release(&collected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trace_pipe_with_losses),
		cmocka_unit_test(perf_script),
		cmocka_unit_test(boot_clock),
		cmocka_unit_test(tracefs_of_6_1),
		cmocka_unit_test(tracefs_of_6_18),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
