/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inode_map - the range map of an inode in a window, from the store: its events, what the counter tells of them, the
 * gaps, and where findings struck.
 *
 * Reads no more than INODE_EVENTS_MAX events, those nearest to the window's begin: what is drawn may end before the
 * window does.
 */
#ifndef QGREPLAY_WEB_PAGE_INODE_MAP_H
#define QGREPLAY_WEB_PAGE_INODE_MAP_H

#include "analyzer/range_map.h"
#include "web/draw/ranges.h"
#include "web/page/event_row.h"
#include "web/page/found.h"
#include "web/page/gaps.h"
#include "web/page/window.h"

enum { INODE_EVENTS_MAX = 20000, INODE_EVENTS_BEFORE = 5000, INODE_UPDATES_MAX = 100000, INODE_MARKS_MAX = 2000 };

struct inode_events {
	struct event *all; /* in the order of the trace */
	size_t count;
	size_t capacity;
};

struct inode_map {
	struct event_row row; /* holds the names of the tasks */
	struct inode_events events;
	struct gaps gaps;
	struct range_map *map;
	struct ranges_mark *marks; /* headlines are those of `found` */
	size_t mark_count;
	uint64_t from_ns; /* what is known: of the window, where it is not cut */
	uint64_t to_ns;
	bool cut;     /* the window has more events behind to_ns */
	bool counted; /* what a task took back was looked for */
};

struct inode_wish {
	const struct subject *subject;
	uint64_t ino;
	const struct window *window;
	const struct found *found;
};

/* When the inode's first and last event is, and a little around them; all of the trace, where it has none. */
struct inode_life {
	uint64_t first_ns;
	uint64_t last_ns;
};
enum err inode_life_read(
	struct call *call, const struct subject *subject, uint64_t ino, struct inode_life *life, struct error *error);

/* To be released on every way out. */
enum err inode_map_read(struct call *call, const struct inode_wish *wish, struct inode_map *map, struct error *error);
void inode_map_release(struct inode_map *map);

#endif
