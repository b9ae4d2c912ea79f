/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/diagram_parts.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "base/utf8.h"

enum { CUT_SIZE = 400, METER_WIDTH = COUNTER_WIDTH - 20, METER_HEIGHT = 8, COUNTER_ROOM = 21 };

/* Copies at most `most` characters; the last one becomes an ellipsis where there are more. */
static void cut(char to[CUT_SIZE], const char *text, size_t most)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	bool fits = words_columns(text) <= most;
	size_t used = 0;

	for (size_t i = 0; *text != '\0' && (fits || i + 1 < most); i++) {
		size_t length = utf8_length(text);

		length = length == 0 ? 1 : length;
		if (used + length + sizeof(ellipsis) > CUT_SIZE)
			break;
		memcpy(to + used, text, length);
		used += length;
		text += length;
	}
	if (*text != '\0') {
		memcpy(to + used, ellipsis, sizeof(ellipsis) - 1);
		used += sizeof(ellipsis) - 1;
	}
	to[used] = '\0';
}

void drawing_text(const struct drawing *drawing, const struct drawn_text *place, const char *text)
{
	char shown[CUT_SIZE];

	if (*text == '\0')
		return;
	cut(shown, text, place->most);
	html_format(drawing->stream, "<text class=\"%s\" x=\"%d\" y=\"%d\"", place->style, place->x, place->y);
	fputs(place->at_end ? " text-anchor=\"end\">" : ">", drawing->stream);
	html_text(drawing->stream, shown);
	fputs("</text>\n", drawing->stream);
}

static unsigned colour_of(const struct drawing *drawing, const struct plan_bar *bar)
{
	return (unsigned)(bar - drawing->plan.bars);
}

static void put_piece(const struct drawing *drawing, const struct plan_bar *bar, const char *style, int from, int to)
{
	if (to > from)
		html_format(drawing->stream,
			"<rect class=\"%s owner-%u\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>\n", style,
			colour_of(drawing, bar), drawing_bar_x(bar), from, BAR_WIDTH, to - from);
}

static int middle_of(const struct drawing *drawing, int row)
{
	return drawing->y[row] + BOX_HEIGHT / 2;
}

static void put_cross(const struct drawing *drawing, const struct plan_bar *bar)
{
	int x = drawing_bar_x(bar) + BAR_WIDTH / 2;
	int y = middle_of(drawing, bar->taken);

	html_format(drawing->stream, "<path class=\"strike\" d=\"M%d %dl14 14m0 -14l-14 14\"/>\n", x - 7, y - 7);
}

/* Bytes that were taken are gone from there on: an outline shows where they should be. Those left behind stay. */
static void put_bar(const struct drawing *drawing, const struct plan_bar *bar)
{
	int from = bar->from == PLAN_NO_ROW ? HEAD_HEIGHT - 8 : drawing->y[bar->from] + 4;
	int end = bar->missed != PLAN_NO_ROW ? middle_of(drawing, bar->missed) : drawing->bottom - 6;
	int taken = bar->taken != PLAN_NO_ROW ? middle_of(drawing, bar->taken) : drawing->bottom - 6;
	int stale = bar->stale != PLAN_NO_ROW ? middle_of(drawing, bar->stale) : taken;

	html_format(drawing->stream, "<g><title>%s of %s</title>\n", diagram_bytes(bar->bytes).text,
		bar->task.pid < 0 ? "a reserve before the trace" : words_task(drawing->plan.comms, bar->task).text);
	put_piece(drawing, bar, "dg-bar", from, stale);
	put_piece(drawing, bar, "dg-bar dg-stale", stale, taken);
	if (bar->taken != PLAN_NO_ROW && drawing->plan.held)
		put_piece(drawing, bar, "dg-bar dg-held", taken, drawing->bottom - 6);
	else if (bar->taken != PLAN_NO_ROW && bar->stale == PLAN_NO_ROW)
		put_piece(drawing, bar, "dg-bar dg-gone", taken, end);
	if (bar->taken != PLAN_NO_ROW && !drawing->plan.held)
		put_cross(drawing, bar);
	fputs("</g>\n", drawing->stream);
}

