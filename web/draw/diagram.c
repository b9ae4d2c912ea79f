/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/diagram.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/explain/explain.h"
#include "web/draw/diagram_parts.h"

/* Silence is drawn by its order of magnitude: enough to be seen, never a screen of nothing. */
static const struct {
	uint64_t ns;
	int height;
} silences[] = {
	{UINT64_C(1000000000), 34},
	{UINT64_C(100000000), 26},
	{UINT64_C(10000000), 20},
	{UINT64_C(1000000), 12},
};

static int silence_height(uint64_t ns)
{
	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++)
		if (ns >= silences[i].ns)
			return silences[i].height;
	return 0;
}

/* Time since the row above; 0 where clocks ran backwards. */
static uint64_t silence_before(const struct plan *plan, int row)
{
	uint64_t now = plan->rows[row].event->time_ns;
	uint64_t before = row > 0 ? plan->rows[row - 1].event->time_ns : now;

	return now > before ? now - before : 0;
}

static void measure(struct drawing *drawing)
{
	const struct plan *plan = &drawing->plan;
	int y = HEAD_HEIGHT;

	for (int i = 0; i < plan->row_count; i++) {
		y += silence_height(silence_before(plan, i));
		drawing->y[i] = y;
		y += BOX_HEIGHT + ROW_SPACE;
	}
	drawing->bottom = y + (*diagram_end_words(plan).text != '\0' ? TAIL_HEIGHT : 0);
	drawing->counter_x = GUTTER + (int)plan->column_count * (COLUMN_WIDTH + COLUMN_SPACE);
	drawing->width = drawing->counter_x + (plan->has_counter ? COUNTER_WIDTH : 0);
}

int drawing_column_x(unsigned column)
{
	return GUTTER + (int)column * (COLUMN_WIDTH + COLUMN_SPACE);
}

int drawing_box_x(const struct drawing *drawing, unsigned column)
{
	return drawing_column_x(column) + (int)drawing->plan.columns[column].bars * BAR_PITCH;
}

int drawing_bar_x(const struct plan_bar *bar)
{
	return drawing_column_x(bar->column) + (int)bar->lane * BAR_PITCH;
}

/* For those who do not see it: the same story, a sentence an event. */
static void put_description(const struct drawing *drawing)
{
	const struct plan *plan = &drawing->plan;
	FILE *stream = drawing->stream;
	char *headline = explain_headline(plan->finding, plan->comms);

	html_format(stream, "<title>%s</title>\n<desc>", headline);
	free(headline);
	for (int i = 0; i < plan->row_count; i++) {
		struct diagram_words words;

		diagram_words_of(&words, plan, &plan->rows[i]);
		html_format(stream, "%s at %s: %s%s%s. ",
			words_task(plan->comms, explain_task(plan->rows[i].event)).text,
			words_time(plan->rows[i].event->time_ns).text, words.title, *words.detail != '\0' ? ", " : "",
			words.detail);
	}
	fputs("</desc>\n", stream);
}

/* In the gutter: when, how long after the row above, and the number by which the event is found. */
static void put_time(const struct drawing *drawing, int row)
{
	const struct plan *plan = &drawing->plan;
	uint64_t silence = silence_before(plan, row);
	int y = drawing->y[row];
	int middle = y - (ROW_SPACE + silence_height(silence)) / 2;
	char text[sizeof(struct words) + 2];

	drawing_text(drawing, &(struct drawn_text){GUTTER - 14, y + 18, "dg-time", 16, true},
		words_time(plan->rows[row].event->time_ns).text);
	snprintf(text, sizeof(text), "#%s", words_number(plan->rows[row].event->number).text);
	drawing_text(drawing, &(struct drawn_text){GUTTER - 14, y + 34, "label", 16, true}, text);
	if (row > 0 && silence_height(silence) == 0) {
		snprintf(text, sizeof(text), "+%s", words_span(silence).text);
		drawing_text(drawing, &(struct drawn_text){GUTTER - 14, y + 50, "label", 16, true}, text);
	} else if (row > 0) {
		drawing_text(drawing, &(struct drawn_text){GUTTER - 14, middle + 4, "label", 16, true},
			words_span(silence).text);
		html_format(drawing->stream, "<path class=\"gap\" d=\"M%d %dH%d\"/>\n", GUTTER - 6, middle,
			drawing->counter_x - COLUMN_SPACE);
	}
}

static void put_head(const struct drawing *drawing, unsigned column)
{
	const struct plan_column *head = &drawing->plan.columns[column];
	int x = drawing_column_x(column);
	char text[sizeof(struct words)];

	html_format(drawing->stream, "<rect class=\"lane\" x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
		x - 8, COLUMN_WIDTH + 16, drawing->bottom);
	if (head->of_cpu)
		snprintf(text, sizeof(text), "CPU %u", head->cpu);
	else if (head->task.pid < 0)
		snprintf(text, sizeof(text), "before the trace");
	else
		snprintf(text, sizeof(text), "%s", words_task(drawing->plan.comms, head->task).text);
	drawing_text(drawing, &(struct drawn_text){x, 20, "label-strong dg-task", 27, false}, text);
	if (head->part != NULL)
		drawing_text(drawing, &(struct drawn_text){x, 37, "label", 40, false}, head->part);
}

static void put_counter_head(const struct drawing *drawing)
{
	const struct plan *plan = &drawing->plan;
	const struct event *event = NULL;
	char text[sizeof(struct words) + 16];

	for (int i = 0; i < plan->row_count && event == NULL; i++)
		event = plan->rows[i].counter.event;
	snprintf(text, sizeof(text), "Counter of %s",
		words_qgroup(event != NULL ? event->root : plan->finding->root).text);
	drawing_text(drawing, &(struct drawn_text){drawing->counter_x + 10, 20, "label-strong", 24, false}, text);
	snprintf(text, sizeof(text), "%.20s, in bytes",
		event != NULL && event_type_name(event) != NULL ? event_type_name(event) : "reserved");
	drawing_text(drawing, &(struct drawn_text){drawing->counter_x + 10, 37, "label", 28, false}, text);
}

static void put_heads(const struct drawing *drawing)
{
	for (unsigned i = 0; i < drawing->plan.column_count; i++)
		put_head(drawing, i);
	if (drawing->plan.has_counter)
		put_counter_head(drawing);
}

static void put_row(const struct drawing *drawing, int row)
{
	put_time(drawing, row);
	drawing_put_links(drawing, row);
	drawing_put_box(drawing, row);
	drawing_put_counter(drawing, row);
}

bool diagram_can(const struct finding *finding, uint32_t occurrence)
{
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].occurrence == occurrence)
			return true;
	return false;
}

void diagram_draw(
	FILE *stream, const struct finding *finding, const struct names *comms, const struct diagram_wish *wish)
{
	struct drawing drawing = {.stream = stream, .wish = wish};

	plan_make(&drawing.plan, finding, comms, wish->occurrence);
	if (drawing.plan.row_count == 0)
		return;
	measure(&drawing);
	html_format(stream,
		"<svg class=\"dg\" xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"-8 -2 %d "
		"%d\" "
		"role=\"group\">\n",
		drawing.width + 16, drawing.bottom + 4, drawing.width + 16, drawing.bottom + 4);
	put_description(&drawing);
	put_heads(&drawing);
	drawing_put_bars(&drawing);
	for (int i = 0; i < drawing.plan.row_count; i++)
		put_row(&drawing, i);
	fputs("</svg>\n", stream);
}
