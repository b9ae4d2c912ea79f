/* SPDX-License-Identifier: GPL-2.0-only */
/* Points of every span against the moments that they stand for. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "analyzer/kept/pyramid.h"
#include "tests/unit/rows_kept.h"
#include "tests/unit/seeded.h"

enum column { PLACE, SPAN, NUMBER, TIME_NS, WAS_LOW, WAS_HIGH, SHOULD_LOW, SHOULD_HIGH };

enum { PLACES = 3 };

/* The moments of one root, in order. */
struct curve {
	struct whatif_row *rows;
	size_t count;
	size_t capacity;
};

static void draw(struct pyramid *pyramid, struct curve *curves, uint32_t place, uint64_t was, uint64_t should)
{
	const struct whatif_rows *rows = pyramid_rows(pyramid);
	struct curve *curve = &curves[place];
	const struct whatif_row row = {{1, 256 + place}, place, curve->count * 10 + place, was, should};

	curve->rows = memory_grown(curve->rows, &curve->capacity, curve->count + 1, sizeof(row));
	curve->rows[curve->count++] = row;
	rows->take(rows->context, &row);
}

static void expect(const struct row *row, enum column column, uint64_t value)
{
	assert_int_equal(row->values[column].kind, ROW_NUMBER);
	assert_int_equal(row_number(row, column), value);
}

/* Recounts the moments of a point. */
static void check_point(const struct row *row, const struct curve *curve, size_t first, size_t end)
{
	struct whatif_row low, high;

	if (curve->rows == NULL) {
		fail_msg("a point of no moments");
		return;
	}
	low = high = curve->rows[first];
	for (size_t i = first; i < end; i++) {
		const struct whatif_row *at = &curve->rows[i];

		low.was_bytes = at->was_bytes < low.was_bytes ? at->was_bytes : low.was_bytes;
		low.should_bytes = at->should_bytes < low.should_bytes ? at->should_bytes : low.should_bytes;
		high.was_bytes = at->was_bytes > high.was_bytes ? at->was_bytes : high.was_bytes;
		high.should_bytes = at->should_bytes > high.should_bytes ? at->should_bytes : high.should_bytes;
	}
	expect(row, TIME_NS, curve->rows[first].time_ns);
	expect(row, WAS_LOW, low.was_bytes);
	expect(row, WAS_HIGH, high.was_bytes);
	expect(row, SHOULD_LOW, low.should_bytes);
	expect(row, SHOULD_HIGH, high.should_bytes);
}

/* All points of a place and span follow each other and hold all its moments; returns how many there are. */
static size_t check_span(const struct rows_kept *rows, const struct curve *curve, uint32_t place, uint64_t span)
{
	size_t points = 0;

	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];
		size_t first = points * span;

		if (row_number(row, PLACE) != place || row_number(row, SPAN) != span)
			continue;
		expect(row, NUMBER, points);
		assert_true(first < curve->count);
		check_point(row, curve, first, first + span < curve->count ? first + span : curve->count);
		points++;
	}
	assert_int_equal(points, curve->count > span ? (curve->count + span - 1) / span : 0);
	return points;
}

static void check_curves(struct pyramid *pyramid, struct rows_kept *rows, struct curve *curves)
{
	size_t points = 0;

	assert_int_equal(pyramid_finish(pyramid, NULL), ERR_OK);
	rows_kept_order(rows);
	for (uint32_t place = 1; place <= PLACES; place++) {
		for (uint64_t span = PYRAMID_SPAN; span < UINT64_C(1) << 40; span *= PYRAMID_STEP)
			points += check_span(rows, &curves[place], place, span);
		free(curves[place].rows);
	}
	assert_int_equal(points, rows->count);
	rows_kept_release(rows);
	pyramid_free(pyramid);
}

static void random_curves(void **state)
{
	struct seeded seed = seeded_by(1);

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		struct curve curves[PLACES + 1] = {{0}};
		struct rows_kept rows = {0};
		const struct row_sink sink = {rows_keep, &rows};
		struct pyramid *pyramid = pyramid_new(&sink);
		uint64_t moments = seeded_below(&seed, round % 3 == 0 ? 20000 : 600);

		for (uint64_t i = 0; i < moments; i++)
			draw(pyramid, curves, (uint32_t)seeded_below(&seed, PLACES) + 1, seeded_below(&seed, 1 << 20),
				seeded_below(&seed, 1 << 20));
		check_curves(pyramid, &rows, curves);
	}
}

