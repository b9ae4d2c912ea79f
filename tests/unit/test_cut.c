/* SPDX-License-Identifier: GPL-2.0-only */
/* Cutting a trace down to one finding: what stays, what may not be altered, what a cut may not accuse of, the bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/cut.h"
#include "tests/unit/text_collect.h"

enum { STORIES = 3, NOISE = 40, STORY_EVENTS = 12, BUDGET = 1000000 };

/*
 * The classic bug of tests/cases/foreign-classic.txt on one inode: '@' is the number of the story, 1 to 3, and the
 * second in which it happens.
 */
static const char *const story[STORY_EVENTS] = {
	"A-1@1 [000] ..... @.000010: btrfs_qgroup_reserve_data: root=256 ino=30@ start=0 len=4096 reserved=4096 "
	"op=reserve",
	"A-1@1 [000] ..... @.000020: btrfs_qgroup_update_reserve: qgid=256 type=DATA cur_reserved=0 diff=4096",
	"A-1@1 [000] ..... @.000021: btrfs_qgroup_meta_reserve: refroot=256 type=META_PREALLOC diff=16384",
	"A-1@1 [000] ..... @.000031: btrfs_qgroup_update_reserve: qgid=256 type=META_PREALLOC cur_reserved=0 "
	"diff=16384",
	"A-1@1 [000] ..... @.000232: btrfs_qgroup_meta_reserve: refroot=256 type=META_PREALLOC diff=0",
	"B-1@2 [000] ..... @.000242: btrfs_qgroup_reserve_data: root=256 ino=30@ start=0 len=4096 reserved=0 "
	"op=reserve",
	"B-1@2 [000] ..... @.000252: btrfs_qgroup_meta_reserve: refroot=256 type=META_PREALLOC diff=16384",
	"B-1@2 [000] ..... @.000562: btrfs_qgroup_meta_reserve: refroot=256 type=META_PREALLOC diff=0",
	"B-1@2 [000] ..... @.000572: btrfs_qgroup_meta_reserve: refroot=256 type=META_PREALLOC diff=16384",
	"B-1@2 [000] ..... @.000632: btrfs_qgroup_release_data: root=256 ino=30@ start=0 len=4096 reserved=4096 "
	"op=free",
	"B-1@2 [000] ..... @.000642: btrfs_qgroup_update_reserve: qgid=256 type=DATA cur_reserved=4096 diff=-4096",
	"A-1@1 [000] ..... @.000700: btrfs_qgroup_update_reserve: qgid=256 type=META_PREALLOC cur_reserved=16384 "
	"diff=-16384",
};

static void tell_story(FILE *stream, unsigned number)
{
	for (size_t i = 0; i < STORY_EVENTS; i++) {
		for (const char *at = story[i]; *at != '\0'; at++)
			fputc(*at == '@' ? '0' + (int)number : *at, stream);
		fputc('\n', stream);
	}
}

static void tell_noise(FILE *stream, unsigned second)
{
	for (unsigned i = 0; i < NOISE; i++)
		fprintf(stream,
			"W-%u [001] ..... %u.5%05u: btrfs_qgroup_meta_reserve: refroot=257 type=META_PREALLOC diff=0\n",
			200 + i, second, i);
}

struct fixture {
	struct collected collected;
	struct replay *replay;
	const struct replay_result *result;
	struct cut cut; /* of the second error */
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	for (unsigned number = 1; number <= STORIES; number++) {
		tell_story(stream, number);
		tell_noise(stream, number);
	}
	fclose(stream);
	assert_int_equal(collect(&fixture->collected, text), ERR_OK);
	free(text);
	fixture->replay = replay_new(NULL);
	for (size_t i = 0; i < fixture->collected.count; i++)
		fixture->collected.events[i].number = i + 1;
	replay_take(fixture->replay, fixture->collected.events, fixture->collected.count);
	fixture->result = replay_finish(fixture->replay);
	fixture->cut =
		(struct cut){.whole = fixture->result, .wanted = &fixture->result->findings[1], .budget = BUDGET};
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	replay_free(fixture->replay);
	collected_release(&fixture->collected);
	free(fixture);
	return 0;
}

static void test_the_story_has_three_errors(void **state)
{
	const struct fixture *fixture = *state;

	assert_int_equal(fixture->collected.count, STORIES * (STORY_EVENTS + NOISE));
	assert_true(fixture->result->finding_count >= STORIES);
	for (size_t i = 0; i < STORIES; i++) {
		assert_int_equal(fixture->result->findings[i].kind, FINDING_FOREIGN_FREE);
		assert_int_equal(fixture->result->findings[i].ino, 301 + i);
		assert_int_equal(fixture->result->findings[i].certainty, CERTAINTY_PROVEN);
	}
}

static bool is_of_trace(const struct fixture *fixture, const struct event *event)
{
	const struct event *original = &fixture->collected.events[event->number - 1];
	bool same = event->number == original->number && event->kind == original->kind && event->fs == original->fs &&
		    event->time_ns == original->time_ns && event->cpu == original->cpu && event->pid == original->pid &&
		    event->comm == original->comm;

	for (int member = EVENT_MEMBER_NONE; member <= EVENT_MEMBER_TYPE; member++)
		same = same &&
		       event_get(event, (enum event_member)member) == event_get(original, (enum event_member)member);
	return same;
}

