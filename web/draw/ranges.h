/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ranges - the range map of an inode (analyzer/range_map.h) as SVG: time from left to right, the file's bytes upwards,
 * a rectangle for each reservation in the colour of its owner, with how it ended at its right edge.
 *
 * Rectangles that fall on the same pixels are one. Pure.
 */
#ifndef QGREPLAY_WEB_DRAW_RANGES_H
#define QGREPLAY_WEB_DRAW_RANGES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/range_map.h"
#include "base/names.h"

/* An event of the inode, as a tick under the map. */
struct ranges_tick {
	uint64_t time_ns;
	enum range_tick_kind { TICK_RESERVE, TICK_RELEASE, TICK_FREE, TICK_OTHER, TICK_KINDS } kind;
};

/* Where a finding struck. */
struct ranges_mark {
	uint32_t finding;
	uint64_t time_ns;
	uint64_t start;
	uint64_t len;
	const char *headline;
};

/* Owners have colours of their own as far as there are any, those with most bytes first. */
enum { RANGES_OWNERS = 7 };

struct ranges_owner {
	int32_t pid;
	uint32_t comm;
	uint64_t boxes;
};

struct ranges {
	uint64_t trace;
	uint64_t from_ns;
	uint64_t to_ns;
	const struct range_box *boxes;
	size_t box_count;
	const struct range_gap *gaps;
	size_t gap_count;
	const struct ranges_tick *ticks;
	size_t tick_count;
	const struct ranges_mark *marks;
	size_t mark_count;
	const struct names *comms;
	const char *title;
};

/* Who has a colour: writes at most RANGES_OWNERS and returns how many there are. */
size_t ranges_owners(const struct ranges *ranges, struct ranges_owner owners[RANGES_OWNERS]);

/* The number of the colour of a box's owner; RANGES_OWNERS for all others, -1 where it is not known. */
int ranges_colour(const struct ranges_owner *owners, size_t count, const struct range_box *box);

enum { RANGES_CELLS_MAX = 4000 };

/* Writes the picture; returns how many rectangles were left out, because there are more than RANGES_CELLS_MAX. */
size_t ranges_write(FILE *stream, const struct ranges *ranges);

/* What the colours and edges mean. */
void ranges_legend(FILE *stream, const struct ranges *ranges);

/* "released", "freed by another task": an end in words, for tables and titles. */
const char *ranges_end_words(enum range_end end);

#endif
