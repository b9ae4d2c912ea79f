/* SPDX-License-Identifier: GPL-2.0-only */
/* Curves drawn from samples and steps that are given by hand. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/whatif.h"

enum { ROWS_KEPT = 32, SECOND = 1000000000 };

struct rows {
	struct whatif_rows rows;
	struct whatif_row kept[ROWS_KEPT];
	size_t count;
};

static void keep_row(void *context, const struct whatif_row *row)
{
	struct rows *rows = context;

	if (rows->count < ROWS_KEPT)
		rows->kept[rows->count] = *row;
	rows->count++;
}

static struct whatif_place one_place[] = {{1, 256}};

/* Draws the samples of one root, a second for each number, up to number `last`. */
static struct whatif *draw(
	struct whatif_plan *plan, struct rows *rows, const struct whatif_sample *samples, size_t count, uint64_t last)
{
	struct whatif *whatif;

	plan->places = one_place;
	plan->place_count = 1;
	*rows = (struct rows){.rows = {keep_row, rows}};
	whatif = whatif_new(plan, &rows->rows);
	whatif_take(whatif, samples, count);
	whatif_finish(whatif, last * SECOND);
	return whatif;
}

static struct whatif_sample sample(uint64_t number, uint64_t was)
{
	return (struct whatif_sample){number, number * SECOND, was, 1, WHATIF_UPDATE};
}

static struct whatif_sample moment(uint64_t number, uint64_t was, enum whatif_moment what)
{
	return (struct whatif_sample){number, number * SECOND, was, 1, what};
}

static struct whatif_step step(uint64_t number, uint64_t bytes, uint32_t account, enum whatif_effect effect)
{
	return (struct whatif_step){number, number * SECOND, bytes, 1, account, effect};
}

static void assert_rows(const struct rows *rows, const uint64_t (*expected)[3], size_t count)
{
	assert_int_equal(rows->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(rows->kept[i].time_ns, expected[i][0] * SECOND);
		assert_int_equal(rows->kept[i].was_bytes, expected[i][1]);
		assert_int_equal(rows->kept[i].should_bytes, expected[i][2]);
	}
}

#define ROWS(...)                                                                                                      \
	(const uint64_t[][3])                                                                                          \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void without_steps_nothing_differs(void **state)
{
	struct whatif_sample samples[] = {
		sample(1, 4096), sample(2, 8192), moment(3, 8192, WHATIF_COMMIT), sample(4, 0)};
	struct whatif_plan plan = {0};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 9);
	const struct whatif_root *root = whatif_of(whatif, 1);

	(void)state;
	assert_rows(&rows, ROWS({1, 4096, 4096}, {2, 8192, 8192}, {3, 8192, 8192}, {4, 0, 0}), 4);
	assert_false(root->differs);
	assert_false(whatif_differs(whatif));
	assert_int_equal(root->was_peak, 8192);
	assert_int_equal(root->should_peak, 8192);
	assert_int_equal(root->should_end, 0);
	assert_int_equal(root->too_low.bytes, 0);
	assert_int_equal(root->too_high.byte_seconds, 0);
	whatif_free(whatif);
}

/* 4,096 bytes are missing from second 2 to second 5, when nothing else changes the counter. */
static void missing_bytes_come_back(void **state)
{
	struct whatif_sample samples[] = {sample(1, 8192), sample(2, 4096), sample(3, 0), sample(7, 1000)};
	struct whatif_step steps[] = {step(2, 4096, 0, WHATIF_MISSING), step(5, 4096, 0, WHATIF_RETURNED)};
	struct whatif_plan plan = {.steps = steps, .step_count = 2, .account_count = 1};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 9);
	const struct whatif_root *root = whatif_of(whatif, 1);

	(void)state;
	assert_rows(&rows, ROWS({1, 8192, 8192}, {2, 4096, 8192}, {3, 0, 4096}, {5, 0, 0}, {7, 1000, 1000}), 5);
	assert_true(root->differs);
	assert_int_equal(root->too_low.bytes, 4096);
	assert_int_equal(root->too_low.time_ns, UINT64_C(2) * SECOND);
	assert_int_equal(root->too_low.byte_seconds, 3 * 4096);
	assert_int_equal(root->too_high.bytes, 0);
	whatif_free(whatif);
}

