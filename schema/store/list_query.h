/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_query - a wish for a list as SQL: for schema/store/list.c and the test of the plans alone.
 */
#ifndef QGREPLAY_SCHEMA_STORE_LIST_QUERY_H
#define QGREPLAY_SCHEMA_STORE_LIST_QUERY_H

#include "schema/store/list_table.h"

struct list_query {
	const struct list_table *table;
	const struct list_wish *wish;
	const struct list_way *way;
	const struct list_sort_info *sort; /* by which rows really come */
	size_t column_count;
	size_t key_count;
	bool descending;
};

/* `wish` must outlive the query. Errors: ERR_USAGE as of store_list(). */
enum err list_query_plan(struct list_query *query, enum list list, const struct list_wish *wish, struct error *error);

/* Whether what is behind a place is asked for in two parts: what has its first key, and what has another. */
bool list_query_is_split(const struct list_query *query);

/*
 * To be freed. Its parameters: the filters as they were given, the keys of the place where there is one; of a split one
 * the filters and the first key once more; and the limit.
 */
char *list_query_sql(const struct list_query *query);

#endif
