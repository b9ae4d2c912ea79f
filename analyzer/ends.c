/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ends.h"

#include <stdlib.h>

#include "base/memory.h"

void ends_release(struct ends *ends)
{
	free(ends->clamps);
	free(ends->ends);
	*ends = (struct ends){0};
}

void ends_clamped(struct ends *ends, const struct event *event)
{
	if (ends->clamp_count == ENDS_KEPT) {
		ends->clamps_left_out++;
		return;
	}
	ends->clamps = memory_grown(ends->clamps, &ends->clamp_capacity, ends->clamp_count + 1, sizeof(*ends->clamps));
	ends->clamps[ends->clamp_count++] = (struct counter_clamp){.qgid = event->root,
		.have_bytes = event->bytes,
		.diff_bytes = event->diff,
		.time_ns = event->time_ns,
		.fs = event->fs,
		.type = event->type};
}

void ends_add(struct ends *ends, struct counter_end end)
{
	if (ends->end_count == ENDS_KEPT) {
		ends->ends_left_out++;
		return;
	}
	ends->ends = memory_grown(ends->ends, &ends->end_capacity, ends->end_count + 1, sizeof(*ends->ends));
	ends->ends[ends->end_count++] = end;
}
