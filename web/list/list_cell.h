/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_cell - one value of a list, as each kind of cell is written: for people, as JSON, as CSV.
 */
#ifndef QGREPLAY_WEB_LIST_LIST_CELL_H
#define QGREPLAY_WEB_LIST_LIST_CELL_H

#include "base/json.h"
#include "schema/rows/csv.h"
#include "web/list/list_view.h"

/* Where each column of a view stands among the values of a row. */
struct list_columns {
	const struct list_view *view;
	size_t places[LIST_COLUMNS_MAX];
	size_t count;
};

struct list_columns list_columns_of(const struct list_view *view);

/* Whether it is a number for people, which stands right. */
bool list_cell_is_number(enum cell cell);

/* A whole <td>. */
void list_cell_html(
	FILE *stream, const struct list_view_column *column, const struct row_value *value, const struct list_row *row);

void list_cell_json(struct json *json, const struct list_view_column *column, const struct row_value *value);
void list_cell_csv(struct csv *csv, const struct list_view_column *column, const struct row_value *value);

#endif
