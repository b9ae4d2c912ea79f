/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/range_boxes.h"

#include <stdlib.h>

#include "base/memory.h"

static int by_start(const struct range_piece *one, const struct range_piece *other)
{
	return (one->box.start > other->box.start) - (one->box.start < other->box.start);
}

RB_GENERATE_INTERNAL(range_piece_tree, range_piece, link, by_start, static __attribute__((unused)))

static uint64_t end_of(const struct range_piece *piece)
{
	return piece->box.start + piece->box.len;
}

void range_boxes_init(struct range_boxes *boxes)
{
	*boxes = (struct range_boxes){0};
	RB_INIT(&boxes->open);
}

void range_boxes_release(struct range_boxes *boxes)
{
	struct range_piece *piece;

	while ((piece = RB_ROOT(&boxes->open)) != NULL) {
		RB_REMOVE(range_piece_tree, &boxes->open, piece);
		free(piece);
	}
	free(boxes->closed);
	*boxes = (struct range_boxes){0};
}

struct range_piece *range_boxes_from(struct range_boxes *boxes, uint64_t start)
{
	struct range_piece *found = NULL;

	for (struct range_piece *piece = RB_ROOT(&boxes->open); piece != NULL;) {
		if (end_of(piece) > start) {
			found = piece;
			piece = RB_LEFT(piece, link);
		} else {
			piece = RB_RIGHT(piece, link);
		}
	}
	return found;
}

struct range_piece *range_boxes_after(struct range_piece *piece)
{
	return RB_NEXT(range_piece_tree, NULL, piece);
}

uint64_t range_boxes_held(struct range_boxes *boxes, const struct range_part *part)
{
	uint64_t held = 0;

	for (struct range_piece *piece = range_boxes_from(boxes, part->start);
		piece != NULL && piece->box.start < part->end; piece = range_boxes_after(piece)) {
		uint64_t start = piece->box.start > part->start ? piece->box.start : part->start;
		uint64_t end = end_of(piece) < part->end ? end_of(piece) : part->end;

		held += end - start;
	}
	return held;
}

struct range_part range_boxes_hole(struct range_boxes *boxes, const struct range_part *part)
{
	struct range_part hole = *part;
	struct range_piece *piece = range_boxes_from(boxes, part->start);

	while (piece != NULL && piece->box.start <= hole.start) {
		hole.start = end_of(piece);
		piece = range_boxes_after(piece);
	}
	if (piece != NULL && piece->box.start < hole.end)
		hole.end = piece->box.start;
	if (hole.start > hole.end)
		hole.start = hole.end;
	return hole;
}

void range_boxes_open(struct range_boxes *boxes, const struct range_part *part, const struct range_box *box)
{
	struct range_piece *piece = memory_zeroed(sizeof(*piece));

	piece->box = *box;
	piece->box.start = part->start;
	piece->box.len = part->end - part->start;
	RB_INSERT(range_piece_tree, &boxes->open, piece);
}

void range_boxes_add(struct range_boxes *boxes, const struct range_box *box)
{
	boxes->closed =
		memory_grown(boxes->closed, &boxes->closed_capacity, boxes->closed_count + 1, sizeof(boxes->closed[0]));
	boxes->closed[boxes->closed_count++] = *box;
}

/* Makes two pieces of one that goes over `at`. */
static void split(struct range_boxes *boxes, uint64_t at)
{
	struct range_piece *piece = range_boxes_from(boxes, at);
	struct range_part rest;

	if (piece == NULL || piece->box.start >= at)
		return;
	rest = (struct range_part){at, end_of(piece)};
	piece->box.len = at - piece->box.start;
	range_boxes_open(boxes, &rest, &piece->box);
}

static void close_piece(struct range_boxes *boxes, struct range_piece *piece, const struct range_box *how)
{
	struct range_box *box = &piece->box;

	box->to_ns = how->to_ns > box->from_ns ? how->to_ns : box->from_ns;
	box->to_seq = how->to_seq;
	box->end_pid = how->end_pid;
	box->end_comm = how->end_comm;
	box->end = how->end;
	if (how->end == RANGE_FREED && box->from_seq != 0 && box->pid != how->end_pid)
		box->end = RANGE_FREED_OTHER;
	range_boxes_add(boxes, box);
	RB_REMOVE(range_piece_tree, &boxes->open, piece);
	free(piece);
}

void range_boxes_close(struct range_boxes *boxes, const struct range_part *part, const struct range_box *how)
{
	struct range_piece *next;

	split(boxes, part->start);
	split(boxes, part->end);
	for (struct range_piece *piece = range_boxes_from(boxes, part->start);
		piece != NULL && piece->box.start < part->end; piece = next) {
		next = range_boxes_after(piece);
		close_piece(boxes, piece, how);
	}
}
