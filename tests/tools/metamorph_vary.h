/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metamorph_vary - the variations of a trace that metamorph replays: what could have been recorded in its place.
 *
 * Each fills `out` from the `whole` trace, and returns false when the trace has nothing to vary in that way.
 */
#ifndef QGREPLAY_TESTS_METAMORPH_VARY_H
#define QGREPLAY_TESTS_METAMORPH_VARY_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/event.h"
#include "base/memory.h"
#include "tests/unit/seeded.h"

/* What a copy of the trace on a second filesystem adds to numbers; and how many filesystems a trace has at most. */
enum { TWIN_FS = 1000, TWIN_PID = 1 << 22, FILESYSTEMS_MAX = 8 };

/* Events of two CPUs that are this near may have come in either order. */
enum { NEAR_NS = 5000 };

struct events {
	struct event *all;
	size_t count;
	size_t capacity;
};

static inline void events_add(struct events *events, const struct event *more, size_t count)
{
	events->all = memory_grown(events->all, &events->capacity, events->count + count, sizeof(*events->all));
	if (count > 0)
		memcpy(events->all + events->count, more, count * sizeof(*more));
	events->count += count;
}

/* The recording began later. */
static inline bool vary_head(struct events *out, const struct events *whole, struct seeded *seeded)
{
	size_t at = seeded_below(seeded, whole->count);

	events_add(out, whole->all + at, whole->count - at);
	return true;
}

/* The recording ended earlier. */
static inline bool vary_tail(struct events *out, const struct events *whole, struct seeded *seeded)
{
	events_add(out, whole->all, seeded_below(seeded, whole->count));
	return true;
}

struct gap {
	size_t begin; /* indices into the whole trace */
	size_t end;
	uint16_t cpu;
	uint64_t lost;
	uint64_t last_ns;
	bool marked;
};

static inline void vary_loss_pass(struct events *out, struct gap *gap, const struct event *event, size_t index)
{
	bool here = event->cpu == gap->cpu && event->kind != EVENT_LOST;

	if (here && index >= gap->begin && index < gap->end) {
		gap->lost++;
		return;
	}
	if (here && index >= gap->end && gap->lost > 0 && !gap->marked) {
		struct event mark = {.kind = EVENT_LOST,
			.cpu = gap->cpu,
			.bytes = gap->lost,
			.start = gap->last_ns,
			.time_ns = event->time_ns};

		gap->marked = true;
		events_add(out, &mark, 1);
	}
	if (here && index < gap->begin)
		gap->last_ns = event->time_ns;
	events_add(out, event, 1);
}

/* Buffers of one CPU overran; only what survives after the gap can carry its mark. */
static inline bool vary_loss(struct events *out, const struct events *whole, struct seeded *seeded)
{
	struct gap gap = {.begin = seeded_below(seeded, whole->count)};

	gap.cpu = whole->all[seeded_below(seeded, whole->count)].cpu;
	gap.end = gap.begin + 1 + seeded_below(seeded, seeded_percent(seeded, 50) ? 30 : whole->count / 8 + 1);
	for (size_t i = 0; i < whole->count; i++)
		vary_loss_pass(out, &gap, &whole->all[i], i);
	return gap.marked;
}

/* Single lines are missing here and there, each with its mark. */
static inline bool vary_lines(struct events *out, const struct events *whole, struct seeded *seeded)
{
	enum { CPUS = 16 };
	uint64_t percent_of_percent = 1 + seeded_below(seeded, 40);
	struct gap gaps[CPUS] = {{0}};
	bool lost = false;

	for (size_t i = 0; i < whole->count; i++) {
		const struct event *event = &whole->all[i];
		struct gap *gap = &gaps[event->cpu % CPUS];
		struct event mark = {.kind = EVENT_LOST, .cpu = event->cpu, .time_ns = event->time_ns};

		if (event->cpu < CPUS && event->kind != EVENT_LOST &&
			seeded_below(seeded, 10000) < percent_of_percent) {
			gap->lost++;
			continue;
		}
		mark.bytes = gap->lost;
		mark.start = gap->last_ns;
		if (gap->lost > 0)
			events_add(out, &mark, 1);
		lost = lost || gap->lost > 0;
		gap->lost = 0;
		gap->last_ns = event->time_ns;
		events_add(out, event, 1);
	}
	return lost;
}

