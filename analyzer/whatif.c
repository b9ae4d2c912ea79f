/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/whatif.h"

#include <stdlib.h>

#include "base/memory.h"

/* A root's curves as they are drawn. */
struct curve {
	struct whatif_root root;
	size_t next_step; /* of the plan; up to end_step */
	size_t end_step;
	size_t oldest_step; /* no step before it makes bytes missing that still are */
	bool begun;
	uint64_t was;
	uint64_t missing;
	uint64_t held;
	uint64_t due_at_commit; /* held from the end of the next commit on */
	uint64_t now_ns;
	size_t capacity;
	uint64_t stride; /* moments in a point */
	uint64_t filled; /* moments in the last point */
};

struct whatif {
	const struct whatif_plan *plan;
	const struct whatif_rows *rows;
	struct curve *curves;
	uint64_t *accounts; /* bytes that are still missing */
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t should(const struct curve *curve)
{
	return plus(curve->was, curve->missing) - curve->held;
}

struct whatif *whatif_new(const struct whatif_plan *plan, const struct whatif_rows *rows)
{
	struct whatif *whatif = memory_zeroed(sizeof(*whatif));
	size_t step = 0;

	whatif->plan = plan;
	whatif->rows = rows;
	whatif->curves = memory_zeroed(plan->place_count * sizeof(*whatif->curves));
	whatif->accounts = memory_zeroed(plan->account_count * sizeof(*whatif->accounts));
	for (size_t i = 0; i < plan->place_count; i++) {
		struct curve *curve = &whatif->curves[i];

		curve->root.place = plan->places[i];
		curve->stride = 1;
		curve->next_step = curve->oldest_step = step;
		while (step < plan->step_count && plan->steps[step].place == i + 1)
			step++;
		curve->end_step = step;
	}
	return whatif;
}

void whatif_free(struct whatif *whatif)
{
	if (whatif == NULL)
		return;
	for (size_t i = 0; i < whatif->plan->place_count; i++)
		free(whatif->curves[i].root.points);
	free(whatif->curves);
	free(whatif->accounts);
	free(whatif);
}

/* Adds bytes for a time; sums stay at the largest number, because both may be absurd. */
static void add_area(struct whatif_damage *damage, uint64_t bytes, uint64_t span_ns)
{
	const uint64_t second = 1000000000;
	uint64_t whole;
	uint64_t part = bytes % second * (span_ns % second) + damage->byte_nanos;

	if (__builtin_mul_overflow(bytes, span_ns / second, &whole))
		whole = UINT64_MAX;
	damage->byte_seconds = plus(damage->byte_seconds, plus(whole, bytes / second * (span_ns % second)));
	damage->byte_seconds = plus(damage->byte_seconds, part / second);
	damage->byte_nanos = part % second;
}

/* Clocks of two CPUs are not one clock: time may stand still, but it does not go back. */
static void advance(struct curve *curve, uint64_t time_ns)
{
	uint64_t value = should(curve);

	if (time_ns <= curve->now_ns)
		return;
	if (curve->begun && value > curve->was)
		add_area(&curve->root.too_low, value - curve->was, time_ns - curve->now_ns);
	else if (curve->begun && value < curve->was)
		add_area(&curve->root.too_high, curve->was - value, time_ns - curve->now_ns);
	curve->now_ns = time_ns;
}

static void widen(struct whatif_point *point, const struct whatif_point *other)
{
	point->was_low = least(point->was_low, other->was_low);
	point->should_low = least(point->should_low, other->should_low);
	if (other->was_high > point->was_high)
		point->was_high = other->was_high;
	if (other->should_high > point->should_high)
		point->should_high = other->should_high;
}

static void halve(struct curve *curve)
{
	struct whatif_point *points = curve->root.points;
	size_t count = curve->root.point_count / 2;

	for (size_t i = 0; i < count; i++) {
		points[i] = points[i * 2];
		widen(&points[i], &points[i * 2 + 1]);
	}
	curve->root.point_count = count;
	curve->stride *= 2;
}

/* There may be very many roots of a single moment: room for one is made first. */
static void make_room(struct curve *curve)
{
	struct whatif_root *root = &curve->root;

	if (root->points == NULL)
		root->points = memory_resized(NULL, curve->capacity = 1, sizeof(*root->points));
	root->points = memory_grown(root->points, &curve->capacity, root->point_count + 1, sizeof(*root->points));
}

static void add_point(struct curve *curve, uint64_t value)
{
	struct whatif_root *root = &curve->root;
	struct whatif_point point = {curve->now_ns, curve->was, curve->was, value, value};

	if (root->point_count > 0 && curve->filled < curve->stride) {
		widen(&root->points[root->point_count - 1], &point);
		curve->filled++;
		return;
	}
	if (root->point_count == WHATIF_POINTS)
		halve(curve);
	make_room(curve);
	root->points[root->point_count++] = point;
	curve->filled = 1;
}

static void note_damage(struct whatif_damage *damage, uint64_t bytes, uint64_t time_ns)
{
	if (bytes <= damage->bytes)
		return;
	damage->bytes = bytes;
	damage->time_ns = time_ns;
}

/* No more is held than the counter has: what two mismatches claim is held once, and what it loses later was not. */
static void refute_held(struct curve *curve)
{
	uint64_t sum = plus(curve->was, curve->missing);

	if (curve->held <= sum)
		return;
	curve->root.told_twice = plus(curve->root.told_twice, curve->held - sum);
	curve->held = sum;
}

/* The curves have new values. */
static void note(struct whatif *whatif, struct curve *curve)
{
	struct whatif_root *root = &curve->root;
	struct whatif_row row = {root->place, (uint32_t)(curve - whatif->curves) + 1, curve->now_ns, curve->was, 0};
	uint64_t value;

	refute_held(curve);
	row.should_bytes = value = should(curve);
	curve->begun = true;
	root->was_end = curve->was;
	root->should_end = value;
	if (curve->was > root->was_peak)
		root->was_peak = curve->was;
	if (value > root->should_peak)
		root->should_peak = value;
	root->differs = root->differs || value != curve->was;
	if (value > curve->was)
		note_damage(&root->too_low, value - curve->was, curve->now_ns);
	else
		note_damage(&root->too_high, curve->was - value, curve->now_ns);
	add_point(curve, value);
	if (whatif->rows != NULL)
		whatif->rows->take(whatif->rows->context, &row);
}

static void give_back(struct whatif *whatif, struct curve *curve, uint32_t account, uint64_t bytes)
{
	uint64_t part = least(bytes, whatif->accounts[account]);

	whatif->accounts[account] -= part;
	curve->missing -= part;
}

static void forgive(struct whatif *whatif, struct curve *curve, uint64_t bytes)
{
	while (bytes > 0 && curve->oldest_step < curve->next_step) {
		const struct whatif_step *step = &whatif->plan->steps[curve->oldest_step];
		uint64_t part = least(bytes, whatif->accounts[step->account]);

		if (step->effect == WHATIF_MISSING)
			give_back(whatif, curve, step->account, part);
		if (step->effect != WHATIF_MISSING || whatif->accounts[step->account] == 0)
			curve->oldest_step++;
		if (step->effect == WHATIF_MISSING)
			bytes -= part;
	}
}

static void apply(struct whatif *whatif, struct curve *curve, const struct whatif_step *step)
{
	uint64_t room = UINT64_MAX - curve->missing;

	switch (step->effect) {
	case WHATIF_MISSING:
		whatif->accounts[step->account] += least(step->bytes, room);
		curve->missing += least(step->bytes, room);
		break;
	case WHATIF_RETURNED:
		give_back(whatif, curve, step->account, step->bytes);
		break;
	case WHATIF_FORGIVEN:
		forgive(whatif, curve, step->bytes);
		break;
	case WHATIF_HELD:
		curve->held = plus(curve->held, step->bytes);
		break;
	case WHATIF_HEALED:
		curve->held -= least(step->bytes, curve->held);
		break;
	case WHATIF_HELD_AT_COMMIT:
		curve->due_at_commit = plus(curve->due_at_commit, step->bytes);
		break;
	case WHATIF_EFFECTS:
		break;
	}
}

/* Applies the steps before an event, those of one event together. */
static void apply_before(struct whatif *whatif, struct curve *curve, uint64_t number)
{
	const struct whatif_step *steps = whatif->plan->steps;

	while (curve->next_step < curve->end_step && steps[curve->next_step].number < number) {
		const struct whatif_step *first = &steps[curve->next_step];

		advance(curve, first->time_ns);
		while (curve->next_step < curve->end_step && steps[curve->next_step].number == first->number)
			apply(whatif, curve, &steps[curve->next_step++]);
		if (curve->begun)
			note(whatif, curve);
	}
}

static void start_anew(struct whatif *whatif, struct curve *curve)
{
	forgive(whatif, curve, UINT64_MAX);
	curve->missing = curve->held = curve->due_at_commit = 0;
}

static void take_one(struct whatif *whatif, struct curve *curve, const struct whatif_sample *sample)
{
	const struct whatif_step *steps = whatif->plan->steps;

	apply_before(whatif, curve, sample->number);
	advance(curve, sample->time_ns);
	if (sample->moment == WHATIF_RESTART)
		start_anew(whatif, curve);
	curve->was = sample->was_bytes;
	if (sample->moment == WHATIF_COMMIT) {
		curve->held = plus(curve->held, curve->due_at_commit);
		curve->due_at_commit = 0;
	}
	while (sample->moment != WHATIF_RESTART && curve->next_step < curve->end_step &&
		steps[curve->next_step].number == sample->number)
		apply(whatif, curve, &steps[curve->next_step++]);
	note(whatif, curve);
}

void whatif_take(struct whatif *whatif, const struct whatif_sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t place = samples[i].place;

		if (place > 0 && place <= whatif->plan->place_count)
			take_one(whatif, &whatif->curves[place - 1], &samples[i]);
	}
}

void whatif_finish(struct whatif *whatif, uint64_t last_ns)
{
	for (size_t i = 0; i < whatif->plan->place_count; i++) {
		struct curve *curve = &whatif->curves[i];

		if (!curve->begun)
			continue;
		apply_before(whatif, curve, UINT64_MAX);
		advance(curve, last_ns);
		if (curve->due_at_commit == 0)
			continue;
		curve->held = plus(curve->held, curve->due_at_commit);
		note(whatif, curve);
	}
}

void whatif_restore(struct whatif *whatif, uint32_t place, const struct whatif_root *root)
{
	struct curve *curve = &whatif->curves[place - 1];

	free(curve->root.points);
	curve->root = *root;
}

const struct whatif_root *whatif_of(const struct whatif *whatif, uint32_t place)
{
	if (whatif == NULL || place == 0 || place > whatif->plan->place_count)
		return NULL;
	return &whatif->curves[place - 1].root;
}

bool whatif_differs(const struct whatif *whatif)
{
	for (size_t i = 0; whatif != NULL && i < whatif->plan->place_count; i++)
		if (whatif->curves[i].root.differs)
			return true;
	return false;
}
