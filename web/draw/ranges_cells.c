/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/ranges_cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Tenths of a pixel: a box is never drawn smaller, and edges lie on whole pixels. */
enum { CELL_LEAST = 20, PIXEL = 10 };

static int by_pid(const void *one, const void *other)
{
	const struct ranges_owner *a = one;
	const struct ranges_owner *b = other;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static int by_boxes(const void *one, const void *other)
{
	const struct ranges_owner *a = one;
	const struct ranges_owner *b = other;

	if (a->boxes != b->boxes)
		return a->boxes > b->boxes ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

/* Those of one pid stand together: they become one. */
static size_t join_owners(struct ranges_owner *owners, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && owners[kept - 1].pid == owners[i].pid)
			owners[kept - 1].boxes += owners[i].boxes;
		else
			owners[kept++] = owners[i];
	}
	return kept;
}

size_t ranges_owners(const struct ranges *ranges, struct ranges_owner owners[RANGES_OWNERS])
{
	struct ranges_owner *all = memory_resized(NULL, ranges->box_count + 1, sizeof(*all));
	size_t count = 0;

	for (size_t i = 0; i < ranges->box_count; i++)
		if (ranges->boxes[i].pid != -1)
			all[count++] = (struct ranges_owner){ranges->boxes[i].pid, ranges->boxes[i].comm, 1};
	qsort(all, count, sizeof(*all), by_pid);
	count = join_owners(all, count);
	qsort(all, count, sizeof(*all), by_boxes);
	memcpy(owners, all, (count < RANGES_OWNERS ? count : RANGES_OWNERS) * sizeof(*all));
	free(all);
	return count;
}

int ranges_colour(const struct ranges_owner *owners, size_t count, const struct range_box *box)
{
	if (box->pid == -1)
		return -1;
	for (size_t i = 0; i < count && i < RANGES_OWNERS; i++)
		if (owners[i].pid == box->pid)
			return (int)i;
	return RANGES_OWNERS;
}

static int rounded(int at)
{
	return (at + PIXEL / 2) / PIXEL * PIXEL;
}

static struct ranges_cell cell_of(const struct ranges_axes *axes, const struct range_box *box)
{
	struct ranges_cell cell = {
		.at.left = rounded(scale_at(&axes->x, box->from_ns)),
		.at.right = rounded(scale_at(&axes->x, box->to_ns)),
		.at.bottom = rounded(scale_at(&axes->y, box->start)),
		.at.top = rounded(scale_at(&axes->y, box->start + box->len)),
		.boxes = 1,
		.box = box,
	};

	if (cell.at.right < cell.at.left + CELL_LEAST)
		cell.at.right = cell.at.left + CELL_LEAST;
	if (cell.at.top > cell.at.bottom - CELL_LEAST)
		cell.at.top = cell.at.bottom - CELL_LEAST;
	return cell;
}

static int compare_ints(int one, int other)
{
	return (one > other) - (one < other);
}

/* What may become one stands together, by its place from the top down. */
static int by_likeness(const void *one, const void *other)
{
	const struct ranges_cell *a = one;
	const struct ranges_cell *b = other;
	int by[] = {compare_ints(a->box->finding != 0, b->box->finding != 0), compare_ints(a->at.left, b->at.left),
		compare_ints(a->at.right, b->at.right), compare_ints(a->colour, b->colour),
		compare_ints((int)a->box->end, (int)b->box->end), compare_ints(a->at.top, b->at.top),
		(a->box->from_seq > b->box->from_seq) - (a->box->from_seq < b->box->from_seq)};

	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++)
		if (by[i] != 0)
			return by[i];
	return 0;
}

static bool is_like(const struct ranges_cell *one, const struct ranges_cell *other)
{
	return one->at.left == other->at.left && one->at.right == other->at.right && one->colour == other->colour &&
	       one->box->end == other->box->end && one->box->finding == other->box->finding &&
	       one->box->over_gap == other->box->over_gap && other->at.top <= one->at.bottom;
}

bool ranges_cell_is_small(const struct ranges_cell *cell)
{
	return cell->at.bottom - cell->at.top <= 3 * PIXEL || cell->at.right - cell->at.left <= 3 * PIXEL;
}

struct ranges_cell *ranges_cells(const struct ranges *ranges, const struct ranges_axes *axes, size_t *count)
{
	struct ranges_cell *cells = memory_resized(NULL, ranges->box_count + 1, sizeof(*cells));
	struct ranges_owner owners[RANGES_OWNERS];
	size_t owner_count = ranges_owners(ranges, owners);
	size_t shown = 0;
	size_t kept = 0;

	for (size_t i = 0; i < ranges->box_count; i++) {
		const struct range_box *box = &ranges->boxes[i];

		if (box->to_ns < ranges->from_ns || box->from_ns > ranges->to_ns)
			continue;
		cells[shown] = cell_of(axes, box);
		cells[shown++].colour = ranges_colour(owners, owner_count, box);
	}
	qsort(cells, shown, sizeof(*cells), by_likeness);
	for (size_t i = 0; i < shown; i++) {
		struct ranges_cell *last = kept > 0 ? &cells[kept - 1] : NULL;

		if (last == NULL || !ranges_cell_is_small(&cells[i]) || !is_like(last, &cells[i])) {
			cells[kept++] = cells[i];
			continue;
		}
		last->boxes += cells[i].boxes;
		last->at.bottom = cells[i].at.bottom > last->at.bottom ? cells[i].at.bottom : last->at.bottom;
	}
	*count = kept;
	return cells;
}
