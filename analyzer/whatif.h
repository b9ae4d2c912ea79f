/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * whatif - each root's counter of data as it was, and as a correct kernel would have kept it.
 *
 * `was` is the value that the trace shows after each update of the root's own qgroup. `should` is the same counter in
 * a kernel where every free takes what it may take, and every release is dropped once:
 *
 *     should = was + missing - held
 *
 * missing: bytes taken off the counter that were still owed. A foreign or stale free, or a drop of more than was
 * released, makes its bytes missing from its counter update on. They stay missing until what they were reserved for
 * ends in another way: the range is reserved again and so counted anew; it is freed, or its inode evicted; the reserve
 * fails, and would have been rolled back; or it is written, and then until the end of the root's next commit, which
 * would have dropped them. An update that would take the counter below zero is cut off there by the kernel, and
 * forgives as many bytes. What happens to the range in a gap, or over an unmount, nobody knows or cares: no byte stays
 * missing there.
 *
 * held: bytes on the counter that nothing can take off any more. Leaks are held from the moment at which the bytes
 * should have gone: their inode's eviction, the reserve that found the bits gone, the release that should have been a
 * free, the next commit after a release, the failure after which they should have been taken back; until a later writer
 * takes them over. A truncated count holds what it freed too little. A mismatch may be told twice (a truncated count,
 * and the leak that it leaves), so never more is held than the counter has left.
 *
 * Both end when quota, or the filesystem, starts anew: counters begin at 0. Mismatches count that the report tells,
 * also those which are only likely; without one the two curves are the same. Writes without reservation (KERNEL 3.1 row
 * 27) are no mismatch: a correct kernel makes them too.
 *
 * The samples are too many to be held in memory: the replay hands them to a sink as they come, and once it is known
 * which mismatches stand, they are given back here, in the same order.
 */
#ifndef QGREPLAY_ANALYZER_WHATIF_H
#define QGREPLAY_ANALYZER_WHATIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A root of a filesystem; samples and steps name it by its number in the plan, from 1. */
struct whatif_place {
	uint16_t fs;
	uint64_t root;
};

enum whatif_moment {
	WHATIF_UPDATE,	/* the counter was updated */
	WHATIF_COMMIT,	/* a commit of the root is over; the counter is as it was before */
	WHATIF_RESTART, /* counters begin at 0 */
	WHATIF_MOMENTS
};

struct whatif_sample {
	uint64_t number; /* of the event in the trace; never falls */
	uint64_t time_ns;
	uint64_t was_bytes; /* after the event */
	uint32_t place;
	uint32_t moment; /* enum whatif_moment */
};

/* Takes samples from a replay, on the thread that feeds it; what becomes of them is its own affair. */
struct whatif_sink {
	void (*take)(void *context, const struct whatif_sample *samples, size_t count);
	void *context;
};

enum whatif_effect {
	WHATIF_MISSING,
	WHATIF_RETURNED,       /* of the bytes missing on the same account, so many are no more */
	WHATIF_FORGIVEN,       /* of all missing bytes of the root, the oldest first */
	WHATIF_HELD,	       /* from here on */
	WHATIF_HELD_AT_COMMIT, /* from the end of the next commit on */
	WHATIF_HEALED,	       /* so many are held no more */
	WHATIF_EFFECTS
};

struct whatif_step {
	uint64_t number; /* of the event at which it takes effect */
	uint64_t time_ns;
	uint64_t bytes;
	uint32_t place;
	uint32_t account; /* of the mismatch */
	enum whatif_effect effect;
};

/* What the mismatches that stand did to the counters. Steps in the order of place, number, effect. */
struct whatif_plan {
	struct whatif_place *places;
	size_t place_count;
	struct whatif_step *steps;
	size_t step_count;
	size_t account_count;
};

/* A stretch of time in a few numbers: the series of a long trace has as many points as that of a short one. */
struct whatif_point {
	uint64_t time_ns; /* of its first value */
	uint64_t was_low;
	uint64_t was_high;
	uint64_t should_low;
	uint64_t should_high;
};

enum { WHATIF_POINTS = 512 };

/* The counter was off in one direction: by how much at worst, when first, and as the area between the curves. */
struct whatif_damage {
	uint64_t bytes;
	uint64_t time_ns; /* of the worst; 0 when there was none */
	uint64_t byte_seconds;
	uint64_t byte_nanos; /* what is left of the area, below a byte-second */
};

struct whatif_root {
	struct whatif_place place;
	bool differs; /* somewhere, should is not was */
	uint64_t was_peak;
	uint64_t was_end;
	uint64_t should_peak;
	uint64_t should_end;
	struct whatif_damage too_low;  /* was below should: more could be reserved than the limit allows */
	struct whatif_damage too_high; /* was above should: writers meet the limit too early */
	uint64_t told_twice;	       /* bytes that were not held because the counter had no more */
	struct whatif_point *points;
	size_t point_count; /* up to WHATIF_POINTS */
};

/* A moment of one root, for a full list; `damage` is should minus was. */
struct whatif_row {
	struct whatif_place place;
	uint32_t number; /* of the place in the plan */
	uint64_t time_ns;
	uint64_t was_bytes;
	uint64_t should_bytes;
};

struct whatif_rows {
	void (*take)(void *context, const struct whatif_row *row);
	void *context;
};

struct whatif;

/* Draws the curves of a plan, which must live as long. `rows` may be NULL. Freed by whatif_free(). */
struct whatif *whatif_new(const struct whatif_plan *plan, const struct whatif_rows *rows);
void whatif_free(struct whatif *whatif);

/* Takes the next samples, in the order of the replay. Those of a place that is not in the plan are skipped. */
void whatif_take(struct whatif *whatif, const struct whatif_sample *samples, size_t count);

/* The trace ended at `last_ns`. Call it once; no samples after it. */
void whatif_finish(struct whatif *whatif, uint64_t last_ns);

/* Instead of samples: the curves of a place as they were drawn before. Its points become those of `whatif`. */
void whatif_restore(struct whatif *whatif, uint32_t place, const struct whatif_root *root);

/* The curves of a place after the end; NULL for place 0, and when `whatif` is NULL. */
const struct whatif_root *whatif_of(const struct whatif *whatif, uint32_t place);

/* Whether any root's curves differ. Accepts NULL. */
bool whatif_differs(const struct whatif *whatif);

#endif
