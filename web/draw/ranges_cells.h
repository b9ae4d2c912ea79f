/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ranges_cells - boxes as they fall on pixels, those that cannot be told apart made one. For web/draw/ranges.c.
 */
#ifndef QGREPLAY_WEB_DRAW_RANGES_CELLS_H
#define QGREPLAY_WEB_DRAW_RANGES_CELLS_H

#include "web/draw/ranges.h"
#include "web/draw/scale.h"
#include "web/draw/svg.h"

struct ranges_cell {
	struct svg_box at;
	int colour;
	size_t boxes;		     /* that it stands for */
	const struct range_box *box; /* the first of them */
};

struct ranges_axes {
	struct scale x;
	struct scale y;
};

/* The cells of what is to be seen, in the order in which to draw them: what a finding struck last. To be freed. */
struct ranges_cell *ranges_cells(const struct ranges *ranges, const struct ranges_axes *axes, size_t *count);

/* Cells large enough to be told apart stay what they are, and have borders. */
bool ranges_cell_is_small(const struct ranges_cell *cell);

/* The class of its right edge; NULL where it has none. */
const char *ranges_end_class(enum range_end end);

#endif
