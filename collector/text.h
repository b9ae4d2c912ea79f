/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text - reads the text forms of a trace: tracefs `trace` and `trace_pipe`, trace-cmd report with and without -R, and
 * perf script.
 *
 * Reads line by line through a buffer of fixed size. The order of the file is kept: texts are merged already, and
 * equal times are common. A line that is cut off at the end of the text is not trusted: its last number may have been
 * longer. An event that cannot be read is a lost event of its CPU; where zeros stand in the middle of a text, as after
 * a crash of the machine that wrote it, events of every CPU may be missing.
 */
#ifndef QGREPLAY_COLLECTOR_TEXT_H
#define QGREPLAY_COLLECTOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/bytes.h"
#include "collector/source.h"

/* Whether one line of the `size` bytes at `data`, a beginning, is one of a trace. */
bool text_recognised(const unsigned char *data, size_t size);

/*
 * Pumps all events of the text to `sink` as source_read() says, and puts what the text says of itself into `info`
 * (kernel and clock allocated with malloc; the tables of names are the caller's, already made). Errors: ERR_INPUT when
 * the lines stand in reverse order, which is known at the end; those of the stream and of the sink.
 */
enum err text_read(const struct bytes *bytes, struct trace_info *info, const struct sink *sink, struct error *error);

#endif
