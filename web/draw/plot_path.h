/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plot_path - curves and the areas between them as SVG paths. For web/draw/plot.c.
 */
#ifndef QGREPLAY_WEB_DRAW_PLOT_PATH_H
#define QGREPLAY_WEB_DRAW_PLOT_PATH_H

#include "web/draw/plot.h"
#include "web/draw/scale.h"

struct plot_path {
	FILE *stream;
	const struct plot *plot;
	const struct scale *x;
};

enum plot_curve { PLOT_WAS, PLOT_SHOULD };

/* A stretch is compared by its greatest values, and where these are the same by its least. */
uint64_t plot_was_value(const struct whatif_point *point);
uint64_t plot_should_value(const struct whatif_point *point);

/* The curve in steps; where a point is a stretch of values, all of them as a band. */
void plot_path_curve(const struct plot_path *path, enum plot_curve curve, const struct scale *y);

/* The area where it was below (`low`) or above what it should have been. */
void plot_path_damage(const struct plot_path *path, bool low, const struct scale *y);

/* The same as heights from the scale's low end. */
void plot_path_off(const struct plot_path *path, bool low, const struct scale *y);

#endif
