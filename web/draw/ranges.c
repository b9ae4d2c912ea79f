/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/ranges.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/words.h"
#include "base/memory.h"
#include "web/draw/ranges_cells.h"
#include "web/draw/scale.h"
#include "web/draw/svg.h"
#include "web/html/html.h"

/* In tenths of a pixel. */
enum {
	WIDTH = 10800,
	LEFT = 840,
	RIGHT = 10640,
	TOP = 160,
	BOTTOM = 3960,
	LANES = 4040, /* one of ticks for each kind */
	LANE = 130,
	LANES_END = LANES + TICK_KINDS * LANE,
	TIME_LABELS = LANES_END + 170,
	HEIGHT = LANES_END + 310,
	TIME_TICKS = 8,
	BYTE_TICKS = 9,
	EDGE_ROOM = 60,
	CELLS_ALONE = 600,
	MARK_ROOM = 120
};

struct sheet {
	FILE *stream;
	const struct ranges *ranges;
	struct ranges_axes axes;
};

static const struct end_look {
	const char *class; /* of its right edge; NULL: none, it goes on */
	const char *words;
} end_looks[RANGE_END_COUNT] = {
	[RANGE_STILL] = {NULL, "still reserved at the end"},
	[RANGE_RELEASED] = {"end-released", "released to be written"},
	[RANGE_FREED] = {"end-freed", "freed"},
	[RANGE_FREED_OTHER] = {"end-freed-other", "freed by another task"},
	[RANGE_TAKEN_BACK] = {"end-taken-back", "taken back by its task"},
	[RANGE_EVICTED] = {"end-evicted", "the inode left memory"},
	[RANGE_UNSEEN] = {"end-unseen", "over by then, without an event"},
};

const char *ranges_end_words(enum range_end end)
{
	return end_looks[end].words;
}

const char *ranges_end_class(enum range_end end)
{
	return end_looks[end].class;
}

static void write_axes(const struct sheet *sheet)
{
	FILE *stream = sheet->stream;
	struct ticks bytes = ticks_binary(&sheet->axes.y, BYTE_TICKS);
	struct ticks times = ticks_decimal(&sheet->axes.x, TIME_TICKS);

	for (unsigned i = 0; i < bytes.count; i++) {
		uint64_t value = bytes.first + i * bytes.step;
		int y = scale_at(&sheet->axes.y, value);

		svg_line(stream, "grid", (struct svg_place){LEFT, y}, (struct svg_place){RIGHT, y});
		svg_label(stream, "end", (struct svg_place){LEFT - 80, y + 40}, label_bytes(value, &bytes).text);
	}
	for (unsigned i = 0; i < times.count; i++) {
		uint64_t value = times.first + i * times.step;
		int x = scale_at(&sheet->axes.x, value);

		svg_line(stream, "grid", (struct svg_place){x, TOP}, (struct svg_place){x, LANES_END});
		svg_label(stream, "middle", (struct svg_place){x, TIME_LABELS}, label_time(value, &times).text);
	}
	svg_line(stream, "axis", (struct svg_place){LEFT, BOTTOM}, (struct svg_place){RIGHT, BOTTOM});
	svg_line(stream, "axis", (struct svg_place){LEFT, TOP}, (struct svg_place){LEFT, BOTTOM});
	svg_label(stream, "end", (struct svg_place){RIGHT, HEIGHT - 20}, "seconds of the trace’s clock");
}

static void write_gaps(const struct sheet *sheet)
{
	const struct ranges *ranges = sheet->ranges;
	int last = -1;

	for (size_t i = 0; i < ranges->gap_count; i++) {
		struct svg_box place = {
			.left = scale_at(&sheet->axes.x, ranges->gaps[i].from_ns),
			.right = scale_at(&sheet->axes.x, ranges->gaps[i].to_ns),
			.top = TOP,
			.bottom = LANES_END,
		};

		if (ranges->gaps[i].to_ns < ranges->from_ns || ranges->gaps[i].from_ns > ranges->to_ns)
			continue;
		place.right = place.right < place.left + 10 ? place.left + 10 : place.right;
		if (place.right <= last)
			continue;
		last = place.right;
		svg_rect(sheet->stream, "unknown", &place, "events are missing here");
	}
}

