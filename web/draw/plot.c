/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/plot.h"

#include <inttypes.h>

#include "analyzer/explain/words.h"
#include "web/draw/plot_path.h"
#include "web/draw/scale.h"
#include "web/draw/svg.h"
#include "web/html/html.h"

/* In tenths of a pixel. */
enum {
	WIDTH = 10800,
	LEFT = 840,
	RIGHT = 10640,
	MARKS = 180, /* the lane of findings, on top */
	TOP = 320,
	BOTTOM = 2920,
	OFF_TOP = 3240, /* the lower panel */
	OFF_BOTTOM = 4140,
	TIME_ROOM = 300,
	TIME_TICKS = 8,
	BYTE_TICKS = 6,
	OFF_TICKS = 3,
	MARK_ROOM = 140 /* findings nearer than this are one mark */
};

struct frame {
	FILE *stream;
	const struct plot *plot;
	struct scale x;
	struct scale y;
	bool off;   /* with the lower panel */
	int bottom; /* of all panels */
};

static int64_t off_of(const struct whatif_point *point)
{
	return (int64_t)(plot_should_value(point) - plot_was_value(point));
}

bool plot_differs(const struct plot *plot)
{
	for (size_t i = 0; i < plot->point_count; i++)
		if (off_of(&plot->points[i]) != 0)
			return true;
	return false;
}

static uint64_t highest(const struct plot *plot)
{
	uint64_t high = 0;

	for (size_t i = 0; i < plot->point_count; i++) {
		const struct whatif_point *point = &plot->points[i];

		high = point->was_high > high ? point->was_high : high;
		high = point->should_high > high ? point->should_high : high;
	}
	return high;
}

static void write_bytes_axis(const struct frame *frame)
{
	struct ticks ticks = ticks_binary(&frame->y, BYTE_TICKS);

	for (unsigned i = 0; i < ticks.count; i++) {
		uint64_t value = ticks.first + i * ticks.step;
		int y = scale_at(&frame->y, value);

		svg_line(frame->stream, "grid", (struct svg_place){LEFT, y}, (struct svg_place){RIGHT, y});
		svg_label(frame->stream, "end", (struct svg_place){LEFT - 80, y + 40}, label_bytes(value, &ticks).text);
	}
}

static void write_time_axis(const struct frame *frame)
{
	struct ticks ticks = ticks_decimal(&frame->x, TIME_TICKS);

	for (unsigned i = 0; i < ticks.count; i++) {
		uint64_t value = ticks.first + i * ticks.step;
		int x = scale_at(&frame->x, value);

		svg_line(frame->stream, "grid", (struct svg_place){x, TOP}, (struct svg_place){x, frame->bottom + 40});
		svg_label(frame->stream, "middle", (struct svg_place){x, frame->bottom + 180},
			label_time(value, &ticks).text);
	}
	svg_line(frame->stream, "axis", (struct svg_place){LEFT, BOTTOM}, (struct svg_place){RIGHT, BOTTOM});
}

static void write_gaps(const struct frame *frame)
{
	const struct plot *plot = frame->plot;
	int last = -1;

	for (size_t i = 0; i < plot->gap_count; i++) {
		int from = scale_at(&frame->x, plot->gaps[i].from_ns);
		int to = scale_at(&frame->x, plot->gaps[i].to_ns);

		if (plot->gaps[i].to_ns < plot->from_ns || plot->gaps[i].from_ns > plot->to_ns || to <= last)
			continue;
		to = to < from + 10 ? from + 10 : to;
		svg_rect(frame->stream, "unknown", &(struct svg_box){from, to, TOP, frame->bottom},
			"events are missing here");
		last = to;
	}
}

