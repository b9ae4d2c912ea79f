/* SPDX-License-Identifier: GPL-2.0-only */
/* A finding in words: what is said of the classic bug, and that nothing a trace may hold breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/explain/explain.h"
#include "tests/unit/finding_story.h"

static void test_three_sentences(void **state)
{
	struct story story;
	char *text;

	(void)state;
	story_init(&story);
	text = explain_text(&story.finding, story.comms);
	assert_string_equal(text,
		"At 19.838655 wl-152 freed 4,096 bytes (4 KiB) of qgroup data reservation of root 256, inode 257, "
		"range "
		"[0, 4096), that belonged to wl-151 (reserved at 19.747588). Its own btrfs_qgroup_reserve_data() of "
		"[0, 4096) had found all of it reserved already; after its metadata reservation had failed, its error "
		"path "
		"called btrfs_qgroup_free_data() and took back the whole range, whoever had reserved it, instead of "
		"what "
		"its own extent_changeset recorded. As a consequence 4,096 bytes (4 KiB) of dirty data went to "
		"writeback "
		"without reservation, so that the limit of qgroup 0/256 could be exceeded by as much.");
	free(text);
	text = explain_headline(&story.finding, story.comms);
	assert_string_equal(text, "wl-152 frees 4,096 bytes of wl-151");
	free(text);
	text = explain_consequence(&story.consequence, story.comms);
	assert_string_equal(text, "kworker/u4:1-25 at 20.789890: [0, 4096) go out with 0 of 4,096 bytes reserved");
	free(text);
	story_release(&story);
}

static void test_diagram(void **state)
{
	struct story story;
	char *diagram;

	(void)state;
	story_init(&story);
	diagram = explain_diagram(&story.finding, story.comms, EXPLAIN_DIAGRAM_NARROW);
	assert_string_equal(diagram, "     Task A: wl-151                 |     Task B: wl-152\n"
				     "--------------------------------------------------------------------------\n"
				     "qgroup_reserve_data()               |\n"
				     "   range [0, 4096)                  |\n"
				     "   4096 bytes reserved          <<< |\n"
				     "                                    | qgroup_reserve_data()\n"
				     "                                    |    range [0, 4096)\n"
				     "                                    |    Already reserved by A\n"
				     "                                    |    0 bytes reserved             <<<\n"
				     "                                    | delalloc_reserve_metadata()\n"
				     "                                    |    And it *FAILED*              <<<\n"
				     "                                    | qgroup_free_data()\n"
				     "                                    |    range [0, 4096)\n"
				     "                                    |    Freeing 4096 bytes           <<<\n"
				     "                                    |    counter 4096 -> 0\n");
	free(diagram);
	/* 3 GiB are freed, and traced as +1 GiB: the next update of such a kernel begins at 0. */
	for (size_t i = 0; i < story.finding.evidence_count; i++)
		if (story.finding.evidence[i].event.kind == EVENT_UPDATE_RESERVE)
			story.finding.evidence[i].event.diff = 1 << 30;
	story.finding.kind = FINDING_TRUNCATED_COUNT;
	diagram = explain_diagram(&story.finding, story.comms, EXPLAIN_DIAGRAM_NARROW);
	assert_non_null(strstr(diagram, "counter 4096 -> 0"));
	free(diagram);
	story.finding.evidence_count = 0;
	assert_null(explain_diagram(&story.finding, story.comms, EXPLAIN_DIAGRAM_NARROW));
	story_release(&story);
}

static void test_long_offsets_stay_in_their_column(void **state)
{
	struct story story;
	char *diagram;

	(void)state;
	story_init(&story);
	for (size_t i = 0; i < 5; i++) {
		story.evidence[i].event.start = UINT64_C(1) << 62;
		story.evidence[i].event.len = UINT64_C(1) << 40;
	}
	diagram = explain_diagram(&story.finding, story.comms, EXPLAIN_DIAGRAM_NARROW);
	for (char *line = strtok(diagram, "\n"); line != NULL; line = strtok(NULL, "\n"))
		assert_in_range(words_columns(line), 0, EXPLAIN_DIAGRAM_NARROW);
	free(diagram);
	story_release(&story);
}

