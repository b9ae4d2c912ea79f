/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * container_parts - what the readers of the two versions of trace.dat share; for container*.c only.
 */
#ifndef QGREPLAY_COLLECTOR_CONTAINER_PARTS_H
#define QGREPLAY_COLLECTOR_CONTAINER_PARTS_H

#include "collector/container.h"

/* Numbers of options, which are also those of the sections that they point to (trace-cmd.dat.v7(5)). */
enum {
	OPTION_DONE = 0,
	OPTION_DATE = 1,
	OPTION_BUFFER = 3,
	OPTION_TRACECLOCK = 4,
	OPTION_UNAME = 5,
	OPTION_OFFSET = 7,
	OPTION_CPUCOUNT = 8,
	OPTION_TSC2NSEC = 14,
	OPTION_STRINGS = 15,
	OPTION_HEADER_INFO = 16,
	OPTION_FTRACE_FORMATS = 17,
	OPTION_EVENT_FORMATS = 18,
	OPTION_CMDLINES = 21
};

/* A cursor over the whole file, at `offset`; a failed one when that is outside. */
struct cursor container_cursor(const struct container *container, uint64_t offset);

/* ERR_INPUT: the file ends, or `cursor`'s part of it, where `what` should be. */
enum err container_cut_off(const struct cursor *cursor, const char *what, struct error *error);

/* Reads "header_page", its text, "header_event" and its text. */
enum err container_read_header_info(struct container *container, struct cursor *cursor, struct error *error);

/* Reads what the options DATE, OFFSET, TSC2NSEC, UNAME and TRACECLOCK say; other options are left alone. */
void container_read_option(struct container *container, unsigned id, struct cursor body);

/* The clock in brackets in the text of tracefs's trace_clock; an empty span when there is none. */
struct span container_clock_in(struct span text);

/* Adds what one CPU recorded, when it recorded something. The page size, CPU and place are checked. */
enum err container_add_stream(struct container *container, const struct container_stream *stream, uint64_t offset,
	uint64_t size, struct error *error);

/* The rest of a file of that version, behind the page size in its header. */
enum err container_read_v6(struct container *container, struct cursor *cursor, struct error *error);
enum err container_read_v7(struct container *container, struct cursor *cursor, struct error *error);

#endif
