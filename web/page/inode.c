/* SPDX-License-Identifier: GPL-2.0-only */
/* inode - the page of one inode: which of its bytes were reserved when, by whom, and how that ended. */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/explain/words.h"
#include "base/memory.h"
#include "web/html/html.h"
#include "web/list/list_view.h"
#include "web/message/query.h"
#include "web/page/inode_map.h"
#include "web/page/inode_table.h"
#include "web/page/page.h"
#include "web/page/root_parts.h"

enum { STRUCK_SHOWN = 12 };

struct view {
	struct subject subject;
	struct window window;
	struct found found;
	struct inode_map map;
	uint64_t ino;
};

static enum err view_read(struct call *call, struct view *view, struct error *error)
{
	static const char *const names[] = {"fs", "from", "to", NULL};
	const struct request *request = call->request;
	const struct subject_wish wish = {request->captures[0], request->captures[1], request_query(request, "fs")};
	struct inode_wish map = {.subject = &view->subject, .window = &view->window, .found = &view->found};
	struct inode_life life;
	enum err err = query_check(call, names, error);

	if (err == ERR_OK)
		err = subject_read(call, &wish, &view->subject, error);
	if (err == ERR_OK && (!request_capture(request, 2, false, &view->ino) || view->ino == 0))
		err = call_refuse(call, 404, error, "'%s' is no number of an inode", request->captures[2]);
	if (err == ERR_OK)
		err = inode_life_read(call, &view->subject, view->ino, &life, error);
	if (err == ERR_OK)
		err = window_read(call, life.first_ns, life.last_ns, &view->window, error);
	if (err == ERR_OK)
		err = found_read(call, &view->subject, view->ino, &view->found, error);
	map.ino = view->ino;
	if (err == ERR_OK)
		err = inode_map_read(call, &map, &view->map, error);
	if (err == ERR_OK && view->map.cut)
		window_end(&view->window, view->map.to_ns);
	if (err == ERR_OK && view->window.whole && view->map.events.count == 0)
		err = call_refuse(call, 404, error,
			"trace %" PRIu64 " has no event of inode %" PRIu64 " of root %" PRId64
			", see the page of the root",
			view->subject.trace_id, view->ino, (int64_t)view->subject.root);
	return err;
}

static void view_release(struct view *view)
{
	subject_release(&view->subject);
	found_release(&view->found);
	inode_map_release(&view->map);
}

/* Where findings struck, as stretches of the map: there may be more events than can be drawn at once. */
static void write_struck(struct call *call, const struct view *view)
{
	FILE *stream = call->response->body;
	size_t count = view->map.mark_count;

	if (count == 0)
		return;
	fputs("<p class=\"actions\"><span class=\"muted\">Struck at</span>", stream);
	for (size_t i = 0; i < count && i < STRUCK_SHOWN; i++) {
		const struct ranges_mark *mark = &view->map.marks[i];

		fputs(" <a href=\"", stream);
		window_link(call, &view->window, mark->time_ns);
		html_format(stream, "\" title=\"finding %u: %s\">", mark->finding, mark->headline);
		html_trace_time(stream, mark->time_ns);
		fputs("</a>", stream);
	}
	if (count > STRUCK_SHOWN)
		html_format(stream, " <span class=\"muted\">and %s</span>",
			words_count(count - STRUCK_SHOWN, "more time", "more times").text);
	fputs("</p>\n", stream);
}

static void write_lead(FILE *stream, const struct view *view)
{
	fputs("<p class=\"lead\">Each rectangle is a stretch of the file’s bytes from the moment at which a task "
	      "reserved it to the moment at which that ended. Colours are those who reserved it.</p>\n",
		stream);
	if (view->map.cut) {
		fputs("<p class=\"notice notice-info\"><strong>Not all of it is shown.</strong> At most ", stream);
		html_number(stream, INODE_EVENTS_MAX);
		html_format(stream, " events are drawn at once, and they reach to %s.</p>\n",
			window_time(view->map.to_ns).text);
	}
}

static enum range_tick_kind tick_of(const struct event *event)
{
	if (event->kind == EVENT_RESERVE_DATA)
		return TICK_RESERVE;
	if (event->kind != EVENT_RELEASE_DATA)
		return TICK_OTHER;
	return event->op == EVENT_OP_FREE ? TICK_FREE : TICK_RELEASE;
}

static void write_notes(FILE *stream, const struct view *view, size_t left_out)
{
	uint64_t guesses = range_map_guesses(view->map.map);

	fputs("<figcaption>Ticks below the map are the inode’s events.", stream);
	if (left_out > 0)
		html_format(
			stream, " %s left out: zoom in.", words_count(left_out, "rectangle is", "rectangles are").text);
	if (guesses > 0)
		html_format(stream, " Of %s the bytes fit nothing that is known, and the map near them is a guess.",
			words_count(guesses, "event", "events").text);
	if (!view->map.counted)
		fputs(" The counter has too many changes to look for what tasks took back: zoom in to see it.", stream);
	fputs("</figcaption>\n", stream);
}

