/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events - the page of a trace's events: filtered, in pages, around one of them, with what they show in a finding.
 *
 * around=SEQ shows what was before and after it; before=SEQ and after=SEQ leaf through; finding=N marks its evidence.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "web/html/html.h"
#include "web/list/list_ask.h"
#include "web/list/list_form.h"
#include "web/page/events_rows.h"
#include "web/page/page.h"

enum { ROWS = 100, CONTEXT = 20 };

/* A place in the trace that the URL names. */
struct place {
	const char *name;
	bool set;
	uint64_t number;
};

enum { AROUND, BEFORE, AFTER, FINDING, PLACES };

struct view {
	struct subject subject;
	struct list_filter trace;
	struct list_fixed fixed;
	struct list_ask ask;
	struct place places[PLACES];
	struct events_rows rows;
	bool earlier; /* there are others before those that are shown */
	bool later;
};

static const char *const place_names[] = {"around", "before", "after", "finding", NULL};

static enum err read_places(struct call *call, struct view *view, struct error *error)
{
	for (int i = 0; i < PLACES; i++) {
		struct place *place = &view->places[i];
		const char *text = request_query(call->request, place_names[i]);

		place->name = place_names[i];
		place->set = text != NULL && text[0] != '\0';
		if (place->set && (!request_number(&place->number, text, false) || place->number > INT64_MAX))
			return call_refuse(call, 400, error, "%s= wants the number of %s, not '%.64s'", place->name,
				i == FINDING ? "a finding" : "an event", text);
	}
	return ERR_OK;
}

/* Rows behind an event, or before it. */
struct stretch {
	uint64_t seq;
	bool back;
	uint64_t limit;
};

static enum err read_some(
	struct call *call, struct view *view, const struct stretch *stretch, bool *more, struct error *error)
{
	struct list_wish wish = list_ask_wish(&view->ask);
	const struct list_sink sink = {events_rows_take, &view->rows};
	struct list_place next = {0};
	size_t first = view->rows.count;
	enum err err;

	wish.limit = stretch->limit;
	wish.reversed = stretch->back;
	wish.after = (struct list_place){.count = 1, .keys = {(int64_t)stretch->seq}};
	err = store_list(call->store, LIST_EVENTS, &wish, &sink, &next, error);
	if (stretch->back)
		events_rows_reverse(&view->rows, first);
	*more = next.count > 0;
	return err;
}

static enum err read_rows(struct call *call, struct view *view, struct error *error)
{
	const struct place *places = view->places;
	uint64_t seq = places[AROUND].number;
	const struct stretch before = {seq, true, CONTEXT};
	const struct stretch behind = {seq > 0 ? seq - 1 : 0, false, CONTEXT + 1};
	const struct stretch back = {places[BEFORE].number, true, view->ask.limit};
	const struct stretch on = {places[AFTER].number, false, view->ask.limit};
	enum err err;

	if (places[AROUND].set) {
		view->rows.around = seq;
		err = read_some(call, view, &before, &view->earlier, error);
		return err == ERR_OK ? read_some(call, view, &behind, &view->later, error) : err;
	}
	if (places[BEFORE].set) {
		view->later = true;
		return read_some(call, view, &back, &view->earlier, error);
	}
	view->earlier = places[AFTER].set && places[AFTER].number > 0;
	return read_some(call, view, &on, &view->later, error);
}

static enum err read_gaps(struct call *call, struct view *view, struct error *error)
{
	struct events_rows *rows = &view->rows;
	struct gaps_wish wish = {.trace = view->subject.trace_id};

	if (rows->count == 0)
		return ERR_OK;
	/* On the first page from the begin of the trace on, since a trace may begin with a gap. */
	wish.from_seq = view->earlier ? rows->all[0].event.number : 0;
	wish.to_seq = rows->all[rows->count - 1].event.number;
	return gaps_read(call, &wish, &rows->gaps, error);
}

static enum err view_read(struct call *call, struct view *view, struct error *error)
{
	const struct subject_wish wish = {.trace = call->request->captures[0]};
	enum err err = subject_read(call, &wish, &view->subject, error);

	view->trace = (struct list_filter){.name = "trace", .number = view->subject.trace_id};
	view->fixed = (struct list_fixed){
		.filters = &view->trace,
		.filter_count = 1,
		.form = true,
		.limit = ROWS,
		.trace = view->subject.trace_id,
		.others = place_names,
	};
	if (err == ERR_OK)
		err = read_places(call, view, error);
	if (err == ERR_OK)
		err = list_ask_read(call, &list_view_events, &view->fixed, LIST_READER_PAGE, &view->ask, error);
	if (err == ERR_OK)
		err = events_rows_begin(call, &view->subject, view->places[FINDING].number, &view->rows, error);
	if (err == ERR_OK)
		err = read_rows(call, view, error);
	if (err == ERR_OK)
		err = events_rows_find_pages(call, &view->rows, error);
	return err == ERR_OK ? read_gaps(call, view, error) : err;
}

