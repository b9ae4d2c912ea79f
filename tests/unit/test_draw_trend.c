/* SPDX-License-Identifier: GPL-2.0-only */
/* Bars of findings a day: their heights, counted by hand, and what stands below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/draw/trend.h"

enum { DAY = 86400 };

static char *drawn(const struct trend_day *days, size_t count)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	trend_draw(stream, days, count, "a \"title\"");
	fclose(stream);
	return text;
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		count++;
	return count;
}

static void tops_are_round(void **state)
{
	static const uint64_t pairs[][2] = {{0, 1}, {1, 1}, {2, 2}, {3, 5}, {5, 5}, {6, 10}, {10, 10}, {11, 20},
		{21, 50}, {51, 100}, {1001, 2000}, {UINT64_C(10000000000000000000), UINT64_C(10000000000000000000)},
		{UINT64_MAX, UINT64_MAX}};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_int_equal(trend_top(pairs[i][0]), pairs[i][1]);
}

/* The scale ends at 10, over 116 pixels: 4 errors are 46.4, 5 warnings 58.0 on top of them. */
static void bars_are_as_high_as_their_counts(void **state)
{
	static const struct trend_day days[] = {{.day = 0}, {.day = DAY, .traces = 3, .errors = 4, .warnings = 5},
		{.day = 2 * (uint64_t)DAY, .traces = 1}};
	char *text = drawn(days, 3);

	(void)state;
	assert_non_null(strstr(text, "height=\"46.4\""));
	assert_non_null(strstr(text, "height=\"58.0\""));
	assert_int_equal(count_of(text, "class=\"trend-error\""), 1);
	assert_int_equal(count_of(text, "class=\"trend-warning\""), 1);
	assert_int_equal(count_of(text, "class=\"trend-traces\""), 2);
	assert_non_null(strstr(text, "1970-01-01: no trace<"));
	assert_non_null(strstr(text, "1970-01-02: 4 errors, 5 warnings, 3 traces<"));
	assert_non_null(strstr(text, "1970-01-03: 0 errors, 0 warnings, 1 trace<"));
	assert_non_null(strstr(text, "a &quot;title&quot;"));
	free(text);
}

static void what_no_clock_has_is_drawn_too(void **state)
{
	static const struct trend_day days[] = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
	char *text = drawn(days, 1);

	(void)state;
	assert_non_null(strstr(text, "</svg>"));
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tops_are_round),
		cmocka_unit_test(bars_are_as_high_as_their_counts),
		cmocka_unit_test(what_no_clock_has_is_drawn_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
