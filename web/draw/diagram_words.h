/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diagram_words - what stands in a box of a diagram: what the task does, what came of it, and the kernel's function.
 *
 * Used by diagram*.c only. Lines are short enough for a column; task names are the only thing in them that a trace
 * chooses, and are cut by who draws them.
 */
#ifndef QGREPLAY_WEB_DRAW_DIAGRAM_WORDS_H
#define QGREPLAY_WEB_DRAW_DIAGRAM_WORDS_H

#include "web/draw/diagram_plan.h"

struct diagram_words {
	char title[64];
	char detail[64]; /* or "" */
	char call[64];	 /* "qgroup_free_data()" */
};

void diagram_words_of(struct diagram_words *words, const struct plan *plan, const struct plan_row *row);

/* "4 KiB", "100 bytes": the human form alone. */
struct words diagram_bytes(uint64_t bytes);

/* What stands on the line from a row to a bar; "" for nothing. */
struct words diagram_link_words(const struct plan *plan, const struct plan_row *row, const struct plan_bar *bar);

/* What became of the owners' bytes at the bottom of the diagram; "" where nothing is to be said. */
struct words diagram_end_words(const struct plan *plan);

#endif