static bool is_evidence(const struct fixture *fixture, const struct event *event)
{
	for (size_t i = 0; i < fixture->cut.wanted->evidence_count; i++)
		if (fixture->cut.wanted->evidence[i].event.number == event->number)
			return true;
	return false;
}

static bool shows_without(struct fixture *fixture, const struct event *events, size_t count, size_t left_out)
{
	struct event fewer[STORY_EVENTS];

	memcpy(fewer, events, left_out * sizeof(*events));
	memcpy(fewer + left_out, events + left_out + 1, (count - left_out - 1) * sizeof(*events));
	return cut_shows(&fixture->cut, fewer, count - 1);
}

static void test_what_stays(void **state)
{
	struct fixture *fixture = *state;
	struct event events[STORIES * (STORY_EVENTS + NOISE)];
	size_t count;

	memcpy(events, fixture->collected.events, sizeof(events));
	count = cut_shrink(&fixture->cut, events, fixture->collected.count);
	assert_true(count >= 5 && count <= STORY_EVENTS);
	for (size_t i = 0; i < count; i++) {
		assert_true(is_of_trace(fixture, &events[i]));
		assert_true(i == 0 || events[i].number > events[i - 1].number);
		assert_true(events[i].time_ns >= UINT64_C(2000000000) && events[i].time_ns < UINT64_C(3000000000));
	}
	assert_true(cut_shows(&fixture->cut, events, count));
	assert_true(fixture->cut.budget > 0);
	for (size_t left_out = 0; left_out < count; left_out++)
		assert_true(
			is_evidence(fixture, &events[left_out]) || !shows_without(fixture, events, count, left_out));
}

/* Without the error of another inode in the whole trace, a cut that has it is refused. */
static void test_no_new_accusation(void **state)
{
	struct fixture *fixture = *state;
	struct replay_result whole = *fixture->result;

	assert_true(cut_shows(&fixture->cut, fixture->collected.events, fixture->collected.count));
	whole.finding_count = 2;
	fixture->cut.whole = &whole;
	assert_false(cut_shows(&fixture->cut, fixture->collected.events, fixture->collected.count));
}

/* Each fact of the wanted finding is compared. */
static void test_another_finding_is_not_shown(void **state)
{
	struct fixture *fixture = *state;
	struct finding other = *fixture->cut.wanted;
	struct occurrence occurrence = other.occurrences[0];
	struct owner owner = occurrence.owners[0];
	struct finding changed[] = {other, other, other};
	struct occurrence changed_occurrence[] = {occurrence, occurrence, occurrence, occurrence, occurrence};

	changed[0].certainty = CERTAINTY_LIKELY;
	changed[1].ino++;
	changed[2].path = PATH_ROLLBACK;
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		fixture->cut.wanted = &changed[i];
		assert_false(cut_shows(&fixture->cut, fixture->collected.events, fixture->collected.count));
	}
	changed_occurrence[0].bytes++;
	changed_occurrence[1].len++;
	changed_occurrence[2].task.pid++;
	changed_occurrence[3].time_ns++;
	owner.time_ns++;
	changed_occurrence[4].owners = &owner;
	for (size_t i = 0; i < sizeof(changed_occurrence) / sizeof(changed_occurrence[0]); i++) {
		other.occurrences = &changed_occurrence[i];
		fixture->cut.wanted = &other;
		assert_false(cut_shows(&fixture->cut, fixture->collected.events, fixture->collected.count));
	}
}

static void test_the_budget_ends(void **state)
{
	struct fixture *fixture = *state;
	size_t all = fixture->collected.count;
	struct event *events = fixture->collected.events;

	fixture->cut.budget = 0;
	assert_int_equal(cut_shrink(&fixture->cut, events, all), all);
	/* Enough for the first tries only: whatever stays shows the finding. */
	fixture->cut.budget = 3 * all;
	all = cut_shrink(&fixture->cut, events, all);
	assert_int_equal(fixture->cut.budget, 0);
	assert_true(all > STORY_EVENTS);
	assert_true(cut_shows(&fixture->cut, events, all));
}

static void test_choices_grow(void **state)
{
	struct fixture *fixture = *state;
	size_t counts[CUT_WIDTHS] = {0};

	for (int width = 0; width < CUT_WIDTHS; width++)
		for (size_t i = 0; i < fixture->collected.count; i++)
			counts[width] += cut_takes(&fixture->cut, (enum cut_width)width, &fixture->collected.events[i]);
	/* By hand: its own, without what comes after the last evidence; with it, and updates of the root; all. */
	assert_true(counts[CUT_NEAR] >= 10 && counts[CUT_NEAR] <= STORY_EVENTS);
	assert_int_equal(counts[CUT_INVOLVED], STORY_EVENTS + 2 * 4);
	assert_int_equal(counts[CUT_FILESYSTEM], fixture->collected.count);
	assert_int_equal(counts[CUT_ALL], fixture->collected.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_story_has_three_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_new_accusation, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_another_finding_is_not_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_budget_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_choices_grow, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
