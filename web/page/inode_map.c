/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/inode_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "web/page/inode_marks.h"

/* What tells what tasks took back. */
enum { CONTEXT_LISTS = 4 };

struct reader {
	struct inode_map *map;
	struct inode_events *events;
	const char *fsid; /* of the subject's filesystem; "": it has none */
	uint64_t without; /* data events of this inode are passed over; 0: of none */
};

static enum err take(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct reader *reader = context;
	struct inode_events *events = reader->events;
	struct event *event;
	const char *fsid = event_row_fsid(&reader->map->row, values);

	(void)count;
	(void)error;
	if (strcmp(fsid != NULL ? fsid : "", reader->fsid) != 0)
		return ERR_OK;
	events->all = memory_grown(events->all, &events->capacity, events->count + 1, sizeof(events->all[0]));
	event = &events->all[events->count];
	event_row_read(&reader->map->row, values, event);
	if (reader->without == 0 || event->ino != reader->without)
		events->count++;
	return ERR_OK;
}

struct life_reader {
	size_t place; /* of the time */
	uint64_t time_ns;
	bool found;
};

static enum err take_time(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct life_reader *reader = context;

	(void)count;
	(void)error;
	reader->time_ns = (uint64_t)values[reader->place].number;
	reader->found = true;
	return ERR_OK;
}

enum err inode_life_read(
	struct call *call, const struct subject *subject, uint64_t ino, struct inode_life *life, struct error *error)
{
	struct list_filter filters[4] = {
		{.name = "trace", .number = subject->trace_id},
		{.name = "root", .number = subject->root},
		{.name = "ino", .number = ino},
	};
	struct list_wish wish = {.filters = filters, .filter_count = subject_events(subject, filters, 3), .limit = 1};
	struct life_reader ends[2] = {{list_column(LIST_EVENTS, "time_ns"), 0, false}};
	struct list_place next;
	uint64_t around_ns;
	enum err err = ERR_OK;

	*life = (struct inode_life){subject->first_ns, subject->last_ns};
	ends[1] = ends[0];
	for (int i = 0; err == ERR_OK && i < 2; i++) {
		const struct list_sink sink = {take_time, &ends[i]};

		wish.reversed = i == 1;
		err = store_list(call->store, LIST_EVENTS, &wish, &sink, &next, error);
	}
	if (err != ERR_OK || !ends[0].found || !ends[1].found || ends[1].time_ns < ends[0].time_ns)
		return err;
	around_ns = (ends[1].time_ns - ends[0].time_ns) / 32;
	if (ends[0].time_ns > life->first_ns && ends[0].time_ns - life->first_ns > around_ns)
		life->first_ns = ends[0].time_ns - around_ns;
	if (ends[1].time_ns < life->last_ns && life->last_ns - ends[1].time_ns > around_ns)
		life->last_ns = ends[1].time_ns + around_ns;
	return ERR_OK;
}

static void reverse(struct inode_events *events)
{
	for (size_t i = 0; i < events->count / 2; i++) {
		struct event other = events->all[i];

		events->all[i] = events->all[events->count - 1 - i];
		events->all[events->count - 1 - i] = other;
	}
}

/* What was before the window tells what was reserved when it began; then the window. */
static enum err read_events(
	struct call *call, const struct inode_wish *wish, struct reader *reader, struct error *error)
{
	struct inode_map *map = reader->map;
	const struct window *window = wish->window;
	struct list_filter filters[5] = {
		{.name = "trace", .number = wish->subject->trace_id},
		{.name = "root", .number = wish->subject->root},
		{.name = "ino", .number = wish->ino},
		{.name = "to_ns", .number = window->from_ns - 1},
	};
	struct list_wish rows = {.filters = filters,
		.filter_count = subject_events(wish->subject, filters, 4),
		.reversed = true,
		.limit = INODE_EVENTS_BEFORE};
	const struct list_sink sink = {take, reader};
	struct list_place next = {0};
	enum err err = ERR_OK;

	if (window->from_ns > window->whole_from_ns)
		err = store_list(call->store, LIST_EVENTS, &rows, &sink, &next, error);
	if (err != ERR_OK)
		return err;
	reverse(&map->events);
	map->from_ns = next.count > 0 && map->events.count > 0 ? map->events.all[0].time_ns : window->whole_from_ns;
	filters[3] = (struct list_filter){.name = "from_ns", .number = window->from_ns};
	rows.reversed = false;
	rows.limit = INODE_EVENTS_MAX - INODE_EVENTS_BEFORE;
	next = (struct list_place){0};
	err = store_list(call->store, LIST_EVENTS, &rows, &sink, &next, error);
	map->cut = next.count > 0 && map->events.count > 0 &&
		   map->events.all[map->events.count - 1].time_ns < window->to_ns;
	map->to_ns = map->cut ? map->events.all[map->events.count - 1].time_ns : window->to_ns;
	return err;
}

