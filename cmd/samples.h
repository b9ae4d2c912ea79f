/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * samples - the counters of a trace, kept in a file until it is known which mismatches stand.
 *
 * A trace has a sample for each change of a counter, too many for memory; see analyzer/whatif.h.
 */
#ifndef QGREPLAY_CMD_SAMPLES_H
#define QGREPLAY_CMD_SAMPLES_H

#include "analyzer/whatif.h"
#include "base/error.h"

struct samples;

/* Keeps samples in an empty file that can be written and read; the descriptor stays the caller's. */
struct samples *samples_new(int fd);
void samples_free(struct samples *samples);

/* What takes them. A write that fails is told by samples_draw(). */
const struct whatif_sink *samples_sink(struct samples *samples);

/* Draws the curves of `whatif` from all samples that were taken. Errors: ERR_SYSTEM, also for a write that failed. */
enum err samples_draw(struct samples *samples, struct whatif *whatif, uint64_t last_ns, struct error *error);

#endif
