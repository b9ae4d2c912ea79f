/* SPDX-License-Identifier: GPL-2.0-only */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/replay_feed.h"

static size_t count_of(const struct replay_result *result, enum finding_severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < result->finding_count; i++)
		count += result->findings[i].severity == severity;
	return count;
}

static void test_an_empty_trace(void **state)
{
	struct replay *replay = replay_new(NULL);
	const struct replay_result *result;

	(void)state;
	replay_take(replay, NULL, 0);
	result = replay_finish(replay);
	assert_int_equal(result->finding_count, 0);
	assert_int_equal(result->filesystem_count, 0);
	assert_true(result->events == 0 && result->first_ns == 0 && result->last_ns == 0);
	replay_free(replay);
	replay_free(NULL);
}

static void test_a_replay_may_be_left_in_the_middle(void **state)
{
	struct feed feed = feed_begin();

	(void)state;
	feed_new(&feed, 257);
	feed_reserve(&feed, 257, 0, 4096, 4096);
	replay_free(feed.replay);
}

static void test_events_are_counted(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;

	(void)state;
	feed_new(&feed, 257);
	feed_reserve(&feed, 257, 0, 4096, 4096);
	feed_reserve(&feed, 257, 0, 4096, 0);
	feed_event(&feed, (struct event){.kind = EVENT_LOST, .bytes = 7});
	feed_event(&feed, (struct event){.kind = EVENT_LOST, .bytes = 0});
	feed_free(&feed, 257, 0, 4096, 4096);
	result = replay_finish(feed.replay);
	assert_int_equal(result->events, 6);
	assert_int_equal(result->event_counts[EVENT_INODE_NEW], 1);
	assert_int_equal(result->event_counts[EVENT_RESERVE_DATA], 2);
	assert_int_equal(result->event_counts[EVENT_UPDATE_RESERVE], 2);
	assert_int_equal(result->event_counts[EVENT_RELEASE_DATA], 1);
	assert_int_equal(result->event_counts[EVENT_LOST], 2);
	assert_int_equal(result->lost_marks, 2);
	assert_int_equal(result->lost_events, 7);
	assert_true(result->first_ns == 1000000000 + FEED_STEP_NS);
	assert_true(result->last_ns == feed.time_ns);
	replay_free(feed.replay);
}

/* A kind that no kernel has changes nothing, not even a count. */
static void test_an_event_of_no_kind(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;

	(void)state;
	feed_event(&feed, (struct event){.kind = EVENT_COUNT});
	feed_event(&feed, (struct event){.kind = UINT8_MAX});
	result = replay_finish(feed.replay);
	assert_int_equal(result->events, 0);
	assert_int_equal(result->finding_count, 0);
	replay_free(feed.replay);
}

/* One write of 12288 bytes of which 8192 are written back and dropped, 4096 freed, and 4096 more wait. */
static void test_totals_of_a_root(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;
	const struct root_totals *root;

	(void)state;
	feed_new(&feed, 257);
	feed_reserve(&feed, 257, 0, 12288, 12288);
	feed_release(&feed, 257, 0, 8192, 8192);
	feed_free(&feed, 257, 8192, 4096, 4096);
	feed_commit(&feed, 8192);
	feed_reserve(&feed, 257, 0, 4096, 4096);
	feed_release(&feed, 257, 0, 4096, 4096);
	feed_reserve(&feed, 257, 65536, 2 * 4096, 2 * 4096);
	result = replay_finish(feed.replay);
	assert_int_equal(count_of(result, SEVERITY_ERROR), 0);
	assert_int_equal(result->filesystem_count, 1);
	assert_int_equal(result->filesystems[0].root_count, 1);
	root = &result->filesystems[0].roots[0];
	assert_true(root->root == 256 && root->counter_known);
	assert_true(root->reserved_bytes == 12288 + 4096 + 8192);
	assert_true(root->released_bytes == 12288);
	assert_true(root->freed_bytes == 4096 && root->dropped_bytes == 8192);
	assert_true(root->peak_bytes == 12288);
	assert_true(root->end_ranges_bytes == 8192 && root->end_flight_bytes == 4096);
	assert_true(root->end_counter_bytes == 12288 && root->end_unknown_bytes == 0);
	assert_true(result->contradictions == 0 && result->chain_breaks == 0);
	replay_free(feed.replay);
}

