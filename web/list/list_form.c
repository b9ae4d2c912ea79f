/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/list/list_form.h"

#include <string.h>

#include "web/html/html.h"
#include "web/list/list_ask.h"

static enum list_filter_kind kind_of(enum list list, const char *name)
{
	for (const struct list_filter_info *filter = list_info(list)->filters; filter->name != NULL; filter++)
		if (strcmp(filter->name, name) == 0)
			return filter->kind;
	return LIST_FILTER_TEXT;
}

static void write_option(FILE *stream, const char *value, const char *text, bool chosen)
{
	html_format(stream, "<option value=\"%s\"", value);
	fputs(chosen ? " selected>" : ">", stream);
	html_text(stream, text);
	fputs("</option>", stream);
}

/* Values of a flag, and how they read. */
static const char *flag_word(size_t index)
{
	static const char *const words[] = {"1", "0"};

	return index < sizeof(words) / sizeof(words[0]) ? words[index] : NULL;
}

static const char *flag_text(const char *value)
{
	return value[0] == '1' ? "yes" : "no";
}

static void write_choice(FILE *stream, const struct list_view_filter *filter, bool flag, const char *value)
{
	const char *(*word_of)(size_t) = flag ? flag_word : filter->word;
	const char *word;

	html_format(stream, "<select name=\"%s\">", filter->name);
	write_option(stream, "", "any", value == NULL);
	for (size_t i = 0; (word = word_of(i)) != NULL; i++)
		write_option(stream, word, flag ? flag_text(word) : word, value != NULL && strcmp(value, word) == 0);
	fputs("</select>", stream);
}

/* What the URL names stays chosen, also when the page does not know it. */
static void write_values(FILE *stream, const struct list_choice *choice, const char *value)
{
	bool known = value == NULL;

	html_format(stream, "<select name=\"%s\">", choice->name);
	write_option(stream, "", "any", value == NULL);
	for (size_t i = 0; i < choice->count; i++) {
		bool chosen = value != NULL && strcmp(value, choice->values[i].value) == 0;

		write_option(stream, choice->values[i].value, choice->values[i].text, chosen);
		known = known || chosen;
	}
	if (!known)
		write_option(stream, value, value, true);
	fputs("</select>", stream);
}

static bool has_field(const struct list_view_filter *filter, const struct list_fixed *fixed)
{
	const struct list_choice *choice = fixed != NULL ? fixed->choice : NULL;

	return filter->title != NULL &&
	       (!filter->choice || (choice != NULL && strcmp(choice->name, filter->name) == 0));
}

static void write_field(FILE *stream, const struct list_view *view, const struct list_fixed *fixed,
	const struct list_view_filter *filter, const char *value)
{
	enum list_filter_kind kind = kind_of(view->list, filter->name);

	html_format(stream, "<label>%s", filter->title);
	if (filter->choice) {
		write_values(stream, fixed->choice, value);
	} else if (filter->word != NULL || kind == LIST_FILTER_FLAG) {
		write_choice(stream, filter, kind == LIST_FILTER_FLAG, value);
	} else {
		html_format(stream, "<input name=\"%s\" value=\"%s\" autocomplete=\"off\"", filter->name, value);
		if (kind == LIST_FILTER_TEXT)
			fputs(" type=\"search\" maxlength=\"255\">", stream);
		else
			html_format(stream, " inputmode=\"numeric\" pattern=\"%s[0-9]+\" title=\"%s\">",
				filter->negative ? "-?" : "",
				filter->negative ? "a number, may be negative" : "a number");
	}
	fputs("</label>\n", stream);
}

/* What the form does not show, and is not to lose: the order, and filters without a field. */
static void write_hidden(
	FILE *stream, const struct call *call, const struct list_view *view, const struct list_fixed *fixed)
{
	for (size_t i = 0; i < call->request->query.count; i++) {
		const struct request_pair *pair = &call->request->query.all[i];
		const struct list_view_filter *filter = list_filter_named(view, fixed, pair->name);

		if (pair->value[0] != '\0' && strcmp(pair->name, "after") != 0 &&
			(filter == NULL || !has_field(filter, fixed)))
			html_format(
				stream, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", pair->name, pair->value);
	}
}

static void write_chip(
	struct call *call, const struct list_view *view, const struct list_view_filter *filter, const char *value)
{
	bool flag = kind_of(view->list, filter->name) == LIST_FILTER_FLAG;
	const struct list_link link = {.drop = filter->name, .between = "&amp;"};
	const char *title = filter->title != NULL ? filter->title : filter->name;
	FILE *stream = call->response->body;

	html_format(stream, "<li class=\"chip\"><span>%s: <strong>%s</strong></span><a href=\"", title,
		flag ? flag_text(value) : value);
	list_link_write(stream, call, &link);
	html_format(stream, "\" aria-label=\"Remove the filter %s\" title=\"Remove\">×</a></li>\n", title);
}

/* To the list without any filter. */
static void write_clear(struct call *call)
{
	FILE *stream = call->response->body;
	struct request request = {.path = call->request->path};
	const struct call plain = {.request = &request};
	const struct list_link link = {.between = "&amp;"};

	fputs("<li class=\"small\"><a href=\"", stream);
	list_link_write(stream, &plain, &link);
	fputs("\">Remove all</a></li>\n", stream);
}

static void write_chips(struct call *call, const struct list_view *view, const struct list_fixed *fixed)
{
	const struct request_pairs *query = &call->request->query;
	FILE *stream = call->response->body;
	size_t chips = 0;

	for (size_t i = 0; i < query->count; i++) {
		const struct list_view_filter *filter = list_filter_named(view, fixed, query->all[i].name);

		if (filter == NULL || query->all[i].value[0] == '\0')
			continue;
		if (chips++ == 0)
			fputs("<ul class=\"chips\" aria-label=\"Filters in force\">\n", stream);
		write_chip(call, view, filter, query->all[i].value);
	}
	if (chips > 1)
		write_clear(call);
	if (chips > 0)
		fputs("</ul>\n", stream);
}

void list_form_write(struct call *call, const struct list_view *view, const struct list_fixed *fixed)
{
	FILE *stream = call->response->body;

	fputs("<form class=\"filter\" method=\"get\" role=\"search\" aria-label=\"Filter\">\n", stream);
	for (const struct list_view_filter *filter = view->filters; filter->name != NULL; filter++) {
		const char *value = request_query(call->request, filter->name);

		if (has_field(filter, fixed) && list_filter_named(view, fixed, filter->name) != NULL)
			write_field(stream, view, fixed, filter, value != NULL && value[0] != '\0' ? value : NULL);
	}
	write_hidden(stream, call, view, fixed);
	fputs("<button>Filter</button>\n</form>\n", stream);
	write_chips(call, view, fixed);
}
