/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/diagram_plan.h"

#include "analyzer/explain/explain.h"
#include "web/draw/diagram_bars.h"

struct role_look {
	enum plan_link link;
	enum plan_tone tone;
	const char *part; /* of the task that does it */
};

/* Where two roles of one task say its part, the one that stands later here does. */
static const struct role_look role_looks[ROLE_COUNT] = {
	[ROLE_OWNER_RESERVES] = {LINK_NONE, TONE_OWNER, "reserved the bytes"},
	[ROLE_OWNER_COMPLETE] = {LINK_NONE, TONE_OWNER, "reserved the bytes"},
	[ROLE_OLD_RESERVE] = {LINK_NONE, TONE_OWNER, "reserved before quota was off"},
	[ROLE_TASK_RESERVES] = {LINK_FINDS, TONE_PLAIN, NULL},
	[ROLE_META_FAILS] = {LINK_NONE, TONE_PLAIN, NULL},
	[ROLE_RANGE_TAKEN] = {LINK_NONE, TONE_PLAIN, "writeback"},
	[ROLE_TASK_FREES] = {LINK_TAKES, TONE_BAD, "frees what is not its own"},
	[ROLE_COUNTER] = {LINK_NONE, TONE_BAD, NULL},
	[ROLE_NEXT] = {LINK_NONE, TONE_FAINT, NULL},
	[ROLE_RELEASE_SHORT] = {LINK_MISSES, TONE_BAD, "writeback"},
	[ROLE_RELEASED] = {LINK_FINDS, TONE_PLAIN, "writeback"},
	[ROLE_ORDERED] = {LINK_NONE, TONE_PLAIN, "writeback"},
	[ROLE_EVICTED] = {LINK_MISSES, TONE_BAD, "evicts the inode"},
	[ROLE_RESERVED_AGAIN] = {LINK_MISSES, TONE_BAD, "comes later"},
	[ROLE_UNDERFLOW] = {LINK_NONE, TONE_BAD, "takes the counter below zero"},
	[ROLE_LAST_VALUE] = {LINK_NONE, TONE_BAD, NULL},
	[ROLE_GAP] = {LINK_NONE, TONE_PLAIN, NULL},
	[ROLE_ADOPTED] = {LINK_FINDS, TONE_PLAIN, NULL},
	[ROLE_BITS_CLEARED] = {LINK_MISSES, TONE_BAD, NULL},
	[ROLE_DELAYED_REF] = {LINK_NONE, TONE_PLAIN, NULL},
	[ROLE_ACCOUNTED] = {LINK_NONE, TONE_PLAIN, "commits"},
	[ROLE_DROPPED] = {LINK_NONE, TONE_BAD, "commits"},
	[ROLE_META] = {LINK_NONE, TONE_PLAIN, NULL},
	[ROLE_USAGE] = {LINK_NONE, TONE_FAINT, NULL},
	[ROLE_CHARGED] = {LINK_NONE, TONE_OWNER, NULL},
	[ROLE_CONTRADICTS] = {LINK_NONE, TONE_BAD, NULL},
	[ROLE_BEFORE] = {LINK_NONE, TONE_PLAIN, NULL},
	[ROLE_EPOCH] = {LINK_NONE, TONE_PLAIN, NULL},
};

bool plan_same_task(struct task_ref a, struct task_ref b)
{
	return a.pid == b.pid && a.comm == b.comm;
}

/* The column of a task; a new one while there is room, then the last. */
static unsigned column_of(struct plan *plan, struct task_ref task)
{
	for (unsigned i = 0; i < plan->column_count; i++)
		if (plan_same_task(plan->columns[i].task, task))
			return i;
	if (plan->column_count == PLAN_COLUMNS_MAX)
		return PLAN_COLUMNS_MAX - 1;
	plan->columns[plan->column_count] = (struct plan_column){.task = task};
	return plan->column_count++;
}

static uint64_t magnitude(int64_t diff)
{
	return diff < 0 ? 0 - (uint64_t)diff : (uint64_t)diff;
}

/* The kernel cuts a counter off at 0. */
static struct plan_counter counter_of(const struct event *event, uint64_t have, int64_t diff)
{
	struct plan_counter counter = {.shown = true, .event = event, .have_bytes = have, .diff_bytes = diff};
	uint64_t change = magnitude(diff);

