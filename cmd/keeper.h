/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keeper - takes down, as rows for the store, what a trace holds and what the replay made of it.
 *
 * Runs where the trace is decoded, which may be a confined process; who has the store reads the rows when it is done.
 */
#ifndef QGREPLAY_CMD_KEEPER_H
#define QGREPLAY_CMD_KEEPER_H

#include "analyzer/replay.h"
#include "analyzer/report/report.h"
#include "analyzer/whatif.h"
#include "base/error.h"
#include "collector/source.h"

struct keeper;

/* Writes to `fd`, an empty file that stays the caller's. Freed by keeper_free(), which accepts NULL. */
struct keeper *keeper_new(int fd);
void keeper_free(struct keeper *keeper);

/* Takes the events of the trace, on any one thread; not wanted when they are in the store already. */
const struct sink *keeper_events(struct keeper *keeper);

/* After the last event: what the trace says of itself, with the limits that were given beside it. */
enum err keeper_put_trace(
	struct keeper *keeper, const struct report_trace *trace, const struct limits *limits, struct error *error);

/* Takes the counters as they are drawn. */
const struct whatif_rows *keeper_counters(struct keeper *keeper);

/* The result, after all counters; and the end of the rows. */
enum err keeper_finish(struct keeper *keeper, const struct report_trace *trace, const struct replay_options *options,
	struct error *error);

#endif