/* What comes back is bounded by what the same free took: another's is not touched. */
static void no_more_comes_back_than_was_taken(void **state)
{
	struct whatif_sample samples[] = {sample(1, 9000), sample(2, 8000), sample(3, 6000), sample(4, 6000)};
	struct whatif_step steps[] = {
		step(2, 1000, 0, WHATIF_MISSING), step(3, 2000, 1, WHATIF_MISSING), step(4, 5000, 0, WHATIF_RETURNED)};
	struct whatif_plan plan = {.steps = steps, .step_count = 3, .account_count = 2};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 4);

	(void)state;
	assert_rows(&rows, ROWS({1, 9000, 9000}, {2, 8000, 9000}, {3, 6000, 9000}, {4, 6000, 8000}), 4);
	whatif_free(whatif);
}

/* The clamp forgives the older mismatch first; what the same bytes come back as later counts no more. */
static void an_underflow_forgives_once(void **state)
{
	struct whatif_sample samples[] = {sample(1, 3000), sample(2, 2000), sample(3, 0), sample(4, 0), sample(5, 0)};
	struct whatif_step steps[] = {step(2, 1000, 0, WHATIF_MISSING), step(3, 2000, 1, WHATIF_MISSING),
		step(4, 1500, 2, WHATIF_FORGIVEN), step(5, 1000, 0, WHATIF_RETURNED),
		step(5, 2000, 1, WHATIF_RETURNED)};
	struct whatif_plan plan = {.steps = steps, .step_count = 5, .account_count = 3};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 5);

	(void)state;
	assert_rows(&rows, ROWS({1, 3000, 3000}, {2, 2000, 3000}, {3, 0, 3000}, {4, 0, 1500}, {5, 0, 0}), 5);
	whatif_free(whatif);
}

/* An underflow that no mismatch explains: the clamp has put it right. */
static void an_underflow_alone_changes_nothing(void **state)
{
	struct whatif_sample samples[] = {sample(1, 4096), sample(2, 0), sample(3, 4096)};
	struct whatif_step steps[] = {step(2, 4096, 0, WHATIF_FORGIVEN)};
	struct whatif_plan plan = {.steps = steps, .step_count = 1, .account_count = 1};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 3);

	(void)state;
	assert_false(whatif_differs(whatif));
	whatif_free(whatif);
}

/* A leak is held to the end, never more than the counter has, and less when the counter falls below it. */
static void held_bytes_stay_within_the_counter(void **state)
{
	struct whatif_sample samples[] = {sample(1, 5000), sample(3, 4000), sample(4, 1000)};
	struct whatif_step steps[] = {step(2, 2000, 0, WHATIF_HELD), step(3, 9000, 1, WHATIF_HELD)};
	struct whatif_plan plan = {.steps = steps, .step_count = 2, .account_count = 2};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 6);
	const struct whatif_root *root = whatif_of(whatif, 1);

	(void)state;
	assert_rows(&rows, ROWS({1, 5000, 5000}, {2, 5000, 3000}, {3, 4000, 0}, {4, 1000, 0}), 4);
	assert_int_equal(root->too_high.bytes, 4000);
	assert_int_equal(root->too_high.time_ns, UINT64_C(3) * SECOND);
	assert_int_equal(root->too_high.byte_seconds, 2000 + 4000 + 2 * 1000);
	assert_int_equal(root->told_twice, 7000 + 3000);
	whatif_free(whatif);
}

static void a_leak_may_wait_for_a_commit_and_heal(void **state)
{
	struct whatif_sample samples[] = {
		sample(1, 4096), moment(3, 4096, WHATIF_COMMIT), moment(5, 4096, WHATIF_COMMIT), sample(7, 4096)};
	struct whatif_step steps[] = {step(2, 4096, 0, WHATIF_HELD_AT_COMMIT), step(6, 4096, 0, WHATIF_HEALED)};
	struct whatif_plan plan = {.steps = steps, .step_count = 2, .account_count = 1};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 7);

	(void)state;
	assert_rows(&rows,
		ROWS({1, 4096, 4096}, {2, 4096, 4096}, {3, 4096, 0}, {5, 4096, 0}, {6, 4096, 4096}, {7, 4096, 4096}),
		6);
	whatif_free(whatif);
}

