/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_scan - walks over the events of a store that fit a wish, block by block.
 *
 * A block that cannot hold any is passed over by what its row says of it; one whose events are only counted is not
 * read; of others, columns are decoded when they are first looked at. All rows count as hostile: blocks whose numbers
 * do not follow each other, or that are not what they say, are damaged. Functions return codes of SQLite, and a text
 * for what SQLite does not know of is in event_scan_error().
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_EVENT_SCAN_H
#define QGREPLAY_SCHEMA_EVENTS_EVENT_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/block/block.h"
#include "schema/events/event_wish.h"

struct event_scan;

/* Reads through `database`, and keeps statements there until event_scan_free(), which accepts NULL. */
struct event_scan *event_scan_new(sqlite3 *database);
void event_scan_free(struct event_scan *scan);

/* What the next scan looks for: to be filled in, then event_scan_start(), which places the scan on the first event. */
struct event_wish *event_scan_wish(struct event_scan *scan);
int event_scan_start(struct event_scan *scan);

/* Goes on to the next event. */
int event_scan_next(struct event_scan *scan);

/* Whether there is no event any more: then only event_scan_start() may be called. */
bool event_scan_ended(const struct event_scan *scan);

/* The trace of this event. */
int64_t event_scan_trace(const struct event_scan *scan);

/* The kind of this event, where the order is by kind; otherwise, or when several fit, EVENT_COUNT. */
enum event_kind event_scan_kind(const struct event_scan *scan);

/*
 * Decodes those columns of the event's block (bits, see block.h) that are not decoded yet, and gives the event's place
 * in them. With no bits, the place alone.
 */
int event_scan_look(struct event_scan *scan, uint32_t wanted, const struct block_columns **columns, uint32_t *place);

/* The number of this event in its trace, as a signed number; `place` is its place in the block. */
int64_t event_scan_seq(const struct event_scan *scan, uint32_t place);

/* What went wrong, when the code was SQLITE_CORRUPT_VTAB; else "". */
const char *event_scan_error(const struct event_scan *scan);

#endif
