/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <string.h>

#include "web/html/html.h"
#include "web/list/list_ask.h"
#include "web/list/list_cell.h"
#include "web/list/list_form.h"

struct table {
	struct call *call;
	const struct list_fixed *fixed;
	const struct list_ask *ask;
	struct list_columns columns;
	uint64_t rows;
};

/* Whether the list, as it is sorted, descends. */
static bool descends(const struct list_order *order)
{
	for (const struct list_sort_info *sort = list_info(order->list)->sorts; sort->name != NULL; sort++)
		if (strcmp(sort->name, order->sort) == 0)
			return sort->descending != order->reversed;
	return false;
}

static bool is_shown(const struct table *table, const struct list_view_column *column)
{
	const struct list_fixed *fixed = table->fixed;

	for (size_t i = 0; fixed != NULL && column->same != NULL && i < fixed->filter_count; i++)
		if (strcmp(fixed->filters[i].name, column->same) == 0)
			return false;
	return column->title != NULL;
}

static void write_head_cell(struct table *table, const struct list_view_column *column)
{
	const struct list_order *order = &table->ask->order;
	bool sorted = column->sort != NULL && strcmp(column->sort, order->sort) == 0;
	const struct list_link link = {.set = "sort",
		.prefix = sorted && !order->reversed ? "-" : NULL,
		.value = column->sort,
		.between = "&amp;"};
	FILE *stream = table->call->response->body;

	fputs(list_cell_is_number(column->cell) ? "<th scope=\"col\" class=\"number\"" : "<th scope=\"col\"", stream);
	if (sorted)
		fputs(descends(order) ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"", stream);
	fputc('>', stream);
	if (column->sort != NULL && list_is_asked(table->fixed)) {
		fputs("<a href=\"", stream);
		list_link_write(stream, table->call, &link);
		html_format(stream, "\">%s</a></th>", column->title);
	} else {
		html_format(stream, "%s</th>", column->title);
	}
}

static void begin_table(struct table *table)
{
	FILE *stream = table->call->response->body;

	/* What fills a page keeps its head in sight. */
	fputs(table->fixed != NULL && table->fixed->form ? "<div class=\"table-wrap sticky\">"
							 : "<div class=\"table-wrap\">",
		stream);
	fputs("<table>\n<thead><tr>", stream);
	for (size_t i = 0; i < table->columns.count; i++)
		if (is_shown(table, &table->columns.view->columns[i]))
			write_head_cell(table, &table->columns.view->columns[i]);
	fputs("</tr></thead>\n<tbody>\n", stream);
}

static enum err take_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct table *table = context;
	const struct list_row row = {table->ask->order.list, values, table->columns.view, table->fixed};
	FILE *stream = table->call->response->body;

	(void)count;
	(void)error;
	if (table->rows++ == 0)
		begin_table(table);
	fputs("<tr>", stream);
	for (size_t i = 0; i < table->columns.count; i++)
		if (is_shown(table, &table->columns.view->columns[i]))
			list_cell_html(
				stream, &table->columns.view->columns[i], &values[table->columns.places[i]], &row);
	fputs("</tr>\n", stream);
	return ERR_OK;
}

static void write_parameter(FILE *stream, const char **before, const char *name, const char *prefix, const char *value)
{
	fputs(*before, stream);
	html_url(stream, name);
	fputc('=', stream);
	html_url(stream, prefix);
	html_url(stream, value);
	*before = "&amp;";
}

static void write_filter(FILE *stream, const char **before, const struct list_filter *filter)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, filter->number);
	write_parameter(stream, before, filter->name, NULL, filter->text != NULL ? filter->text : digits);
}

/* The same rows from the API: all filters, and the order. */
static void write_format_link(struct table *table, const char *path, const char *format, const char *name)
{
	const struct list_ask *ask = table->ask;
	FILE *stream = table->call->response->body;
	const char *before = "?";

	html_format(stream, "<a href=\"%s", path);
	/* A path that is not the view's has what is fixed in it. */
	for (size_t i = path != table->columns.view->path ? table->fixed->filter_count : 0; i < ask->filter_count; i++)
		write_filter(stream, &before, &ask->filters[i]);
	if (ask->order.reversed || ask->order.sort != list_info(ask->order.list)->sorts[0].name)
		write_parameter(stream, &before, "sort", ask->order.reversed ? "-" : NULL, ask->order.sort);
	if (format != NULL)
		write_parameter(stream, &before, "format", NULL, format);
	html_format(stream, "\">%s</a>", name);
}

