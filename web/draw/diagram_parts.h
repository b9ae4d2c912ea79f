/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diagram_parts - the shapes of a diagram, each put where its plan says. Used by diagram*.c only. Lengths are pixels.
 */
#ifndef QGREPLAY_WEB_DRAW_DIAGRAM_PARTS_H
#define QGREPLAY_WEB_DRAW_DIAGRAM_PARTS_H

#include <stdio.h>

#include "web/draw/diagram.h"
#include "web/draw/diagram_words.h"
#include "web/html/html.h"

enum {
	GUTTER = 90, /* times, at the left */
	COLUMN_WIDTH = 220,
	COLUMN_SPACE = 18,
	COUNTER_WIDTH = 150,
	HEAD_HEIGHT = 54,
	BOX_HEIGHT = 58,
	ROW_SPACE = 14,
	TAIL_HEIGHT = 26,
	BAR_WIDTH = 10,
	BAR_PITCH = 18
};

struct drawing {
	FILE *stream;
	const struct diagram_wish *wish;
	struct plan plan;
	int y[PLAN_ROWS_MAX]; /* top of each row's box */
	int bottom;
	int width;
	int counter_x;
};

int drawing_column_x(unsigned column);
int drawing_box_x(const struct drawing *drawing, unsigned column);
int drawing_bar_x(const struct plan_bar *bar);

/* Where a text stands, and how many characters of it there is room for. */
struct drawn_text {
	int x;
	int y;
	const char *style;
	size_t most;
	bool at_end; /* x is where it ends */
};

void drawing_text(const struct drawing *drawing, const struct drawn_text *place, const char *text);

/* The bars of the reservations, from top to bottom. */
void drawing_put_bars(const struct drawing *drawing);

/* The arrows of a row to the bars that it concerns. */
void drawing_put_links(const struct drawing *drawing, int row);

void drawing_put_box(const struct drawing *drawing, int row);
void drawing_put_counter(const struct drawing *drawing, int row);

#endif
