/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/diagram_bars.h"

#include "analyzer/explain/explain.h"

static bool is_reserve_of(const struct plan_row *row, const struct plan_bar *bar)
{
	return row->event->kind == EVENT_RESERVE_DATA && row->event->time_ns == bar->time_ns &&
	       plan_same_task(explain_task(row->event), bar->task);
}

/* The same reserve may own several pieces. */
static bool joins_bar(struct plan *plan, const struct owner *owner)
{
	for (unsigned i = 0; i < plan->bar_count; i++) {
		struct plan_bar *bar = &plan->bars[i];

		if (!plan_same_task(bar->task, owner->task) || bar->time_ns != owner->time_ns)
			continue;
		if (__builtin_add_overflow(bar->bytes, owner->bytes, &bar->bytes))
			bar->bytes = UINT64_MAX;
		return true;
	}
	return false;
}

static void add_bar(struct plan *plan, const struct owner *owner)
{
	if (joins_bar(plan, owner))
		return;
	if (plan->bar_count == PLAN_BARS_MAX) {
		plan->owners_left_out++;
		return;
	}
	plan->bars[plan->bar_count++] = (struct plan_bar){.task = owner->task,
		.time_ns = owner->time_ns,
		.bytes = owner->bytes,
		.from = PLAN_NO_ROW,
		.stale = PLAN_NO_ROW,
		.taken = PLAN_NO_ROW,
		.missed = PLAN_NO_ROW};
}

/* Time of the first reserve of an owner at or after `past`; UINT64_MAX when there is none. */
static uint64_t next_reserve(const struct occurrence *occurrence, uint64_t past)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < occurrence->owner_count; i++)
		if (occurrence->owners[i].time_ns >= past && occurrence->owners[i].time_ns < next)
			next = occurrence->owners[i].time_ns;
	return next;
}

/* In the order of their reserves, which need not be that of the file. */
static void add_owners(struct plan *plan)
{
	const struct occurrence *occurrence = plan->occurrence;
	uint64_t time_ns = next_reserve(occurrence, 0);

	for (int round = 0; round < PLAN_BARS_MAX && time_ns != UINT64_MAX; round++) {
		for (size_t i = 0; i < occurrence->owner_count; i++)
			if (occurrence->owners[i].time_ns == time_ns)
				add_bar(plan, &occurrence->owners[i]);
		time_ns = next_reserve(occurrence, time_ns + 1);
	}
	for (size_t i = 0; i < occurrence->owner_count; i++)
		plan->owners_left_out += occurrence->owners[i].time_ns >= time_ns;
}

static bool begins_bar(const struct plan *plan, const struct plan_row *row)
{
	for (unsigned i = 0; i < plan->bar_count; i++)
		if (is_reserve_of(row, &plan->bars[i]))
			return true;
	return false;
}

/* What owners do who have no bar is not drawn: it is what those do who have one. A write that is complete is that of
 * its task's last reserve. */
static void drop_rows(struct plan *plan)
{
	bool dropping = false;
	int kept = 0;

	for (int i = 0; i < plan->row_count; i++) {
		const struct plan_row *row = &plan->rows[i];

		if (row->role == ROLE_OWNER_RESERVES)
			dropping = !begins_bar(plan, row);
		if (dropping && (row->role == ROLE_OWNER_RESERVES || row->role == ROLE_OWNER_COMPLETE))
			continue;
		plan->rows[kept++] = *row;
	}
	plan->row_count = kept;
}

static bool any_begins(const struct plan *plan)
{
	for (int i = 0; i < plan->row_count; i++)
		if (begins_bar(plan, &plan->rows[i]))
			return true;
	return false;
}

void bars_add(struct plan *plan)
{
	add_owners(plan);
	if (plan->owners_left_out > 0 && any_begins(plan))
		drop_rows(plan);
	for (unsigned i = 0; i < plan->bar_count; i++)
		for (int j = 0; j < plan->row_count && plan->bars[i].from == PLAN_NO_ROW; j++)
			if (is_reserve_of(&plan->rows[j], &plan->bars[i]))
				plan->bars[i].from = j;
}

/* What a link means depends on what the finding accuses of. */
static enum plan_link link_of(const struct plan *plan, const struct plan_row *row)
{
	const struct finding *finding = plan->finding;

	if (row->role == ROLE_TASK_RESERVES && row->event->bytes >= row->event->len)
		return LINK_NONE;
	if (row->role == ROLE_COUNTER &&
		(finding->kind == FINDING_OVER_BROAD_ROLLBACK || finding->kind == FINDING_TRUNCATED_COUNT))
		return LINK_TAKES;
	if (finding->kind == FINDING_LEAK && row->role == ROLE_RELEASED)
		return LINK_MISSES;
	return row->link;
}

/* Events of two CPUs may stand the other way round, so that the bytes are taken before their reserve is traced. */
static void end_bar_before(const struct plan *plan, struct plan_bar *bar)
{
	if (bar->taken != PLAN_NO_ROW)
		return;
	for (int i = 0; i < plan->row_count; i++) {
		if (plan->rows[i].link == LINK_TAKES && bar->taken == PLAN_NO_ROW)
			bar->taken = bar->from = i;
		else if (plan->rows[i].link == LINK_MISSES && bar->taken != PLAN_NO_ROW)
			bar->missed = i;
	}
}

static void end_bar(const struct plan *plan, struct plan_bar *bar)
{
	for (int i = bar->from + 1; i < plan->row_count; i++) {
		const struct plan_row *row = &plan->rows[i];

		if (row->role == ROLE_EPOCH && bar->taken == PLAN_NO_ROW)
			bar->stale = i;
		if (row->link == LINK_NONE || row->link == LINK_FINDS)
			continue;
		if (bar->taken == PLAN_NO_ROW && (row->link == LINK_TAKES || plan->held))
			bar->taken = i;
		else if (bar->taken != PLAN_NO_ROW && row->link == LINK_MISSES)
			bar->missed = i;
	}
	end_bar_before(plan, bar);
}

void bars_end(struct plan *plan)
{
	for (int i = 0; i < plan->row_count; i++)
		plan->rows[i].link = link_of(plan, &plan->rows[i]);
	for (unsigned i = 0; i < plan->bar_count; i++)
		end_bar(plan, &plan->bars[i]);
}
