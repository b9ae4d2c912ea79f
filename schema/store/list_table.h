/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_table - from what each list is read: the part of list.h's tables that is for schema/store/list.c and the test of
 * the plans alone.
 */
#ifndef QGREPLAY_SCHEMA_STORE_LIST_TABLE_H
#define QGREPLAY_SCHEMA_STORE_LIST_TABLE_H

#include "schema/store/list.h"

/*
 * One way to a list. The first one is taken whose filter is among the wishes, and whose sort is the one wished; so what
 * leaves fewest rows stands first.
 */
struct list_way {
	const char *filter;   /* NULL: whatever the filters are */
	const char *sort;     /* NULL: whatever the sort is */
	const char *from;     /* what follows FROM; names the index by which to go */
	const char *in_order; /* its rows come by that sort, which is the same as the one wished here; or NULL */
	const char *scans;    /* why it may look at every row of a table; NULL: it must not */
	const char *sorts;    /* why it may sort; NULL: it must not */
};

enum { LIST_WAYS_MAX = 32 };

struct list_table {
	struct list_info info;
	const char *group;	     /* what follows GROUP BY, or NULL */
	const char *having;	     /* a condition that all rows fulfil, or NULL */
	const struct list_way *ways; /* the last one has neither filter nor sort */
};

const struct list_table *list_table(enum list list);

/* The lists of list_table_traces.c, of which list_table() knows. */
extern const struct list_table list_table_findings;
extern const struct list_table list_table_occurrences;
extern const struct list_table list_table_owners;
extern const struct list_table list_table_evidence;
extern const struct list_table list_table_traces;
extern const struct list_table list_table_replays;
extern const struct list_table list_table_filesystems;
extern const struct list_table list_table_roots;
extern const struct list_table list_table_samples;
extern const struct list_table list_table_events;
extern const struct list_table list_table_gaps;
extern const struct list_table list_table_event_counts;
extern const struct list_table list_table_unproven;
extern const struct list_table list_table_log_lines;
extern const struct list_table list_table_signatures;
extern const struct list_table list_table_signature_traces;
extern const struct list_table list_table_signature_kernels;
extern const struct list_table list_table_uploads;
extern const struct list_table list_table_trend;
extern const struct list_table list_table_totals;

#endif
