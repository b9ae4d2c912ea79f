/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_line - the part of an ftrace line that is the same for all events: task, CPU, time, and the event's name.
 *
 * Knows the lines of tracefs (`trace`, `trace_pipe`; with and without a thread group column), of trace-cmd report
 * (also with the name of a buffer in front, and with times that are glued to the CPU) and of perf script.
 */
#ifndef QGREPLAY_COLLECTOR_TEXT_LINE_H
#define QGREPLAY_COLLECTOR_TEXT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Some bytes of a line. */
struct text_span {
	const char *text;
	size_t length;
};

struct text_line {
	struct text_span comm; /* empty when unknown */
	int32_t pid;
	uint16_t cpu;
	/* ns; where the trace clock is a counter, its plain value */
	uint64_t time_ns;
	struct text_span system; /* what stands in front of the name, "btrfs" in perf script; mostly empty */
	struct text_span name;	 /* empty when the line is of a function tracer */
	struct text_span body;	 /* what follows the name, without blanks in front */
};

/* Takes a line apart; false when it is not one of an event. The spans point into `text`. */
bool text_line_parse(struct text_line *line, const char *text, size_t length);

/*
 * Reads an unsigned decimal number at `*at`, at most up to `end`, and moves `*at` behind it; false when there is none
 * or when it is larger than `max`.
 */
bool text_line_number(const char **at, const char *end, uint64_t max, uint64_t *number);

#endif
