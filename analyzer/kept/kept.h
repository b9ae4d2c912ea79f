/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kept - what a replay concluded, as rows of the store, and back: reports are made of either alike.
 *
 * What is written: the trace with its names and counts, and a replay with its findings, ledgers and curves. What is
 * read back may hold anything, for who writes into the file is not known: nothing is believed, and a report of it is
 * either what was written, or an error.
 */
#ifndef QGREPLAY_ANALYZER_KEPT_KEPT_H
#define QGREPLAY_ANALYZER_KEPT_KEPT_H

#include "analyzer/report/report.h"
#include "base/error.h"
#include "schema/rows/rows.h"

/*
 * Writes what the trace says of itself: ROW_TRACE, with status "whole" and without what only the process knows that
 * opened the file, ROW_EVENT_COUNT and ROW_NAME. Texts are made harmless. Errors: those of the sink.
 */
enum err kept_put_trace(const struct report_trace *trace, const struct row_sink *sink, struct error *error);

/*
 * Writes what `engine` (replay_engine()) made of the trace with `options`: ROW_REPLAY, without made_at, and all that
 * hangs under it but the points of ROW_SAMPLE with a span, which are pyramid.h's. Errors: those of the sink.
 */
enum err kept_put(const struct report_trace *trace, const struct replay_options *options, const char *engine,
	const struct row_sink *sink, struct error *error);

/* Where a trace and its replay are read from. */
struct kept_source {
	const struct row_source *trace;
	const struct row_source *replay;
	/*
	 * Of this one alone the replay gives what belongs to it, and findings beside it as store_each_of_finding()
	 * does: the result has it first, whatever its number, and the others behind it, bare, for the causes to be
	 * told; none at all where there is no such finding. Ledgers, samples and lines of a log are not asked for. 0:
	 * all are given.
	 */
	uint32_t finding;
};

struct kept;

/*
 * Reads a replay and the trace that it is of. On success `*kept` is the caller's, to be freed by kept_free(), which
 * accepts NULL. Memory is taken for what is there, never for what a number claims. Errors: those of the sources;
 * ERR_INPUT when rows do not fit together, or hold what no program or only a newer one writes.
 */
enum err kept_load(struct kept **kept, const struct kept_source *source, struct error *error);
void kept_free(struct kept *kept);

/*
 * What to report, as it was reported when it was written, but for `id`, which is 0 for the caller to fill, and `texts`,
 * which no report prints. Valid until kept_free().
 */
struct report_trace *kept_trace(struct kept *kept);

/*
 * Leaves the first `most` roots, and their filesystems, for an answer that must have an end. How many roots are gone
 * is in the trace's left_out_roots.
 */
void kept_cut_roots(struct kept *kept, size_t most);

#endif
