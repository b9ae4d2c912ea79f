/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_line - an event as the line of text that tracefs prints, complete with task, CPU, time and filesystem.
 *
 * The text source reads such a line back to the same event, bit for bit: times that are not whole microseconds get nine
 * digits. Not true of task names that no line of text can hold (with line ends, blanks at an end, "<...>") and of pids
 * below 0: who needs certainty reads back what was written.
 */
#ifndef QGREPLAY_BASE_EVENT_LINE_H
#define QGREPLAY_BASE_EVENT_LINE_H

#include <stdio.h>

#include "base/event.h"
#include "base/names.h"

/* The tables of a trace that the numbers in its events stand for. */
struct event_names {
	const struct names *comms;
	const struct names *fsids;
	const struct names *texts;
};

/*
 * Writes the line with its line end. An EVENT_LOST becomes the mark of trace-cmd and a comment with its times, which
 * need not be those of its neighbours; an EVENT_PRINT becomes "tracing_mark_write: " and its text, which is taken to be
 * one line.
 */
void event_line(FILE *stream, const struct event *event, const struct event_names *names);

#endif