/*
 * One CPU's clock goes ahead of the others' by some microseconds; a task that changes CPUs takes longer than that, so
 * its own order stays.
 */
static inline bool vary_skew(struct events *out, const struct events *whole, struct seeded *seeded)
{
	enum { TASKS = 4096, CPUS = 64 };
	uint64_t skew_ns = 50 + seeded_below(seeded, NEAR_NS / 2);
	uint16_t cpu = whole->all[seeded_below(seeded, whole->count)].cpu;
	uint64_t *last_ns = memory_zeroed((TASKS + CPUS) * sizeof(*last_ns));
	size_t at;

	for (size_t i = 0; i < whole->count; i++) {
		struct event event = whole->all[i];
		uint64_t *task_ns = &last_ns[(uint32_t)event.pid % TASKS];
		uint64_t *cpu_ns = &last_ns[TASKS + event.cpu % CPUS];

		if (event.cpu == cpu)
			event.time_ns += skew_ns;
		if (event.kind != EVENT_LOST && event.time_ns < *task_ns)
			event.time_ns = *task_ns;
		if (event.time_ns < *cpu_ns)
			event.time_ns = *cpu_ns;
		*task_ns = *cpu_ns = event.time_ns;
		events_add(out, &event, 1);
		for (at = out->count - 1; at > 0 && out->all[at - 1].time_ns > event.time_ns; at--)
			out->all[at] = out->all[at - 1];
		out->all[at] = event;
	}
	free(last_ns);
	return true;
}

/* Two CPUs' clocks are not one clock: near neighbours of different CPUs and tasks change places, not times. */
static inline bool vary_clock(struct events *out, const struct events *whole, struct seeded *seeded)
{
	enum { PERCENT = 3 };
	uint64_t swaps = 0;

	events_add(out, whole->all, whole->count);
	for (size_t i = 1; i < out->count; i++) {
		struct event *a = &out->all[i - 1];
		struct event *b = &out->all[i];
		uint64_t first_ns = a->time_ns, second_ns = b->time_ns;
		struct event saved = *a;

		if (a->cpu == b->cpu || a->pid == b->pid || a->kind == EVENT_LOST || b->kind == EVENT_LOST ||
			second_ns - first_ns >= NEAR_NS || !seeded_percent(seeded, PERCENT))
			continue;
		*a = *b;
		*b = saved;
		a->time_ns = first_ns;
		b->time_ns = second_ns;
		swaps++;
	}
	return swaps > 0;
}

/* Kinds of events that were not switched on; a set ends with EVENT_NONE. */
enum { KINDS_MAX = 8 };

static const enum event_kind kind_sets[][KINDS_MAX] = {
	{EVENT_ORDERED_ADD, EVENT_ORDERED_REMOVE},
	{EVENT_INODE_NEW},
	{EVENT_INODE_EVICT},
	{EVENT_INODE_NEW, EVENT_INODE_EVICT, EVENT_ORDERED_ADD, EVENT_ORDERED_REMOVE, EVENT_TRANSACTION_COMMIT},
	{EVENT_META_RESERVE, EVENT_META_CONVERT, EVENT_META_FREE_ALL_PERTRANS},
	{EVENT_UPDATE_RESERVE},
	{EVENT_TRANSACTION_COMMIT},
	{EVENT_META_FREE_ALL_PERTRANS},
	{EVENT_META_RESERVE},
	{EVENT_META_CONVERT},
	{EVENT_ORDERED_REMOVE},
	{EVENT_SET_EXTENT_BIT, EVENT_CLEAR_EXTENT_BIT},
	{EVENT_ADD_DELAYED_REF_HEAD, EVENT_ADD_DELAYED_DATA_REF, EVENT_RUN_DELAYED_DATA_REF},
	{EVENT_ACCOUNT_EXTENTS, EVENT_ACCOUNT_EXTENT, EVENT_UPDATE_COUNTERS, EVENT_NUM_DIRTY_EXTENTS},
	{EVENT_ORDERED_SPLIT},
	{EVENT_INODE_REQUEST},
};