/* Without all of them none is used, because one that is missing would look like a refusal. */
static enum err read_context_of(struct call *call, const struct inode_wish *wish, enum event_kind kind,
	struct reader *reader, struct error *error)
{
	struct inode_map *map = reader->map;
	struct list_filter filters[6] = {
		{.name = "trace", .number = wish->subject->trace_id},
		{.name = "kind", .text = event_kind_name(kind)},
		{.name = "from_seq", .number = map->events.all[0].number},
		{.name = "to_seq", .number = map->events.all[map->events.count - 1].number},
		{.name = "root", .number = wish->subject->root},
	};
	/* Commits are of no subvolume. */
	const struct list_wish rows = {.filters = filters,
		.filter_count = subject_events(wish->subject, filters, kind == EVENT_TRANSACTION_COMMIT ? 4 : 5),
		.limit = INODE_UPDATES_MAX};
	const struct list_sink sink = {take, reader};
	struct list_place next = {0};
	enum err err = store_list(call->store, LIST_EVENTS, &rows, &sink, &next, error);

	map->counted = map->counted && next.count == 0;
	return err;
}

static enum err read_context(struct call *call, const struct inode_wish *wish, struct inode_map *map,
	struct inode_events context[CONTEXT_LISTS], struct error *error)
{
	static const enum event_kind kinds[CONTEXT_LISTS] = {
		EVENT_UPDATE_RESERVE, EVENT_TRANSACTION_COMMIT, EVENT_RESERVE_DATA, EVENT_RELEASE_DATA};
	const char *fsid = wish->subject->fsid != NULL ? wish->subject->fsid : "";
	enum err err = ERR_OK;

	map->counted = true;
	for (int i = 0; err == ERR_OK && map->counted && i < CONTEXT_LISTS; i++) {
		struct reader reader = {map, &context[i], fsid, wish->ino};

		err = read_context_of(call, wish, kinds[i], &reader, error);
	}
	for (int i = 0; !map->counted && i < CONTEXT_LISTS; i++)
		context[i].count = 0;
	return err;
}

/* The next of several lists in the order of the trace; NULL when all are at their end. */
static const struct event *next_of(const struct inode_events *const lists[], size_t at[], size_t count)
{
	const struct event *least = NULL;
	size_t from = 0;

	for (size_t i = 0; i < count; i++) {
		const struct event *event = at[i] < lists[i]->count ? &lists[i]->all[at[i]] : NULL;

		if (event != NULL && (least == NULL || event->number < least->number)) {
			least = event;
			from = i;
		}
	}
	if (least != NULL)
		at[from]++;
	return least;
}

static void feed(struct inode_map *map, uint64_t ino, const struct inode_events context[CONTEXT_LISTS])
{
	const struct inode_events gaps = {map->gaps.all, map->gaps.count, 0};
	const struct inode_events *const lists[] = {
		&map->events, &gaps, &context[0], &context[1], &context[2], &context[3]};
	const struct event *event;
	size_t at[sizeof(lists) / sizeof(lists[0])] = {0};

	map->map = range_map_new(ino, map->from_ns, true);
	while ((event = next_of(lists, at, sizeof(lists) / sizeof(lists[0]))) != NULL)
		range_map_take(map->map, event);
	range_map_finish(map->map, map->to_ns);
}

enum err inode_map_read(struct call *call, const struct inode_wish *wish, struct inode_map *map, struct error *error)
{
	struct reader reader = {map, &map->events, wish->subject->fsid != NULL ? wish->subject->fsid : "", 0};
	struct inode_events context[CONTEXT_LISTS] = {{0}};
	struct gaps_wish gaps = {.trace = wish->subject->trace_id};
	enum err err;

	*map = (struct inode_map){0};
	event_row_init(&map->row);
	err = read_events(call, wish, &reader, error);
	if (err == ERR_OK && map->events.count > 0) {
		gaps.from_seq = map->events.all[0].number;
		gaps.to_seq = map->events.all[map->events.count - 1].number;
		err = read_context(call, wish, map, context, error);
		if (err == ERR_OK)
			err = gaps_read(call, &gaps, &map->gaps, error);
	}
	if (err == ERR_OK) {
		feed(map, wish->ino, context);
		err = inode_marks_read(call, wish, map, error);
	}
	for (int i = 0; i < CONTEXT_LISTS; i++)
		free(context[i].all);
	return err;
}

void inode_map_release(struct inode_map *map)
{
	event_row_release(&map->row);
	free(map->events.all);
	gaps_release(&map->gaps);
	range_map_free(map->map);
	free(map->marks);
	*map = (struct inode_map){0};
}
