/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pyramid - the counters of a trace at several widths, so that any stretch of it can be drawn without its events.
 *
 * From every moment of each root (whatif.h) it makes points of ROW_SAMPLE: the least and the greatest value of both
 * curves over 32 moments, over 256, over 2048, and so on, eight times as many at each step. Points of a span follow
 * each other without a hole, numbered from 0; the last one may be of fewer moments. A span is there for roots whose
 * counter changed more often than that. Span 0 is whatif.h's own: at most 512 points over the whole trace, and all
 * moments there are when there are no more.
 *
 * Who draws a stretch, as wide as some number of points of the screen, takes the greatest span of which at least as
 * many points lie in the stretch; when all of the trace is drawn, or no span has as many, span 0 will do if it has. A
 * stretch in which even span 32 has fewer points than the screen has so few moments that they can be read from the
 * events themselves, as at most 32 times as many: they show the counter as it was, and the points of span 32 between
 * which bounds it should have been.
 *
 * Memory: about a kilobyte for each root that has moments, whatever their number. One thread.
 */
#ifndef QGREPLAY_ANALYZER_KEPT_PYRAMID_H
#define QGREPLAY_ANALYZER_KEPT_PYRAMID_H

#include "analyzer/whatif.h"
#include "base/error.h"
#include "schema/rows/rows.h"

enum { PYRAMID_SPAN = 32, PYRAMID_STEP = 8 };

struct pyramid;

/* Hands its rows to `sink` as they come. Freed by pyramid_free(), which accepts NULL. */
struct pyramid *pyramid_new(const struct row_sink *sink);
void pyramid_free(struct pyramid *pyramid);

/* What takes the moments, of whatif_new(). */
const struct whatif_rows *pyramid_rows(struct pyramid *pyramid);

/* After the last moment: the points that were not yet full. Errors: those of the sink, also of all points before. */
enum err pyramid_finish(struct pyramid *pyramid, struct error *error);

#endif
