/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * container - the outside of a trace.dat file: its header, options and sections, found and bounds-checked, with the
 * data of every CPU of every buffer as a span of the file. It does not look into those data.
 *
 * Sources: trace-cmd.dat.v6(5), trace-cmd.dat.v7(5), and files of trace-cmd 3.1.6 where they differ from the pages.
 */
#ifndef QGREPLAY_COLLECTOR_CONTAINER_H
#define QGREPLAY_COLLECTOR_CONTAINER_H

#include "base/error.h"
#include "collector/cursor.h"
#include "collector/unpack.h"

enum { CONTAINER_STREAMS_MAX = 65536 };

/* What one CPU recorded into one buffer. */
struct container_stream {
	struct span data;    /* pages, or chunks of compressed pages; never empty, never shared */
	uint32_t page_bytes; /* a power of two */
	uint16_t cpu;
	bool packed;
};

/*
 * How the file's times become those that trace-cmd report shows. The option TIME_SHIFT, by which the clock of a guest
 * follows that of its host, is not among it: trace-cmd 3.1.6 shifts but the first event, and a guest's events are in
 * order by the guest's own clock.
 */
struct container_clock {
	uint32_t multiplier; /* of a TSC; 0 when the file holds nanoseconds */
	uint32_t shift;
	uint64_t offset_ns; /* added, modulo 2^64 */
};

struct container {
	struct span file;
	unsigned version; /* 6 or 7 */
	bool big_endian;
	uint32_t page_bytes;
	enum unpack_method method;
	struct unpacker *unpacker;

	struct span header_page; /* text of events/header_page */
	struct span ftrace;	 /* the section of the formats of ftrace's own events: events, texts; may be empty */
	struct span formats;	 /* the section of event formats: systems, events, texts */
	struct span saved_tasks; /* text of saved_cmdlines; may be empty */
	struct span release;	 /* of the kernel, such as 6.18.44; may be empty */
	struct span clock_name;	 /* such as "local"; may be empty */
	struct container_clock clock;

	struct container_stream *streams; /* of the main buffer, then of the others in the order of the file */
	size_t stream_count;
	size_t stream_capacity;
	size_t stream_bytes; /* of all of them */

	unsigned char **unpacked; /* what some of the spans above point into */
	size_t unpacked_count;
	size_t unpacked_capacity;
};

/*
 * Reads the outside of `file`, which must stay as it is until container_release(); that is to be called also after an
 * error. Errors: ERR_INPUT, ERR_LIMIT.
 */
enum err container_init(struct container *container, struct span file, struct error *error);
void container_release(struct container *container);

/* Gives back the memory of the texts (header_page to clock_name), which are not to be used after it. */
void container_forget_texts(struct container *container);

#endif
