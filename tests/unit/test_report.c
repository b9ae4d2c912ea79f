/* SPDX-License-Identifier: GPL-2.0-only */
/* The reports of a trace made by hand: totals, filters, unsigned numbers, hostile names, several traces in a document.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/report/report.h"
#include "tests/unit/finding_story.h"

static struct report_trace trace_of(const struct story *story)
{
	return (struct report_trace){.id = 1,
		.name = "story.dat",
		.source = "trace.dat",
		.kernel = "6.1.50",
		.comms = story->comms,
		.fsids = story->fsids,
		.result = &story->result};
}

/* The whole document for `times` times the same trace, to be freed. */
static char *document(const struct report_format *format, const struct report_options *options,
	const struct report_trace *trace, int times)
{
	char *texts[3] = {NULL};
	size_t sizes[3] = {0};
	FILE *whole = open_memstream(&texts[0], &sizes[0]);
	struct report_streams streams = {open_memstream(&texts[1], &sizes[1]), open_memstream(&texts[2], &sizes[2])};
	struct report_totals totals = {0};
	struct report_ending ending = {.options = options, .totals = &totals, .exit_code = 1};

	for (int i = 0; i < times; i++) {
		format->trace(&streams, options, trace, &totals);
		report_count(&totals, options, trace);
	}
	fclose(streams.traces);
	fclose(streams.findings);
	format->begin(whole, options);
	fputs(texts[1], whole);
	format->middle(whole, options);
	fputs(texts[2], whole);
	format->end(whole, &ending);
	fclose(whole);
	free(texts[1]);
	free(texts[2]);
	return texts[0];
}

static size_t occurrences_of(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
		count++;
	return count;
}

static void expect_part(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void test_text(void **state)
{
	struct report_options options = {.version = "1", .fail_on = SEVERITY_ERROR};
	struct story story;
	struct report_trace trace;
	char *text;

	(void)state;
	story_init(&story);
	trace = trace_of(&story);
	text = document(&report_text, &options, &trace, 1);
	expect_part(text, "error #1 foreign-free: wl-152 frees 4,096 bytes of wl-151 [proven]\n");
	expect_part(text, "where      root 256  inode 257  [0, 4096)\n");
	expect_part(text, "owned by   wl-151, reserved at 19.747588: 4,096 bytes (4 KiB) in [0, 4096)\n");
	expect_part(text, "this kernel should have the fix, so it is a regression");
	expect_part(text, "FOUND: 1 foreign free (4,096 bytes) in 40 events of 1 trace; exit 1\n");
	assert_null(strchr(text, '\033'));
	free(text);
	options.colour = true;
	text = document(&report_text, &options, &trace, 1);
	expect_part(text, "\033[1;31merror\033[0m #1");
	free(text);
	story_release(&story);
}

static void test_json_of_two_traces(void **state)
{
	struct report_options options = {.version = "1"};
	struct story story;
	struct report_trace trace;
	char *text;

	(void)state;
	story_init(&story);
	story.finding.root = story.occurrence.root = story.root.root = UINT64_MAX - 8;
	trace = trace_of(&story);
	text = document(&report_json, &options, &trace, 2);
	assert_int_equal(occurrences_of(text, "\"name\": \"story.dat\""), 2);
	assert_int_equal(occurrences_of(text, "\"kind\": \"foreign-free\""), 2);
	assert_int_equal(occurrences_of(text, "\"root\": 18446744073709551607"), 6);
	assert_int_equal(occurrences_of(text, "\"root\": -"), 0);
	assert_int_equal(occurrences_of(text, ",\n    {"), 2);
	assert_int_equal(occurrences_of(text, "\"sha256\": null"), 2);
	assert_int_equal(occurrences_of(text, "\"clock\": null"), 2);
	expect_part(text, "\"summary\": {\n    \"errors\": 2,\n    \"warnings\": 0,\n    \"notes\": 0\n  }\n}\n");
	free(text);
	story_release(&story);
}

static void test_mail(void **state)
{
	struct report_options options = {.version = "1", .fail_on = SEVERITY_ERROR};
	struct story story;
	struct report_trace trace;
	char *text;

	(void)state;
	story_init(&story);
	trace = trace_of(&story);
	text = document(&report_mail, &options, &trace, 1);
	assert_ptr_equal(
		strstr(text, "Subject: [BUG] btrfs: qgroup: wl-152 frees 4,096 bytes of wl-151, kernel 6.1.50\n"),
		text);
	expect_part(text, "     Task A: wl-151                 |     Task B: wl-152\n");
	expect_part(text, "wl-152 [000] 19.838655: btrfs_qgroup_release_data: root=256 ino=257 start=0 len=4096 "
			  "reserved=4096 op=free\n");
	expect_part(text, "\n-- \nqgreplay 1\n");
	free(text);
	story.finding.severity = SEVERITY_WARNING;
	text = document(&report_mail, &options, &trace, 1);
	assert_string_equal(
		text, "Nothing to report: no error in 40 events of 1 trace (1 warning; --fail-on warning tells).\n");
	free(text);
	story_release(&story);
}

static void test_hostile_names_do_no_harm(void **state)
{
	static const char *const formats[] = {"text", "mail", "json"};
	struct report_options options = {.version = "1", .all = true};
	struct story story;
	struct report_trace trace;

	(void)state;
	story_init(&story);
	trace = trace_of(&story);
	trace.name = "\033]0;title\a\xff";
	trace.kernel = "6.1\033[2J\n";
	trace.clock = "\xc2\x9b";
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char *text = document(report_format_named(formats[i]), &options, &trace, 1);

		assert_null(strchr(text, '\033'));
		assert_null(strchr(text, '\a'));
		assert_null(strchr(text, '\xff'));
		free(text);
	}
	story_release(&story);
}

