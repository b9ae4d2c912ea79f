/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tracedat - reads trace.dat files (versions 6 and 7) from memory: sections, options, formats, and the pages of every
 * buffer instance, merged in the order of time.
 *
 * The container, the few fields of the format texts that are needed, and the pages are read by our own bounds-checked
 * code; libtraceevent and libtracecmd are what the tests compare it with. kallsyms, printk and foreign formats are
 * never parsed.
 */
#ifndef QGREPLAY_COLLECTOR_TRACEDAT_H
#define QGREPLAY_COLLECTOR_TRACEDAT_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/source.h"

struct tracedat;

/* Whether `size` bytes at `data` begin like a trace.dat file (any version). */
bool tracedat_recognised(const unsigned char *data, size_t size);

/*
 * Reads the headers of the `size` bytes at `data`, which must stay readable and unchanged until tracedat_close(), and
 * puts what the file says of itself into `info` (kernel and clock allocated with malloc; the tables of names are the
 * caller's, already made). Messages do not name the file: the caller wraps them. Errors: ERR_INPUT, ERR_LIMIT.
 */
enum err tracedat_open(struct tracedat **tracedat, const unsigned char *data, size_t size, struct trace_info *info,
	struct error *error);

/* Pumps all events to `sink` as source_read() says. Call it once. Errors: ERR_INPUT, ERR_LIMIT, those of the sink. */
enum err tracedat_read(struct tracedat *tracedat, const struct sink *sink, struct error *error);

/* Bytes of ring buffer pages, packed or not, that were taken, and all of them. */
void tracedat_position(const struct tracedat *tracedat, uint64_t *done_bytes, uint64_t *total_bytes);

/* Accepts NULL. */
void tracedat_close(struct tracedat *tracedat);

#endif