/* Around each number of moments at which points get full. */
static void edges(void **state)
{
	static const uint64_t counts[] = {0, 1, 31, 32, 33, 63, 64, 65, 255, 256, 257, 287, 288, 289, 511, 512, 513,
		2047, 2048, 2049, 2080, 2081, 2304, 2305, 16384, 16385};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct curve curves[PLACES + 1] = {{0}};
		struct rows_kept rows = {0};
		const struct row_sink sink = {rows_keep, &rows};
		struct pyramid *pyramid = pyramid_new(&sink);

		for (uint64_t j = 0; j < counts[i]; j++)
			draw(pyramid, curves, 2, j, counts[i] - j);
		check_curves(pyramid, &rows, curves);
	}
}

/* One moment is off by the largest number: it shows at every width. */
static void a_spike_is_never_lost(void **state)
{
	enum { MOMENTS = 20000 };

	(void)state;
	for (unsigned at = 0; at < MOMENTS; at += 1999) {
		struct rows_kept rows = {0};
		struct curve curves[PLACES + 1] = {{0}};
		const struct row_sink sink = {rows_keep, &rows};
		struct pyramid *pyramid = pyramid_new(&sink);
		unsigned seen = 0;

		for (unsigned i = 0; i < MOMENTS; i++)
			draw(pyramid, curves, 1, 4096, i == at ? UINT64_MAX : 4096);
		assert_int_equal(pyramid_finish(pyramid, NULL), ERR_OK);
		for (size_t i = 0; i < rows.count; i++) {
			expect(&rows.rows[i], WAS_HIGH, 4096);
			seen += row_number(&rows.rows[i], SHOULD_HIGH) == UINT64_MAX;
		}
		/* Spans of 32, 256, 2048 and 16384. */
		assert_int_equal(seen, 4);
		free(curves[1].rows);
		rows_kept_release(&rows);
		pyramid_free(pyramid);
	}
}

/* A trace may have very many roots of a single moment. */
static void roots_of_one_moment_take_little_memory(void **state)
{
	enum { ROOTS = 20000 };
	struct rows_kept rows = {0};
	const struct row_sink sink = {rows_keep, &rows};
	struct pyramid *pyramid = pyramid_new(&sink);
	size_t before = mallinfo2().uordblks;

	(void)state;
	for (uint32_t i = 1; i <= ROOTS; i++) {
		const struct whatif_row row = {{1, 256 + i}, i, i, 4096, 4096};

		pyramid_rows(pyramid)->take(pyramid_rows(pyramid)->context, &row);
	}
	assert_true(mallinfo2().uordblks < before + 150 * (size_t)ROOTS);
	assert_int_equal(pyramid_finish(pyramid, NULL), ERR_OK);
	assert_int_equal(rows.count, 0);
	rows_kept_release(&rows);
	pyramid_free(pyramid);
}

static enum err refuse(void *context, const struct row *row, struct error *error)
{
	unsigned *calls = context;

	(void)row;
	(*calls)++;
	return error_set(error, ERR_SYSTEM, "no space");
}

static void what_cannot_be_written_is_told_at_the_end(void **state)
{
	unsigned calls = 0;
	const struct row_sink sink = {refuse, &calls};
	struct pyramid *pyramid = pyramid_new(&sink);
	struct curve curves[PLACES + 1] = {{0}};
	struct error error = {0};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		draw(pyramid, curves, 1, i, i);
	assert_int_equal(pyramid_finish(pyramid, &error), ERR_SYSTEM);
	assert_string_equal(error.text, "no space");
	assert_int_equal(calls, 1);
	free(curves[1].rows);
	pyramid_free(pyramid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_curves),
		cmocka_unit_test(edges),
		cmocka_unit_test(a_spike_is_never_lost),
		cmocka_unit_test(roots_of_one_moment_take_little_memory),
		cmocka_unit_test(what_cannot_be_written_is_told_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
