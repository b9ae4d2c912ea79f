/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rules - what each event means for the ledgers, one function for each kind of event, in one file for each concern.
 *
 * Internal to the replay. Every rule takes the replay and the event, changes the books, and adds verdicts.
 *
 *   reserve       reserves: bits that are set, or were not set again
 *   release       releases and frees: bits that are cleared
 *   inode         the beginning and the end of an inode in memory
 *   counter       update_reserve: the kernel's counters, and what a bare negative update was
 *   rollback      what a task takes back of its own operation
 *   bits          extent bits as they are recorded: which range a rollback really cleared
 *   broad         rollbacks of more than was asked for
 *   finish        ordered extents that end without an extent on disk
 *   commit        released extents on their way to the drop of their bytes
 *   misread       rollbacks that turn out to have been drops
 *   meta          reservations of metadata, and their balance
 *   limit         limits of qgroups, and reserves beyond them
 *   old           kernels whose counters have no usable type, or that have none
 *   foreign       frees that have the shape of an error path taking what is not its own
 *   suspect       such frees until what follows settles them, and what they bring about
 *   handover      rollbacks of bits that had changed hands
 *   review        what must be taken back because the trace does not record enough
 *   leak          bytes that nothing can free any more, and the law that bounds them
 *   epoch         lost events, quota epochs, unmounts: when knowledge ends
 *   stale         bits that a quota epoch left to the next
 *   unexplained   contradictions that no rule explains
 *   order         neighbours that the trace shows in the wrong order
 *   task          what a task was in the middle of, settled by its next event
 *   owed          bytes that foreign frees took, until what they were for has ended
 *   owed_wait     the same, as it waits for a counter update or a commit
 *   whatif_feed   the counters as samples, and what the mismatches did to them
 */
#ifndef QGREPLAY_ANALYZER_RULES_RULES_H
#define QGREPLAY_ANALYZER_RULES_RULES_H

#include "analyzer/ledger/books.h"
#include "analyzer/ledger/records.h"
#include "analyzer/ledger/verdict.h"
#include "analyzer/ledger/window.h"
#include "analyzer/replay.h"
#include "base/limits.h"

/* A failing reserve, remembered for as long as another task may have seen its transient bits. */
struct failed_reserve {
	uint64_t time_ns;
	uint64_t ino;
	uint64_t root;
	struct claim_part span;
	uint16_t fs;
	int32_t pid;
};

/* How many failing reserves are remembered, and how many events ahead a rule may look. */
enum { FAILED_KEPT = 16, RULES_LOOK_AHEAD = 256 };

/* Bytes that a reserve has set again, or an error path taken again, until its counter update: the task's next event. */
struct owed_update {
	int32_t pid;
	struct claim *claim; /* the foreign free */
	uint64_t bytes;
	bool again;
};

/* What foreign frees took, and is still owed: for the what-if alone. */
struct owed {
	struct table inodes; /* ranges whose bits would be set */
	struct owed_update *updates;
	size_t update_count;
	size_t update_capacity;
	struct owed_flight *flights;
	size_t flight_count;
	size_t flight_capacity;
};

enum { FEED_SAMPLES = 1024 };

/* Samples on their way to the sink. */
struct whatif_feed {
	const struct whatif_sink *sink; /* or NULL */
	struct whatif_place *places;
	size_t place_count;
	size_t place_capacity;
	size_t sample_count;
	struct whatif_sample samples[FEED_SAMPLES];
};

/* A rollback that may have been the drop of an extent. */
struct misread {
	struct claim *operation; /* NULL: the place is free */
	uint64_t bytes;
	uint64_t time_ns;
	bool simple; /* of simple quotas, or of a commit */
};

enum { MISREADS_KEPT = 16 };

struct replay {
	struct replay_options options;
	struct books books;
	struct window window;
	struct verdicts verdicts;
	struct records records;
	struct replay_result result;
	struct suspect *suspects;		   /* undecided */
	struct suspect *guilty;			   /* accepted; kept for their consequences */
	struct failed_reserve failed[FAILED_KEPT]; /* a ring */
	size_t failed_next;
	struct misread misreads[MISREADS_KEPT]; /* a ring */
	size_t misread_next;
	struct owed owed;
	struct whatif_feed feed;
	struct table usages;	/* of qgroups whose limits are known */
	uint64_t garbage_types; /* events with EVENT_TYPE_GARBAGE */
	struct event first_garbage;
	bool forgotten; /* only the result is left */
};

/* The part of the file that a data event is about, cut at the end of 64 bits. */
struct claim_part rules_span(const struct event *event);

/* A sum that stays at the largest number instead of wrapping: amounts of a trace may be absurd. */
uint64_t rules_plus(uint64_t a, uint64_t b);

/* Whether two events are about the same inode of the same filesystem. */
bool rules_same_file(const struct event *a, const struct event *b);

/* Whether a counter update takes more than the counter holds. */
bool rules_below_zero(const struct event *event);

/* An exact contradiction between the kernel's word and the model: counted, and nothing is concluded from it. */
void rules_contradiction(struct replay *replay, struct root *root);

#endif
