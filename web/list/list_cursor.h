/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_cursor - the place where a page of a list begins, as a text for URLs.
 *
 * It says of what list and order it is, and is refused by any other, and when it was cut or changed. It is no secret:
 * whoever makes one up gets a page that begins elsewhere.
 */
#ifndef QGREPLAY_WEB_LIST_LIST_CURSOR_H
#define QGREPLAY_WEB_LIST_LIST_CURSOR_H

#include <stdbool.h>

#include "schema/store/list.h"

/* In what order the list is. */
struct list_order {
	enum list list;
	const char *sort; /* one of the list's */
	bool reversed;
};

struct list_cursor {
	char text[400];
};

/* `place` is one that store_list() gave. */
struct list_cursor list_cursor_write(const struct list_order *order, const struct list_place *place);

/* False when `text` is no cursor of that list in that order. */
bool list_cursor_read(struct list_place *place, const struct list_order *order, const char *text);

#endif
