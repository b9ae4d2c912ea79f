/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scrub_names - other names for what a trace calls its tasks and filesystems, and what of its remarks may be shared.
 *
 * A filesystem gets the same other id in every trace, so that traces of one can still be told to belong together; from
 * it, nobody finds the true one without trying it. Tasks get numbers in the order in which they appear; of threads of
 * the kernel, the kind stays.
 */
#ifndef QGREPLAY_CMD_SCRUB_NAMES_H
#define QGREPLAY_CMD_SCRUB_NAMES_H

#include <stdbool.h>

#include "base/event_line.h"

struct scrub_options {
	bool keep_markers; /* what was written to trace_marker */
	bool keep_fsids;
	bool tasks; /* names of tasks are replaced */
};

struct scrub_names;

/* `names` are the tables of the trace, which may still grow. Freed by scrub_names_free(), which accepts NULL. */
struct scrub_names *scrub_names_new(const struct event_names *names, const struct scrub_options *options);
void scrub_names_free(struct scrub_names *scrub);

/* Puts the numbers of the other names into an event. */
void scrub_names_apply(struct scrub_names *scrub, struct event *event);

/* The tables of the other names; they grow with each scrub_names_apply(). */
struct event_names scrub_names_tables(const struct scrub_names *scrub);

/*
 * What of the kernel's release and version tells which bugs it has: the release, and the version of Debian's package.
 * To be freed; NULL when it is none, whatever it says. `kernel` may be NULL.
 */
char *scrub_names_kernel(const char *kernel);

/* The clock when it is the name of one, or NULL. To be freed. */
char *scrub_names_clock(const char *clock);

#endif