/* Worked out by hand: FNV-1a of "foreign-free/traced-free//" and "leak/evicted/range/". Must never change. */
static void test_signature_is_permanent(void **state)
{
	struct finding leak = {.kind = FINDING_LEAK, .path = PATH_EVICTED, .where = LEAK_RANGE};
	struct story story;

	(void)state;
	story_init(&story);
	assert_string_equal(explain_signature(&story.finding).text, "v1:1aee5de6c84b5e8d");
	assert_string_equal(explain_signature(&leak).text, "v1:cc39d8b1626243f8");
	story.finding.certainty = CERTAINTY_LIKELY;
	story.finding.bytes = 1;
	story.finding.ino = 9;
	story.finding.root = 9;
	story.occurrence.task.pid = 1;
	assert_string_equal(explain_signature(&story.finding).text, "v1:1aee5de6c84b5e8d");
	story.finding.path = PATH_ROLLBACK;
	assert_string_not_equal(explain_signature(&story.finding).text, "v1:1aee5de6c84b5e8d");
	story_release(&story);
}

static void test_doubt(void **state)
{
	struct finding finding = {.certainty = CERTAINTY_PROVEN};

	(void)state;
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
		finding.kind = (enum finding_kind)kind;
		finding.certainty = CERTAINTY_PROVEN;
		assert_null(explain_doubt(&finding));
		finding.certainty = CERTAINTY_LIKELY;
		if (finding_severity_of(finding.kind) != SEVERITY_NOTE)
			assert_non_null(explain_doubt(&finding));
	}
}

/* Three tasks act: on a screen each has its column, in a mail the third speaks under its name. */
static void test_three_columns(void **state)
{
	struct story story;
	char *diagram;

	(void)state;
	story_init(&story);
	story.evidence[4].event = story.consequence.event;
	story.evidence[4].role = ROLE_RELEASE_SHORT;
	diagram = explain_diagram(&story.finding, story.comms, EXPLAIN_DIAGRAM_WIDE);
	assert_string_equal(diagram,
		"     Task A: wl-151             |     Task B: wl-152              |     Task C: kworker/u4:1-25\n"
		"----------------------------------------------------------------------------------------------------\n"
		"qgroup_reserve_data()           |                                 |\n"
		"   range [0, 4096)              |                                 |\n"
		"   4096 bytes reserved      <<< |                                 |\n"
		"                                | qgroup_reserve_data()           |\n"
		"                                |    range [0, 4096)              |\n"
		"                                |    Already reserved by A        |\n"
		"                                |    0 bytes reserved         <<< |\n"
		"                                | delalloc_reserve_metadata()     |\n"
		"                                |    And it *FAILED*          <<< |\n"
		"                                | qgroup_free_data()              |\n"
		"                                |    range [0, 4096)              |\n"
		"                                |    Freeing 4096 bytes       <<< |\n"
		"                                |                                 | qgroup_release_data()\n"
		"                                |                                 |    range [0, 4096)\n"
		"                                |                                 |    only 0 bytes reserved    "
		"<<<\n");
	free(diagram);
	diagram = explain_diagram(&story.finding, story.comms, EXPLAIN_DIAGRAM_NARROW);
	assert_non_null(strstr(diagram, "\n(kworker/u4:1-25)                   |\nqgroup_release_data()"));
	assert_null(strstr(diagram, "Task C"));
	free(diagram);
	story_release(&story);
}

/* Where not all have a column, the busiest of the others gets the third, and the rest speaks in it by name. */
static void test_busiest_gets_the_column(void **state)
{
	struct story story;
	char *diagram;

	(void)state;
	story_init(&story);
	story.evidence[2].event.pid = 149;
	story.evidence[3].event.pid = 153;
	story.evidence[4].event.pid = 153;
	diagram = explain_diagram(&story.finding, story.comms, EXPLAIN_DIAGRAM_WIDE);
	assert_non_null(strstr(diagram, "Task C: wl-153"));
	assert_non_null(strstr(diagram, "| (wl-149)\n"));
	free(diagram);
	story_release(&story);
}

/* Whoever acts, in whatever number: the lines stay within the width, and every task is named. */
static void test_any_number_of_tasks(void **state)
{
	static const unsigned widths[] = {EXPLAIN_DIAGRAM_NARROW, EXPLAIN_DIAGRAM_WIDE, 133, 1000};
	struct story story;

	(void)state;
	story_init(&story);
	for (int32_t tasks = 1; tasks <= 5; tasks++) {
		for (size_t i = 0; i < 5; i++)
			story.evidence[i].event.pid = 151 + (int32_t)i % tasks;
		for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
			char *diagram = explain_diagram(&story.finding, story.comms, widths[i]);

			for (int32_t task = 0; task < tasks; task++) {
				char name[16];

				snprintf(name, sizeof(name), "wl-%d", 151 + task);
				assert_non_null(strstr(diagram, name));
			}
			for (char *line = strtok(diagram, "\n"); line != NULL; line = strtok(NULL, "\n"))
				assert_in_range(words_columns(line), 1, widths[i]);
			free(diagram);
		}
	}
	story_release(&story);
}

