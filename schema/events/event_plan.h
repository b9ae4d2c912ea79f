/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_plan - what SQLite's planner is told of the tables event and gap, and how its choice gets to the scan.
 *
 * A plan is a number, which is the order, and a text: a pair of letters for each value that the scan will be given, the
 * column and the operation.
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_EVENT_PLAN_H
#define QGREPLAY_SCHEMA_EVENTS_EVENT_PLAN_H

#include <stddef.h>

#include "schema/events/event_wish.h"

/*
 * Answers xBestIndex. `columns` are those of the table, in its order. Returns SQLITE_CONSTRAINT for a plan that cannot
 * work.
 */
int event_plan_make(sqlite3_index_info *info, const enum event_column *columns, size_t count);

/* Turns the plan and its values, as xFilter gets them, into a wish that was reset before. Returns a code of SQLite. */
int event_plan_read(struct event_wish *wish, int number, const char *text, int value_count, sqlite3_value **values);

#endif
