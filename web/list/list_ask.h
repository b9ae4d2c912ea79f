/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_ask - what a URL asks of a list, read and checked; and links to the same list, asked another way.
 */
#ifndef QGREPLAY_WEB_LIST_LIST_ASK_H
#define QGREPLAY_WEB_LIST_LIST_ASK_H

#include "web/list/list_cursor.h"
#include "web/list/list_view.h"

/* Texts belong to the request, and to what fixes filters. */
struct list_ask {
	struct list_filter filters[LIST_FILTERS_MAX]; /* those that are fixed stand first */
	size_t filter_count;
	struct list_order order;
	struct list_place after; /* count 0: from the beginning */
	uint64_t limit;
	bool csv;
};

/* What differs from page to API. */
enum list_reader { LIST_READER_PAGE, LIST_READER_API };

/* Errors: 400 for what the list does not have, and for what stands twice or is malformed. */
enum err list_ask_read(struct call *call, const struct list_view *view, const struct list_fixed *fixed,
	enum list_reader reader, struct list_ask *ask, struct error *error);

/* What store_list() is to be given; `ask` outlives it. */
struct list_wish list_ask_wish(const struct list_ask *ask);

/* What a link changes of the parameters that the request has. It begins at the first row, unless it sets "after". */
struct list_link {
	const char *path;   /* NULL: where the request went */
	const char *drop;   /* a parameter that it has no more, or NULL */
	const char *set;    /* a parameter that it has anew, or NULL */
	const char *prefix; /* of its value, such as "-", or NULL */
	const char *value;
	const char *between; /* "&", or "&amp;" for attributes */
};

void list_link_write(FILE *stream, const struct call *call, const struct list_link *link);

/* Whether the page shows the list by what the URL says; an excerpt does not. */
bool list_is_asked(const struct list_fixed *fixed);

/* The filter of that name which the URL may set and nobody fixed; NULL when there is none. */
const struct list_view_filter *list_filter_named(
	const struct list_view *view, const struct list_fixed *fixed, const char *name);

#endif
