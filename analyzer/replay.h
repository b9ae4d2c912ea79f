/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * replay - events in, findings out: what every reserve, release and free of a trace really did, and which do not match.
 *
 * Pure: no I/O, no clock, no globals. Keeps three ledgers (ranges, flight, counters; see HACKING.md) and holds events
 * back only as long as a decision needs the task's next event. Memory grows with what is reserved at once and with the
 * number of inodes and tasks seen, not with the length of the trace. One replay is used by one thread.
 */
#ifndef QGREPLAY_ANALYZER_REPLAY_H
#define QGREPLAY_ANALYZER_REPLAY_H

#include <stdbool.h>

#include "analyzer/ends.h"
#include "analyzer/finding.h"
#include "analyzer/klog_join.h"
#include "analyzer/whatif.h"
#include "base/event.h"

/* The end of a root's ledgers, and its totals over the trace (only what the trace shows). */
struct root_totals {
	uint64_t root;
	uint64_t reserved_bytes; /* by successful reserves */
	uint64_t released_bytes; /* to ordered extents */
	uint64_t freed_bytes;	 /* by traced frees and rollbacks */
	uint64_t dropped_bytes;	 /* by commits */
	uint64_t peak_bytes;	 /* highest value of the DATA counter */
	uint64_t end_ranges_bytes;
	uint64_t end_flight_bytes;
	uint64_t end_counter_bytes;
	uint64_t end_unknown_bytes; /* of the counter's last value, what lies outside the trace */
	uint64_t leaked_bytes;
	uint64_t underflow_bytes;
	bool counter_known; /* an update_reserve of type DATA of this root was seen */
	uint32_t place;	    /* in the plan of the what-if; 0 when the counter was never seen */
};

struct fs_totals {
	uint16_t fs;
	uint64_t quota_epochs;	   /* 1 when quota was never seen to restart */
	struct root_totals *roots; /* by root id */
	size_t root_count;
};

struct replay_result {
	struct finding *findings; /* errors first, then warnings, then notes; each in the order of time */
	size_t finding_count;
	struct fs_totals *filesystems; /* by number */
	size_t filesystem_count;
	struct unproven_counts unproven;
	struct ends ends;	    /* what a kernel's log may say of the counters */
	const struct klog *log;	    /* of the options; NULL when there is none */
	struct klog_join join;	    /* the log's statements, held against the trace */
	struct whatif_plan what_if; /* what the findings did to the counters, for the samples that went to the sink */
	uint64_t event_counts[EVENT_COUNT];
	uint64_t events;	 /* all but EVENT_LOST */
	uint64_t chain_breaks;	 /* counters that did not go on where they were, outside of gaps and epochs */
	uint64_t contradictions; /* between the kernel's word and the model; nothing was concluded from them */
	uint64_t exchanges;	 /* neighbours of two CPUs that were put into the order that makes both true */
	uint64_t lost_marks;
	uint64_t lost_events; /* sum of the known counts */
	uint64_t first_ns;
	uint64_t last_ns;
};

struct limits;
struct replay;

/* What the user knows beyond the trace. All zero is: nothing. */
struct replay_options {
	bool fresh; /* every inode is clear at the trace's head: the filesystem was mounted at its beginning */
	const struct limits *limits;	   /* of qgroups, or NULL; the caller's, as long as the replay lives */
	const struct whatif_sink *samples; /* takes the counters as they change, or NULL; the caller's as well */
	const struct klog *log;		   /* the kernel's, or NULL; the caller's, as long as the replay lives */
	bool log_shared;		   /* it is of other traces too */
};

/* A replay that has seen nothing; freed by replay_free(), which accepts NULL. `options` may be NULL. */
struct replay *replay_new(const struct replay_options *options);
void replay_free(struct replay *replay);

/* Takes the next `count` events of the trace. Never fails: what an event claims is data, however absurd. */
void replay_take(struct replay *replay, const struct event *events, size_t count);

/* Ends the trace and gives the result, all that is left of the replay, which owns it. Call it once; take no events
 * after it. */
const struct replay_result *replay_finish(struct replay *replay);

#endif
