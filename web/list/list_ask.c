/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/list/list_ask.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "web/html/html.h"

struct reading {
	struct call *call;
	const struct list_view *view;
	const struct list_fixed *fixed;
	enum list_reader reader;
	struct list_ask *ask;
	const char *after; /* as it stands in the URL */
	const char *limit;
};

bool list_is_asked(const struct list_fixed *fixed)
{
	return fixed == NULL || fixed->more == NULL;
}

static bool is_fixed(const struct list_fixed *fixed, const char *name)
{
	for (size_t i = 0; fixed != NULL && i < fixed->filter_count; i++)
		if (strcmp(fixed->filters[i].name, name) == 0)
			return true;
	return false;
}

const struct list_view_filter *list_filter_named(
	const struct list_view *view, const struct list_fixed *fixed, const char *name)
{
	for (const struct list_view_filter *filter = view->filters; filter->name != NULL; filter++)
		if (strcmp(filter->name, name) == 0)
			return is_fixed(fixed, name) ? NULL : filter;
	return NULL;
}

static enum list_filter_kind kind_of(enum list list, const char *name)
{
	const struct list_filter_info *filter = list_info(list)->filters;

	while (filter->name != NULL && strcmp(filter->name, name) != 0)
		filter++;
	if (filter->name == NULL)
		abort();
	return filter->kind;
}

static bool is_word(const struct list_view_filter *filter, const char *text)
{
	const char *word;

	for (size_t i = 0; (word = filter->word(i)) != NULL; i++)
		if (strcmp(word, text) == 0)
			return true;
	return false;
}

static enum err refuse_word(
	struct call *call, const struct list_view_filter *filter, const char *text, struct error *error)
{
	char known[320] = "";
	size_t used = 0;
	const char *word;

	for (size_t i = 0; (word = filter->word(i)) != NULL && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i > 0 ? ", " : "", word);
	return call_refuse(call, 400, error, "%s='%.64s' is none of %s", filter->name, text, known);
}

static void add_filter(struct list_ask *ask, const struct list_filter *filter)
{
	if (ask->filter_count == LIST_FILTERS_MAX)
		abort();
	ask->filters[ask->filter_count++] = *filter;
}

static enum err read_filter(
	struct reading *reading, const struct list_view_filter *known, const char *text, struct error *error)
{
	struct list_filter filter = {.name = known->name};
	enum list_filter_kind kind = kind_of(reading->view->list, known->name);

	if (known->word != NULL && !is_word(known, text))
		return refuse_word(reading->call, known, text, error);
	if (kind == LIST_FILTER_TEXT)
		filter.text = text;
	else if (!request_number(&filter.number, text, known->negative))
		return call_refuse(reading->call, 400, error, "%s= wants a number, not '%.64s'", known->name, text);
	if (kind == LIST_FILTER_FLAG && filter.number > 1)
		return call_refuse(reading->call, 400, error, "%s= wants 1 or 0, not '%.64s'", known->name, text);
	add_filter(reading->ask, &filter);
	return ERR_OK;
}

static enum err read_sort(struct reading *reading, const char *text, struct error *error)
{
	struct list_order *order = &reading->ask->order;
	const char *name = text[0] == '-' ? text + 1 : text;

	for (const struct list_sort_info *sort = list_info(order->list)->sorts; sort->name != NULL; sort++)
		if (strcmp(sort->name, name) == 0) {
			order->sort = sort->name;
			order->reversed = name != text;
			return ERR_OK;
		}
	return call_refuse(reading->call, 400, error, "the list cannot be sorted by '%.64s'", name);
}

static enum err read_format(struct reading *reading, const char *text, struct error *error)
{
	reading->ask->csv = strcmp(text, "csv") == 0;
	if (reading->ask->csv || strcmp(text, "json") == 0)
		return ERR_OK;
	return call_refuse(reading->call, 400, error, "there is no format '%.64s', use json or csv", text);
}

static bool is_other(const struct list_fixed *fixed, const char *name)
{
	for (const char *const *other = fixed != NULL ? fixed->others : NULL; other != NULL && *other != NULL; other++)
		if (strcmp(*other, name) == 0)
			return true;
	return false;
}

static enum err read_pair(struct reading *reading, const struct request_pair *pair, struct error *error)
{
	const struct list_view_filter *filter;