void drawing_put_bars(const struct drawing *drawing)
{
	const struct plan *plan = &drawing->plan;

	for (unsigned i = 0; i < plan->bar_count; i++)
		put_bar(drawing, &plan->bars[i]);
	if (plan->bar_count > 0)
		drawing_text(drawing,
			&(struct drawn_text){drawing_box_x(drawing, plan->bars[0].column), drawing->bottom - 12,
				"dg-bad", 36, false},
			diagram_end_words(plan).text);
}

/* A bar is there to be met between the reserve and where it is taken, and to be missed after that. */
static bool concerns(const struct plan_bar *bar, const struct plan_row *row, int index, bool held)
{
	if (row->link == LINK_TAKES)
		return index == bar->taken;
	if (index <= bar->from)
		return false;
	if (row->link == LINK_FINDS)
		return bar->taken == PLAN_NO_ROW || index < bar->taken;
	if (row->link == LINK_MISSES)
		return held ? index == bar->taken : index == bar->missed;
	return false;
}

static void put_link(const struct drawing *drawing, const struct plan_bar *bar, int row)
{
	static const char *const styles[] = {
		[LINK_FINDS] = "edge dg-finds", [LINK_TAKES] = "arrow", [LINK_MISSES] = "edge-bad dg-misses"};
	enum plan_link link = drawing->plan.rows[row].link;
	int box = drawing_box_x(drawing, drawing->plan.rows[row].column);
	int at = drawing_bar_x(bar) + (box > drawing_bar_x(bar) ? BAR_WIDTH + 3 : -3);
	int from = box > at ? box : box + COLUMN_WIDTH;
	int y = middle_of(drawing, row);
	int head = from > at ? 8 : -8;

	html_format(drawing->stream, "<path class=\"%s\" d=\"M%d %dH%d\"/>\n", styles[link], from, y,
		link == LINK_TAKES ? at + head + head / 2 : at);
	if (link == LINK_TAKES)
		html_format(drawing->stream, "<path class=\"arrow-head\" d=\"M%d %dl%d 5v-10z\"/>\n", at + head / 2, y,
			head);
}

void drawing_put_links(const struct drawing *drawing, int row)
{
	const struct plan *plan = &drawing->plan;
	const struct plan_bar *first = NULL;
	unsigned column = plan->rows[row].column;

	for (unsigned i = 0; i < plan->bar_count; i++) {
		if (!concerns(&plan->bars[i], &plan->rows[row], row, plan->held))
			continue;
		put_link(drawing, &plan->bars[i], row);
		if (first == NULL)
			first = &plan->bars[i];
	}
	if (first != NULL && first->column < column)
		drawing_text(drawing,
			&(struct drawn_text){drawing_box_x(drawing, first->column) + 8, middle_of(drawing, row) - 7,
				plan->rows[row].link == LINK_FINDS ? "label" : "dg-bad", 34, false},
			diagram_link_words(plan, &plan->rows[row], first).text);
}

static const char *box_style(const struct plan_row *row)
{
	static const char *const styles[] = {[TONE_PLAIN] = "event",
		[TONE_OWNER] = "event",
		[TONE_BAD] = "event event-free",
		[TONE_FAINT] = "event dg-faint"};

	return styles[row->tone];
}

static void put_box_texts(
	const struct drawing *drawing, const struct plan_row *row, int x, int y, const struct diagram_words *words)
{
	struct task_ref task = explain_task(row->event);
	unsigned bars = drawing->plan.columns[row->column].bars;
	size_t room = 27 - 2 * (size_t)bars;

	if (!plan_same_task(task, drawing->plan.columns[row->column].task))
		drawing_text(drawing, &(struct drawn_text){x, y - 3, "label", room + 4, false},
			words_task(drawing->plan.comms, task).text);
	drawing_text(drawing, &(struct drawn_text){x + 10, y + 18, "dg-title", room, false}, words->title);
	drawing_text(drawing, &(struct drawn_text){x + 10, y + 34, "dg-detail", room + 6, false}, words->detail);
	drawing_text(drawing, &(struct drawn_text){x + 10, y + 50, "dg-call", room + 3, false}, words->call);
}

static void begin_link(const struct drawing *drawing, uint64_t number)
{
	FILE *stream = drawing->stream;

	html_format(stream, "<a class=\"dg-box\" href=\"/traces/%" PRIu64 "/events?around=%" PRIu64,
		drawing->wish->trace, number);
	if (drawing->wish->marked != 0)
		html_format(stream, "&amp;finding=%" PRIu32, drawing->wish->marked);
	html_format(stream, "#e%" PRIu64 "\">", number);
}

