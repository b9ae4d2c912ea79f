/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * range_map_take - what each event does to a range map. For range_map.c only.
 */
#ifndef QGREPLAY_ANALYZER_RANGE_MAP_TAKE_H
#define QGREPLAY_ANALYZER_RANGE_MAP_TAKE_H

#include "analyzer/range_boxes.h"

/* What a task is at: its reserves since its last other operation, which it may still take back. */
struct operation {
	RB_ENTRY(operation) link;
	int32_t pid;
	bool open;
	bool commits;		/* a transaction: since its sweep of pertrans */
	bool settled;		/* it went on to metadata: its next reserve is another operation */
	struct range_part part; /* around all of its reserves */
	uint64_t first_seq;	/* of its reserves */
	uint64_t last_seq;
	uint64_t due_bytes;   /* of the last reserve, until the counter takes them */
	uint64_t freed_bytes; /* of its last free, until the counter gives them */
};

RB_HEAD(operation_tree, operation);

struct range_map {
	struct range_boxes boxes;
	struct operation_tree operations;
	struct range_gap *gaps;
	size_t gap_count;
	size_t gap_capacity;
	uint64_t ino;
	uint64_t from_ns;
	uint64_t guesses;
	bool heads;   /* bytes of which nothing is known may be reserved */
	bool evicted; /* by `evict`, which is traced before the frees that belong to it */
	struct event evict;
	bool counters;	/* the map is given updates of the counter */
	unsigned steps; /* of looking for a task's own pieces: what a trace can make us do is bounded */
};

void range_map_reserve(struct range_map *map, const struct event *event);
void range_map_release(struct range_map *map, const struct event *event);
/* A reserve or release of another inode. */
void range_map_elsewhere(struct range_map *map, const struct event *event);
void range_map_update(struct range_map *map, const struct event *event);
void range_map_commit(struct range_map *map, const struct event *event);
void range_map_evict(struct range_map *map, const struct event *event);
void range_map_begin_anew(struct range_map *map, const struct event *event);

/* An eviction whose frees are over is done with. */
void range_map_settle(struct range_map *map);

/* Frees what is known of tasks. */
void range_map_forget(struct range_map *map);

#endif
