/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts of trace_marker: every form of line that holds one, and texts that want to do harm. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/marker.h"
#include "tests/unit/text_collect.h"

#define HEAD "  sh-7 [001] 1.5: "

/* As tracefs prints them (plain, with the options sym-offset and sym-addr), trace-cmd report, report -R, perf script.
 */
static const struct {
	const char *line;
	const char *text;
} forms[] = {
	{HEAD "tracing_mark_write: lab: 1 write", "lab: 1 write"},
	{HEAD "tracing_mark_write:   blanks  at ends  ", "blanks  at ends"},
	{HEAD "tracing_mark_write: ", ""},
	{HEAD "tracing_mark_write:", ""},
	{HEAD "tracing_mark_write+0x15e/0x1a0: x: y", "x: y"},
	{HEAD "tracing_mark_write <ffffffff9a1f2b00>: x: y", "x: y"},
	{HEAD "print:                tracing_mark_write: lab: 1 write", "lab: 1 write"},
	{HEAD "print: tracing_mark_write+0x15e: x", "x"},
	{HEAD "print: 0xffffffff81234567: x: y", "x: y"},
	{HEAD "print: ffffffff81234567: x", "x"},
	{HEAD "print: btrfs_work_helper: of trace_printk", "of trace_printk"},
	{HEAD "print:                 ip=tracing_mark_write buf=lab: 1 write", "lab: 1 write"},
	{HEAD "print: ip=0xffffffff81234567 buf=a buf=b", "a buf=b"},
	{HEAD "print: ip=0xffffffff81234567 buf=", ""},
	{"sh     7 [001]     1.500000: ftrace:print: tracing_mark_write: x", "x"},
};

/* What stands beside markers and is none. */
static const char *const others[] = {HEAD "bprint: btrfs_work_helper: x", HEAD "bputs: btrfs_work_helper: x",
	HEAD "raw_data: id:0001 00000002", HEAD "tracing_mark_raw_write: x", HEAD "tracing_mark_writer: x",
	HEAD "other:print: tracing_mark_write: x", HEAD "btrfs:print: tracing_mark_write: x",
	HEAD "btrfs:tracing_mark_write: x", HEAD "tracing_mark_write", HEAD "ftrace:btrfs_sync_file: root=5 ino=257",
	HEAD "tracing_mark_write <-vfs_write", HEAD "tracing_mark_write+0x4/0x1a0 <-vfs_write+0xca/0x420",
	HEAD "tracing_mark_write <-a: b"};

static void every_form_has_its_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct collected collected;
		char text[200];

		print_message("%s\n", forms[i].line);
		snprintf(text, sizeof(text), "%s\n", forms[i].line);
		assert_int_equal(collect(&collected, text), ERR_OK);
		assert_int_equal(collected.count, 1);
		assert_int_equal(collected.events[0].kind, EVENT_PRINT);
		assert_int_equal(collected.events[0].pid, 7);
		assert_int_equal(collected.events[0].cpu, 1);
		assert_int_equal(collected.events[0].time_ns, 1500000000);
		assert_string_equal(names_text(collected.info.texts, collected.events[0].flags), forms[i].text);
		collected_release(&collected);
	}
}

/* All in one text and twice: what one line taught must not mislead the next. */
static void others_are_no_markers(void **state)
{
	enum { OTHERS = sizeof(others) / sizeof(others[0]) };
	struct collected collected;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	for (size_t i = 0; i < 2 * OTHERS; i++)
		fprintf(stream, "%s\n" HEAD "tracing_mark_write: %zu\n", others[i % OTHERS], i);
	fclose(stream);
	assert_int_equal(collect(&collected, text), ERR_OK);
	assert_int_equal(collected.info.skipped_events, 2 * OTHERS);
	assert_int_equal(collected.info.garbled_lines, 0);
	assert_int_equal(collected.count, 2 * OTHERS);
	for (size_t i = 0; i < collected.count; i++)
		assert_int_equal(collected.events[i].kind, EVENT_PRINT);
	collected_release(&collected);
	free(text);
}

static void a_text_is_one_harmless_line(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *text;
	} texts[] = {
		{"plain", 5, "plain"},
		{"two\nlines\r\n", 11, "two?lines"},
		{"\033]0;title\a", 10, "?]0;title?"},
		{"one\0two", 7, "one"},
		{"\0", 1, ""},
		{" \t\r\n", 4, ""},
		{"\xff\xfe", 2, "??"},
		{"\xc2\x9b"
		 "31m",
			5, "?31m"},
		{"\xc3\xa9", 2, "\xc3\xa9"},
		{"\xc3\xa9", 1, "?"},
	};
	struct names *names = marker_texts_new();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint32_t number = marker_number(names, texts[i].bytes, texts[i].size);
		const char *text = names_text(names, number);

		assert_string_equal(text, texts[i].text);
		assert_int_equal(number == 0, text[0] == '\0');
		assert_int_equal(
			marker_number(names, text, strlen(text)), number); /* what is harmless stays as it is */
	}
	names_free(names);
}

static void texts_are_bounded(void **state)
{
	enum { LONG = 65536, MANY = 70000 };
	struct names *names = marker_texts_new();
	char *text = malloc(LONG);
	uint32_t number;

	(void)state;
	memset(text, 'x', LONG);
	assert_int_equal(strlen(names_text(names, marker_number(names, text, LONG))), MARKER_TEXT_MAX);
	for (uint32_t i = 0; i < 5000; i++) {
		text[snprintf(text, LONG, "%" PRIu32, i)] = 'x';
		marker_number(names, text, LONG);
	}
	assert_int_equal(names_count(names), 4096); /* 16 MiB of 4 KiB each */
	names_free(names);
	names = marker_texts_new();
	for (uint32_t i = 0; i < MANY; i++) {
		number = marker_number(names, text, (size_t)snprintf(text, LONG, "%" PRIu32, i));
		assert_int_equal(number, i < 65536 ? i + 1 : 0);
	}
	assert_int_equal(marker_number(names, "5", 1), 6);
	names_free(names);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_has_its_text),
		cmocka_unit_test(others_are_no_markers),
		cmocka_unit_test(a_text_is_one_harmless_line),
		cmocka_unit_test(texts_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
