/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_names - the texts behind the numbers in events, from table name, with the last ones kept.
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_EVENT_NAMES_H
#define QGREPLAY_SCHEMA_EVENTS_EVENT_NAMES_H

#include <stdint.h>

#include "schema/events/sqlite_api.h"

enum event_space { EVENT_SPACE_TASK, EVENT_SPACE_FSID, EVENT_SPACE_TEXT, EVENT_SPACE_COUNT };

struct event_names;

/* Freed by event_names_free(), which accepts NULL. What is kept is of one moment: event_names_forget() ends that. */
struct event_names *event_names_new(sqlite3 *database);
void event_names_free(struct event_names *names);
void event_names_forget(struct event_names *names);

/* Makes the text of `number` the result of `context`; NULL for 0 and where there is none. Returns a code of SQLite. */
int event_names_result(
	struct event_names *names, sqlite3_context *context, int64_t trace, enum event_space space, uint32_t number);

#endif