	if (diff < 0)
		counter.after_bytes = have > change ? have - change : 0;
	else if (__builtin_add_overflow(have, change, &counter.after_bytes))
		counter.after_bytes = UINT64_MAX;
	return counter;
}

/* An update moves the counter for the event above it, unless it is told for its own sake. */
static bool belongs_above(const struct plan *plan, const struct event *event, enum evidence_role role)
{
	const struct plan_row *above = plan->row_count > 0 ? &plan->rows[plan->row_count - 1] : NULL;

	return above != NULL && event->kind == EVENT_UPDATE_RESERVE && role == ROLE_COUNTER && !above->counter.shown &&
	       above->event->kind != EVENT_UPDATE_RESERVE && above->event->kind != EVENT_RESERVE_DATA &&
	       plan_same_task(explain_task(above->event), explain_task(event));
}

static void add_row(struct plan *plan, const struct event *event, enum evidence_role role)
{
	struct plan_row *row;

	if (plan->row_count == PLAN_ROWS_MAX)
		return;
	if (belongs_above(plan, event, role)) {
		plan->rows[plan->row_count - 1].counter = counter_of(event, event->bytes, event->diff);
		plan->rows[plan->row_count - 1].tone = TONE_BAD;
		return;
	}
	row = &plan->rows[plan->row_count++];
	*row = (struct plan_row){.event = event, .role = role};
	row->link = role_looks[role].link;
	row->tone = role_looks[role].tone;
	if (event->kind == EVENT_UPDATE_RESERVE && role != ROLE_GAP && role != ROLE_EPOCH)
		row->counter = counter_of(event, event->bytes, event->diff);
}

static bool counter_is(const struct plan_counter *counter, uint64_t number)
{
	return counter->event != NULL && counter->event->number == number;
}

static bool has_event(const struct plan *plan, uint64_t number)
{
	for (int i = 0; i < plan->row_count; i++)
		if (plan->rows[i].event->number == number || counter_is(&plan->rows[i].counter, number))
			return true;
	return false;
}

static bool overlaps(const struct event *event, const struct occurrence *occurrence)
{
	uint64_t event_end;
	uint64_t end;

	if (__builtin_add_overflow(event->start, event->len, &event_end))
		event_end = UINT64_MAX;
	if (__builtin_add_overflow(occurrence->start, occurrence->len, &end))
		end = UINT64_MAX;
	return event->ino == occurrence->ino && event->start < end && occurrence->start < event_end;
}

/* Of what follows from all occurrences, the first of each kind that can follow from this one. */
static void add_consequences(struct plan *plan)
{
	const struct finding *finding = plan->finding;
	bool seen[CONSEQUENCE_COUNT] = {false};
	int added = 0;

	for (size_t i = 0; i < finding->consequence_count && added < PLAN_LATER_MAX; i++) {
		const struct consequence *later = &finding->consequences[i];
		const struct event *event = &later->event;
		bool short_release = later->kind == CONSEQUENCE_SHORT_RELEASE;

		if (later->kind >= CONSEQUENCE_COUNT || seen[later->kind] ||
			event->time_ns < plan->occurrence->time_ns ||
			(short_release && !overlaps(event, plan->occurrence)) || has_event(plan, event->number) ||
			plan->row_count == PLAN_ROWS_MAX)
			continue;
		seen[later->kind] = true;
		added++;
		add_row(plan, event, short_release ? ROLE_RELEASE_SHORT : ROLE_UNDERFLOW);
		plan->rows[plan->row_count - 1].later = later;
	}
}

/* With two owners, what shows the damage stands in the evidence twice. */
static bool is_told(const struct plan *plan, const struct evidence *evidence)
{
	for (int i = 0; i < plan->row_count; i++)
		if (plan->rows[i].event->number == evidence->event.number && plan->rows[i].role == evidence->role)
			return true;
	return false;
}

static void add_rows(struct plan *plan, uint32_t occurrence)
{
	const struct finding *finding = plan->finding;

	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct evidence *evidence = &finding->evidence[i];

		if (evidence->occurrence == occurrence && (unsigned)evidence->role < ROLE_COUNT &&
			!is_told(plan, evidence))
			add_row(plan, &evidence->event, evidence->role);
	}
	if (plan->row_count > 0)
		add_consequences(plan);
}

