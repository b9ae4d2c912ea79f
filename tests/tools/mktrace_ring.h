/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mktrace_ring - the pages of one CPU's ring buffer, as the kernel hands them out, and the chunks that they are
 * compressed in (the kernel's include/linux/ring_buffer.h; trace-cmd.dat.v7(5)).
 */
#ifndef QGREPLAY_TESTS_MKTRACE_RING_H
#define QGREPLAY_TESTS_MKTRACE_RING_H

#include "mktrace_kinds.h"

enum {
	RING_DATA_MAX_WORDS = 28, /* longer records carry their length in a word of their own */
	RING_TIME_EXTEND = 30,
	RING_CHUNK_PAGES = 10 /* as trace-cmd does */
};

#define RING_MISSED (1ULL << 31)
#define RING_MISSED_STORED (1ULL << 30)
#define RING_DELTA_MAX ((1ULL << 27) - 1)

struct ring {
	struct out *out;
	unsigned char *pages; /* the chunk that is being filled; its last page is the open one */
	size_t page_count;    /* complete pages in it */
	size_t used;	      /* bytes of the open page, header included; 0: none is open */
	uint64_t last_ns;
	bool missed; /* the next page follows a gap */
	uint64_t missed_count;
	uint64_t chunks;
	uint64_t count_position; /* of the number of chunks, in the file */
	uint64_t start_position;
};

static inline size_t ring_header(const struct ring *ring)
{
	return 8 + ring->out->long_size;
}

static inline void ring_start(struct ring *ring, struct out *out)
{
	*ring = (struct ring){.out = out};
	ring->pages = out_memory(calloc(RING_CHUNK_PAGES, out->page_size));
	ring->start_position = ring->count_position = out_position(out);
}

static inline void ring_write_chunk(struct ring *ring)
{
	size_t size = ring->page_count * ring->out->page_size;

	if (size == 0)
		return;
	if (ring->out->compression == COMPRESSION_NONE) {
		out_bytes(ring->out, ring->pages, size);
	} else {
		if (ring->chunks == 0)
			out_number(ring->out, "chunks", 0, 4);
		out_compressed(ring->out, "chunk", ring->pages, size);
	}
	ring->chunks++;
	ring->page_count = 0;
	memset(ring->pages, 0, RING_CHUNK_PAGES * ring->out->page_size);
}

static inline void ring_close_page(struct ring *ring)
{
	unsigned char *page = ring->pages + ring->page_count * ring->out->page_size;
	uint64_t commit = ring->used - ring_header(ring);

	if (ring->used == 0)
		return;
	if (ring->missed) {
		commit |= RING_MISSED;
		if (ring->missed_count > 0) {
			commit |= RING_MISSED_STORED;
			out_encode(ring->out, page + ring->used, ring->missed_count, ring->out->long_size);
		}
	}
	out_encode(ring->out, page + 8, out_told(ring->out, "page.commit", commit), ring->out->long_size);
	ring->missed = false;
	ring->used = 0;
	if (++ring->page_count == RING_CHUNK_PAGES)
		ring_write_chunk(ring);
}

static inline void ring_open_page(struct ring *ring, uint64_t time_ns)
{
	unsigned char *page = ring->pages + ring->page_count * ring->out->page_size;

	out_encode(ring->out, page, out_told(ring->out, "page.time", time_ns), 8);
	ring->used = ring_header(ring);
	ring->last_ns = time_ns;
}

/* The word in front of a record: 5 bits of type or length, 27 bits of time since the last record. */
static inline void ring_word(struct ring *ring, unsigned char *at, uint64_t type, uint64_t delta)
{
	uint64_t word = ring->out->big_endian ? type << 27 | delta : delta << 5 | type;

	out_encode(ring->out, at, out_told(ring->out, "record.word", word), 4);
}

static inline void ring_add(struct ring *ring, uint64_t time_ns, const unsigned char *bytes, size_t size)
{
	size_t spare = ring->missed ? ring->out->long_size : 0;
	uint64_t delta;
	unsigned char *at;

	if (ring->used + 8 + 8 + size + spare > ring->out->page_size)
		ring_close_page(ring);
	if (ring->used == 0)
		ring_open_page(ring, time_ns);
	delta = time_ns - ring->last_ns;
	at = ring->pages + ring->page_count * ring->out->page_size + ring->used;
	if (delta > RING_DELTA_MAX) {
		ring_word(ring, at, RING_TIME_EXTEND, delta & RING_DELTA_MAX);
		out_encode(ring->out, at + 4, delta >> 27, 4);
		delta = 0;
		at += 8;
		ring->used += 8;
	}
	if (size / 4 <= RING_DATA_MAX_WORDS) {
		ring_word(ring, at, size / 4, delta);
		at += 4;
	} else {
		ring_word(ring, at, 0, delta);
		out_encode(ring->out, at + 4, out_told(ring->out, "record.length", size + 4), 4);
		at += 8;
		ring->used += 4;
	}
	memcpy(at, bytes, size);
	ring->used += 4 + size;
	ring->last_ns = time_ns;
}

/* Events are missing here; `count` of them, or 0 when the kernel did not say. */
static inline void ring_lost(struct ring *ring, uint64_t count)
{
	ring_close_page(ring);
	ring->missed = true;
	ring->missed_count = count;
}

/* Ends the CPU's data; returns its size as the file says it. */
static inline uint64_t ring_end(struct ring *ring)
{
	uint64_t size;

	ring_close_page(ring);
	ring_write_chunk(ring);
	if (ring->chunks > 0 && ring->out->compression != COMPRESSION_NONE)
		out_patch(ring->out, ring->count_position, "chunks", ring->chunks, 4);
	size = out_position(ring->out) - ring->start_position;
	if (ring->chunks > 0 && ring->out->compression != COMPRESSION_NONE)
		size -= 4; /* trace-cmd does not count the number of chunks */
	free(ring->pages);
	return size;
}

#endif