static bool shown(const struct story *story, const struct report_options *options)
{
	struct report_trace trace = trace_of(story);

	return report_shows_finding(options, &trace, &story->finding);
}

static void test_filters(void **state)
{
	struct report_options options = {0};
	struct story story;

	(void)state;
	story_init(&story);
	assert_true(shown(&story, &options));
	options.filter = (struct report_filter){.has_root = true, .root = 256, .has_ino = true, .ino = 257};
	assert_true(shown(&story, &options));
	options.filter.ino = 258;
	assert_false(shown(&story, &options));
	options.filter = (struct report_filter){.has_root = true, .root = 257};
	assert_false(shown(&story, &options));
	options.filter = (struct report_filter){.fsid = "b09a6e3c"};
	assert_true(shown(&story, &options));
	options.filter.fsid = "b09a6e3d";
	assert_false(shown(&story, &options));
	story.finding.severity = SEVERITY_NOTE;
	assert_false(shown(&story, &options));
	story.finding.fs = 0;
	assert_true(shown(&story, &options));
	story_release(&story);
}

static void test_totals(void **state)
{
	struct report_options options = {.filter = {.has_root = true, .root = 999}};
	struct report_totals totals = {0};
	struct story story;
	struct report_trace trace;

	(void)state;
	story_init(&story);
	trace = trace_of(&story);
	report_count(&totals, &options, &trace);
	assert_int_equal(totals.places, 0);
	assert_int_equal(totals.severities[SEVERITY_ERROR], 0);
	options.filter.root = 256;
	report_count(&totals, &options, &trace);
	assert_int_not_equal(totals.places, 0);
	assert_int_equal(totals.severities[SEVERITY_ERROR], 1);
	assert_int_equal(totals.kinds[FINDING_FOREIGN_FREE].bytes, 4096);
	assert_int_equal(totals.traces, 2);
	assert_int_equal(totals.events, 80);
	assert_null(report_format_named("xml"));
	story_release(&story);
}

/* What a child that was taken over leaves behind must not talk the findings of other traces away. */
static void test_sums_never_wrap(void **state)
{
	struct report_totals totals = {.traces = 1, .events = 40, .lost_marks = 2, .places = 1};
	struct report_totals more;

	(void)state;
	totals.severities[SEVERITY_ERROR] = 3;
	totals.kinds[FINDING_LEAK].bytes = 4096;
	more = totals;
	report_add(&totals, &more);
	assert_int_equal(totals.traces, 2);
	assert_int_equal(totals.events, 80);
	assert_int_equal(totals.lost_marks, 4);
	assert_int_equal(totals.places, 2);
	assert_int_equal(totals.severities[SEVERITY_ERROR], 6);
	assert_int_equal(totals.kinds[FINDING_LEAK].bytes, 8192);
	memset(&more, 0xff, sizeof(more));
	report_add(&totals, &more);
	for (size_t i = 0; i < sizeof(totals); i++)
		assert_int_equal(((const unsigned char *)&totals)[i], 0xff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json_of_two_traces),
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_hostile_names_do_no_harm),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_sums_never_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
