/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_lost - what a text says about events that are missing, and where the gaps begin and end.
 *
 * A mark stands in the text before the first surviving event of its CPU. It is held back until this event comes,
 * because only then is the end of the gap known. Memory: 24 bytes a CPU, at most 65,536 CPUs.
 */
#ifndef QGREPLAY_COLLECTOR_TEXT_LOST_H
#define QGREPLAY_COLLECTOR_TEXT_LOST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/event.h"

/* A mark as it is read. `events` is 0 when the text does not say how many. */
struct text_lost_mark {
	bool everywhere; /* the text does not say which CPU */
	uint16_t cpu;
	uint64_t events;
};

struct text_lost {
	struct text_lost_cpu {
		uint64_t last_ns; /* of the last event before the gap */
		uint64_t events;  /* missing, of the marks that wait */
		bool seen;
		bool waits;
		bool number_unknown;
	} * cpus;
	size_t count;
	size_t capacity;
	size_t waiting;	  /* marks */
	size_t rest;	  /* the first CPU that text_lost_rest() has not passed */
	uint64_t last_ns; /* of any CPU */
	uint64_t steps;	  /* from one event of a CPU to its next, at another time */
	uint64_t falls;	  /* of these, back in time */
	bool heads_cut;	  /* the ring buffer has overwritten the oldest events, of each CPU up to another time */
};

/*
 * Whether a line is a mark: trace_pipe's "CPU:1 [LOST 270 EVENTS]", trace-cmd's "CPU:0 [199 EVENTS DROPPED]" and
 * "CPU:0 [EVENTS DROPPED]" (also behind the name of a buffer), perf's "LOST 5 events!".
 */
bool text_lost_parse(struct text_lost_mark *mark, const char *text, size_t length);

/*
 * Takes a comment line of the text: "# entries-in-buffer/entries-written: 23896/92520" says that each CPU's oldest
 * events were overwritten. Then the first event of every CPU but the first to come is the end of a gap.
 */
void text_lost_comment(struct text_lost *lost, const char *text, size_t length);

/*
 * Takes a comment line of our own: "# gap of CPU 1: 1500000 to 1600000 ns" behind a mark says when the last event
 * before the gap and the first behind it were, which may be events that the text does not have. When a mark waits for
 * that CPU, fills `event` with EVENT_LOST and returns true.
 */
bool text_lost_gap(struct text_lost *lost, const char *text, size_t length, struct event *event);

/* All zeros is an empty struct text_lost; its memory ends here. */
void text_lost_release(struct text_lost *lost);

/* Remembers a mark. One for every CPU goes to all that had an event so far, or to CPU 0. */
void text_lost_add(struct text_lost *lost, const struct text_lost_mark *mark);

/*
 * Tells that an event of `cpu` (of any kind) is at `time_ns`. When a mark was waiting for it, fills `event` with
 * EVENT_LOST and returns true.
 */
bool text_lost_event(struct text_lost *lost, uint16_t cpu, uint64_t time_ns, struct event *event);

/*
 * Whether the lines stand in reverse order, as `tac` puts them, for certain: within the CPUs time falls from nearly
 * every event to the next. No clock of the kernel does that.
 */
bool text_lost_backwards(const struct text_lost *lost);

/* At the end of the text: one more EVENT_LOST for a mark after which nothing came; false when there is none left. */
bool text_lost_rest(struct text_lost *lost, struct event *event);

#endif
