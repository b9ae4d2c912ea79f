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

/*
 * Writes the line with its line end. `comms` and `fsids` are the trace's tables. An EVENT_LOST becomes the mark of
 * trace_pipe, whose times are those of its neighbours.
 */
void event_line(FILE *stream, const struct event *event, const struct names *comms, const struct names *fsids);

#endif