static void write_title(const struct sheet *sheet, const struct ranges_cell *cell)
{
	const struct range_box *box = cell->box;
	const struct names *comms = sheet->ranges->comms;
	FILE *stream = sheet->stream;

	fputs("<title>", stream);
	if (cell->boxes > 1)
		html_format(stream, "%zu reservations, among them:\n", cell->boxes);
	html_format(stream, "%s of %s\n", words_range(box->start, box->len).text,
		words_task(comms, (struct task_ref){box->pid, box->comm}).text);
	if (box->from_seq == 0)
		fputs("reserved before what is shown here, or in a gap\n", stream);
	else
		html_format(stream, "reserved at %s\n", words_time(box->from_ns).text);
	html_text(stream, ranges_end_words(box->end));
	if (box->end != RANGE_STILL)
		html_format(stream, " at %s, %s", words_time(box->to_ns).text,
			words_task(comms, (struct task_ref){box->end_pid, box->end_comm}).text);
	if (box->finding != 0)
		html_format(stream, "\nfinding %u", box->finding);
	fputs("</title>", stream);
}

struct cell_class {
	char text[64];
};

static struct cell_class class_of(const struct ranges_cell *cell)
{
	const char *gap = cell->box->over_gap ? " range-gap" : "";
	const char *small = ranges_cell_is_small(cell) ? " range-small" : "";
	struct cell_class class;

	if (cell->colour >= 0)
		snprintf(class.text, sizeof(class.text), "range owner-%d%s%s", cell->colour, gap, small);
	else
		snprintf(class.text, sizeof(class.text), "range unknown%s%s", gap, small);
	return class;
}

/* What its right edge looks like; NULL: nothing. In a narrow one it would be all that there is to see, but for what
 * matters most. */
static const char *edge_of(const struct sheet *sheet, const struct ranges_cell *cell)
{
	const struct range_box *box = cell->box;

	if (box->to_ns > sheet->ranges->to_ns)
		return NULL;
	if (box->finding != 0)
		return "end-struck";
	return cell->at.right - cell->at.left >= EDGE_ROOM ? end_looks[box->end].class : NULL;
}

static void write_cell(const struct sheet *sheet, const struct ranges_cell *cell)
{
	FILE *stream = sheet->stream;
	const char *edge = edge_of(sheet, cell);

	if (cell->box->from_seq != 0)
		fprintf(stream, "<a tabindex=\"-1\" href=\"/traces/%" PRIu64 "/events?around=%" PRIu64 "\">",
			sheet->ranges->trace, cell->box->from_seq);
	svg_rect_begin(stream, class_of(cell).text, &cell->at);
	fputc('>', stream);
	write_title(sheet, cell);
	fputs("</rect>", stream);
	if (edge != NULL)
		svg_line(stream, edge, (struct svg_place){cell->at.right, cell->at.top},
			(struct svg_place){cell->at.right, cell->at.bottom});
	fputs(cell->box->from_seq != 0 ? "</a>\n" : "\n", stream);
}

/* Whether nobody could point at it: where there are many such, those of one look are one shape. */
static bool is_crowded(const struct ranges_cell *cell, size_t count)
{
	return count > CELLS_ALONE && ranges_cell_is_small(cell) && cell->box->finding == 0;
}

/* One shape of all crowded cells from the first on that look like it. */
static void write_crowd(const struct sheet *sheet, const struct ranges_cell *cells, size_t count, bool *drawn)
{
	struct cell_class class = class_of(&cells[0]);
	FILE *stream = sheet->stream;

	fprintf(stream, "<path class=\"%s\" d=\"", class.text);
	for (size_t i = 0; i < count; i++) {
		const struct svg_box *at = &cells[i].at;

		if (drawn[i] || strcmp(class_of(&cells[i]).text, class.text) != 0)
			continue;
		drawn[i] = true;
		/* Cells lie on whole pixels. */
		fprintf(stream, "M%d %dH%dV%dH%dZ", at->left / 10, at->top / 10, at->right / 10, at->bottom / 10,
			at->left / 10);
	}
	fputs("\"/>\n", stream);
}

static void write_crowds(const struct sheet *sheet, const struct ranges_cell *cells, size_t count)
{
	bool *drawn = memory_zeroed(count * sizeof(*drawn));

	for (size_t i = 0; i < count; i++)
		drawn[i] = !is_crowded(&cells[i], count);
	for (size_t i = 0; i < count; i++)
		if (!drawn[i])
			write_crowd(sheet, &cells[i], count - i, &drawn[i]);
	free(drawn);
}

static size_t write_cells(const struct sheet *sheet)
{
	size_t count;
	struct ranges_cell *cells = ranges_cells(sheet->ranges, &sheet->axes, &count);
	size_t left_out = count > RANGES_CELLS_MAX ? count - RANGES_CELLS_MAX : 0;

	/* Those at the end are what findings struck. */
	write_crowds(sheet, cells + left_out, count - left_out);
	for (size_t i = left_out; i < count; i++)
		if (!is_crowded(&cells[i], count - left_out))
			write_cell(sheet, &cells[i]);
	free(cells);
	return left_out;
}

