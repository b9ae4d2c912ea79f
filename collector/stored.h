/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stored - reads a trace of the store: its rows, which another process copied into a file, back to events.
 *
 * The rows are ROW_TRACE, then all ROW_NAME, then ROW_EVENT_BLOCK in the order of the trace; others are passed over.
 * Events come as they were stored, with their numbers. The store may have been damaged or forged: no number in it is
 * believed. A trace is whole, or a selection of its blocks.
 */
#ifndef QGREPLAY_COLLECTOR_STORED_H
#define QGREPLAY_COLLECTOR_STORED_H

#include <stdbool.h>

#include "collector/source.h"

struct stored;

struct stored_options {
	const char *name; /* for messages; outlives the reader */
	bool whole;	  /* all blocks must be there, and as many events as the trace says */
	/*
	 * Told, before the events behind it come, of a block that cannot be read, or is missing of a whole trace, which
	 * is then passed over; NULL: such a block ends the reading.
	 */
	void (*damaged)(void *context, const struct error *error);
	void *context;
};

/*
 * Reads what stands before the blocks of the file `fd` (schema/rows/rows_file.h) and fills `info`, whose tables of
 * names are the caller's, already made and empty, and whose texts are allocated with malloc. `fd` stays the caller's.
 * On success `*stored` is the caller's, to be closed by stored_close(), which accepts NULL. Errors: ERR_INPUT,
 * ERR_SYSTEM; the texts name the trace.
 */
enum err stored_open(struct stored **stored, int fd, const struct stored_options *options, struct trace_info *info,
	struct error *error);

/*
 * Pumps the events to `sink`. May be called again, and begins anew then. Errors: ERR_INPUT for a block that is damaged,
 * missing, or out of order, naming trace and event; ERR_SYSTEM; those of the sink.
 */
enum err stored_read(struct stored *stored, const struct sink *sink, struct error *error);
void stored_close(struct stored *stored);

#endif
