/* SPDX-License-Identifier: GPL-2.0-only */
/* Axes and plots: every place was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/draw/plot.h"
#include "web/draw/scale.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static void test_scale(void **state)
{
	const struct scale up = {100, 200, 1000, 0};
	const struct scale all = {0, UINT64_MAX, 0, 1000};

	(void)state;
	assert_int_equal(scale_at(&up, 100), 1000);
	assert_int_equal(scale_at(&up, 150), 500);
	assert_int_equal(scale_at(&up, 200), 0);
	assert_int_equal(scale_at(&up, 0), 1000);
	assert_int_equal(scale_at(&up, UINT64_MAX), 0);
	assert_int_equal(scale_at(&all, UINT64_MAX / 2), 500);
	assert_int_equal(scale_at(&(struct scale){7, 7, 3, 9}, 7), 3);
}

struct axis {
	uint64_t low;
	uint64_t high;
	unsigned most;
	struct ticks ticks;
	const char *first;
	const char *last;
};

static void test_decimal_ticks(void **state)
{
	static const struct axis axes[] = {
		{0, 10, 5, {0, 5, 3}, "0.000000000", "0.000000010"},
		{0, 10, 6, {0, 2, 6}, "0.000000000", "0.000000010"},
		{19648044210, 21078975450, 8, {19800000000, 200000000, 7}, "19.8", "21.0"},
		{1000000000, 4000000000, 4, {1000000000, 1000000000, 4}, "1", "4"},
		{0, UINT64_MAX, 4, {0, 5000000000000000000, 4}, "0", "15000000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(axes) / sizeof(axes[0]); i++) {
		struct ticks ticks = ticks_decimal(&(struct scale){axes[i].low, axes[i].high, 0, 1000}, axes[i].most);

		assert_int_equal(ticks.first, axes[i].ticks.first);
		assert_int_equal(ticks.step, axes[i].ticks.step);
		assert_int_equal(ticks.count, axes[i].ticks.count);
		assert_string_equal(label_time(ticks.first, &ticks).text, axes[i].first);
		assert_string_equal(
			label_time(ticks.first + (ticks.count - 1) * ticks.step, &ticks).text, axes[i].last);
	}
}

static void test_binary_ticks(void **state)
{
	static const struct axis axes[] = {
		{0, 52 * KIB, 6, {0, 16 * KIB, 4}, "0", "48 KiB"},
		{0, 7 * MIB / 2, 6, {0, MIB, 4}, "0", "3 MiB"},
		{0, 5 * MIB / 2, 6, {0, MIB / 2, 6}, "0", "2.5 MiB"},
		{100 * KIB, 200 * KIB, 4, {128 * KIB, 32 * KIB, 3}, "128 KiB", "192 KiB"},
		{0, 700, 6, {0, 128, 6}, "0", "640 B"},
		{0, UINT64_MAX, 4, {0, UINT64_C(1) << 62, 4}, "0", "12 EiB"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(axes) / sizeof(axes[0]); i++) {
		struct ticks ticks = ticks_binary(&(struct scale){axes[i].low, axes[i].high, 0, 1000}, axes[i].most);

		assert_int_equal(ticks.first, axes[i].ticks.first);
		assert_int_equal(ticks.step, axes[i].ticks.step);
		assert_int_equal(ticks.count, axes[i].ticks.count);
		assert_string_equal(label_bytes(ticks.first, &ticks).text, axes[i].first);
		assert_string_equal(
			label_bytes(ticks.first + (ticks.count - 1) * ticks.step, &ticks).text, axes[i].last);
	}
}

static char *drawn(const struct plot *plot)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	plot_write(stream, plot);
	fclose(stream);
	return text;
}

static void must_have(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no %s in %s", part, text);
}

static void must_lack(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("%s in %s", part, text);
}

/*
 * Time 0 to 980 goes from x = 84 to 1064, a pixel each. The peak of 15,360 has a sixteenth of room above it, so that
 * 16,320 bytes go from y = 292 up to 32: 8,160 lie at 162, and 15,360 at 292 - 260 * 15,360 / 16,320 = 47.3.
 */
