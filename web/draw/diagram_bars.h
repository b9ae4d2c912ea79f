/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diagram_bars - the reservations of a plan: from which row on each is there, and how it ends.
 *
 * Used by diagram_plan.c only.
 */
#ifndef QGREPLAY_WEB_DRAW_DIAGRAM_BARS_H
#define QGREPLAY_WEB_DRAW_DIAGRAM_BARS_H

#include "web/draw/diagram_plan.h"

/* A bar for each of the first owners, and where it begins; rows of owners that have none are taken away. */
void bars_add(struct plan *plan);

/* What the rows have to do with the bars, and where these are taken and missed. */
void bars_end(struct plan *plan);

#endif
