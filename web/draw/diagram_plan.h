/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diagram_plan - what stands where in a diagram: columns of tasks, rows of events, bars of reservations.
 *
 * Used by diagram*.c only. Rows are in the order of the trace; an update of the counter that belongs to the event above
 * it stands in that one's row. Numbers of columns and bars are small and fixed, whatever the finding claims.
 */
#ifndef QGREPLAY_WEB_DRAW_DIAGRAM_PLAN_H
#define QGREPLAY_WEB_DRAW_DIAGRAM_PLAN_H

#include <stdbool.h>

#include "analyzer/explain/words.h"
#include "analyzer/finding.h"
#include "base/names.h"

enum {
	PLAN_COLUMNS_MAX = 4,
	PLAN_BARS_MAX = 3,
	PLAN_LATER_MAX = 2, /* consequences that are drawn */
	PLAN_ROWS_MAX = FINDING_EVIDENCE_KEPT + PLAN_LATER_MAX,
	PLAN_NO_ROW = -1
};

/* How what stands in a row concerns the reservation of the owner. */
enum plan_link {
	LINK_NONE,
	LINK_FINDS, /* meets it, and leaves it be */
	LINK_TAKES, /* takes its bytes */
	LINK_MISSES /* should find it, and does not; or leaves it behind */
};

enum plan_tone { TONE_PLAIN, TONE_OWNER, TONE_BAD, TONE_FAINT };

/* A counter before and after an update. */
struct plan_counter {
	bool shown;
	const struct event *event; /* or NULL: the occurrence knows it */
	uint64_t have_bytes;
	uint64_t after_bytes;
	int64_t diff_bytes;
};

struct plan_row {
	const struct event *event;
	enum evidence_role role;
	const struct consequence *later; /* a consequence, not evidence; or NULL */
	unsigned column;
	struct plan_counter counter;
	enum plan_link link;
	enum plan_tone tone;
};

/* The bytes that one reserve had set, or what of them is at stake. */
struct plan_bar {
	struct task_ref task;
	uint64_t time_ns;
	uint64_t bytes;
	unsigned column;
	unsigned lane; /* from the left, within its column */
	int from;      /* row of the reserve; PLAN_NO_ROW: before the first one */
	int stale;     /* row from which on its counter no longer holds them, or PLAN_NO_ROW */
	int taken;     /* row in which the bytes are taken, or left behind; PLAN_NO_ROW: not in the diagram */
	int missed;    /* last row in which they are missed, or PLAN_NO_ROW */
};

struct plan_column {
	struct task_ref task;
	const char *part; /* what the task does in the story, in a word or two */
	unsigned bars;
	bool of_cpu; /* events that are missing are no task's */
	unsigned cpu;
};

struct plan {
	const struct finding *finding;
	const struct occurrence *occurrence;
	const struct names *comms;
	struct plan_column columns[PLAN_COLUMNS_MAX];
	unsigned column_count;
	struct plan_row rows[PLAN_ROWS_MAX];
	int row_count;
	struct plan_bar bars[PLAN_BARS_MAX];
	unsigned bar_count;
	unsigned owners_left_out;
	bool has_counter;
	bool held;     /* the bars' bytes are not taken but left behind: a leak */
	bool complete; /* the owner's data is dirty for certain */
};

/* The plan of an occurrence; one without rows where there is nothing to draw. */
void plan_make(struct plan *plan, const struct finding *finding, const struct names *comms, uint32_t occurrence);

/* Whether two are the same task. */
bool plan_same_task(struct task_ref a, struct task_ref b);

#endif
