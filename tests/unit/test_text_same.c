/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two ways to the same events: a trace.dat and the texts that trace-cmd and the kernel themselves made of the same
 * records. Texts round times to microseconds, and trace-cmd orders records of two CPUs within one microsecond
 * differently from form to form, so that the events are compared CPU by CPU.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "collector/source.h"

struct trace {
	struct source *source;
	const struct trace_info *info;
	struct event *events;
	size_t count;
	size_t capacity;
};

static enum err keep(void *context, const struct event *events, size_t count, struct error *error)
{
	struct trace *trace = context;

	(void)error;
	trace->events = memory_grown(trace->events, &trace->capacity, trace->count + count, sizeof(*trace->events));
	memcpy(trace->events + trace->count, events, count * sizeof(*events));
	trace->count += count;
	return ERR_OK;
}

static struct trace read_trace(const char *path)
{
	struct trace trace = {0};
	struct sink sink = {keep, &trace};
	struct error error = {0};
	int fd = open(path, O_RDONLY), spool = memfd_create("spool", 0);

	assert_true(fd >= 0);
	if (source_open(&trace.source, fd, spool, path, &error) != ERR_OK)
		fail_msg("%s", error.text);
	if (source_read(trace.source, &sink, &error) != ERR_OK)
		fail_msg("%s", error.text);
	trace.info = source_info(trace.source);
	close(fd);
	close(spool);
	return trace;
}

static void release(struct trace *trace)
{
	source_close(trace->source);
	free(trace->events);
}

static const struct event *next_of_cpu(const struct trace *trace, size_t *at, uint16_t cpu)
{
	while (*at < trace->count && trace->events[*at].cpu != cpu)
		(*at)++;
	return *at < trace->count ? &trace->events[(*at)++] : NULL;
}

struct tolerance {
	uint64_t time_ns;
	bool without_comms;
};

static void assert_same_event(const struct trace *first, const struct event *a, const struct trace *second,
	const struct event *b, const struct tolerance *tolerance)
{
	uint64_t apart_ns = a->time_ns > b->time_ns ? a->time_ns - b->time_ns : b->time_ns - a->time_ns;

	assert_true(apart_ns <= tolerance->time_ns);
	assert_string_equal(names_text(first->info->fsids, a->fs), names_text(second->info->fsids, b->fs));
	if (!tolerance->without_comms)
		assert_string_equal(names_text(first->info->comms, a->comm), names_text(second->info->comms, b->comm));
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->cpu, b->cpu);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->op, b->op);
	assert_int_equal(a->type, b->type);
	if (a->kind == EVENT_PRINT)
		assert_string_equal(
			names_text(first->info->texts, a->flags), names_text(second->info->texts, b->flags));
	else
		assert_int_equal(a->flags, b->flags);
	assert_true(a->root == b->root && a->ino == b->ino && a->start == b->start);
	assert_true(a->len == b->len && a->bytes == b->bytes && a->diff == b->diff);
}

static void check_same(const char *binary, const char *text, size_t count, struct tolerance tolerance)
{
	struct trace first = read_trace(binary), second = read_trace(text);

	print_message("%s\n%s\n", binary, text);
	assert_int_equal(first.info->kind, ROW_SOURCE_TRACE_DAT);
	assert_int_equal(second.info->kind, ROW_SOURCE_TEXT);
	assert_int_equal(first.count, count);
	assert_int_equal(second.count, count);
	assert_int_equal(second.info->garbled_lines, 0);
	assert_int_equal(first.info->skipped_events, second.info->skipped_events);
	for (uint16_t cpu = 0; cpu < 2; cpu++) {
		size_t at = 0, there = 0;
		const struct event *a, *b;

		do {
			a = next_of_cpu(&first, &at, cpu);
			b = next_of_cpu(&second, &there, cpu);
			if (a != NULL && b != NULL)
				assert_same_event(&first, a, &second, b, &tolerance);
		} while (a != NULL && b != NULL);
		assert_true(a == NULL && b == NULL);
	}
	release(&first);
	release(&second);
}

/* 288 lines of trace-cmd report are events, 12 of them "print". */
static void classic(void **state)
{
	static const char binary[] = "tests/traces/classic.dat.zst";
	const struct tolerance microseconds = {999, false}, exact = {0, false};

	(void)state;
	check_same(binary, "tests/traces/text/classic.report.txt", 288, microseconds);
	check_same(binary, "tests/traces/text/classic.report-R.txt", 288, microseconds);
	check_same(binary, "tests/traces/text/classic.report-t.txt.gz", 288, exact);
}

/* The tracefs text of s01 comes from a second buffer, whose times differ by as much as writing a record takes. */
static void plain_writes(void **state)
{
	const char *shared = getenv("SHARED");
	const struct tolerance microseconds = {999, false}, second_buffer = {200000, true};
	char binary[4096], text[4096];

	(void)state;
	snprintf(binary, sizeof(binary), "%s/traces/clean/s01.dat", shared != NULL ? shared : "../shared");
	if (access(binary, R_OK) != 0) {
		print_message("without '%s' only the bundled trace is compared\n", binary);
		skip();
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const forms[] = {"report", "report-R", "tracefs"};

		snprintf(text, sizeof(text), "%s/traces/text/s01.%s.txt.gz", shared != NULL ? shared : "../shared",
			forms[i]);
		check_same(binary, text, 45219, i < 2 ? microseconds : second_buffer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classic),
		cmocka_unit_test(plain_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
