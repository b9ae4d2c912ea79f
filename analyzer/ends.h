/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ends - of the counters, what a kernel says in its log too: where they were clamped at 0, and what they held at last.
 *
 * Facts of the trace alone, accused or not; kept so that a log can be compared with them (klog_join.h).
 */
#ifndef QGREPLAY_ANALYZER_ENDS_H
#define QGREPLAY_ANALYZER_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum { ENDS_KEPT = 4096 };

/* An update that would have taken a counter below 0, or that a wrapped number made look like an addition. */
struct counter_clamp {
	uint64_t qgid;
	uint64_t have_bytes;
	int64_t diff_bytes;
	uint64_t time_ns;
	uint16_t fs;
	uint8_t type;
};

/* The last value of a counter before an unmount, or at the end of the trace. */
struct counter_end {
	uint64_t qgid;
	uint64_t bytes;
	uint16_t fs;
	uint8_t type;
	bool unmounted;
};

struct ends {
	struct counter_clamp *clamps; /* the first ENDS_KEPT, in the order of the trace */
	size_t clamp_count;
	size_t clamp_capacity;
	uint64_t clamps_left_out;
	struct counter_end *ends; /* the first ENDS_KEPT */
	size_t end_count;
	size_t end_capacity;
	uint64_t ends_left_out;
};

void ends_release(struct ends *ends);

void ends_clamped(struct ends *ends, const struct event *event);
void ends_add(struct ends *ends, struct counter_end end);

#endif
