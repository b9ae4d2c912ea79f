/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diagram - a finding as SVG: its tasks in columns, time downwards, a box for each event of the evidence.
 *
 * The owner's reservation is a bar beside its boxes, from the reserve on until another one takes it; arrows lead from
 * who touches it to the bar; the counter stands at the right, before and after. Colours and fonts are those of
 * style.css (classes that begin with "dg-"), so that it is readable, but grey, without. Pure: says only what the
 * finding holds, and believes nothing of it.
 */
#ifndef QGREPLAY_WEB_DRAW_DIAGRAM_H
#define QGREPLAY_WEB_DRAW_DIAGRAM_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/finding.h"
#include "base/names.h"

struct diagram_wish {
	uint64_t trace;	     /* whose events the boxes link to; 0: they link nowhere */
	uint32_t marked;     /* finding that these events are to be marked by, or 0 */
	uint32_t occurrence; /* which one of the finding is drawn, from 0 */
};

/* Whether the finding has evidence of this occurrence that can be drawn. */
bool diagram_can(const struct finding *finding, uint32_t occurrence);

/* Writes the <svg> element; nothing where diagram_can() says no. */
void diagram_draw(
	FILE *stream, const struct finding *finding, const struct names *comms, const struct diagram_wish *wish);

/*
 * Writes a second, smaller <svg>: along the file, which bytes each event of the diagram is about. Nothing where there
 * are no bytes of a file, or where all events are about the same.
 */
void diagram_draw_ranges(
	FILE *stream, const struct finding *finding, const struct names *comms, const struct diagram_wish *wish);

#endif
