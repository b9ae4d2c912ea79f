/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * range_map - which bytes of one inode were reserved when, by whom, and how that ended: rectangles to draw.
 *
 * A picture of what the trace shows of one inode, and no verdict: that a free was another's bytes is for the replay to
 * say, whose findings are put onto the map by range_map_mark(). It may begin anywhere in a trace. What it cannot see it
 * guesses where one guess is natural, and counts.
 *
 * Pure; one thread. Memory grows with the number of events that it is given, which the caller bounds.
 */
#ifndef QGREPLAY_ANALYZER_RANGE_MAP_H
#define QGREPLAY_ANALYZER_RANGE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

/* How the reservation of a stretch of bytes ended. */
enum range_end {
	RANGE_STILL,	   /* it had not when the map ended */
	RANGE_RELEASED,	   /* handed to an ordered extent: it is being written */
	RANGE_FREED,	   /* by the task that had reserved it, or by any where that is not known */
	RANGE_FREED_OTHER, /* by another task, which may be right: writeback and truncation do it */
	RANGE_TAKEN_BACK,  /* by the task that had reserved it, when its operation failed */
	RANGE_EVICTED,	   /* the inode left memory */
	RANGE_UNSEEN,	   /* without an event: a later one shows that it was over by then */
	RANGE_END_COUNT
};

/* Bytes [start, start + len) from one moment to another. */
struct range_box {
	uint64_t start;
	uint64_t len;
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t from_seq; /* of the reserve; 0: before the map began, or in a gap */
	uint64_t to_seq;   /* of what ended it; 0: RANGE_STILL */
	int32_t pid;	   /* owner; -1 when from_seq is 0 */
	uint32_t comm;
	int32_t end_pid; /* who ended it; -1 for RANGE_STILL */
	uint32_t end_comm;
	uint32_t finding; /* of range_map_mark(); 0: none */
	enum range_end end;
	bool over_gap; /* events were lost while it was there */
};

/* A stretch of time of which some events are missing. */
struct range_gap {
	uint64_t from_ns;
	uint64_t to_ns;
	uint64_t seq;	 /* of the mark */
	uint64_t events; /* 0: nobody knows */
};

struct range_map;

/* Of that inode. `from_ns`: when the map begins. `heads`: the inode may have had bytes reserved before. Freed by
 * range_map_free(). */
struct range_map *range_map_new(uint64_t ino, uint64_t from_ns, bool heads);
void range_map_free(struct range_map *map);

/*
 * Takes an event, in the order of the trace: all of the inode; lost events; and, to tell what a task takes
 * back, update_reserve of its root's own qgroup, reserves and releases of the root's other inodes, and commits of the
 * filesystem; all of these or none. Others are passed over.
 */
void range_map_take(struct range_map *map, const struct event *event);

/* The map ends at `to_ns`: what is still reserved ends there. Call it once, with no event after it. */
void range_map_finish(struct range_map *map, uint64_t to_ns);

/* What a finding says: at that moment these bytes were struck. Boxes that hold any of them then, or ended then, are
 * marked with the least number of those that strike them. Only after range_map_finish(). */
struct range_mark {
	uint32_t finding;
	uint64_t time_ns;
	uint64_t start;
	uint64_t len;
};
void range_map_mark(struct range_map *map, const struct range_mark *mark);

/* After range_map_finish(): in the order of their begin, then of their bytes. Valid until range_map_free(). */
const struct range_box *range_map_boxes(const struct range_map *map, size_t *count);
const struct range_gap *range_map_gaps(const struct range_map *map, size_t *count);

/* Events whose bytes fit nothing that is known, so that the map near them is a guess. */
uint64_t range_map_guesses(const struct range_map *map);

/* "released", "freed", "freed-other", "taken-back", "evicted", "unseen", "still": permanent, for JSON. */
const char *range_end_name(enum range_end end);

#endif