/* By number, whatever the order in which they came up; roots that cannot hold data are left out. */
static void test_roots_are_sorted_by_filesystem(void **state)
{
	static const uint64_t roots[] = {260, 5, 256, 300};
	struct feed feed = feed_begin();
	const struct replay_result *result;

	(void)state;
	for (uint16_t fs = 2; fs > 0; fs--)
		for (size_t i = 0; i < 4; i++) {
			feed.fs = fs;
			feed.root = roots[i];
			feed.data[feed.root] = 0;
			feed_new(&feed, 257);
			feed_reserve(&feed, 257, 0, fs * 4096u, fs * 4096u);
		}
	feed.root = 1;
	feed_meta(&feed, 0);
	result = replay_finish(feed.replay);
	assert_int_equal(result->filesystem_count, 2);
	for (size_t i = 0; i < 2; i++) {
		static const uint64_t sorted[] = {5, 256, 260, 300};
		const struct fs_totals *fs = &result->filesystems[i];

		assert_int_equal(fs->root_count, 4);
		assert_int_equal(fs->quota_epochs, 1);
		for (size_t k = 0; k < 4; k++) {
			assert_true(fs->roots[k].root == sorted[k]);
			assert_true(fs->roots[k].end_ranges_bytes == fs->fs * 4096u);
		}
	}
	replay_free(feed.replay);
}

/* The evidence is what a reader needs to check the proof, in the order of the trace. */
static void test_the_evidence_of_the_classic(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;
	const struct finding *finding;
	struct {
		uint64_t number;
		enum evidence_role role;
	} due[6];

	(void)state;
	feed_new(&feed, 257);
	due[0].number = feed_reserve(&feed, 257, 0, 4096, 4096);
	feed_meta(&feed, 16384);
	feed_event(
		&feed, (struct event){.kind = EVENT_UPDATE_RESERVE, .type = EVENT_TYPE_META_PREALLOC, .diff = 16384});
	due[1].number = feed_meta(&feed, 0);
	feed.pid = 152;
	due[2].number = feed_reserve(&feed, 257, 0, 4096, 0);
	due[3].number = feed_meta(&feed, 16384);
	due[4].number = feed_free(&feed, 257, 0, 4096, 4096);
	feed.pid = 25;
	due[5].number = feed_release(&feed, 257, 0, 4096, 0);
	due[0].role = ROLE_OWNER_RESERVES;
	due[1].role = ROLE_OWNER_COMPLETE;
	due[2].role = ROLE_TASK_RESERVES;
	due[3].role = ROLE_META_FAILS;
	due[4].role = ROLE_TASK_FREES;
	due[5].role = ROLE_RELEASE_SHORT;
	feed.time_ns += 10000000;
	feed_meta(&feed, 0);
	result = replay_finish(feed.replay);
	assert_int_equal(count_of(result, SEVERITY_ERROR), 1);
	finding = &result->findings[0];
	assert_int_equal(finding->kind, FINDING_FOREIGN_FREE);
	assert_int_equal(finding->consequence_count, 1);
	assert_int_equal(finding->consequences[0].kind, CONSEQUENCE_SHORT_RELEASE);
	assert_int_equal(finding->consequences[0].event.number, due[5].number);
	for (size_t i = 0; i < 6; i++) {
		bool shown = false;

		for (size_t k = 0; k < finding->evidence_count; k++)
			shown = shown || (finding->evidence[k].event.number == due[i].number &&
						 finding->evidence[k].role == due[i].role);
		assert_true(shown);
	}
	for (size_t k = 1; k < finding->evidence_count; k++)
		assert_true(finding->evidence[k - 1].event.number < finding->evidence[k].event.number);
	replay_free(feed.replay);
}

/*
 * Two CPUs' clocks: the release of a page shows up 30 us before the reserve that it needs, of another task. Exchanged,
 * both are true.
 */
static void test_neighbours_in_the_wrong_order_are_exchanged(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;

	(void)state;
	feed_new(&feed, 257);
	feed_reserve(&feed, 257, 65536, 4096, 4096);
	feed.time_ns += 5000000;
	feed.pid = 25;
	feed_release(&feed, 257, 0, 4096, 4096);
	feed.pid = 152;
	feed_reserve(&feed, 257, 0, 4096, 4096);
	feed.time_ns += 5000000;
	feed_meta(&feed, 0);
	result = replay_finish(feed.replay);
	assert_int_equal(result->exchanges, 1);
	assert_int_equal(result->contradictions, 0);
	assert_int_equal(result->finding_count, 0);
	assert_true(result->filesystems[0].roots[0].end_ranges_bytes == 4096);
	assert_true(result->filesystems[0].roots[0].end_flight_bytes == 4096);
	replay_free(feed.replay);
}

