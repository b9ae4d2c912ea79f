/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring_page - walks the records of a page of the kernel's ring buffer, from a file or from trace_pipe_raw.
 *
 * kbuffer of libtraceevent does the walk, and believes every length it meets; so a page is checked in full before
 * kbuffer sees it. Layout of a page: events/header_page; of a record: include/linux/ring_buffer.h.
 */
#ifndef QGREPLAY_COLLECTOR_RING_PAGE_H
#define QGREPLAY_COLLECTOR_RING_PAGE_H

#include <stdbool.h>

#include "base/error.h"
#include "collector/cursor.h"

/* How the traced kernel lays out its pages. */
struct ring_layout {
	bool big_endian;
	unsigned long_bytes; /* 4 or 8: of the field `commit` */
};

struct ring_record {
	const unsigned char *data;
	size_t size;
	uint64_t time; /* ns, or ticks of the trace's clock */
};

/* What the kernel noted on a page about events that it had to drop before it. */
struct ring_loss {
	bool lost;
	uint64_t count; /* 0 when the kernel did not say */
};

struct ring_reader;

/* Takes the layout from the text of events/header_page. Errors: ERR_INPUT. */
enum err ring_layout_of(struct ring_layout *layout, struct span header_page, bool big_endian, struct error *error);

/* A reader without a page: it has no record. Freed by ring_reader_free(). */
struct ring_reader *ring_reader_new(const struct ring_layout *layout);

/* Accepts NULL. */
void ring_reader_free(struct ring_reader *reader);

/*
 * Checks `page`, which must stay until the next load, and goes to its first record. `loss` tells what is missing before
 * that. An error (ERR_INPUT) names the place within the page.
 */
enum err ring_reader_load(struct ring_reader *reader, struct span page, struct ring_loss *loss, struct error *error);

/* The next record of the page; false when there is none. */
bool ring_reader_next(struct ring_reader *reader, struct ring_record *record);

#endif
