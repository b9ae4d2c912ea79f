/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/trend.h"

#include <inttypes.h>
#include <stdbool.h>
#include <time.h>

#include "analyzer/explain/words.h"
#include "web/html/html.h"

/* Pixels: of the frame in which bars stand, and of the lane below it. */
enum { LEFT = 60, RIGHT = 8, TOP = 12, BASE = 128, LANE = 134, LANE_SIZE = 6, LABELS = 158 };
enum { TICKS_MAX = 5, GAP_MAX = 4 };

struct frame {
	FILE *stream;
	double step; /* pixels a day */
	double bar;  /* of which its bar takes so many */
	uint64_t top;
};

uint64_t trend_top(uint64_t value)
{
	uint64_t power = 1;

	while (value > power) {
		if (power > UINT64_MAX / 10)
			return value;
		if (value <= power * 2)
			return power * 2;
		if (value <= power * 5)
			return power * 5;
		power *= 10;
	}
	return power;
}

static uint64_t sum(const struct trend_day *day)
{
	uint64_t findings;

	return __builtin_add_overflow(day->errors, day->warnings, &findings) ? UINT64_MAX : findings;
}

static double height_of(const struct frame *frame, uint64_t count)
{
	return (double)(BASE - TOP) * (double)count / (double)frame->top;
}

static const char *date_of(uint64_t day, bool brief, char text[32])
{
	time_t moment = (time_t)day;
	struct tm date;

	if (day > INT64_MAX || gmtime_r(&moment, &date) == NULL ||
		strftime(text, 32, brief ? "%b %e" : "%Y-%m-%d", &date) == 0)
		text[0] = '\0';
	return text;
}

static void draw_scale(const struct frame *frame)
{
	for (unsigned part = 0; part <= 2; part++) {
		uint64_t value = part == 1 ? frame->top / 2 : part == 0 ? 0 : frame->top;
		double y = BASE - height_of(frame, value);

		/* Half of 1 or 5 is no count. */
		if (part == 1 && frame->top % 2 != 0)
			continue;
		fprintf(frame->stream, "<line class=\"%s\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>",
			part == 0 ? "axis" : "grid", LEFT, y, TREND_WIDTH - RIGHT, y);
		fprintf(frame->stream, "<text class=\"label\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			LEFT - 6, y + 4, words_number(value).text);
	}
}

static void draw_bar(const struct frame *frame, const char *class, double x, double below, double height)
{
	if (height > 0)
		fprintf(frame->stream, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
			class, x, BASE - below - height, frame->bar, height);
}

/* An invisible field over the whole height takes the pointer: small bars are hard to hit. */
static void draw_day(const struct frame *frame, const struct trend_day *day, double x)
{
	double errors = height_of(frame, day->errors);
	char date[32];

	fprintf(frame->stream, "<g><title>%s: ", date_of(day->day, false, date));
	if (day->traces == 0)
		fputs("no trace", frame->stream);
	else
		fprintf(frame->stream, "%" PRIu64 " %s, %" PRIu64 " %s, %" PRIu64 " %s", day->errors,
			day->errors == 1 ? "error" : "errors", day->warnings,
			day->warnings == 1 ? "warning" : "warnings", day->traces,
			day->traces == 1 ? "trace" : "traces");
	fputs("</title>", frame->stream);
	fprintf(frame->stream, "<rect class=\"trend-day\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", x, TOP,
		frame->step, LANE + LANE_SIZE - TOP);
	draw_bar(frame, "trend-error", x + (frame->step - frame->bar) / 2, 0, errors);
	draw_bar(frame, "trend-warning", x + (frame->step - frame->bar) / 2, errors, height_of(frame, day->warnings));
	if (day->traces != 0)
		fprintf(frame->stream,
			"<rect class=\"trend-traces\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
			x + (frame->step - frame->bar) / 2, LANE, frame->bar, LANE_SIZE);
	fputs("</g>\n", frame->stream);
}

static void draw_dates(const struct frame *frame, const struct trend_day *days, size_t count)
{
	size_t every = (count + TICKS_MAX - 1) / TICKS_MAX;

	/* Counted from the last day, which is the one that people look for. */
	for (size_t back = 0; back < count; back += every) {
		size_t place = count - 1 - back;
		char date[32];

		fprintf(frame->stream, "<text class=\"label\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
			back == 0 ? TREND_WIDTH - RIGHT : LEFT + frame->step * ((double)place + 0.5), LABELS,
			back == 0 ? "end" : "middle", date_of(days[place].day, true, date));
	}
}

void trend_draw(FILE *stream, const struct trend_day *days, size_t count, const char *title)
{
	struct frame frame = {.stream = stream, .step = (double)(TREND_WIDTH - LEFT - RIGHT) / (double)count};
	uint64_t most = 0;

	for (size_t i = 0; i < count; i++)
		most = sum(&days[i]) > most ? sum(&days[i]) : most;
	frame.top = trend_top(most);
	frame.bar = frame.step > GAP_MAX * 3 ? frame.step - GAP_MAX : frame.step * 0.75;
	html_format(stream,
		"<svg class=\"trend\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
		"aria-label=\"%s\">\n",
		TREND_WIDTH, TREND_HEIGHT, TREND_WIDTH, TREND_HEIGHT, title);
	draw_scale(&frame);
	for (size_t i = 0; i < count; i++)
		draw_day(&frame, &days[i], LEFT + frame.step * (double)i);
	draw_dates(&frame, days, count);
	fputs("</svg>\n", stream);
}
