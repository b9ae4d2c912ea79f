/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * source - a trace of any kind, opened, and its events pumped into a sink in the order of time.
 *
 * A source hands batches of events to a sink and does not ask who is behind it. What a trace is, is recognised by its
 * content, never by its name. Used by one thread. Everything read is hostile until proven otherwise.
 */
#ifndef QGREPLAY_COLLECTOR_SOURCE_H
#define QGREPLAY_COLLECTOR_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/event.h"
#include "base/names.h"
#include "schema/rows/rows.h"

/* What a trace says of itself; complete once all events have been read. Texts are owned by the source. */
struct trace_info {
	enum row_source_kind kind;
	char *kernel; /* release, such as "6.18.44", or NULL; a version ("#1 SMP ...") may follow after a blank */
	char *clock;  /* trace clock, such as "local", or NULL */
	struct names *comms;	 /* task names */
	struct names *fsids;	 /* filesystem ids as 36 characters of lower-case UUID text */
	struct names *texts;	 /* what was written to trace_marker, EVENT_PRINT */
	uint64_t skipped_events; /* events (or lines) of other systems and kinds that were passed over */
	uint64_t garbled_lines;	 /* lines of a text that look like nothing known */
};

/* Where events go. Returns ERR_OK to go on; anything else ends the reading with that code. */
struct sink {
	enum err (*take)(void *context, const struct event *events, size_t count, struct error *error);
	void *context;
};

struct source;
struct stored_options;

/*
 * Opens the trace that `fd` holds (a file, or a pipe such as stdin) under the name `name`, which is used in messages.
 * `fd` stays the caller's. `spool_fd` is an empty, unlinked, writable file for input that must be unpacked or cannot
 * seek, opened by the caller, because a source may run where no file can be opened; -1 when there is none.
 * On success `*source` is the caller's, to be closed by source_close(). Errors: ERR_INPUT, ERR_LIMIT, ERR_SYSTEM.
 */
enum err source_open(struct source **source, int fd, int spool_fd, const char *name, struct error *error);

/*
 * Opens a trace of the store instead, which another process copied into the file `fd` (collector/stored.h). Such a file
 * is never recognised by its content: nobody can pass one off as a trace.
 */
enum err source_open_stored(struct source **source, int fd, const char *name, struct error *error);

/*
 * The same of a part of a trace, or of one that may be damaged. For either, source_info() is complete before the
 * reading.
 */
enum err source_open_stored_part(
	struct source **source, int fd, const struct stored_options *options, struct error *error);

/*
 * Pumps all events of the trace to `sink`, numbered from 1, equal times in the order of the file. Events of a CPU keep
 * their order; EVENT_LOST stands before the first event of its CPU that survived the gap. Call it once.
 */
enum err source_read(struct source *source, const struct sink *sink, struct error *error);

/* What the trace says of itself. Valid until source_close(). */
const struct trace_info *source_info(const struct source *source);

/*
 * How far the reading is: bytes of the file that were read, of so many (0: nobody knows). May be asked by the sink, on
 * the thread that reads.
 */
void source_position(const struct source *source, uint64_t *done_bytes, uint64_t *total_bytes);

/* Accepts NULL. */
void source_close(struct source *source);

#endif