static void write_figure(FILE *stream, const struct view *view)
{
	const struct inode_map *map = &view->map;
	struct ranges_tick *ticks = memory_resized(NULL, map->events.count + 1, sizeof(*ticks));
	struct ranges ranges = {
		.trace = view->subject.trace_id,
		.from_ns = view->window.from_ns,
		.to_ns = view->window.to_ns,
		.ticks = ticks,
		.tick_count = map->events.count,
		.marks = map->marks,
		.mark_count = map->mark_count,
		.comms = map->row.comms,
		.title = "Reserved bytes of the file over time",
	};
	size_t left_out;

	ranges.boxes = range_map_boxes(map->map, &ranges.box_count);
	ranges.gaps = range_map_gaps(map->map, &ranges.gap_count);
	for (size_t i = 0; i < map->events.count; i++)
		ticks[i] = (struct ranges_tick){map->events.all[i].time_ns, tick_of(&map->events.all[i])};
	fputs("<figure class=\"diagram\">\n", stream);
	left_out = ranges_write(stream, &ranges);
	ranges_legend(stream, &ranges);
	write_notes(stream, view, left_out);
	fputs("</figure>\n", stream);
	free(ticks);
}

static enum err write_findings(struct call *call, const struct view *view, struct error *error)
{
	const struct list_filter filters[] = {
		{.name = "trace", .number = view->subject.trace_id},
		{.name = "root", .number = view->subject.root},
		{.name = "fs", .number = view->subject.fs},
		{.name = "ino", .number = view->ino},
	};
	char more[128];
	const struct list_fixed fixed = {.filters = filters, .filter_count = 4, .limit = 10, .more = more};
	int length;

	length = snprintf(more, sizeof(more), "/findings?trace=%" PRIu64 "&root=%" PRId64 "&ino=%" PRIu64,
		view->subject.trace_id, (int64_t)view->subject.root, view->ino);
	if (view->subject.several_fs)
		snprintf(more + length, sizeof(more) - (size_t)length, "&fs=%" PRIu64, view->subject.fs);
	fputs("<h2 id=\"findings\">Findings</h2>\n", call->response->body);
	return list_view_table(call, &list_view_findings, &fixed, error);
}

static char *events_url(const struct view *view)
{
	char *url = NULL;
	size_t size;
	FILE *text = open_memstream(&url, &size);

	if (text == NULL)
		abort();
	fprintf(text, "/traces/%" PRIu64 "/events?root=%" PRId64 "&ino=%" PRIu64, view->subject.trace_id,
		(int64_t)view->subject.root, view->ino);
	subject_events_query(text, &view->subject, "&");
	fprintf(text, "&from_ns=%" PRIu64 "&to_ns=%" PRIu64, view->window.from_ns, view->window.to_ns);
	fclose(text);
	return url;
}

static enum err write_events(struct call *call, const struct view *view, struct error *error)
{
	struct list_filter filters[6] = {
		{.name = "trace", .number = view->subject.trace_id},
		{.name = "root", .number = view->subject.root},
		{.name = "ino", .number = view->ino},
		{.name = "from_ns", .number = view->window.from_ns},
		{.name = "to_ns", .number = view->window.to_ns},
	};
	char *more = events_url(view);
	const struct list_fixed fixed = {.filters = filters,
		.filter_count = subject_events(&view->subject, filters, 5),
		.limit = 25,
		.more = more,
		.trace = view->subject.trace_id};
	enum err err;

	fputs("<h2 id=\"events\">Events</h2>\n", call->response->body);
	err = list_view_table(call, &list_view_events, &fixed, error);
	free(more);
	return err;
}

static enum err view_write(struct call *call, const struct view *view, struct error *error)
{
	FILE *stream = call->response->body;
	char ino[24];
	enum err err;

	snprintf(ino, sizeof(ino), "%" PRIu64, view->ino);
	root_begin(call, &view->subject, ino, NULL);
	write_lead(stream, view);
	window_links(call, &view->window);
	write_struck(call, view);
	write_figure(stream, view);
	err = write_findings(call, view, error);
	if (err == ERR_OK) {
		inode_table(stream, &view->subject, &view->window, &view->map, view->ino);
		err = write_events(call, view, error);
	}
	if (err == ERR_OK)
		html_end(call);
	return err;
}

enum err page_inode(struct call *call, struct error *error)
{
	struct view view = {0};
	enum err err = view_read(call, &view, error);

	if (err == ERR_OK)
		err = view_write(call, &view, error);
	view_release(&view);
	return err;
}