/* In a lane of its own for each kind; those on one pixel are one. */
static void write_lane(const struct sheet *sheet, int kind, const char *class, int top)
{
	const struct ranges *ranges = sheet->ranges;
	int last = -1;

	fprintf(sheet->stream, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < ranges->tick_count; i++) {
		const struct ranges_tick *tick = &ranges->ticks[i];
		int x = scale_at(&sheet->axes.x, tick->time_ns) / 10;

		if ((int)tick->kind != kind || x == last || tick->time_ns < ranges->from_ns ||
			tick->time_ns > ranges->to_ns)
			continue;
		fprintf(sheet->stream, "M%d.5 %dv%d", x, top / 10 + 2, LANE / 10 - 3);
		last = x;
	}
	fputs("\"/>\n", sheet->stream);
}

static void write_ticks(const struct sheet *sheet)
{
	static const struct {
		const char *class;
		const char *name;
	} lanes[TICK_KINDS] = {
		[TICK_RESERVE] = {"tick-reserve", "reserve"},
		[TICK_RELEASE] = {"tick-release", "release"},
		[TICK_FREE] = {"tick-free", "free"},
		[TICK_OTHER] = {"tick-other", "other"},
	};

	for (int kind = 0; kind < TICK_KINDS; kind++) {
		int top = LANES + kind * LANE;

		write_lane(sheet, kind, lanes[kind].class, top);
		svg_label(sheet->stream, "end", (struct svg_place){LEFT - 80, top + LANE - 25}, lanes[kind].name);
	}
}

static void write_marks(const struct sheet *sheet)
{
	const struct ranges *ranges = sheet->ranges;
	FILE *stream = sheet->stream;
	int last_x = -MARK_ROOM;
	int last_y = -MARK_ROOM;

	for (size_t i = 0; i < ranges->mark_count; i++) {
		const struct ranges_mark *mark = &ranges->marks[i];
		int x = scale_at(&sheet->axes.x, mark->time_ns);
		int y = (scale_at(&sheet->axes.y, mark->start) + scale_at(&sheet->axes.y, mark->start + mark->len)) / 2;

		if (mark->time_ns < ranges->from_ns || mark->time_ns > ranges->to_ns ||
			(abs(x - last_x) < MARK_ROOM && abs(y - last_y) < MARK_ROOM))
			continue;
		html_format(stream, "<a href=\"/traces/%" PRIu64 "/findings/%u\"><title>finding %u: %s</title>",
			ranges->trace, mark->finding, mark->finding, mark->headline);
		fputs("<circle class=\"mark\" r=\"6\" cx=\"", stream);
		svg_number(stream, x);
		fputs("\" cy=\"", stream);
		svg_number(stream, y);
		fputs("\"/><path class=\"mark-cross\" d=\"M", stream);
		svg_number(stream, x - 25);
		fputc(' ', stream);
		svg_number(stream, y - 25);
		fputs("l5 5m0-5l-5 5\"/></a>\n", stream);
		last_x = x;
		last_y = y;
	}
}

static void find_bytes(const struct ranges *ranges, struct scale *y)
{
	uint64_t low = UINT64_MAX;
	uint64_t high = 0;

	for (size_t i = 0; i < ranges->box_count; i++) {
		const struct range_box *box = &ranges->boxes[i];

		if (box->to_ns < ranges->from_ns || box->from_ns > ranges->to_ns)
			continue;
		low = box->start < low ? box->start : low;
		high = box->start + box->len > high ? box->start + box->len : high;
	}
	*y = (struct scale){low < high ? low : 0, low < high ? high : 4096, BOTTOM, TOP};
}

size_t ranges_write(FILE *stream, const struct ranges *ranges)
{
	struct sheet sheet = {stream, ranges, {.x = {ranges->from_ns, ranges->to_ns, LEFT, RIGHT}}};
	size_t left_out;

	find_bytes(ranges, &sheet.axes.y);
	fprintf(stream,
		"<svg class=\"ranges\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"group\" aria-label=\"",
		WIDTH / 10, HEIGHT / 10, WIDTH / 10, HEIGHT / 10);
	html_text(stream, ranges->title);
	fputs("\">\n", stream);
	write_axes(&sheet);
	write_gaps(&sheet);
	left_out = write_cells(&sheet);
	write_ticks(&sheet);
	write_marks(&sheet);
	fputs("</svg>\n", stream);
	return left_out;
}
