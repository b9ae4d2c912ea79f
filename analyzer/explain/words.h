/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * words - how amounts, times, ranges, tasks and qgroups read in reports, in one place so that all formats agree.
 *
 * Results are small structs by value: `words_bytes(n).text` may stand in an argument list.
 */
#ifndef QGREPLAY_ANALYZER_EXPLAIN_WORDS_H
#define QGREPLAY_ANALYZER_EXPLAIN_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/finding.h"
#include "base/names.h"

struct words {
	char text[88];
};

/* "53,248" */
struct words words_number(uint64_t value);

/* "53,248 bytes (52 KiB)"; the human form from 1 KiB on, rounded to one decimal. */
struct words words_bytes(uint64_t bytes);

/* "19.838568": seconds, rounded to microseconds as ftrace prints them, so that it can be searched for in its output. */
struct words words_time(uint64_t time_ns);

/* "1.5 s", "20 ms": a span of time. */
struct words words_span(uint64_t span_ns);

/* "[4096, 8192)": bytes of a file from start up to, not including, start + len. An end beyond 2^64 reads as such. */
struct words words_range(uint64_t start, uint64_t len);

/* "0/256", "1/100": a qgroup id as btrfs-progs prints it. */
struct words words_qgroup(uint64_t qgid);

/* "wl-152" as ftrace prints a task; "pid 152" without a name, "an unknown task" for pid -1. */
struct words words_task(const struct names *comms, struct task_ref task);

/* "1 event", "2 events". `plural` is the form for all counts but 1. */
struct words words_count(uint64_t count, const char *one, const char *plural);

/*
 * Writes `text` in lines of at most `width` columns (longer words stand alone), each led by `indent`, breaking at
 * spaces; ends with a newline. `text` is one paragraph.
 */
void words_wrapped(FILE *stream, const char *text, const char *indent, unsigned width);

/* Columns that `text` (valid UTF-8) takes, one for each character. */
size_t words_columns(const char *text);

#endif
