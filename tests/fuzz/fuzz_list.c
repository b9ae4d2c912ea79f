/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_list - any query as what a list is asked: what is taken has a link that asks the same, a cursor that is taken is
 * within its bounds, and nothing of it stands in a page as markup.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "web/html/html.h"
#include "web/list/list_ask.h"

enum { PAIRS_MAX = 16 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct query {
	struct request_pair pairs[PAIRS_MAX];
	struct request request;
	struct response response;
	struct call call;
};

static const struct list_view *const views[] = {
	&list_view_findings, &list_view_traces, &list_view_events, &list_view_roots, &list_view_signatures};

/* In place: what html_url() wrote. */
static void decode(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text == '%') {
			const char digits[3] = {text[1], text[2], '\0'};

			if (strspn(digits, "0123456789ABCDEF") != 2)
				abort();
			*to++ = (char)strtoul(digits, NULL, 16);
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static void split(struct query *query, char *text, bool encoded)
{
	char *save = NULL;

	*query = (struct query){.request.path = "/list"};
	for (char *at = strtok_r(text, "&", &save); at != NULL && query->request.query.count < PAIRS_MAX;
		at = strtok_r(NULL, "&", &save)) {
		char *value = at + strcspn(at, "=");

		if (*value != '\0')
			*value++ = '\0';
		if (encoded) {
			decode(at);
			decode(value);
		}
		query->pairs[query->request.query.count++] = (struct request_pair){at, value};
	}
	query->request.query.all = query->pairs;
	response_init(&query->response);
	query->call = (struct call){.request = &query->request, .response = &query->response};
}

static bool same_filter(const struct list_filter *a, const struct list_filter *b)
{
	return strcmp(a->name, b->name) == 0 && a->number == b->number &&
	       (a->text == NULL ? b->text == NULL : b->text != NULL && strcmp(a->text, b->text) == 0);
}

static bool same_ask(const struct list_ask *a, const struct list_ask *b)
{
	bool same = a->filter_count == b->filter_count && a->limit == b->limit && a->order.sort == b->order.sort &&
		    a->order.reversed == b->order.reversed && b->after.count == 0;

	for (size_t i = 0; same && i < a->filter_count; i++)
		same = same_filter(&a->filters[i], &b->filters[i]);
	return same;
}

static void follow_link(const struct query *query, const struct list_view *view, const struct list_ask *ask)
{
	const struct list_link link = {.between = "&"};
	struct query again;
	struct list_ask asked;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	list_link_write(stream, &query->call, &link);
	fclose(stream);
	if (strncmp(text, "/list", 5) != 0 || strpbrk(text, "<>\"' ") != NULL)
		abort();
	split(&again, text + strcspn(text, "?") + (strchr(text, '?') != NULL), true);
	if (list_ask_read(&again.call, view, NULL, LIST_READER_PAGE, &asked, NULL) != ERR_OK || !same_ask(ask, &asked))
		abort();
	response_release(&again.response);
	free(text);
}

static void read_cursor(const struct list_view *view, const char *text)
{
	const struct list_order order = {view->list, list_info(view->list)->sorts[0].name, false};
	struct list_place place;
	struct list_place again;
	struct list_cursor cursor;

	if (!list_cursor_read(&place, &order, text))
		return;
	if (place.count > LIST_KEYS_MAX || memchr(place.text, '\0', sizeof(place.text)) == NULL)
		abort();
	cursor = list_cursor_write(&order, &place);
	if (!list_cursor_read(&again, &order, cursor.text) || memcmp(&place, &again, sizeof(place)) != 0)
		abort();
}

static void write_page(const char *text)
{
	char *page = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&page, &size);

	html_text(stream, text);
	fclose(stream);
	if (strpbrk(page, "<>\"'") != NULL)
		abort();
	for (const char *at = page; *at != '\0'; at += utf8_length(at))
		if (utf8_length(at) == 0)
			abort();
	free(page);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct list_view *view = views[size > 0 ? data[0] % (sizeof(views) / sizeof(views[0])) : 0];
	char *text = calloc(size + 1, 1);
	struct query query;
	struct list_ask ask;

	memcpy(text, data + (size > 0), size - (size > 0));
	write_page(text);
	read_cursor(view, text);
	split(&query, text, false);
	if (list_ask_read(&query.call, view, NULL, LIST_READER_PAGE, &ask, NULL) == ERR_OK)
		follow_link(&query, view, &ask);
	response_release(&query.response);
	free(text);
	return 0;
}