/* Without another commit it is held at the end. */
static void a_leak_need_not_see_its_commit(void **state)
{
	struct whatif_sample samples[] = {sample(1, 4096)};
	struct whatif_step steps[] = {step(2, 4096, 0, WHATIF_HELD_AT_COMMIT)};
	struct whatif_plan plan = {.steps = steps, .step_count = 1, .account_count = 1};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 4);

	(void)state;
	assert_int_equal(whatif_of(whatif, 1)->should_end, 0);
	whatif_free(whatif);
}

static void a_restart_ends_all_damage(void **state)
{
	struct whatif_sample samples[] = {
		sample(1, 5000), sample(2, 4000), moment(4, 0, WHATIF_RESTART), sample(4, 4096), sample(6, 4096)};
	struct whatif_step steps[] = {
		step(2, 1000, 0, WHATIF_MISSING), step(3, 3000, 1, WHATIF_HELD), step(5, 1000, 0, WHATIF_RETURNED)};
	struct whatif_plan plan = {.steps = steps, .step_count = 3, .account_count = 2};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 6);

	(void)state;
	assert_rows(&rows,
		ROWS({1, 5000, 5000}, {2, 4000, 5000}, {3, 4000, 2000}, {4, 0, 0}, {4, 4096, 4096}, {5, 4096, 4096},
			{6, 4096, 4096}),
		7);
	whatif_free(whatif);
}

/* What was due at a commit of the time before is none of the next one's. */
static void a_restart_forgets_what_was_due(void **state)
{
	struct whatif_sample samples[] = {sample(1, 4096), moment(3, 0, WHATIF_RESTART), sample(3, 4096),
		moment(4, 4096, WHATIF_COMMIT), sample(5, 4096)};
	struct whatif_step steps[] = {step(2, 4096, 0, WHATIF_HELD_AT_COMMIT)};
	struct whatif_plan plan = {.steps = steps, .step_count = 1, .account_count = 1};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), 6);

	(void)state;
	assert_int_equal(whatif_of(whatif, 1)->should_end, 4096);
	assert_false(whatif_differs(whatif));
	whatif_free(whatif);
}

/* Any number of moments comes down to so many points, and the extremes are still there. */
static void the_series_is_short_and_keeps_extremes(void **state)
{
	enum { MOMENTS = 100000, HIGH_AT = 50100, LOW_AT = 33461 };
	struct whatif_plan plan = {.places = one_place, .place_count = 1};
	struct whatif *whatif = whatif_new(&plan, NULL);
	const struct whatif_root *root = whatif_of(whatif, 1);
	uint64_t high = 0;
	uint64_t low = UINT64_MAX;

	(void)state;
	for (uint64_t i = 1; i <= MOMENTS; i++) {
		struct whatif_sample one = sample(i, i == HIGH_AT ? 9999 : i == LOW_AT ? 1 : 5000);

		whatif_take(whatif, &one, 1);
	}
	whatif_finish(whatif, MOMENTS);
	assert_in_range(root->point_count, WHATIF_POINTS / 4, WHATIF_POINTS);
	for (size_t i = 0; i < root->point_count; i++) {
		high = root->points[i].was_high > high ? root->points[i].was_high : high;
		low = root->points[i].should_low < low ? root->points[i].should_low : low;
		assert_true(i == 0 || root->points[i].time_ns > root->points[i - 1].time_ns);
	}
	assert_int_equal(high, 9999);
	assert_int_equal(low, 1);
	assert_int_equal(root->points[0].time_ns, SECOND);
	whatif_free(whatif);
}

