/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/curve.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/kept/pyramid.h"
#include "base/memory.h"
#include "web/page/event_row.h"

enum { STEPS = 12, EVENTS_MAX = 200000, SAMPLES_MAX = 100000, LAST_EVENTS = 64 };

enum { TIME, WAS_LOW, WAS_HIGH, SHOULD_LOW, SHOULD_HIGH, SAMPLE_COLUMNS };

struct sample_ask {
	uint64_t span;
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t limit;
	bool reversed;
};

struct sample_reader {
	struct curve *curve;
	size_t places[SAMPLE_COLUMNS];
};

static void add_point(struct curve *curve, const struct whatif_point *point)
{
	curve->points = memory_grown(curve->points, &curve->capacity, curve->count + 1, sizeof(curve->points[0]));
	curve->points[curve->count++] = *point;
}

static enum err take_sample(void *context, const struct row_value *values, size_t count, struct error *error)
{
	const struct sample_reader *reader = context;
	uint64_t numbers[SAMPLE_COLUMNS];
	struct whatif_point point;

	(void)count;
	(void)error;
	for (size_t i = 0; i < SAMPLE_COLUMNS; i++)
		numbers[i] = (uint64_t)values[reader->places[i]].number;
	point = (struct whatif_point){
		numbers[TIME], numbers[WAS_LOW], numbers[WAS_HIGH], numbers[SHOULD_LOW], numbers[SHOULD_HIGH]};
	add_point(reader->curve, &point);
	return ERR_OK;
}

static enum err read_samples(struct call *call, const struct subject *subject, const struct sample_ask *ask,
	struct curve *curve, struct error *error)
{
	static const char *const columns[] = {"time_ns", "was_low", "was_high", "should_low", "should_high"};
	struct sample_reader reader = {.curve = curve};
	const struct list_filter filters[] = {
		{.name = "replay", .number = subject->replay},
		{.name = "place", .number = list_one_number(&subject->ledger, "place")},
		{.name = "span", .number = ask->span},
		{.name = "from_ns", .number = ask->from_ns},
		{.name = "to_ns", .number = ask->to_ns},
	};
	const struct list_wish wish = {
		.filters = filters, .filter_count = 5, .reversed = ask->reversed, .limit = ask->limit};
	const struct list_sink sink = {take_sample, &reader};
	struct list_place next;

	for (size_t i = 0; i < SAMPLE_COLUMNS; i++)
		reader.places[i] = list_column(LIST_SAMPLES, columns[i]);
	return store_list(call->store, LIST_SAMPLES, &wish, &sink, &next, error);
}

/* How many points of that span lie in the window; not more than `most` are counted. */
static enum err count_samples(
	struct call *call, const struct subject *subject, struct sample_ask ask, size_t *count, struct error *error)
{
	struct curve counted = {0};
	enum err err = read_samples(call, subject, &ask, &counted, error);

	*count = counted.count;
	curve_release(&counted);
	return err;
}

/* The points of a span in the window, and the one before it, from which the curve comes. */
static enum err read_span(struct call *call, const struct subject *subject, const struct window *window, uint64_t span,
	struct curve *curve, struct error *error)
{
	const struct sample_ask before = {span, 0, window->from_ns, 1, true};
	const struct sample_ask within = {span, window->from_ns + 1, window->to_ns, SAMPLES_MAX, false};
	enum err err = read_samples(call, subject, &before, curve, error);

	if (err == ERR_OK)
		err = read_samples(call, subject, &within, curve, error);
	return err;
}

struct update_reader {
	const struct subject *subject;
	struct event_row row;
	const struct curve *around; /* points of the finest span, between which it should have been */
	size_t at;		    /* the one that holds the last event */
	struct curve *curve;
};

/* The store has no samples of single moments: what the counter should have been is known by its neighbours. */
static void set_should(struct update_reader *reader, struct whatif_point *point)
{
	const struct curve *around = reader->around;
	const struct whatif_point *near;

	while (reader->at + 1 < around->count && around->points[reader->at + 1].time_ns <= point->time_ns)
		reader->at++;
	if (around->count == 0)
		return;
	near = &around->points[reader->at];
	/* Off by the same at both ends: off by that all along. */
	if (near->should_low - near->was_low == near->should_high - near->was_high) {
		point->should_low = point->was_low + (near->should_low - near->was_low);
		point->should_high = point->should_low;
		return;
	}
	point->should_low = near->should_low;
	point->should_high = near->should_high;
}