	if (is_other(reading->fixed, pair->name))
		return ERR_OK;
	filter = list_filter_named(reading->view, reading->fixed, pair->name);
	if (filter == NULL && strcmp(pair->name, "sort") != 0 && strcmp(pair->name, "after") != 0 &&
		strcmp(pair->name, "limit") != 0 &&
		(strcmp(pair->name, "format") != 0 || reading->reader == LIST_READER_PAGE))
		return call_refuse(
			reading->call, 400, error, "there is no parameter '%.64s' here, leave it out", pair->name);
	if (pair->value[0] == '\0')
		return reading->reader == LIST_READER_PAGE
			       ? ERR_OK
			       : call_refuse(reading->call, 400, error, "the parameter '%s' is empty, leave it out",
					 pair->name);
	if (filter != NULL)
		return read_filter(reading, filter, pair->value, error);
	if (strcmp(pair->name, "sort") == 0)
		return read_sort(reading, pair->value, error);
	if (strcmp(pair->name, "format") == 0)
		return read_format(reading, pair->value, error);
	*(strcmp(pair->name, "after") == 0 ? &reading->after : &reading->limit) = pair->value;
	return ERR_OK;
}

static enum err read_pairs(struct reading *reading, struct error *error)
{
	const struct request_pairs *query = &reading->call->request->query;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < query->count; i++) {
		for (size_t before = 0; before < i; before++)
			if (strcmp(query->all[before].name, query->all[i].name) == 0)
				return call_refuse(reading->call, 400, error,
					"the parameter '%.64s' stands twice, give it once", query->all[i].name);
		err = read_pair(reading, &query->all[i], error);
	}
	return err;
}

/* What can be read only when the order and the format are known, wherever these stand in the URL. */
static enum err read_window(struct reading *reading, struct error *error)
{
	struct list_ask *ask = reading->ask;
	uint64_t most = ask->csv ? LIST_VIEW_CSV_MAX : LIST_VIEW_ROWS_MAX;

	if (ask->csv)
		ask->limit = most;
	if (reading->limit != NULL &&
		(!request_number(&ask->limit, reading->limit, false) || ask->limit == 0 || ask->limit > most))
		return call_refuse(reading->call, 400, error,
			"limit= wants a number from 1 to %" PRIu64 ", not '%.64s'", most, reading->limit);
	if (reading->after != NULL && !list_cursor_read(&ask->after, &ask->order, reading->after))
		return call_refuse(reading->call, 400, error,
			"after='%.64s' is no place in this list and order, leave it out to begin at the first row",
			reading->after);
	return ERR_OK;
}

enum err list_ask_read(struct call *call, const struct list_view *view, const struct list_fixed *fixed,
	enum list_reader reader, struct list_ask *ask, struct error *error)
{
	struct reading reading = {.call = call, .view = view, .fixed = fixed, .reader = reader, .ask = ask};
	enum err err = ERR_OK;

	*ask = (struct list_ask){
		.order = {.list = view->list, .sort = list_info(view->list)->sorts[0].name},
		.limit = fixed != NULL && fixed->limit > 0 ? fixed->limit : LIST_VIEW_ROWS,
	};
	for (size_t i = 0; fixed != NULL && i < fixed->filter_count; i++)
		add_filter(ask, &fixed->filters[i]);
	if (list_is_asked(fixed))
		err = read_pairs(&reading, error);
	if (err == ERR_OK)
		err = read_window(&reading, error);
	return err;
}

struct list_wish list_ask_wish(const struct list_ask *ask)
{
	return (struct list_wish){
		.filters = ask->filters,
		.filter_count = ask->filter_count,
		.sort = ask->order.sort,
		.reversed = ask->order.reversed,
		.after = ask->after,
		.limit = ask->limit,
	};
}

static bool is_dropped(const struct list_link *link, const struct request_pair *pair)
{
	return pair->value[0] == '\0' || strcmp(pair->name, "after") == 0 ||
	       (link->drop != NULL && strcmp(pair->name, link->drop) == 0) ||
	       (link->set != NULL && strcmp(pair->name, link->set) == 0);
}

static void write_parameter(FILE *stream, const char *before, const char *name, const char *prefix, const char *value)
{
	fputs(before, stream);
	html_url(stream, name);
	fputc('=', stream);
	html_url(stream, prefix);
	html_url(stream, value);
}

static void write_path(FILE *stream, const char *path)
{
	for (; *path != '\0'; path++) {
		const char one[2] = {*path, '\0'};

		/* Segments are decoded in the request, and none holds a slash. */
		if (*path == '/')
			fputc('/', stream);
		else
			html_url(stream, one);
	}
}

void list_link_write(FILE *stream, const struct call *call, const struct list_link *link)
{
	const struct request_pairs *query = &call->request->query;
	const char *before = "?";

	write_path(stream, link->path != NULL ? link->path : call->request->path);
	for (size_t i = 0; i < query->count; i++) {
		if (is_dropped(link, &query->all[i]))
			continue;
		write_parameter(stream, before, query->all[i].name, NULL, query->all[i].value);
		before = link->between;
	}
	if (link->set != NULL)
		write_parameter(stream, before, link->set, link->prefix, link->value);
}
