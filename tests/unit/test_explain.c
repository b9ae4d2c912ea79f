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

#include "analyzer/explain.h"
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
	diagram = explain_diagram(&story.finding, story.comms);
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
	story.finding.evidence_count = 0;
	assert_null(explain_diagram(&story.finding, story.comms));
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
	diagram = explain_diagram(&story.finding, story.comms);
	for (char *line = strtok(diagram, "\n"); line != NULL; line = strtok(NULL, "\n"))
		assert_in_range(words_columns(line), 0, EXPLAIN_DIAGRAM_WIDTH);
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
			free(explain_diagram(finding, story->comms));
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
		cmocka_unit_test(test_whatever_a_finding_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
