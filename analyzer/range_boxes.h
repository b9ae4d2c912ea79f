/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * range_boxes - the bytes that are reserved at one moment, as boxes that are not closed yet, and those that are. For
 * range_map.c only.
 */
#ifndef QGREPLAY_ANALYZER_RANGE_BOXES_H
#define QGREPLAY_ANALYZER_RANGE_BOXES_H

#include <bsd/sys/tree.h>

#include "analyzer/range_map.h"

struct range_piece {
	RB_ENTRY(range_piece) link;
	struct range_box box;
};

RB_HEAD(range_piece_tree, range_piece);

struct range_boxes {
	struct range_piece_tree open; /* by start; they do not overlap */
	struct range_box *closed;
	size_t closed_count;
	size_t closed_capacity;
};

/* Bytes [start, end). */
struct range_part {
	uint64_t start;
	uint64_t end;
};

void range_boxes_init(struct range_boxes *boxes);
void range_boxes_release(struct range_boxes *boxes);

/* The first open piece that ends behind `start`, or NULL; and the one after it. */
struct range_piece *range_boxes_from(struct range_boxes *boxes, uint64_t start);
struct range_piece *range_boxes_after(struct range_piece *piece);

/* How many bytes of the part are in open pieces. */
uint64_t range_boxes_held(struct range_boxes *boxes, const struct range_part *part);

/* The first part without an open piece within `part`, at or behind its start; an empty one when there is none. */
struct range_part range_boxes_hole(struct range_boxes *boxes, const struct range_part *part);

/* Opens a piece like `box`, of the bytes of `part`, of which none may be in an open piece. */
void range_boxes_open(struct range_boxes *boxes, const struct range_part *part, const struct range_box *box);

/* Closes what is open of `part`, in the way of `how`: its to_ns, to_seq, end_pid, end_comm and end. An end of
 * RANGE_FREED becomes RANGE_FREED_OTHER where another task is known as owner. */
void range_boxes_close(struct range_boxes *boxes, const struct range_part *part, const struct range_box *how);

/* Adds a box that was never open. */
void range_boxes_add(struct range_boxes *boxes, const struct range_box *box);

#endif
