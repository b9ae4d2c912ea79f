/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/list/list_cell.h"

#include <inttypes.h>
#include <stdlib.h>

#include "web/html/html.h"

uint64_t list_row_number(const struct list_row *row, const char *column)
{
	const struct row_value *value = &row->values[list_column(row->list, column)];

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

const char *list_row_text(const struct list_row *row, const char *column)
{
	const struct row_value *value = &row->values[list_column(row->list, column)];

	return value->kind == ROW_TEXT ? value->bytes : NULL;
}

struct list_columns list_columns_of(const struct list_view *view)
{
	struct list_columns columns = {.view = view};

	for (; view->columns[columns.count].column != NULL; columns.count++) {
		if (columns.count == LIST_COLUMNS_MAX)
			abort();
		columns.places[columns.count] = list_column(view->list, view->columns[columns.count].column);
	}
	return columns;
}

bool list_cell_is_number(enum cell cell)
{
	return cell == CELL_NUMBER || cell == CELL_SIGNED || cell == CELL_ROOT || cell == CELL_BYTES ||
	       cell == CELL_OFFSET || cell == CELL_INODE || cell == CELL_TIME_NS;
}

/* 0 and "" stand for nothing where nothing else can be meant. */
static bool is_none(enum cell cell, const struct row_value *value)
{
	if (value->kind == ROW_NUMBER)
		return (cell == CELL_ROOT || cell == CELL_INODE) && value->number == 0;
	return value->kind != ROW_TEXT || (cell == CELL_CODE && value->size == 0);
}

static void write_number(FILE *stream, enum cell cell, uint64_t number)
{
	switch (cell) {
	case CELL_ROOT:
		html_root(stream, number);
		break;
	case CELL_BYTES:
		/* Most cells of some columns are 0, and the others are what one looks for. */
		if (number == 0)
			fputs("<span class=\"muted\">0</span>", stream);
		else
			html_bytes(stream, number);
		break;
	case CELL_TIME_NS:
		html_trace_time(stream, number);
		break;
	case CELL_SECONDS:
		html_date(stream, number);
		break;
	case CELL_FLAG:
		fputs(number != 0 ? "yes" : "no", stream);
		break;
	case CELL_SIGNED:
		html_format(stream, "%" PRId64, number);
		break;
	case CELL_INODE:
		html_format(stream, "%" PRIu64, number);
		break;
	case CELL_TEXT:
	case CELL_PROSE:
	case CELL_BADGE:
	case CELL_CODE:
	case CELL_NUMBER:
	case CELL_OFFSET:
	default:
		html_number(stream, number);
		break;
	}
}

static void write_text(FILE *stream, enum cell cell, const char *text)
{
	if (cell == CELL_BADGE) {
		html_badge(stream, text);
	} else if (cell == CELL_CODE) {
		fputs("<code>", stream);
		html_text(stream, text);
		fputs("</code>", stream);
	} else {
		html_text(stream, text);
	}
}

static void write_value(
	FILE *stream, const struct list_view_column *column, const struct row_value *value, const struct list_row *row)
{
	if (column->write != NULL)
		column->write(stream, row);
	else if (value->kind == ROW_NUMBER)
		write_number(stream, column->cell, (uint64_t)value->number);
	else
		write_text(stream, column->cell, value->bytes);
}

static const char *opening(enum cell cell)
{
	if (list_cell_is_number(cell))
		return "<td class=\"number\">";
	if (cell == CELL_PROSE)
		return "<td class=\"wide\">";
	return cell == CELL_TEXT ? "<td class=\"text\">" : "<td class=\"nowrap\">";
}

void list_cell_html(
	FILE *stream, const struct list_view_column *column, const struct row_value *value, const struct list_row *row)
{
	bool none = is_none(column->cell, value);
	bool linked = column->link != NULL && !none;

	fputs(opening(column->cell), stream);
	if (linked) {
		fputs("<a href=\"", stream);
		column->link(stream, row);
		fputs("\">", stream);
	}
	if (column->write != NULL || !none)
		write_value(stream, column, value, row);
	fputs(linked ? "</a></td>" : "</td>", stream);
}

void list_cell_json(struct json *json, const struct list_view_column *column, const struct row_value *value)
{
	if (is_none(column->cell, value))
		json_null(json, column->column);
	else if (value->kind == ROW_TEXT)
		json_text(json, column->column, value->bytes);
	else if (column->cell == CELL_FLAG)
		json_bool(json, column->column, value->number != 0);
	else if (column->cell == CELL_SIGNED)
		json_signed(json, column->column, value->number);
	else
		json_number(json, column->column, (uint64_t)value->number);
}

void list_cell_csv(struct csv *csv, const struct list_view_column *column, const struct row_value *value)
{
	if (is_none(column->cell, value))
		csv_text(csv, NULL);
	else if (value->kind == ROW_TEXT)
		csv_text(csv, value->bytes);
	else if (column->cell == CELL_SIGNED)
		csv_signed(csv, value->number);
	else
		csv_unsigned(csv, (uint64_t)value->number);
}
