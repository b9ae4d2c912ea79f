/* SPDX-License-Identifier: GPL-2.0-only */
/* diagram_ranges - which bytes of the file the events of a diagram are about, one below the other. */
#include <stdlib.h>

#include "analyzer/explain/explain.h"
#include "base/memory.h"
#include "web/draw/diagram.h"
#include "web/draw/diagram_parts.h"

enum { STRIP_X = 210, STRIP_WIDTH = 560, STRIP_ROW = 22, STRIP_BAR = 12, STRIP_TOP = 6, LABEL_SPACE = 76 };

struct strip {
	struct drawing drawing;
	uint64_t low;
	uint64_t high;
	int rows[PLAN_ROWS_MAX];
	int row_count;
	uint64_t offsets[2 * PLAN_ROWS_MAX]; /* where a range begins or ends, rising */
	int offset_count;
};

static uint64_t end_of(const struct event *event)
{
	uint64_t end;

	return __builtin_add_overflow(event->start, event->len, &end) ? UINT64_MAX : end;
}

static bool has_range(const struct plan *plan, const struct event *event)
{
	return (event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA) && event->len != 0 &&
	       event->ino == plan->occurrence->ino;
}

static int by_value(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static void sort_offsets(struct strip *strip)
{
	int kept = 0;

	qsort(strip->offsets, (size_t)strip->offset_count, sizeof(strip->offsets[0]), by_value);
	for (int i = 0; i < strip->offset_count; i++)
		if (kept == 0 || strip->offsets[kept - 1] != strip->offsets[i])
			strip->offsets[kept++] = strip->offsets[i];
	strip->offset_count = kept;
}

static void collect(struct strip *strip)
{
	const struct plan *plan = &strip->drawing.plan;

	for (int i = 0; i < plan->row_count; i++) {
		const struct event *event = plan->rows[i].event;

		if (!has_range(plan, event))
			continue;
		strip->rows[strip->row_count++] = i;
		strip->offsets[strip->offset_count++] = event->start;
		strip->offsets[strip->offset_count++] = end_of(event);
	}
	if (strip->row_count == 0)
		return;
	sort_offsets(strip);
	strip->low = strip->offsets[0];
	strip->high = strip->offsets[strip->offset_count - 1];
}

static int x_of(const struct strip *strip, uint64_t offset)
{
	return STRIP_X + (int)((double)(offset - strip->low) / (double)(strip->high - strip->low) * STRIP_WIDTH);
}

/* The number of the owner's bar that a row began, which is its colour; -1: none. */
static int bar_of(const struct plan *plan, int row)
{
	for (unsigned i = 0; i < plan->bar_count; i++)
		if (plan->bars[i].from == row)
			return (int)i;
	return -1;
}

static void put_label(const struct strip *strip, const struct plan_row *row, int y)
{
	const struct event *event = row->event;
	const char *does = event->kind == EVENT_RESERVE_DATA ? "reserves" : "writes";
	char text[sizeof(struct words) + 16];

	if (event->op == EVENT_OP_FREE)
		does = "frees";
	snprintf(text, sizeof(text), "%.60s %s", words_task(strip->drawing.plan.comms, explain_task(event)).text, does);
	drawing_text(&strip->drawing, &(struct drawn_text){STRIP_X - 12, y + STRIP_BAR - 2, "label", 32, true}, text);
}

static void put_range(const struct strip *strip, int index)
{
	const struct plan *plan = &strip->drawing.plan;
	int row = strip->rows[index];
	const struct plan_row *it = &plan->rows[row];
	int bar = bar_of(plan, row);
	int y = STRIP_TOP + index * STRIP_ROW;
	int x = x_of(strip, it->event->start);
	int width = x_of(strip, end_of(it->event)) - x;
	FILE *stream = strip->drawing.stream;

	put_label(strip, it, y);
	html_format(stream, "<g><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" class=\"",
		words_range(it->event->start, it->event->len).text, x, y, width > 1 ? width : 2, STRIP_BAR);
	if (bar >= 0)
		html_format(stream, "dg-bar owner-%d", bar);
	else
		fputs(it->tone == TONE_BAD ? "dg-loss" : "unknown", stream);
	fputs("\"/></g>\n", stream);
}

static void put_offsets(const struct strip *strip)
{
	int bottom = STRIP_TOP + strip->row_count * STRIP_ROW;
	int last = -LABEL_SPACE;

	for (int i = 0; i < strip->offset_count; i++) {
		int x = x_of(strip, strip->offsets[i]);

		html_format(
			strip->drawing.stream, "<path class=\"grid\" d=\"M%d %dV%d\"/>\n", x, STRIP_TOP - 4, bottom);
		if (x - last < LABEL_SPACE)
			continue;
		last = x;
		html_format(strip->drawing.stream,
			"<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x, bottom + 12,
			words_number(strip->offsets[i]).text);
	}
}

static void put_strip(const struct strip *strip)
{
	int width = STRIP_X + STRIP_WIDTH + LABEL_SPACE;
	int height = STRIP_TOP + strip->row_count * STRIP_ROW + 20;

	html_format(strip->drawing.stream,
		"<svg class=\"dg\" xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d "
		"%d\" role=\"group\">\n<title>Which bytes of the file</title>\n",
		width, height, width, height);
	put_offsets(strip);
	for (int i = 0; i < strip->row_count; i++)
		put_range(strip, i);
	fputs("</svg>\n", strip->drawing.stream);
}

void diagram_draw_ranges(
	FILE *stream, const struct finding *finding, const struct names *comms, const struct diagram_wish *wish)
{
	struct strip *strip = memory_zeroed(sizeof(*strip));

	strip->drawing.stream = stream;
	strip->drawing.wish = wish;
	plan_make(&strip->drawing.plan, finding, comms, wish->occurrence);
	collect(strip);
	/* Of one range alone the boxes say enough. */
	if (strip->offset_count > 2)
		put_strip(strip);
	free(strip);
}
