/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plot - the counter of a root as it was and as it should have been, over time, as SVG; below it, on a scale of its
 * own, by how much it was off, because 4 KiB on a counter of gigabytes is nothing to see.
 *
 * Pure: writes to a stream what it is given.
 */
#ifndef QGREPLAY_WEB_DRAW_PLOT_H
#define QGREPLAY_WEB_DRAW_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/whatif.h"

/* A finding on the axis of time. */
struct plot_mark {
	uint64_t time_ns;
	uint32_t finding;
	uint64_t trace; /* whose finding: for its link */
	const char *headline;
};

/* A stretch of which events are missing. */
struct plot_gap {
	uint64_t from_ns;
	uint64_t to_ns;
};

struct plot {
	uint64_t from_ns; /* what is shown */
	uint64_t to_ns;
	/* In the order of time; each holds until the next, the last to the end. The first may be from before. */
	const struct whatif_point *points;
	size_t point_count;
	const struct plot_mark *marks; /* in the order of time; those outside are passed over */
	size_t mark_count;
	const struct plot_gap *gaps;
	size_t gap_count;
	const char *title; /* what it is, for those who cannot see it */
};

void plot_write(FILE *stream, const struct plot *plot);

/* Whether the curves differ at any of its points. */
bool plot_differs(const struct plot *plot);

#endif