/* Numbers of a trace may be absurd; sums stop at the largest. */
static void absurd_numbers_do_no_harm(void **state)
{
	struct whatif_sample samples[] = {sample(1, UINT64_MAX), sample(2, 0), sample(3, UINT64_MAX)};
	struct whatif_step steps[] = {step(1, UINT64_MAX, 0, WHATIF_MISSING), step(2, UINT64_MAX, 1, WHATIF_MISSING),
		step(2, UINT64_MAX, 2, WHATIF_FORGIVEN), step(3, UINT64_MAX, 3, WHATIF_HELD),
		step(3, UINT64_MAX, 3, WHATIF_HEALED), step(UINT64_MAX, 1, 4, WHATIF_HELD)};
	struct whatif_plan plan = {.steps = steps, .step_count = COUNT(steps), .account_count = 5};
	struct rows rows;
	struct whatif *whatif = draw(&plan, &rows, samples, COUNT(samples), UINT64_MAX / SECOND);

	(void)state;
	assert_int_equal(whatif_of(whatif, 1)->should_peak, UINT64_MAX);
	whatif_free(whatif);
}

/* Time may seem to go back between CPUs: then no area is added, and none is lost later. */
static void time_does_not_go_back(void **state)
{
	struct whatif_sample samples[] = {sample(1, 0), sample(2, 0), sample(3, 0)};
	struct whatif_step steps[] = {step(1, 100, 0, WHATIF_MISSING)};
	struct whatif_plan plan = {.steps = steps, .step_count = 1, .account_count = 1};
	struct rows rows;
	struct whatif *whatif;

	(void)state;
	samples[1].time_ns = 0;
	whatif = draw(&plan, &rows, samples, COUNT(samples), 3);
	assert_int_equal(whatif_of(whatif, 1)->too_low.byte_seconds, 200);
	whatif_free(whatif);
}

static void other_places_are_skipped(void **state)
{
	struct whatif_sample samples[] = {sample(1, 4096), sample(2, 8192)};
	struct whatif_plan plan = {0};
	struct rows rows;
	struct whatif *whatif;

	(void)state;
	samples[0].place = 0;
	samples[1].place = 2;
	whatif = draw(&plan, &rows, samples, COUNT(samples), 3);
	assert_int_equal(rows.count, 0);
	assert_null(whatif_of(whatif, 0));
	assert_null(whatif_of(whatif, 2));
	assert_null(whatif_of(NULL, 1));
	whatif_free(whatif);
	whatif_free(NULL);
}

/* Points are drawn where there are some: one moment takes room for one, and 512 for all. */
static void roots_of_one_moment_take_little_memory(void **state)
{
	enum { ROOTS = 1000 };
	static struct whatif_place places[ROOTS];
	struct whatif_plan plan = {.places = places, .place_count = ROOTS};
	struct whatif *whatif = whatif_new(&plan, NULL);
	size_t before = mallinfo2().uordblks;

	(void)state;
	for (uint32_t i = 1; i <= ROOTS; i++) {
		const struct whatif_sample sample = {i, i, 4096, i, WHATIF_UPDATE};

		whatif_take(whatif, &sample, 1);
	}
	assert_true(mallinfo2().uordblks - before < 2 * sizeof(struct whatif_point) * ROOTS);
	assert_int_equal(whatif_of(whatif, ROOTS)->point_count, 1);
	whatif_free(whatif);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_steps_nothing_differs),
		cmocka_unit_test(missing_bytes_come_back),
		cmocka_unit_test(no_more_comes_back_than_was_taken),
		cmocka_unit_test(an_underflow_forgives_once),
		cmocka_unit_test(an_underflow_alone_changes_nothing),
		cmocka_unit_test(held_bytes_stay_within_the_counter),
		cmocka_unit_test(a_leak_may_wait_for_a_commit_and_heal),
		cmocka_unit_test(a_leak_need_not_see_its_commit),
		cmocka_unit_test(a_restart_ends_all_damage),
		cmocka_unit_test(a_restart_forgets_what_was_due),
		cmocka_unit_test(the_series_is_short_and_keeps_extremes),
		cmocka_unit_test(absurd_numbers_do_no_harm),
		cmocka_unit_test(time_does_not_go_back),
		cmocka_unit_test(other_places_are_skipped),
		cmocka_unit_test(roots_of_one_moment_take_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
