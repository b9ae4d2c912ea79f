/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * marker - what someone wrote to trace_marker, made fit to be kept and shown, whoever wrote it.
 *
 * Anybody whom the administrator lets may write there, and write anything. What is kept is one line of valid UTF-8
 * without control characters and without blanks at its ends, so that a text and a trace.dat give the same, and that the
 * line of text that is made of it is read back as what it was. The kernel prints line ends within a text as they are:
 * who may write there can forge lines of events in texts, which nobody can tell from true ones, but not in a trace.dat.
 */
#ifndef QGREPLAY_COLLECTOR_MARKER_H
#define QGREPLAY_COLLECTOR_MARKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "collector/text_line.h"

/*
 * Longest text that is kept, in bytes; the rest is cut off. Kernels take 1024 at once, new ones 4096 (TRACE_BUF_SIZE
 * and TRACE_MARKER_MAX_SIZE, kernel/trace/trace.c).
 */
enum { MARKER_TEXT_MAX = 4096 };

/* A table for the texts of a trace, bounded in number (65,536) and in bytes (16 MiB). Freed by names_free(). */
struct names *marker_texts_new(void);

/*
 * The number in `texts` of the text of `length` bytes at `bytes`, of which what follows a NUL does not count. 0 when
 * nothing is left of it or the table is full.
 */
uint32_t marker_number(struct names *texts, const void *bytes, size_t length);

/*
 * Whether the line is one of tracefs for a text ("tracing_mark_write: TEXT", also with an offset or an address behind
 * the name, as the trace options sym-offset and sym-addr print it). The lines of event "print" are known by its name.
 */
bool marker_is_line(const struct text_line *line);

/*
 * As marker_number(), of the text in a line that marker_is_line() knows or whose event is "print": "FUNCTION: TEXT"
 * with a name or an address, or raw "ip=FUNCTION buf=TEXT".
 */
uint32_t marker_number_of_line(struct names *texts, const struct text_line *line);

#endif
