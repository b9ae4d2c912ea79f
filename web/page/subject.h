/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * subject - what a page about a trace, or about a root of it, is about: read from the store, or refused.
 */
#ifndef QGREPLAY_WEB_PAGE_SUBJECT_H
#define QGREPLAY_WEB_PAGE_SUBJECT_H

#include "web/list/list_view.h"
#include "web/message/call.h"

struct subject {
	struct list_one trace;	/* row of LIST_TRACES */
	struct list_one ledger; /* row of LIST_ROOTS; count 0 where the trace alone was asked for */
	uint64_t trace_id;
	uint64_t replay;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t root;
	uint64_t fs;	  /* number of the filesystem in the trace */
	const char *fsid; /* NULL before 4.8 */
	bool several_fs;  /* the trace has this root on several filesystems */
};

/* Who asks: texts as they stand in the URL; `root` NULL: of the trace alone; `fs` NULL: the only one with that root. */
struct subject_wish {
	const char *trace;
	const char *root;
	const char *fs;
};

/* On every way out, to be released. Errors: 400 and 404 with a remedy; those of the store. */
enum err subject_read(struct call *call, const struct subject_wish *wish, struct subject *subject, struct error *error);
void subject_release(struct subject *subject);

/* Writes "/traces/7/roots/257", escaped; and "?fs=2" behind it, or with `more` "&amp;fs=2" or nothing, where several
 * filesystems have that root. */
void subject_root_path(FILE *stream, const struct subject *subject);
void subject_root_query(FILE *stream, const struct subject *subject, bool more);

/*
 * Events name their filesystem by its fsid. Adds the filter of LIST_EVENTS that passes over events of others with that
 * root to `filters`, which has room for it, and returns their count; and writes it for a URL, "&fsid=1b4e...", with
 * `between` before it. Nothing where no other filesystem has that root.
 */
size_t subject_events(const struct subject *subject, struct list_filter *filters, size_t count);
void subject_events_query(FILE *stream, const struct subject *subject, const char *between);

#endif