/* Below: above the line bytes that are missing, under it bytes that are too many, each to one scale. */
static void write_off(const struct frame *frame)
{
	const struct plot *plot = frame->plot;
	struct plot_path path = {frame->stream, plot, &frame->x};
	uint64_t missing = 0;
	uint64_t extra = 0;
	struct scale scale;
	struct ticks ticks;
	int zero;

	for (size_t i = 0; i < plot->point_count; i++) {
		int64_t off = off_of(&plot->points[i]);

		missing = off > 0 && (uint64_t)off > missing ? (uint64_t)off : missing;
		extra = off < 0 && -(uint64_t)off > extra ? -(uint64_t)off : extra;
	}
	/* The room is shared by how much there is of either. */
	zero = OFF_TOP + (int)((double)missing / ((double)missing + (double)extra) * (OFF_BOTTOM - OFF_TOP));
	scale = missing >= extra ? (struct scale){0, missing, zero, OFF_TOP}
				 : (struct scale){0, extra, zero, OFF_BOTTOM};
	ticks = ticks_binary(&scale, OFF_TICKS);
	for (unsigned i = 1; i < ticks.count; i++) {
		int y = scale_at(&scale, ticks.first + i * ticks.step);

		svg_line(frame->stream, "grid", (struct svg_place){LEFT, y}, (struct svg_place){RIGHT, y});
		svg_label(frame->stream, "end", (struct svg_place){LEFT - 80, y + 40},
			label_bytes(ticks.first + i * ticks.step, &ticks).text);
	}
	svg_label(frame->stream, "end", (struct svg_place){LEFT - 80, zero + 40}, "0");
	svg_label(frame->stream, "start", (struct svg_place){LEFT, OFF_TOP - 120},
		"By how much it was off: bytes missing above the line, too many below");
	plot_path_off(&path, true, &(struct scale){0, missing, zero, OFF_TOP});
	plot_path_off(&path, false, &(struct scale){0, extra, zero, OFF_BOTTOM});
	svg_line(frame->stream, "axis", (struct svg_place){LEFT, zero}, (struct svg_place){RIGHT, zero});
}

static void write_mark(const struct frame *frame, const struct plot_mark *mark, size_t more)
{
	FILE *stream = frame->stream;
	int x = scale_at(&frame->x, mark->time_ns);

	html_format(stream, "<a href=\"/traces/%" PRIu64 "/findings/%u\">", mark->trace, mark->finding);
	fputs("<title>", stream);
	html_format(stream, "finding %u: %s", mark->finding, mark->headline);
	if (more > 0)
		html_format(stream, ", and %zu more here", more);
	fputs("</title>\n", stream);
	svg_line(stream, "mark-line", (struct svg_place){x, MARKS}, (struct svg_place){x, frame->bottom});
	fputs("<path class=\"mark\" d=\"M", stream);
	svg_number(stream, x);
	fprintf(stream, " %dl-6 -11h12z\"/>", MARKS / 10 + 8);
	if (more > 0)
		svg_label(stream, "start", (struct svg_place){x + 90, MARKS + 20},
			words_count(more + 1, "finding", "findings").text);
	fputs("</a>\n", stream);
}

static void write_marks(const struct frame *frame)
{
	const struct plot *plot = frame->plot;
	size_t i = 0;

	while (i < plot->mark_count) {
		const struct plot_mark *mark = &plot->marks[i++];
		size_t more = 0;

		if (mark->time_ns < plot->from_ns || mark->time_ns > plot->to_ns)
			continue;
		while (i < plot->mark_count && plot->marks[i].time_ns <= plot->to_ns &&
			scale_at(&frame->x, plot->marks[i].time_ns) < scale_at(&frame->x, mark->time_ns) + MARK_ROOM) {
			more++;
			i++;
		}
		write_mark(frame, mark, more);
	}
}

static void write_curves(const struct frame *frame)
{
	struct plot_path path = {frame->stream, frame->plot, &frame->x};

	plot_path_damage(&path, true, &frame->y);
	plot_path_damage(&path, false, &frame->y);
	if (frame->off)
		plot_path_curve(&path, PLOT_SHOULD, &frame->y);
	plot_path_curve(&path, PLOT_WAS, &frame->y);
}

void plot_write(FILE *stream, const struct plot *plot)
{
	uint64_t high = highest(plot);
	struct frame frame = {
		.stream = stream,
		.plot = plot,
		.x = {plot->from_ns, plot->to_ns, LEFT, RIGHT},
		/* Some room above, so that the peak is not the frame. */
		.y = {0, high < 1024 ? 1024 : high + high / 16, BOTTOM, TOP},
		.off = plot_differs(plot),
	};
	int height;

	frame.bottom = frame.off ? OFF_BOTTOM : BOTTOM;
	height = (frame.bottom + TIME_ROOM) / 10;
	fprintf(stream,
		"<svg class=\"plot\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"group\" aria-label=\"",
		WIDTH / 10, height, WIDTH / 10, height);
	html_text(stream, plot->title);
	fputs("\">\n", stream);
	write_gaps(&frame);
	write_bytes_axis(&frame);
	write_time_axis(&frame);
	write_curves(&frame);
	if (frame.off)
		write_off(&frame);
	write_marks(&frame);
	svg_label(stream, "end", (struct svg_place){RIGHT, frame.bottom + 290}, "seconds of the trace’s clock");
	fputs("</svg>\n", stream);
}