enum { KIND_SETS = sizeof(kind_sets) / sizeof(kind_sets[0]) };

static inline bool is_in_set(const enum event_kind *set, uint8_t kind)
{
	while (*set != EVENT_NONE && *set != kind)
		set++;
	return *set != EVENT_NONE;
}

static inline bool vary_kinds(struct events *out, const struct events *whole, size_t set)
{
	for (size_t i = 0; i < whole->count; i++)
		if (!is_in_set(kind_sets[set], whole->all[i].kind))
			events_add(out, &whole->all[i], 1);
	return out->count > 0 && out->count < whole->count;
}

/* Everything at once: kinds switched off, a head or a tail missing, two losses, disorder. */
static inline bool vary_all(struct events *out, const struct events *whole, struct seeded *seeded)
{
	struct events steps[4] = {{0}};
	bool varied = vary_kinds(&steps[0], whole, seeded_below(seeded, KIND_SETS));

	varied = varied && (seeded_percent(seeded, 50) ? vary_head : vary_tail)(&steps[1], &steps[0], seeded) &&
		 steps[1].count > 0 && vary_loss(&steps[2], &steps[1], seeded) &&
		 vary_loss(&steps[3], &steps[2], seeded) && vary_clock(out, &steps[3], seeded);
	for (size_t i = 0; i < 4; i++)
		free(steps[i].all);
	return varied;
}

static const struct {
	const char *name;
	bool (*make)(struct events *out, const struct events *whole, struct seeded *seeded);
	bool combined;
} random_variations[] = {
	{"head cut", vary_head, false},
	{"tail cut", vary_tail, false},
	{"loss", vary_loss, false},
	{"lines lost", vary_lines, false},
	{"clocks", vary_clock, false},
	{"skew", vary_skew, false},
	{"all at once", vary_all, true},
};

enum { RANDOM_VARIATIONS = sizeof(random_variations) / sizeof(random_variations[0]) };

/* Only one filesystem was recorded; lost events may have been of any. */
static inline bool vary_split(struct events *out, const struct events *whole, size_t fs)
{
	for (size_t i = 0; i < whole->count; i++)
		if (whole->all[i].fs == fs || whole->all[i].kind == EVENT_LOST)
			events_add(out, &whole->all[i], 1);
	return out->count > 0 && out->count < whole->count;
}

/* The same happens on a second filesystem at the same time, by other tasks. */
static inline void vary_twin(struct events *out, const struct events *whole)
{
	for (size_t i = 0; i < whole->count; i++) {
		struct event twin = whole->all[i];

		events_add(out, &twin, 1);
		twin.fs = (uint16_t)(twin.fs + TWIN_FS);
		twin.pid += TWIN_PID;
		if (twin.kind != EVENT_LOST)
			events_add(out, &twin, 1);
	}
}

static const struct {
	const char *name;
	size_t kinds;
} fixed_variations[] = {
	{"without ordered extents", 0},
	{"without inode_new", 1},
	{"without inode_evict", 2},
	{"without inodes, ordered extents and commits", 3},
	{"without metadata", 4},
	{"without update_reserve", 5},
	{"without commits", 6},
	{"without pertrans", 7},
	{"without meta_reserve", 8},
	{"without meta_convert", 9},
	{"without ordered_extent_remove", 10},
	{"without extent bits", 11},
	{"without delayed refs", 12},
	{"without accounting", 13},
	{"without ordered_extent_split", 14},
	{"without inode_request", 15},
};

enum { FIXED_VARIATIONS = sizeof(fixed_variations) / sizeof(fixed_variations[0]) };

#endif
