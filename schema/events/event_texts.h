/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_texts - the texts behind the numbers in events, from table name, with the last ones kept.
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_EVENT_TEXTS_H
#define QGREPLAY_SCHEMA_EVENTS_EVENT_TEXTS_H

#include <stdint.h>

#include "schema/events/sqlite_api.h"
#include "schema/rows/rows.h"

struct event_texts;

/* Freed by event_texts_free(), which accepts NULL. What was looked up is kept: for use within one statement. */
struct event_texts *event_texts_new(sqlite3 *database);
void event_texts_free(struct event_texts *texts);

/* Makes the text of `number` the result of `context`; NULL for 0 and where there is none. Returns a code of SQLite. */
int event_texts_result(
	struct event_texts *texts, sqlite3_context *context, int64_t trace, enum row_space space, uint32_t number);

#endif