static enum err take_update(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct update_reader *reader = context;
	const char *fsid = event_row_fsid(&reader->row, values);
	struct whatif_point point;
	struct event event;

	(void)count;
	(void)error;
	event_row_read(&reader->row, values, &event);
	if (event.type == EVENT_TYPE_META_PERTRANS || event.type == EVENT_TYPE_META_PREALLOC ||
		strcmp(fsid != NULL ? fsid : "", reader->subject->fsid != NULL ? reader->subject->fsid : "") != 0)
		return ERR_OK;
	point.time_ns = event.time_ns;
	/* The kernel cuts off at zero. */
	point.was_low = event.diff < 0 && event.bytes < -(uint64_t)event.diff ? 0 : event.bytes + (uint64_t)event.diff;
	point.was_high = point.should_low = point.should_high = point.was_low;
	set_should(reader, &point);
	add_point(reader->curve, &point);
	return ERR_OK;
}

/* Of what comes from the end of the trace on: the first is enough. */
static enum err take_last(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct update_reader *reader = context;

	return reader->curve->count > 0 ? ERR_OK : take_update(context, values, count, error);
}

static enum err read_updates(struct call *call, const struct subject *subject, const struct window *window,
	const struct curve *around, struct curve *curve, struct error *error)
{
	struct update_reader reader = {.subject = subject, .around = around, .curve = curve};
	/* A little before the window, because the counter there comes from the last change before it. */
	struct list_filter filters[6] = {
		{.name = "trace", .number = subject->trace_id},
		{.name = "kind", .text = event_kind_name(EVENT_UPDATE_RESERVE)},
		{.name = "root", .number = subject->root},
		{.name = "from_ns", .number = around->count > 0 ? around->points[0].time_ns : window->from_ns},
		{.name = "to_ns", .number = window->to_ns},
	};
	const struct list_wish wish = {
		.filters = filters, .filter_count = subject_events(subject, filters, 5), .limit = EVENTS_MAX};
	const struct list_sink sink = {take_update, &reader};
	struct list_place next;
	enum err err;

	event_row_init(&reader.row);
	err = store_list(call->store, LIST_EVENTS, &wish, &sink, &next, error);
	event_row_release(&reader.row);
	return err;
}

/* Drops what is over before the window begins. */
static void cut_head(struct curve *curve, const struct window *window)
{
	size_t first = 0;

	while (first + 1 < curve->count && curve->points[first + 1].time_ns <= window->from_ns)
		first++;
	if (first == 0)
		return;
	curve->count -= first;
	memmove(curve->points, curve->points + first, curve->count * sizeof(curve->points[0]));
}

static void widen(struct whatif_point *point, const struct whatif_point *by)
{
	point->was_low = by->was_low < point->was_low ? by->was_low : point->was_low;
	point->was_high = by->was_high > point->was_high ? by->was_high : point->was_high;
	point->should_low = by->should_low < point->should_low ? by->should_low : point->should_low;
	point->should_high = by->should_high > point->should_high ? by->should_high : point->should_high;
}

/* Makes about `points` of more, by columns of the window. */
static void thin(struct curve *curve, const struct window *window, size_t points)
{
	uint64_t width = (window->to_ns - window->from_ns) / points + 1;
	uint64_t last_column = UINT64_MAX;
	size_t kept = 0;
	size_t most = 0;
	size_t in_column = 0;

	if (curve->count <= points)
		return;
	for (size_t i = 0; i < curve->count; i++) {
		const struct whatif_point *point = &curve->points[i];
		uint64_t column = point->time_ns > window->from_ns ? (point->time_ns - window->from_ns) / width : 0;

		if (column != last_column) {
			curve->points[kept++] = *point;
			in_column = 0;
		} else {
			widen(&curve->points[kept - 1], point);
		}
		last_column = column;
		most = ++in_column > most ? in_column : most;
	}
	curve->count = kept;
	curve->span *= most;
}

/*
 * The last point is of several changes, and holds until the end of the trace, although after the last of them there is
 * but one value, and the ledger knows it.
 */
