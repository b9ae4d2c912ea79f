/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * curve - a stretch of a root's counter from the store, at the width that is asked for.
 *
 * Of the widths that the store has (analyzer/kept/pyramid.h says which) the widest that fills the stretch is taken;
 * where none does, the events themselves.
 */
#ifndef QGREPLAY_WEB_PAGE_CURVE_H
#define QGREPLAY_WEB_PAGE_CURVE_H

#include "analyzer/whatif.h"
#include "web/page/subject.h"
#include "web/page/window.h"

enum { CURVE_POINTS = 1000, CURVE_POINTS_MAX = 4000 };

struct curve {
	struct whatif_point *points; /* the first may be from before the window */
	size_t count;
	size_t capacity;
	uint64_t span; /* how many changes of the counter a point stands for, at most; 1: each is shown */
};

/* Reads about as many points as asked for. On every way out, to be released. Errors: those of the store. */
enum err curve_read(struct call *call, const struct subject *subject, const struct window *window, size_t points,
	struct curve *curve, struct error *error);
void curve_release(struct curve *curve);

#endif