/* What each kind and path says, by parts that a reader would look for. */
static const struct {
	enum finding_kind kind;
	enum finding_path path;
	const char *headline;
	const char *parts[3];
} sayings[] = {
	{FINDING_UNDERFLOW, PATH_COMMIT, "reserved data space of qgroup 0/256 underflows by 4,096 bytes",
		{"data space (DATA) of qgroup 0/256, which held only 8,192 bytes", "transaction commit",
			"sets the counter to 0"}},
	{FINDING_UNDERFLOW, PATH_PREALLOC, "reserved metadata space of qgroup 0/256 underflows by 4,096 bytes",
		{"metadata space (META_PREALLOC)", "more metadata than it had reserved", "sets the counter to 0"}},
	{FINDING_LEAK, PATH_PERTRANS, "4,096 bytes of reserved metadata space leak in root 256",
		{"metadata reservation of root 256", "META_PERTRANS", "until the filesystem is unmounted"}},
	{FINDING_STALE_FREE, PATH_STALE_FREED,
		"4,096 bytes reserved before quota was switched off are freed from the new counter",
		{"made before quota was switched off, by wl-151", "left the EXTENT_QGROUP_RESERVED bits",
			"too low by that amount"}},
	{FINDING_STALE_FREE, PATH_STALE_RELEASED,
		"4,096 bytes reserved before quota was switched off are dropped from the new counter",
		{"wl-152 released 4,096 bytes", "the commit that drops these bytes", "too low by that amount"}},
	{FINDING_COMMIT_MISMATCH, PATH_DROPPED_MORE, "commit drops 4,096 bytes more than were released in root 256",
		{"dropped 4,096 bytes (4 KiB) more", "each once and to the byte", "too low by that amount"}},
	{FINDING_COMMIT_MISMATCH, PATH_DROPPED_LESS, "commit drops 4,096 bytes fewer than were released in root 256",
		{"dropped too little", "counted twice now", "until the filesystem is unmounted"}},
	{FINDING_COMMIT_MISMATCH, PATH_NOT_DROPPED,
		"commit accounts for an extent of root 256 and does not drop its 4,096 bytes",
		{"dropped nothing", "accounted for the extent", "until the filesystem is unmounted"}},
	{FINDING_META_IMBALANCE, PATH_PREALLOC, "4,096 bytes of META_PREALLOC of qgroup 0/256 do not balance",
		{"counter META_PREALLOC, which held 8,192 bytes (8 KiB), was changed by -12288",
			"freed or converted in the same amount", "share one limit"}},
	{FINDING_META_IMBALANCE, PATH_PERTRANS, "4,096 bytes of META_PERTRANS of qgroup 0/256 do not balance",
		{"counter META_PERTRANS", "at the end of the transaction", "share one limit"}},
	{FINDING_LIMIT_EXCEEDED, PATH_NONE, "wl-152 reserves 4,096 bytes beyond the limit of qgroup 0/256",
		{"4,096 bytes (4 KiB) beyond the limit of qgroup 0/256", "EDQUOT", "later writers are refused"}},
	{FINDING_UNEXPLAINED, PATH_RESERVED_MORE, "a reserve sets 4,096 bytes more than were clear",
		{"newly reserved more bytes than were clear", "No release, free, rollback or eviction",
			"a bug without a name"}},
	{FINDING_UNEXPLAINED, PATH_COUNTER_JUMP, "a counter changes by 4,096 bytes that nothing accounts for",
		{"changed a counter", "counter 8,192 bytes (8 KiB), change -12288", "a bug without a name"}},
	{FINDING_OVER_BROAD_ROLLBACK, PATH_NONE,
		"a failed operation gives back more in one step than it asked for, the sum is right",
		{"gave back 4,096 bytes (4 KiB)", "the end of the range for its length", "nobody is harmed"}},
	{FINDING_GARBAGE_TYPE, PATH_NONE,
		"the kernel traced counter types that do not exist, metadata cannot be judged",
		{"4,096 events of the trace", "4.17 to 5.3.7", "nothing is said of metadata"}},
	{FINDING_LOG_MISMATCH, PATH_NONE, "the kernel's log says what the trace denies",
		{"1 line of the kernel's log", "qgroup 0/256", "rest on the trace alone"}},
};

