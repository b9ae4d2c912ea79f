/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stream - the records of one CPU of one buffer of a trace.dat file, in the order in which they were recorded.
 *
 * Compressed pages are unpacked a chunk at a time into memory that is used again, so that a trace of any length takes
 * a few dozen kilobytes for each CPU.
 */
#ifndef QGREPLAY_COLLECTOR_STREAM_H
#define QGREPLAY_COLLECTOR_STREAM_H

#include "collector/container.h"
#include "collector/ring_page.h"

struct stream {
	const struct container *container;
	const struct container_stream *what;
	struct ring_layout layout;
	struct ring_walk walk; /* of the present page */
	struct cursor chunks;  /* compressed: those not unpacked yet */
	uint32_t chunks_left;  /* compressed */
	unsigned char *chunk;  /* compressed: the pages of one chunk */
	size_t chunk_capacity;
	size_t *budget;		   /* compressed: bytes that all streams may still take */
	struct span rest;	   /* pages not walked yet */
	const unsigned char *page; /* the present one */
	struct ring_record record; /* the present one; while `alive` */
	struct ring_loss loss;	   /* what is missing in front of it */
	bool alive;
};

/*
 * Starts before the first record. `budget`, which outlives the stream, is what it takes its memory from; streams that
 * are read side by side share one. Release it also after an error of stream_next().
 */
void stream_init(struct stream *stream, const struct container *container, const struct container_stream *what,
	const struct ring_layout *layout, size_t *budget);
void stream_release(struct stream *stream);

/*
 * Goes to the next record, whose data stay until the next call; `alive` is false when there is none. The loss of a page
 * without records counts for the next one that has some; when no record follows, it comes as one whose data are NULL.
 * A page that is all zeros is a loss of nobody knows how many events.
 * Errors: ERR_INPUT, ERR_LIMIT, naming CPU and byte.
 */
enum err stream_next(struct stream *stream, struct error *error);

#endif