void drawing_put_box(const struct drawing *drawing, int row)
{
	const struct plan_row *it = &drawing->plan.rows[row];
	int x = drawing_box_x(drawing, it->column);
	int width = drawing_column_x(it->column) + COLUMN_WIDTH - x;
	char text[EVENT_TEXT_MAX];
	struct diagram_words words;

	diagram_words_of(&words, &drawing->plan, it);
	if (drawing->wish->trace != 0)
		begin_link(drawing, it->event->number);
	else
		fputs("<g class=\"dg-box\">", drawing->stream);
	html_format(drawing->stream, "<title>%s</title>\n", event_text(it->event, text, sizeof(text)));
	html_format(drawing->stream, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>\n",
		box_style(it), x, drawing->y[row], width, BOX_HEIGHT);
	put_box_texts(drawing, it, x, drawing->y[row], &words);
	fputs(drawing->wish->trace != 0 ? "</a>\n" : "</g>\n", drawing->stream);
}

/* Bytes as a length, the greatest of the diagram being the longest. */
static int meter_length(const struct drawing *drawing, uint64_t bytes)
{
	uint64_t most = 1;

	for (int i = 0; i < drawing->plan.row_count; i++) {
		const struct plan_counter *counter = &drawing->plan.rows[i].counter;

		most = counter->have_bytes > most ? counter->have_bytes : most;
		most = counter->after_bytes > most ? counter->after_bytes : most;
	}
	return (int)((double)bytes / (double)most * METER_WIDTH);
}

static void put_meter(const struct drawing *drawing, const struct plan_counter *counter, int x, int y)
{
	bool down = counter->after_bytes < counter->have_bytes;
	int low = meter_length(drawing, down ? counter->after_bytes : counter->have_bytes);
	int high = meter_length(drawing, down ? counter->have_bytes : counter->after_bytes);

	html_format(drawing->stream, "<rect class=\"dg-meter\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", x, y,
		METER_WIDTH, METER_HEIGHT);
	html_format(drawing->stream, "<rect class=\"dg-level\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", x, y,
		low, METER_HEIGHT);
	html_format(drawing->stream, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
		down ? "dg-loss" : "dg-gain", x + low, y, high - low, METER_HEIGHT);
}

/* Of which counter it is, where that is another than the first one's. */
static const char *other_type(const struct drawing *drawing, const struct plan_counter *counter)
{
	const struct plan *plan = &drawing->plan;

	for (int i = 0; i < plan->row_count && counter->event != NULL; i++) {
		const struct event *first = plan->rows[i].counter.event;

		if (first == NULL)
			continue;
		if (first->type == counter->event->type)
			return "";
		return counter->event->type == EVENT_TYPE_DATA ? " DATA" : " metadata";
	}
	return "";
}

void drawing_put_counter(const struct drawing *drawing, int row)
{
	const struct plan_counter *counter = &drawing->plan.rows[row].counter;
	uint64_t change = counter->diff_bytes < 0 ? 0 - (uint64_t)counter->diff_bytes : (uint64_t)counter->diff_bytes;
	bool below = counter->diff_bytes < 0 && counter->have_bytes < change;
	int x = drawing->counter_x + 10;
	int y = drawing->y[row];
	char text[sizeof(struct words) * 2];

	if (!counter->shown)
		return;
	snprintf(text, sizeof(text), "%s \xe2\x86\x92 %s", words_number(counter->have_bytes).text,
		words_number(counter->after_bytes).text);
	if (words_columns(text) > COUNTER_ROOM)
		snprintf(text, sizeof(text), "%s \xe2\x86\x92 %s", diagram_bytes(counter->have_bytes).text,
			diagram_bytes(counter->after_bytes).text);
	drawing_text(drawing, &(struct drawn_text){x, y + 19, "label-strong", 34, false}, text);
	put_meter(drawing, counter, x, y + 26);
	snprintf(text, sizeof(text), "%s%s%s%s", counter->diff_bytes < 0 ? "\xe2\x88\x92" : "+",
		words_number(change).text, below ? ": below zero" : "", other_type(drawing, counter));
	drawing_text(drawing, &(struct drawn_text){x, y + 50, below ? "dg-bad" : "label", 34, false}, text);
}