/* Beyond 2 ms it is no matter of clocks. */
static void test_distant_events_are_not_exchanged(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;

	(void)state;
	feed_new(&feed, 257);
	feed_reserve(&feed, 257, 65536, 4096, 4096);
	feed.pid = 25;
	feed_release(&feed, 257, 0, 4096, 4096);
	feed.pid = 152;
	feed.time_ns += 2500000;
	feed_reserve(&feed, 257, 0, 4096, 4096);
	result = replay_finish(feed.replay);
	assert_int_equal(result->exchanges, 0);
	assert_int_equal(result->contradictions, 1);
	replay_free(feed.replay);
}

/* An order within a task is certain: its own reserve cannot come before its own release. */
static void test_a_task_is_not_exchanged_with_itself(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;

	(void)state;
	feed_new(&feed, 257);
	feed_reserve(&feed, 257, 65536, 4096, 4096);
	feed_release(&feed, 257, 0, 4096, 4096);
	feed_reserve(&feed, 257, 0, 4096, 4096);
	result = replay_finish(feed.replay);
	assert_int_equal(result->exchanges, 0);
	assert_int_equal(result->contradictions, 1);
	replay_free(feed.replay);
}

/* A counter that does not go on, but not at 0 either, is disorder or a loss without a mark; nothing follows from it. */
static void test_a_broken_chain_is_counted(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;

	(void)state;
	feed_new(&feed, 257);
	feed_reserve(&feed, 257, 0, 8192, 8192);
	feed.data[256] = 4096;
	feed_reserve(&feed, 257, 8192, 4096, 4096);
	result = replay_finish(feed.replay);
	assert_int_equal(result->chain_breaks, 1);
	assert_int_equal(result->finding_count, 0);
	replay_free(feed.replay);
}

/* A task that waits, undecided, holds back 65,536 events at most; then all the rest still comes to its right. */
static void test_a_silent_task_does_not_stop_the_replay(void **state)
{
	struct feed feed = feed_begin();
	const struct replay_result *result;
	const uint64_t pages = 100000;

	(void)state;
	feed_new(&feed, 257);
	feed_new(&feed, 258);
	feed_update(&feed, 0);
	feed_event(&feed,
		(struct event){
			.kind = EVENT_RESERVE_DATA, .op = EVENT_OP_RESERVE, .ino = 258, .len = 4096, .bytes = 4096});
	feed.pid = 152;
	for (uint64_t i = 0; i < pages; i++)
		feed_reserve(&feed, 257, i * 8192, 4096, 4096);
	for (uint64_t i = 0; i < pages; i++)
		feed_free(&feed, 257, i * 8192, 4096, 4096);
	result = replay_finish(feed.replay);
	assert_int_equal(count_of(result, SEVERITY_ERROR), 0);
	assert_true(result->filesystems[0].roots[0].reserved_bytes == pages * 4096);
	assert_true(result->filesystems[0].roots[0].freed_bytes == pages * 4096);
	assert_true(result->filesystems[0].roots[0].end_ranges_bytes == 0);
	assert_true(result->filesystems[0].roots[0].peak_bytes == pages * 4096);
	replay_free(feed.replay);
}

/* The curves of all roots are drawn after the end, in the memory that the replay gives back. */
static void test_only_the_result_is_left_at_the_end(void **state)
{
	enum { ROOTS = 800 };
	struct feed feed = feed_begin();
	const size_t before = mallinfo2().uordblks;
	const struct replay_result *result;

	(void)state;
	for (feed.root = 1; feed.root <= ROOTS; feed.root++)
		feed_update(&feed, 4096);
	result = replay_finish(feed.replay);
	assert_int_equal(result->filesystem_count, 1);
	assert_true(mallinfo2().uordblks < before + 2 * ROOTS * sizeof(struct root_totals));
	replay_free(feed.replay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_trace),
		cmocka_unit_test(test_a_replay_may_be_left_in_the_middle),
		cmocka_unit_test(test_events_are_counted),
		cmocka_unit_test(test_an_event_of_no_kind),
		cmocka_unit_test(test_totals_of_a_root),
		cmocka_unit_test(test_roots_are_sorted_by_filesystem),
		cmocka_unit_test(test_the_evidence_of_the_classic),
		cmocka_unit_test(test_neighbours_in_the_wrong_order_are_exchanged),
		cmocka_unit_test(test_distant_events_are_not_exchanged),
		cmocka_unit_test(test_a_task_is_not_exchanged_with_itself),
		cmocka_unit_test(test_a_broken_chain_is_counted),
		cmocka_unit_test(test_only_the_result_is_left_at_the_end),
		cmocka_unit_test(test_a_silent_task_does_not_stop_the_replay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
