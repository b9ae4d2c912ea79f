/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * svg - the few shapes that plots are made of. Places are in tenths of a pixel.
 */
#ifndef QGREPLAY_WEB_DRAW_SVG_H
#define QGREPLAY_WEB_DRAW_SVG_H

#include <stdint.h>
#include <stdio.h>

struct svg_place {
	int x;
	int y;
};

struct svg_box {
	int left;
	int right;
	int top;
	int bottom;
};

/* "12.5": a number as it stands in an attribute. */
void svg_number(FILE *stream, int at);

/* A straight line of that class. */
void svg_line(FILE *stream, const char *class, struct svg_place from, struct svg_place to);

/* Text, escaped; `anchor` is start, middle or end. */
void svg_label(FILE *stream, const char *anchor, struct svg_place at, const char *text);

/* A rectangle that says `title`, which may be NULL. */
void svg_rect(FILE *stream, const char *class, const struct svg_box *box, const char *title);

/* "<rect class=... height=...", without its end, for whoever puts more into it. */
void svg_rect_begin(FILE *stream, const char *class, const struct svg_box *box);

#endif
