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
 * How to draw a stretch of time on a screen of `width` columns: take the greatest span of which at least `width` points
 * lie in the stretch, and put into each column the least and the greatest of its points. Time does not fall from one
 * point to the next, so the first of a stretch is found by halving. For the whole trace, span 0 will do up to 512
 * columns. Where even span 32 has fewer points than the screen has columns, the stretch has so few moments, less than
 * 32 to a column, that they are read from the events: update_reserve of the root's qgroup shows the counter as it was,
 * and the point of span 32 around it between which values it should have been.
 *
 * Memory: about 60 bytes for each root and span that it has. One thread.
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