static enum err add_end(struct call *call, const struct subject *subject, const struct window *window,
	struct curve *curve, struct error *error)
{
	struct curve last = {0};
	struct update_reader reader = {.subject = subject, .around = &last, .curve = &last};
	struct list_filter filters[4] = {
		{.name = "trace", .number = subject->trace_id},
		{.name = "kind", .text = event_kind_name(EVENT_UPDATE_RESERVE)},
		{.name = "root", .number = subject->root},
	};
	const struct list_wish wish = {.filters = filters,
		.filter_count = subject_events(subject, filters, 3),
		.reversed = true,
		.limit = LAST_EVENTS};
	const struct list_sink sink = {take_last, &reader};
	struct list_place next;
	enum err err;

	if (curve->span <= 1 || curve->count == 0 || window->to_ns < window->whole_to_ns)
		return ERR_OK;
	event_row_init(&reader.row);
	err = store_list(call->store, LIST_EVENTS, &wish, &sink, &next, error);
	event_row_release(&reader.row);
	if (err == ERR_OK && last.count > 0 && last.points[0].time_ns >= curve->points[curve->count - 1].time_ns) {
		struct whatif_point point = {.time_ns = last.points[0].time_ns};

		point.was_low = point.was_high = list_one_number(&subject->ledger, "was_end");
		point.should_low = point.should_high = list_one_number(&subject->ledger, "should_end");
		add_point(curve, &point);
	}
	curve_release(&last);
	return err;
}

/* The widest span that has `points` in the window; 0: none has. */
static enum err find_span(struct call *call, const struct subject *subject, const struct window *window, size_t points,
	uint64_t *span, struct error *error)
{
	uint64_t wide = PYRAMID_SPAN;
	enum err err = ERR_OK;
	size_t count = 0;

	for (int i = 1; i < STEPS; i++)
		wide *= PYRAMID_STEP;
	for (; err == ERR_OK && wide >= PYRAMID_SPAN && count < points; wide /= PYRAMID_STEP) {
		const struct sample_ask ask = {wide, window->from_ns, window->to_ns, points, false};

		err = count_samples(call, subject, ask, &count, error);
		*span = count >= points ? wide : 0;
	}
	return err;
}

static enum err find_finest(struct call *call, const struct subject *subject, const struct window *window,
	size_t points, uint64_t *span, struct error *error)
{
	const struct sample_ask ask = {PYRAMID_SPAN, window->from_ns, window->to_ns, points, false};
	size_t count = 0;
	enum err err = count_samples(call, subject, ask, &count, error);

	*span = count >= points ? PYRAMID_SPAN : 0;
	return err;
}

static enum err read_near(struct call *call, const struct subject *subject, const struct window *window,
	struct curve *curve, struct error *error)
{
	struct curve around = {0};
	enum err err = read_span(call, subject, window, PYRAMID_SPAN, &around, error);

	if (err == ERR_OK)
		err = read_updates(call, subject, window, &around, curve, error);
	if (err == ERR_OK)
		cut_head(curve, window);
	curve->span = 1;
	curve_release(&around);
	return err;
}

enum err curve_read(struct call *call, const struct subject *subject, const struct window *window, size_t points,
	struct curve *curve, struct error *error)
{
	/* So many points of the finest span, and no more, stand for moments that span 0 has all. */
	const struct sample_ask finest = {PYRAMID_SPAN, 0, INT64_MAX, WHATIF_POINTS / PYRAMID_SPAN + 1, false};
	uint64_t span = 0;
	size_t count;
	enum err err;

	*curve = (struct curve){0};
	if (list_one_number(&subject->ledger, "drawn") == 0)
		return ERR_OK;
	err = count_samples(call, subject, finest, &count, error);
	if (err != ERR_OK)
		return err;
	if (count <= WHATIF_POINTS / PYRAMID_SPAN) {
		curve->span = 1;
		return read_span(call, subject, window, 0, curve, error);
	}
	/* Twice the columns, because points are of as many changes, and not of as much time. */
	err = find_span(call, subject, window, points * 2, &span, error);
	/* Of the finest, as many points as columns are enough: events are far dearer to read. */
	if (err == ERR_OK && span == 0)
		err = find_finest(call, subject, window, points, &span, error);
	if (err == ERR_OK && span == 0)
		err = read_near(call, subject, window, curve, error);
	else if (err == ERR_OK)
		err = read_span(call, subject, window, span, curve, error);
	if (span != 0)
		curve->span = span;
	thin(curve, window, points);
	return err == ERR_OK ? add_end(call, subject, window, curve, error) : err;
}

void curve_release(struct curve *curve)
{
	free(curve->points);
	*curve = (struct curve){0};
}
