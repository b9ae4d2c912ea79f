/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_walk - the rows of table event_block, one after the other, in the order that a wish asks for.
 *
 * Where rows are wanted kind by kind, the blocks are passed over once for each kind. Rows count as hostile: one that
 * cannot be, or whose block overlaps the one before it, is damaged, and the walk can go on after it.
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_EVENT_WALK_H
#define QGREPLAY_SCHEMA_EVENTS_EVENT_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/block/block.h"
#include "schema/events/event_wish.h"

enum { EVENT_WALK_STATEMENTS = 5 };

struct event_walk {
	/* for the caller, at a block */
	int64_t trace;
	uint32_t kinds; /* that this pass looks for */
	int64_t id;	/* of the block's row */
	struct block block;
	/* its own */
	sqlite3 *database;
	const struct event_wish *wish;
	sqlite3_stmt *statements[EVENT_WALK_STATEMENTS];
	enum event_kind by_name[EVENT_COUNT]; /* kinds in the order of their names */
	struct event_range traces;	      /* those that are left */
	size_t kind_place;		      /* in by_name, of the next kind */
	bool in_blocks;			      /* the statement of blocks is under way */
	bool has_edge;			      /* a block went before, and ended (or began, downwards) with seq `edge` */
	int64_t edge;
};

/* `wish` stays the caller's, and must stay where it is. */
void event_walk_init(struct event_walk *walk, sqlite3 *database, const struct event_wish *wish);
void event_walk_release(struct event_walk *walk);

/* Begins anew, with what the wish says now. */
void event_walk_start(struct event_walk *walk);

/*
 * On to the next block, of which all but payload and checksum is read. Returns SQLITE_ROW; SQLITE_DONE after the last;
 * SQLITE_CORRUPT_VTAB for a damaged one, with `error` set; or another code of SQLITE.
 */
int event_walk_next(struct event_walk *walk, struct error *error);

/* Reads payload and checksum, which stay until the next call of it. SQLITE_OK, or codes as above. */
int event_walk_payload(struct event_walk *walk, struct error *error);

/* Puts in front of what is wrong with the block which one it is; returns SQLITE_CORRUPT_VTAB. */
int event_walk_damaged(const struct event_walk *walk, struct error *error);

#endif