static const char *part_of(const struct plan_column *column, const struct plan_row *row)
{
	const char *part = role_looks[row->role].part;

	if (column->bars == 0)
		return part != NULL ? part : column->part;
	if (row->role == ROLE_TASK_FREES)
		return "reserved the bytes, and frees them later";
	return column->part != NULL ? column->part : role_looks[ROLE_OWNER_RESERVES].part;
}

/* The columns from left to right: owners, then the acting task, and who else comes, in the order of time. */
static void choose_columns(struct plan *plan)
{
	for (unsigned i = 0; i < plan->bar_count; i++) {
		plan->bars[i].column = column_of(plan, plan->bars[i].task);
		plan->bars[i].lane = plan->columns[plan->bars[i].column].bars++;
	}
	if (plan->bar_count > 0 && plan->occurrence->task.pid >= 0)
		column_of(plan, plan->occurrence->task);
	for (int i = 0; i < plan->row_count; i++) {
		struct plan_row *row = &plan->rows[i];
		struct plan_column *column;

		row->column = column_of(plan, explain_task(row->event));
		column = &plan->columns[row->column];
		column->of_cpu |= row->event->kind == EVENT_LOST;
		column->cpu = row->event->cpu;
		if (plan_same_task(column->task, explain_task(row->event)))
			column->part = part_of(column, row);
	}
}

/* What a role shows is bad in some findings only. */
static enum plan_tone tone_of(const struct plan *plan, const struct plan_row *row)
{
	const struct finding *finding = plan->finding;

	if (row->role == ROLE_RELEASED && finding->kind == FINDING_LEAK)
		return TONE_BAD;
	if (row->role == ROLE_NEXT && finding->path == PATH_NOT_DROPPED)
		return TONE_BAD;
	return row->tone;
}

static void judge_rows(struct plan *plan)
{
	for (int i = 0; i < plan->row_count; i++)
		plan->rows[i].tone = tone_of(plan, &plan->rows[i]);
}

/* An increase where bytes are freed is a negative number taken as unsigned, and larger than any counter. */
static void cut_counters(struct plan *plan)
{
	for (int i = 0; i < plan->row_count && plan->finding->kind == FINDING_TRUNCATED_COUNT; i++)
		if (plan->rows[i].role == ROLE_COUNTER && plan->rows[i].counter.diff_bytes > 0)
			plan->rows[i].counter.after_bytes = 0;
}

/* Without an update among the evidence, the occurrence may know the counter. */
static void add_counter(struct plan *plan)
{
	const struct occurrence *occurrence = plan->occurrence;

	for (int i = 0; i < plan->row_count; i++)
		plan->has_counter |= plan->rows[i].counter.shown;
	for (int i = 0; i < plan->row_count && !plan->has_counter && occurrence->diff_bytes != 0; i++) {
		if (plan->rows[i].role != ROLE_TASK_FREES)
			continue;
		plan->rows[i].counter = counter_of(NULL, occurrence->have_bytes, occurrence->diff_bytes);
		plan->has_counter = true;
	}
}

static const struct occurrence *occurrence_of(const struct finding *finding, uint32_t index)
{
	return index < finding->occurrence_count ? &finding->occurrences[index] : explain_first(finding);
}

void plan_make(struct plan *plan, const struct finding *finding, const struct names *comms, uint32_t occurrence)
{
	*plan = (struct plan){.finding = finding, .comms = comms};
	plan->occurrence = occurrence_of(finding, occurrence);
	plan->held = finding->kind == FINDING_LEAK ||
		     (finding->kind == FINDING_TRUNCATED_COUNT && plan->occurrence->diff_bytes < 0);
	add_rows(plan, occurrence);
	for (int i = 0; i < plan->row_count; i++)
		plan->complete |= plan->rows[i].role == ROLE_OWNER_COMPLETE;
	bars_add(plan);
	choose_columns(plan);
	bars_end(plan);
	judge_rows(plan);
	add_counter(plan);
	cut_counters(plan);
}
