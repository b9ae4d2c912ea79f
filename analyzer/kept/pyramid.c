/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/kept/pyramid.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/kept/kept_record.h"
#include "base/memory.h"

/* Moments are at most 2^64: 2^5 in the first step, and 2^3 times as many in each. */
enum { STEPS = 20 };

struct step {
	struct whatif_point point; /* being filled */
	uint64_t parts;		   /* moments in it; of a higher step, full points of the one below */
	uint64_t number;	   /* of points that are written */
};

/* Most roots change their counter a few times only: there are no more steps than were needed. */
struct tower {
	struct step *steps;
	size_t count; /* 0: no moments */
};

struct pyramid {
	struct whatif_rows rows;
	const struct row_sink *sink;
	struct tower *towers; /* by place */
	size_t tower_count;
	size_t capacity;
	struct error error; /* the first */
};

static uint64_t span_of(size_t step)
{
	return (uint64_t)PYRAMID_SPAN << 3 * step;
}

static void write_point(struct pyramid *pyramid, uint32_t place, struct step *step, uint64_t span)
{
	const struct sample_record record = {place, span, step->number++, step->point};

	step->parts = 0;
	if (pyramid->error.code == ERR_OK)
		kept_record_put(ROW_SAMPLE, &record, pyramid->sink, &pyramid->error);
}

static void widen(uint64_t *low, uint64_t *high, uint64_t other_low, uint64_t other_high)
{
	if (other_low < *low)
		*low = other_low;
	if (other_high > *high)
		*high = other_high;
}

static void add(struct step *step, const struct whatif_point *point)
{
	struct whatif_point *sum = &step->point;

	if (step->parts++ == 0) {
		*sum = *point;
		return;
	}
	widen(&sum->was_low, &sum->was_high, point->was_low, point->was_high);
	widen(&sum->should_low, &sum->should_high, point->should_low, point->should_high);
}

static bool is_full(const struct step *step, size_t index)
{
	return step->parts == (index == 0 ? PYRAMID_SPAN : PYRAMID_STEP);
}

/* The steps of a root, with at least those up to `index`. */
static struct step *steps_to(struct tower *tower, size_t index)
{
	if (index >= tower->count) {
		tower->steps = memory_resized(tower->steps, index + 1, sizeof(*tower->steps));
		memset(tower->steps + tower->count, 0, (index + 1 - tower->count) * sizeof(*tower->steps));
		tower->count = index + 1;
	}
	return tower->steps;
}

/*
 * Writes the point of a step when it is full, and those above that are. This is done when the next one comes, and not
 * before: a root that has no more moments than the span has no points of it.
 */
static void make_room(struct pyramid *pyramid, uint32_t place, size_t index)
{
	struct tower *tower = &pyramid->towers[place];
	struct step *steps;
	size_t top = index;

	while (top + 1 < STEPS && top < tower->count && is_full(&tower->steps[top], top))
		top++;
	steps = steps_to(tower, top);
	for (size_t i = top; i-- > index;) {
		add(&steps[i + 1], &steps[i].point);
		write_point(pyramid, place, &steps[i], span_of(i));
	}
}

static void take(void *context, const struct whatif_row *row)
{
	struct pyramid *pyramid = context;
	const struct whatif_point point = {
		row->time_ns, row->was_bytes, row->was_bytes, row->should_bytes, row->should_bytes};

	pyramid->towers =
		memory_grown(pyramid->towers, &pyramid->capacity, (size_t)row->number + 1, sizeof(*pyramid->towers));
	while (pyramid->tower_count <= row->number)
		pyramid->towers[pyramid->tower_count++] = (struct tower){NULL, 0};
	make_room(pyramid, row->number, 0);
	add(&pyramid->towers[row->number].steps[0], &point);
}

struct pyramid *pyramid_new(const struct row_sink *sink)
{
	struct pyramid *pyramid = memory_zeroed(sizeof(*pyramid));

	pyramid->rows = (struct whatif_rows){take, pyramid};
	pyramid->sink = sink;
	return pyramid;
}

void pyramid_free(struct pyramid *pyramid)
{
	if (pyramid == NULL)
		return;
	for (size_t i = 0; i < pyramid->tower_count; i++)
		free(pyramid->towers[i].steps);
	free(pyramid->towers);
	free(pyramid);
}

const struct whatif_rows *pyramid_rows(struct pyramid *pyramid)
{
	return &pyramid->rows;
}

/* What is left in each step goes up too, as far as points were written. */
static void finish(struct pyramid *pyramid, uint32_t place)
{
	struct tower *tower = &pyramid->towers[place];

	for (size_t i = 0; i + 1 < STEPS && i < tower->count && tower->steps[i].number > 0; i++) {
		struct step *steps;

		make_room(pyramid, place, i + 1);
		steps = tower->steps;
		add(&steps[i + 1], &steps[i].point);
		write_point(pyramid, place, &steps[i], span_of(i));
	}
}

enum err pyramid_finish(struct pyramid *pyramid, struct error *error)
{
	for (size_t i = 0; i < pyramid->tower_count; i++)
		finish(pyramid, (uint32_t)i);
	if (pyramid->error.code != ERR_OK && error != NULL)
		*error = pyramid->error;
	return pyramid->error.code;
}
