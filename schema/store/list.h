/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list - the store's lists as somebody leafs through them: filtered, sorted, some rows at a time.
 *
 * The text of each query is put together from tables of this file alone; what comes from outside is bound. Paging is by
 * key, not by count: a page is what follows the last row of the one before, so that page 1,000 costs what page 1 does,
 * and rows that come meanwhile shift nothing. Filters of the findings go by an index each; a test looks at every plan.
 */
#ifndef QGREPLAY_SCHEMA_STORE_LIST_H
#define QGREPLAY_SCHEMA_STORE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/store/store.h"

enum list {
	LIST_FINDINGS,	  /* of the last replay of each trace */
	LIST_OCCURRENCES, /* of one finding: filters replay and finding */
	LIST_OWNERS,	  /* of one finding: filters replay and finding, and occurrence */
	LIST_EVIDENCE,	  /* of one finding, with the names of tasks and filesystems */
	LIST_TRACES,
	LIST_REPLAYS,	  /* filter trace */
	LIST_FILESYSTEMS, /* filter replay */
	LIST_ROOTS,	  /* ledgers of the last replay of each trace */
	LIST_SAMPLES,	  /* of one root: filters replay, place and span, from_ns, to_ns */
	LIST_EVENTS,	  /* of one trace */
	LIST_GAPS,	  /* of one trace */
	LIST_EVENT_COUNTS,
	LIST_UNPROVEN,	/* filter replay */
	LIST_LOG_LINES, /* filter replay */
	LIST_SIGNATURES,
	LIST_SIGNATURE_TRACES,	/* where a signature was seen: filter signature; a row a trace, with host and kernel */
	LIST_SIGNATURE_KERNELS, /* the same, a row a kernel */
	LIST_UPLOADS,
	LIST_TREND,  /* a row for each day of the last 400 that has any: traces, and findings by severity */
	LIST_TOTALS, /* one row: traces, events, lost marks, findings by severity, bytes of errors, signatures, and so
			on */
	LIST_COUNT
};

enum list_filter_kind { LIST_FILTER_NUMBER, LIST_FILTER_TEXT, LIST_FILTER_FLAG };

/* `sql`, `keys` and `text_key` are for schema/store alone. */
struct list_column_info {
	const char *name; /* permanent: key in JSON, head in CSV */
	const char *sql;
};

struct list_filter_info {
	const char *name; /* as in URLs */
	enum list_filter_kind kind;
	bool needed;	 /* the list cannot be had without it */
	bool amount;	 /* a number that is counted or measured, and not the bits of a name such as a root's */
	const char *sql; /* a condition with one ? */
};

enum { LIST_COLUMNS_MAX = 40, LIST_FILTERS_MAX = 12, LIST_SORTS_MAX = 8, LIST_KEYS_MAX = 3 };

struct list_sort_info {
	const char *name;
	bool descending;		     /* as one wants it first; the other way is there too */
	const char *keys[LIST_KEYS_MAX + 1]; /* expressions that together tell rows apart; end with NULL */
	const char *text_key;		     /* of these, the one that is a text, or NULL */
};

struct list_info {
	const char *name;
	struct list_column_info columns[LIST_COLUMNS_MAX]; /* end with a NULL name; so do the others */
	struct list_filter_info filters[LIST_FILTERS_MAX];
	struct list_sort_info sorts[LIST_SORTS_MAX]; /* the first one is that of a list nobody sorted */
};

const struct list_info *list_info(enum list list);

/* The place of a column that the list has; a name that it has not is a fault of the program, which ends. */
size_t list_column(enum list list, const char *name);

struct list_filter {
	const char *name;
	uint64_t number;  /* of LIST_FILTER_NUMBER and _FLAG */
	const char *text; /* of LIST_FILTER_TEXT */
};

/* Where a page begins: behind the row with these keys. Taken from one page to the next as it is. */
struct list_place {
	size_t count; /* 0: at the beginning */
	int64_t keys[LIST_KEYS_MAX];
	char text[256]; /* of the key that is a text, where the sort has one */
};

struct list_wish {
	const struct list_filter *filters;
	size_t filter_count;
	const char *sort; /* NULL: the first one */
	bool reversed;
	struct list_place after;
	uint64_t limit; /* rows */
};

struct list_sink {
	enum err (*row)(void *context, const struct row_value *values, size_t count, struct error *error);
	void *context;
};

/* The most time that a list may take, from now on; 5 s where nobody says. */
void store_list_within(struct store *store, uint32_t list_ms);

/*
 * Hands at most `limit` rows to `sink`, whose values are the list's columns in order, and says in `*next` where the
 * page after begins: count 0 when there is none. Errors: ERR_USAGE for a filter or sort that the list does not have,
 * for one that is needed and not there, and for a place that does not fit the sort; ERR_LIMIT when it takes longer than
 * it may; those of the sink; those of store_query().
 */
enum err store_list(struct store *store, enum list list, const struct list_wish *wish, const struct list_sink *sink,
	struct list_place *next, struct error *error);

#endif