static void write_formats(struct table *table)
{
	const char *own = table->fixed != NULL ? table->fixed->path : NULL;
	const char *path = own != NULL ? own : table->columns.view->path;
	FILE *stream = table->call->response->body;

	if (path == NULL)
		return;
	fputs("<span class=\"formats\">", stream);
	write_format_link(table, path, NULL, "JSON");
	fputs(" · ", stream);
	write_format_link(table, path, "csv", "CSV");
	fputs("</span>\n", stream);
}

static void write_turn(struct table *table, const char *cursor, const char *rel, const char *text)
{
	const struct list_link link = {.set = cursor != NULL ? "after" : NULL, .value = cursor, .between = "&amp;"};
	FILE *stream = table->call->response->body;

	fputs("<a href=\"", stream);
	list_link_write(stream, table->call, &link);
	html_format(stream, "\" rel=\"%s\">%s</a>\n", rel, text);
}

/* How many rows there are, where that is known without counting. */
static void write_count(struct table *table, bool more)
{
	FILE *stream = table->call->response->body;

	if (more || table->ask->after.count > 0)
		return;
	fputs("<span>", stream);
	html_number(stream, table->rows);
	fputs(table->rows == 1 ? " row</span>\n" : " rows</span>\n", stream);
}

static void write_turns(struct table *table, const struct list_place *next)
{
	if (table->ask->after.count > 0)
		write_turn(table, NULL, "first", "« First page");
	if (next->count > 0) {
		const struct list_cursor cursor = list_cursor_write(&table->ask->order, next);

		write_turn(table, cursor.text, "next", "Next page »");
	}
}

static void write_pages(struct table *table, const struct list_place *next)
{
	FILE *stream = table->call->response->body;
	bool asked = list_is_asked(table->fixed);
	/* A landmark only where it leads somewhere, so that a page has but one of that name. */
	bool turns = asked && (next->count > 0 || table->ask->after.count > 0);

	fputs(turns ? "<nav class=\"pages\" aria-label=\"Pages\">\n" : "<div class=\"pages\">\n", stream);
	write_count(table, next->count > 0);
	if (turns)
		write_turns(table, next);
	else if (!asked && next->count > 0)
		html_format(stream, "<a href=\"%s\">Show all</a>\n", table->fixed->more);
	write_formats(table);
	fputs(turns ? "</nav>\n" : "</div>\n", stream);
}

static void end_table(struct table *table, const struct list_place *next)
{
	FILE *stream = table->call->response->body;

	if (table->rows > 0) {
		fputs("</tbody>\n</table></div>\n", stream);
		write_pages(table, next);
		return;
	}
	html_format(stream, "<p class=\"empty\">%s",
		table->ask->filter_count > (table->fixed != NULL ? table->fixed->filter_count : 0)
			? "Nothing fits these filters. "
			: table->columns.view->none);
	if (table->ask->after.count > 0)
		write_turn(table, NULL, "first", "« First page");
	fputs("</p>\n", stream);
}

enum err list_view_table(
	struct call *call, const struct list_view *view, const struct list_fixed *fixed, struct error *error)
{
	struct list_ask ask;
	struct table table = {.call = call, .fixed = fixed, .ask = &ask, .columns = list_columns_of(view)};
	const struct list_sink sink = {take_row, &table};
	struct list_place next = {0};
	struct list_wish wish;
	enum err err = list_ask_read(call, view, fixed, LIST_READER_PAGE, &ask, error);

	if (err != ERR_OK)
		return err;
	if (fixed != NULL && fixed->form)
		list_form_write(call, view, fixed);
	wish = list_ask_wish(&ask);
	err = store_list(call->store, view->list, &wish, &sink, &next, error);
	if (err == ERR_OK)
		end_table(&table, &next);
	return err;
}
