/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "web/list/list_ask.h"
#include "web/list/list_cell.h"

/* More would be cut, and a link that was cut leads elsewhere. */
enum { LINK_MAX = 3800 };

struct items {
	struct list_columns columns;
	struct json json;
	struct csv csv;
};

static enum err take_json(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct items *items = context;

	(void)count;
	(void)error;
	json_object(&items->json, NULL);
	for (size_t i = 0; i < items->columns.count; i++)
		list_cell_json(&items->json, &items->columns.view->columns[i], &values[items->columns.places[i]]);
	json_object_end(&items->json);
	return ERR_OK;
}

static enum err take_csv(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct items *items = context;

	(void)count;
	(void)error;
	for (size_t i = 0; i < items->columns.count; i++)
		list_cell_csv(&items->csv, &items->columns.view->columns[i], &values[items->columns.places[i]]);
	csv_end(&items->csv);
	return ERR_OK;
}

static void add_link(struct call *call, const struct list_cursor *next)
{
	const struct list_link link = {.set = "after", .value = next->text, .between = "&"};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = memory_checked(open_memstream(&text, &size));

	list_link_write(stream, call, &link);
	fclose(stream);
	if (size <= LINK_MAX)
		response_header(call->response, "Link", "<%s>; rel=\"next\"", text);
	free(text);
}

static enum err answer_json(struct call *call, struct items *items, const struct list_ask *ask, struct list_place *next,
	struct error *error)
{
	const struct list_wish wish = list_ask_wish(ask);
	const struct list_sink sink = {take_json, items};
	enum err err;

	call->response->type = RESPONSE_JSON;
	json_init(&items->json, call->response->body, 2);
	json_object(&items->json, NULL);
	json_array(&items->json, "items");
	err = store_list(call->store, ask->order.list, &wish, &sink, next, error);
	if (err != ERR_OK)
		return err;
	json_array_end(&items->json);
	json_text(&items->json, "next", next->count > 0 ? list_cursor_write(&ask->order, next).text : NULL);
	json_object_end(&items->json);
	fputc('\n', call->response->body);
	return ERR_OK;
}

static enum err answer_csv(struct call *call, struct items *items, const struct list_ask *ask, struct list_place *next,
	struct error *error)
{
	const struct list_wish wish = list_ask_wish(ask);
	const struct list_sink sink = {take_csv, items};

	call->response->type = RESPONSE_CSV;
	response_header(call->response, "Content-Disposition", "attachment; filename=\"%s.csv\"",
		list_info(ask->order.list)->name);
	items->csv = (struct csv){.stream = call->response->body, .defused = true};
	for (size_t i = 0; i < items->columns.count; i++)
		csv_text(&items->csv, items->columns.view->columns[i].column);
	csv_end(&items->csv);
	return store_list(call->store, ask->order.list, &wish, &sink, next, error);
}

enum err list_view_api(
	struct call *call, const struct list_view *view, const struct list_fixed *fixed, struct error *error)
{
	struct items items = {.columns = list_columns_of(view)};
	struct list_place next = {0};
	struct list_ask ask;
	enum err err = list_ask_read(call, view, fixed, LIST_READER_API, &ask, error);

	if (err != ERR_OK)
		return err;
	err = (ask.csv ? answer_csv : answer_json)(call, &items, &ask, &next, error);
	if (err == ERR_OK && next.count > 0) {
		const struct list_cursor cursor = list_cursor_write(&ask.order, &next);

		add_link(call, &cursor);
	}
	return err;
}