static void test_too_low(void **state)
{
	static const struct whatif_point points[] = {{0, 0, 0, 0, 0}, {490, 8160, 8160, 15360, 15360}};
	static const struct plot_mark marks[] = {
		{100, 1, 7, "a"}, {110, 2, 7, "b"}, {490, 3, 7, "<script>"}, {990, 4, 7, "out"}};
	static const struct plot_gap gaps[] = {{200, 300}, {1000, 1100}};
	const struct plot plot = {
		.to_ns = 980,
		.points = points,
		.point_count = 2,
		.marks = marks,
		.mark_count = 4,
		.gaps = gaps,
		.gap_count = 2,
		.title = "t",
	};
	char *text = drawn(&plot);

	(void)state;
	assert_true(plot_differs(&plot));
	must_have(text, "class=\"was\" d=\"M84 292H574V162H1064\"");
	must_have(text, "class=\"should\" d=\"M84 292H574V47.3H1064\"");
	must_have(text, "class=\"damage-low\" d=\"M574 47.3V47.3H1064V162H574Z\"");
	must_lack(text, "damage-high");
	/* Below, 7,200 bytes missing fill the panel from its line at 414 up to 324. */
	must_have(text, "class=\"damage-low\" d=\"M574 324V324H1064V414H574Z\"");
	/* Two findings within a few pixels are one mark, one out of the picture is none. */
	must_have(text, "finding 1: a, and 1 more here");
	must_have(text, "finding 3: &lt;script&gt;");
	must_lack(text, "finding 2");
	must_lack(text, "finding 4");
	must_have(text, "<rect class=\"unknown\" x=\"284\" y=\"32\" width=\"100\"");
	must_lack(text, "x=\"1084\"");
	free(text);
}

static void test_too_high_and_as_it_should_be(void **state)
{
	static const struct whatif_point high[] = {{0, 16320, 16320, 8160, 8160}};
	static const struct whatif_point same[] = {{0, 16320, 16320, 16320, 16320}};
	struct plot plot = {.to_ns = 980, .points = high, .point_count = 1, .title = "t"};
	char *text = drawn(&plot);

	(void)state;
	must_have(text, "class=\"damage-high\"");
	must_lack(text, "damage-low");
	free(text);
	plot.points = same;
	text = drawn(&plot);
	assert_false(plot_differs(&plot));
	must_lack(text, "damage");
	must_lack(text, "class=\"should\"");
	free(text);
}

/* A point of several changes is a band from the least to the greatest. */
static void test_band(void **state)
{
	static const struct whatif_point points[] = {{0, 0, 15360, 0, 15360}};
	const struct plot plot = {.to_ns = 980, .points = points, .point_count = 1, .title = "t"};
	char *text = drawn(&plot);

	(void)state;
	must_have(text, "class=\"was-band\" d=\"M84 47.3H1064V292H84Z\"");
	free(text);
}

/* Whatever a store holds, a picture comes of it. */
static void test_extremes(void **state)
{
	static const struct whatif_point points[] = {
		{UINT64_MAX, 0, UINT64_MAX, UINT64_MAX, 0}, {0, UINT64_MAX, 0, 5, UINT64_MAX}, {7, 0, 0, 0, 0}};
	const struct plot plots[] = {
		{.points = points, .point_count = 3, .title = "t"},
		{.from_ns = 5, .to_ns = UINT64_MAX, .points = points, .point_count = 3, .title = "t"},
		{.from_ns = 9, .to_ns = 3, .points = points, .point_count = 3, .title = "t"},
		{.to_ns = 10, .title = "t"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(plots) / sizeof(plots[0]); i++) {
		char *text = drawn(&plots[i]);

		must_have(text, "</svg>");
		must_lack(text, "nan");
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_decimal_ticks),
		cmocka_unit_test(test_binary_ticks),
		cmocka_unit_test(test_too_low),
		cmocka_unit_test(test_too_high_and_as_it_should_be),
		cmocka_unit_test(test_band),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
