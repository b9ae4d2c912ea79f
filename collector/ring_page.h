/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring_page - walks the records of a page of the kernel's ring buffer, from a file or from trace_pipe_raw.
 *
 * Own code rather than kbuffer of libtraceevent: that one believes every length that it meets, so that each page would
 * have to be walked here first, with the same rules, to be safe; and it took 29 % of the time of reading a trace. The
 * tests hold the two side by side. Layout of a page: events/header_page; of a record: events/header_event and
 * include/linux/ring_buffer.h; the same since kernel 2.6.31.
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

/* A walk over one page; all zeros is the end of one. */
struct ring_walk {
	const unsigned char *data; /* behind the page's header */
	size_t size;		   /* of the data that are committed */
	size_t at;		   /* of the next record in the data */
	uint64_t time;		   /* of the last record */
	bool big_endian;
};

enum ring_step { RING_RECORD, RING_END, RING_DAMAGED };

/* Takes the layout from the text of events/header_page. Errors: ERR_INPUT. */
enum err ring_layout_of(struct ring_layout *layout, struct span header_page, bool big_endian, struct error *error);

/*
 * Starts a walk over `page`, which must stay until its end; `loss` tells what is missing before its first record.
 * Errors: ERR_INPUT, when the page's header does not fit the page.
 */
enum err ring_walk_start(struct ring_walk *walk, const struct ring_layout *layout, struct span page,
	struct ring_loss *loss, struct error *error);

/* Goes to the next record. RING_DAMAGED: what is at `at` does not fit into the page's data. */
enum ring_step ring_walk_next(struct ring_walk *walk, struct ring_record *record);

#endif
