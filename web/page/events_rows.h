/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events_rows - some events of a trace as a table: in the kernel's words, with the time since the one before, gaps in
 * their place, and the roles that events have in a finding.
 */
#ifndef QGREPLAY_WEB_PAGE_EVENTS_ROWS_H
#define QGREPLAY_WEB_PAGE_EVENTS_ROWS_H

#include "web/page/event_row.h"
#include "web/page/gaps.h"
#include "web/page/subject.h"

struct events_one {
	struct event event;
	char *text;    /* of EVENT_PRINT, or NULL; owned */
	bool has_page; /* its root has, and its inode */
};

/* What an event shows in the finding that is marked. */
struct events_role {
	uint64_t seq;
	char *role;
};

struct events_fs {
	uint64_t number;
	char *fsid;
};

struct events_rows {
	struct event_row row; /* holds the names of tasks */
	uint64_t trace;
	uint64_t around;	/* the event to be looked at; 0: none */
	uint64_t finding;	/* whose roles are shown; 0: none */
	struct events_one *all; /* in the order of the trace */
	size_t count;
	size_t capacity;
	struct gaps gaps; /* between the first and the last of them */
	struct events_role *roles;
	size_t role_count;
	size_t role_capacity;
	struct events_fs *filesystems;
	size_t fs_count;
	size_t fs_capacity;
};

/* Empty; with the filesystems of the trace, and the roles of `finding` unless it is 0. To be released on every way
 * out. */
enum err events_rows_begin(struct call *call, const struct subject *subject, uint64_t finding, struct events_rows *rows,
	struct error *error);
void events_rows_release(struct events_rows *rows);

/* A row of LIST_EVENTS: context is the struct events_rows. */
enum err events_rows_take(void *context, const struct row_value *values, size_t count, struct error *error);

/* Puts those from `first` on into the other order. */
void events_rows_reverse(struct events_rows *rows, size_t first);

/* Looks which of them are of roots that have pages: those in which something was reserved. */
enum err events_rows_find_pages(struct call *call, struct events_rows *rows, struct error *error);

void events_rows_write(FILE *stream, const struct events_rows *rows);

#endif
