/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cut - the few events of a trace that show one of its findings all the same.
 *
 * Events in, events out; the replay itself is the judge. Events are left out, never altered. What is left out could
 * make innocent tasks look guilty, so a cut counts only when it accuses of nothing that the whole trace does not. One
 * thread; no I/O; the time is bounded by the number of events that are replayed, not by a clock.
 */
#ifndef QGREPLAY_ANALYZER_CUT_H
#define QGREPLAY_ANALYZER_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/replay.h"

/* What must be shown. All is the caller's. */
struct cut {
	const struct replay_result *whole; /* of the whole trace */
	const struct finding *wanted;	   /* one of them */
	const struct replay_options *options;
	uint64_t budget; /* events that may still be replayed */
};

/* Which events are looked at, from the most promising choice to all of them. */
enum cut_width {
	CUT_NEAR, /* of the inode; of the tasks involved and the root's counters, from the first evidence to the last */
	CUT_INVOLVED,	/* the same over the whole trace */
	CUT_FILESYSTEM, /* all of the filesystem */
	CUT_ALL,	/* also of others, and lost events */
	CUT_WIDTHS
};

/* Whether an event belongs to the choice. */
bool cut_takes(const struct cut *cut, enum cut_width width, const struct event *event);

/*
 * Whether these events, as a trace, have the wanted finding: of the same kind, path and place, as certain, and its
 * first occurrence the same in time, range, bytes, counter, task, owners and evidence. And no error that the whole
 * trace has not. Numbers of events need not be in order: they are replayed as 1, 2, 3. Takes `count` off the budget,
 * down to 0.
 */
bool cut_shows(struct cut *cut, const struct event *events, size_t count);

/*
 * Leaves events out as long as the rest shows the finding (which all `count` of them do), and returns how many stay at
 * the front of `events`, in their order. Events of the first occurrence's evidence always stay. When the budget ends,
 * more stay than need to; otherwise none of them can be left out alone.
 */
size_t cut_shrink(struct cut *cut, struct event *events, size_t count);

#endif
