/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_row - rows of LIST_EVENTS and LIST_GAPS as the events that they were.
 */
#ifndef QGREPLAY_WEB_PAGE_EVENT_ROW_H
#define QGREPLAY_WEB_PAGE_EVENT_ROW_H

#include "base/event.h"
#include "base/names.h"
#include "schema/store/list.h"

enum { EVENT_ROW_COLUMNS = 18 };

/* Where the columns lie, found once for many rows. */
struct event_row {
	size_t places[EVENT_ROW_COLUMNS];
	struct names *comms; /* of tasks; owned */
};

void event_row_init(struct event_row *row);
void event_row_release(struct event_row *row);

/* The event of a row of LIST_EVENTS; `fs` is not filled in, its filesystem is event_row_fsid(). Bits beyond what a
 * member holds are cut off. */
void event_row_read(const struct event_row *row, const struct row_value *values, struct event *event);
const char *event_row_fsid(const struct event_row *row, const struct row_value *values);
/* What it printed, of EVENT_PRINT; or NULL. */
const char *event_row_text(const struct event_row *row, const struct row_value *values);

/* The mark of a row of LIST_GAPS. */
void event_row_gap(const struct row_value *values, struct event *event);

#endif
