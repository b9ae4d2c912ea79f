/* SPDX-License-Identifier: GPL-2.0-only */
/* Range maps: every place was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/names.h"
#include "web/draw/ranges.h"

/* Time 0 to 980 goes from x = 84 to 1064, and bytes 0 to 380 from y = 396 up to 16: a pixel each. */
enum { WIDTH = 980, MANY = 5000 };

static struct range_box box(uint64_t start, uint64_t len, uint64_t from, uint64_t to)
{
	return (struct range_box){
		.start = start,
		.len = len,
		.from_ns = from,
		.to_ns = to,
		.from_seq = from + 1,
		.to_seq = to + 1,
		.pid = 1,
		.end_pid = 9,
		.end = RANGE_RELEASED,
	};
}

static char *drawn(const struct ranges *ranges, size_t left_out)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(ranges_write(stream, ranges), left_out);
	ranges_legend(stream, ranges);
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

static size_t times(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
		count++;
	return count;
}

static void test_boxes(void **state)
{
	struct range_box boxes[] = {
		box(0, 190, 100, 300), box(190, 190, 100, 300), box(0, 100, 500, 980), box(0, 10, 990, 999)};
	struct names *comms = names_new(10);
	const struct ranges_mark marks[] = {{3, 300, 0, 190, "<script>"}};
	const struct ranges_tick ticks[] = {{100, TICK_RESERVE}, {300, TICK_FREE}};
	const struct ranges ranges = {
		.trace = 7,
		.to_ns = WIDTH,
		.boxes = boxes,
		.box_count = 4,
		.marks = marks,
		.mark_count = 1,
		.ticks = ticks,
		.tick_count = 2,
		.comms = comms,
		.title = "t",
	};
	char *text;

	(void)state;
	boxes[0].comm = names_number(comms, "<b>", 3);
	boxes[0].finding = 3;
	boxes[0].end = RANGE_FREED_OTHER;
	boxes[1].pid = 2;
	boxes[2].pid = -1;
	boxes[2].from_seq = 0;
	boxes[2].end = RANGE_STILL;
	text = drawn(&ranges, 0);
	/* Pid 1 has two boxes, of which one is not shown, and so the first colour. */
	must_have(text, "<rect class=\"range owner-0\" x=\"184\" y=\"206\" width=\"200\" height=\"190\"");
	must_have(text, "<rect class=\"range owner-1\" x=\"184\" y=\"16\" width=\"200\" height=\"190\"");
	must_have(text, "<rect class=\"range unknown\" x=\"584\" y=\"296\" width=\"480\" height=\"100\"");
	must_have(text, "class=\"end-struck\" d=\"M384 206V396\"");
	must_have(text, "class=\"end-released\" d=\"M384 16V206\"");
	/* The finding stands in the middle of what it struck. */
	must_have(text, "cx=\"384\" cy=\"301\"");
	must_have(text, "finding 3: &lt;script&gt;");
	must_have(text, "&lt;b&gt;-1");
	must_lack(text, "<script>");
	must_have(text, "class=\"tick-reserve\" d=\"M184.5 ");
	must_have(text, "class=\"tick-free\" d=\"M384.5 ");
	free(text);
	names_free(comms);
}

/* 4 KiB each, of a file so long that a pixel holds many: what falls on one place is drawn once. */
static void test_many_on_a_pixel(void **state)
{
	struct range_box *boxes = calloc(MANY, sizeof(*boxes));
	struct ranges ranges = {.to_ns = WIDTH, .boxes = boxes, .box_count = MANY, .comms = names_new(1), .title = "t"};
	char *text;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		boxes[i] = box(i * 4096, 4096, 100, 300);
	text = drawn(&ranges, 0);
	assert_int_equal(times(text, "<rect class=\"range owner-0"), 2); /* and the legend's */
	must_have(text, "5000 reservations, among them");
	free(text);
	names_free((struct names *)ranges.comms);
	free(boxes);
}

static void test_too_many(void **state)
{
	struct range_box *boxes = calloc(MANY, sizeof(*boxes));
	struct ranges ranges = {.to_ns = WIDTH, .boxes = boxes, .box_count = MANY, .comms = names_new(1), .title = "t"};
	char *text;

	(void)state;
	/* 50 in a row of 19 pixels each, 100 rows of 4 pixels with one between: none touches another. */
	for (size_t i = 0; i < MANY; i++)
		boxes[i] = box(i / 50 * 5000, 3000, i % 50 * 19, i % 50 * 19 + 10);
	boxes[0].finding = 1;
	text = drawn(&ranges, MANY - RANGES_CELLS_MAX);
	must_have(text, "end-struck");
	/* Nobody could point at one of so many: they are one shape, but for what is struck, and the legend's. */
	assert_int_equal(times(text, "<path class=\"range owner-0 range-small\""), 1);
	assert_int_equal(times(text, "<rect class=\"range owner-0"), 2);
	free(text);
	names_free((struct names *)ranges.comms);
	free(boxes);
}

static void test_extremes(void **state)
{
	struct range_box boxes[] = {box(0, UINT64_MAX, 0, UINT64_MAX), box(UINT64_MAX - 1, 1, 5, 5), box(7, 0, 9, 3)};
	struct ranges ranges = {.boxes = boxes, .box_count = 3, .comms = names_new(1), .title = "t"};
	static const uint64_t windows[][2] = {{0, UINT64_MAX}, {5, 5}, {9, 2}, {UINT64_MAX, UINT64_MAX}};
	const struct ranges_mark mark = {1, 5, UINT64_MAX - 1, UINT64_MAX, "h"};

	(void)state;
	ranges.marks = &mark;
	ranges.mark_count = 1;
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		char *text;

		ranges.from_ns = windows[i][0];
		ranges.to_ns = windows[i][1];
		text = drawn(&ranges, 0);
		must_have(text, "</svg>");
		free(text);
	}
	names_free((struct names *)ranges.comms);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boxes),
		cmocka_unit_test(test_many_on_a_pixel),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