static void test_kinds(void **state)
{
	struct story story;

	(void)state;
	story_init(&story);
	story.occurrence.have_bytes = 8192;
	story.occurrence.diff_bytes = -12288;
	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		char *text;

		story.finding.kind = sayings[i].kind;
		story.finding.path = sayings[i].path;
		text = explain_headline(&story.finding, story.comms);
		assert_string_equal(text, sayings[i].headline);
		free(text);
		text = explain_text(&story.finding, story.comms);
		for (size_t part = 0; part < 3; part++)
			if (strstr(text, sayings[i].parts[part]) == NULL)
				fail_msg("'%s' is not in: %s", sayings[i].parts[part], text);
		free(text);
	}
	story_release(&story);
}

/* What follows from a mismatch is told with it: underflows, and bytes that the limit would have refused. */
static void test_consequences(void **state)
{
	struct story story;
	char *text;

	(void)state;
	story_init(&story);
	story.consequence.kind = CONSEQUENCE_BEYOND_LIMIT;
	text = explain_text(&story.finding, story.comms);
	assert_non_null(strstr(text, "4,096 bytes (4 KiB) were reserved that the limit would have refused"));
	free(text);
	text = explain_consequence(&story.consequence, story.comms);
	assert_non_null(strstr(text, "4,096 bytes (4 KiB) are reserved that the limit would have refused"));
	free(text);
	story.consequence.kind = CONSEQUENCE_UNDERFLOW;
	story.finding.kind = FINDING_STALE_FREE;
	story.finding.path = PATH_STALE_FREED;
	text = explain_text(&story.finding, story.comms);
	assert_non_null(strstr(text, "a later update underflowed it by 4,096 bytes (4 KiB)"));
	free(text);
	story_release(&story);
}

/* Every kind and path, with the most and the least that a finding can hold. */
static void tell_everything(const struct story *story, struct finding *finding)
{
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
		for (int path = 0; path < PATH_COUNT; path++) {
			char *text;

			finding->kind = (enum finding_kind)kind;
			finding->path = (enum finding_path)path;
			text = explain_text(finding, story->comms);
			assert_true(text[0] != '\0' && text[strlen(text) - 1] == '.');
			assert_null(strchr(text, '\033'));
			free(text);
			free(explain_headline(finding, story->comms));
			free(explain_diagram(finding, story->comms, EXPLAIN_DIAGRAM_WIDE));
		}
	}
}

static void test_whatever_a_finding_holds(void **state)
{
	struct finding bare = {.severity = SEVERITY_ERROR};
	struct story story;

	(void)state;
	story_init(&story);
	tell_everything(&story, &bare);
	names_number(story.comms, "\033[2J\xff\xfe", 6);
	for (int role = 0; role < ROLE_COUNT; role++) {
		for (size_t i = 0; i < 5; i++) {
			struct event *event = &story.evidence[i].event;

			memset(event, 0xff, sizeof(*event));
			event->kind = (uint8_t)(((size_t)role + i) % EVENT_COUNT);
			event->comm = 3;
			story.evidence[i].role = (enum evidence_role)role;
		}
		story.occurrence.have_bytes = UINT64_MAX;
		story.occurrence.diff_bytes = INT64_MIN;
		story.occurrence.start = UINT64_MAX;
		story.occurrence.task = (struct task_ref){INT32_MAX, 3};
		story.owner.task = (struct task_ref){-1, 0};
		tell_everything(&story, &story.finding);
		assert_non_null(explain_role((enum evidence_role)role));
		assert_non_null(explain_role_name((enum evidence_role)role));
	}
	story_release(&story);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_sentences),
		cmocka_unit_test(test_diagram),
		cmocka_unit_test(test_long_offsets_stay_in_their_column),
		cmocka_unit_test(test_signature_is_permanent),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_three_columns),
		cmocka_unit_test(test_busiest_gets_the_column),
		cmocka_unit_test(test_any_number_of_tasks),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_consequences),
		cmocka_unit_test(test_whatever_a_finding_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