static void write_turn(struct call *call, const struct view *view, int place, uint64_t seq, const char *text)
{
	FILE *stream = call->response->body;
	char digits[24];
	struct list_link link = {.set = place_names[place], .value = digits, .between = "&amp;"};

	snprintf(digits, sizeof(digits), "%" PRIu64, seq);
	if (view->places[AROUND].set)
		link.drop = place_names[AROUND];
	else if (view->places[BEFORE].set)
		link.drop = place_names[BEFORE];
	fputs("<a href=\"", stream);
	list_link_write(stream, call, &link);
	html_format(stream, "\" rel=\"%s\">%s</a>\n", place == BEFORE ? "prev" : "next", text);
}

static void write_format(FILE *stream, const struct view *view, const char *format, const char *name)
{
	html_format(stream, "<a href=\"/api/v1/events?trace=%" PRIu64, view->subject.trace_id);
	for (size_t i = 1; i < view->ask.filter_count; i++) {
		const struct list_filter *filter = &view->ask.filters[i];

		html_format(stream, "&amp;%s=", filter->name);
		if (filter->text != NULL)
			html_url(stream, filter->text);
		else
			html_format(stream, "%" PRIu64, filter->number);
	}
	html_format(stream, "%s\">%s</a>", format, name);
}

static void write_pages(struct call *call, const struct view *view)
{
	const struct events_rows *rows = &view->rows;
	FILE *stream = call->response->body;

	fputs("<nav class=\"pages\" aria-label=\"Pages\">\n", stream);
	if (view->earlier)
		write_turn(call, view, BEFORE, rows->all[0].event.number, "« Earlier");
	if (view->later)
		write_turn(call, view, AFTER, rows->all[rows->count - 1].event.number, "Later »");
	fputs("<span class=\"formats\">", stream);
	write_format(stream, view, "", "JSON");
	fputs(" · ", stream);
	write_format(stream, view, "&format=csv", "CSV");
	fputs("</span>\n</nav>\n", stream);
}

static void begin_page(struct call *call, const struct view *view)
{
	const char *name = list_one_text(&view->subject.trace, "name");
	char url[48];

	snprintf(url, sizeof(url), "/traces/%" PRIu64, view->subject.trace_id);
	html_begin(call, &(struct html_page){
				 .title = "Events",
				 .place = PLACE_TRACES,
				 .crumbs = (const struct html_crumb[]){{"Traces", "/traces"},
					 {html_file_name(name), url}, {"Events", NULL}, {NULL, NULL}},
			 });
}

static bool is_shown(const struct events_rows *rows, uint64_t seq)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->all[i].event.number == seq)
			return true;
	for (size_t i = 0; i < rows->gaps.count; i++)
		if (rows->gaps.all[i].number == seq)
			return true;
	return false;
}

/* Where the trace has several filesystems, the form offers them, by number and fsid. */
static void write_form(struct call *call, const struct view *view)
{
	const struct events_rows *rows = &view->rows;
	struct list_choice_value *values = memory_resized(NULL, rows->fs_count + 1, sizeof(*values));
	struct list_choice choice = {.name = "fsid", .values = values};
	struct list_fixed fixed = view->fixed;

	for (size_t i = 0; i < rows->fs_count; i++) {
		const struct events_fs *fs = &rows->filesystems[i];
		struct list_choice_value *value = &values[choice.count];

		if (fs->fsid[0] == '\0')
			continue;
		value->value = fs->fsid;
		snprintf(value->text, sizeof(value->text), "%" PRIu64 ": %s", fs->number, fs->fsid);
		choice.count++;
	}
	if (choice.count > 1)
		fixed.choice = &choice;
	list_form_write(call, &list_view_events, &fixed);
	free(values);
}

static void view_write(struct call *call, const struct view *view)
{
	const struct events_rows *rows = &view->rows;
	FILE *stream = call->response->body;

	begin_page(call, view);
	fputs("<p class=\"lead\">", stream);
	html_number(stream, list_one_number(&view->subject.trace, "events"));
	fputs(" events, in the order of the trace. Numbers of roots and inodes lead to their pages, that of an event "
	      "to "
	      "what was around it.</p>\n",
		stream);
	write_form(call, view);
	if (rows->around != 0 && rows->count > 0 && !is_shown(rows, rows->around))
		html_format(stream,
			"<p class=\"notice notice-info\"><strong>Event %" PRIu64
			" is not among these.</strong> It does not fit the filters, or the trace has none of that "
			"number.</p>\n",
			rows->around);
	if (rows->count == 0) {
		fputs("<p class=\"empty\">No event fits.</p>\n", stream);
	} else {
		events_rows_write(stream, rows);
		write_pages(call, view);
	}
	html_end(call);
}

enum err page_events(struct call *call, struct error *error)
{
	struct view *view = memory_zeroed(sizeof(*view));
	enum err err = view_read(call, view, error);

	if (err == ERR_OK)
		view_write(call, view);
	subject_release(&view->subject);
	events_rows_release(&view->rows);
	free(view);
	return err;
}
