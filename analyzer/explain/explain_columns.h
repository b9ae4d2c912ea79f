/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * explain_columns - the lay-out of a diagram: a column for each task that acts, as kernel changelogs draw them.
 *
 * Column A is the owner's, B the acting task's, further ones those of whoever acts most besides, as many as fit. A task
 * without a column speaks in the one of the others (A when there are two, else the last), with its name above. Used by
 * explain_diagram.c only.
 */
#ifndef QGREPLAY_ANALYZER_EXPLAIN_EXPLAIN_COLUMNS_H
#define QGREPLAY_ANALYZER_EXPLAIN_EXPLAIN_COLUMNS_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/finding.h"
#include "base/names.h"

enum { COLUMNS_MAX = 4, COLUMN_A = 0, COLUMN_B = 1 };

struct columns {
	FILE *stream;
	const struct names *comms;
	unsigned count;
	unsigned width;			     /* of the diagram */
	unsigned text;			     /* columns of text in each; a mark stands behind */
	struct task_ref heads[COLUMNS_MAX];  /* whose column it is */
	struct task_ref speaks[COLUMNS_MAX]; /* whom it speaks of at the moment */
	bool known[COLUMNS_MAX];
};

/* Chooses the columns for the first occurrence of a finding, within `width` screen columns. */
void columns_choose(struct columns *columns, const struct finding *finding, unsigned width);

/* The names of the tasks, and a line under them. */
void columns_put_heading(const struct columns *columns);

/* The column for a piece of evidence, above which the name of its task was written if it speaks for another. */
unsigned columns_turn_to(struct columns *columns, const struct evidence *evidence);

/* One line of a column, with "<<<" behind it when it is marked. */
void columns_put(const struct columns *columns, unsigned column, bool marked, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
