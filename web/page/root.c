/* SPDX-License-Identifier: GPL-2.0-only */
/* root - the page of one subvolume: its counter over time, as it was and as it should have been. */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/explain/words.h"
#include "base/memory.h"
#include "web/draw/plot.h"
#include "web/html/html.h"
#include "web/list/list_view.h"
#include "web/message/query.h"
#include "web/page/curve.h"
#include "web/page/found.h"
#include "web/page/gaps.h"
#include "web/page/page.h"
#include "web/page/root_parts.h"

/* What is read before a byte is written, so that a refusal is a page of its own. */
struct view {
	struct subject subject;
	struct window window;
	struct curve curve;
	struct found found;
	struct gaps gaps;
	struct root_limits limits;
};

static enum err view_read(struct call *call, struct view *view, struct error *error)
{
	static const char *const names[] = {"fs", "from", "to", NULL};
	const struct subject_wish wish = {
		call->request->captures[0], call->request->captures[1], request_query(call->request, "fs")};
	struct gaps_wish gaps = {.to_seq = INT64_MAX};
	enum err err = query_check(call, names, error);

	*view = (struct view){0};
	if (err == ERR_OK)
		err = subject_read(call, &wish, &view->subject, error);
	if (err == ERR_OK)
		err = window_read(call, view->subject.first_ns, view->subject.last_ns, &view->window, error);
	if (err == ERR_OK)
		err = curve_read(call, &view->subject, &view->window, CURVE_POINTS, &view->curve, error);
	if (err == ERR_OK)
		err = found_read(call, &view->subject, 0, &view->found, error);
	gaps.trace = view->subject.trace_id;
	if (err == ERR_OK)
		err = gaps_read(call, &gaps, &view->gaps, error);
	if (err == ERR_OK)
		err = root_limits_read(call, &view->subject, &view->limits, error);
	return err;
}

static void view_release(struct view *view)
{
	subject_release(&view->subject);
	curve_release(&view->curve);
	found_release(&view->found);
	gaps_release(&view->gaps);
}

static void write_svg(FILE *stream, const struct view *view)
{
	const struct found *found = &view->found;
	struct plot_mark *marks = memory_resized(NULL, found->count + 1, sizeof(*marks));
	struct plot_gap *gaps = memory_resized(NULL, view->gaps.count + 1, sizeof(*gaps));
	struct plot plot = {
		.from_ns = view->window.from_ns,
		.to_ns = view->window.to_ns,
		.points = view->curve.points,
		.point_count = view->curve.count,
		.marks = marks,
		.mark_count = found->count,
		.gaps = gaps,
		.gap_count = view->gaps.count,
		.title = "Reserved bytes over time: as they were, and as they should have been",
	};

	for (size_t i = 0; i < found->count; i++)
		marks[i] = (struct plot_mark){
			found->all[i].time_ns, found->all[i].number, view->subject.trace_id, found->all[i].headline};
	for (size_t i = 0; i < view->gaps.count; i++)
		gaps[i] = (struct plot_gap){view->gaps.all[i].start, view->gaps.all[i].time_ns};
	plot_write(stream, &plot);
	root_legend(stream, &plot);
	free(marks);
	free(gaps);
}

/* What the script draws instead, by the API. */
static void write_figure(FILE *stream, const struct view *view)
{
	const struct subject *subject = &view->subject;

	fputs("<figure class=\"diagram\">\n<div id=\"plot\" data-api=\"/api/v1/ledgers?", stream);
	html_format(stream, "trace=%" PRIu64 "&amp;root=", subject->trace_id);
	html_root(stream, subject->root);
	html_format(stream, "&amp;fs=%" PRIu64 "\" data-first=\"%s\" data-last=\"%s\">\n", subject->fs,
		window_time(view->window.whole_from_ns).text, window_time(view->window.whole_to_ns).text);
	write_svg(stream, view);
	fputs("</div>\n<figcaption>", stream);
	if (view->curve.span <= 1)
		fputs("Every change of the counter in this stretch is drawn.", stream);
	else
		html_format(stream,
			"A point stands for up to %s of the counter, drawn from their least to their greatest value. "
			"Zoom in to see each.",
			words_count(view->curve.span, "change", "changes").text);
	fputs("</figcaption>\n</figure>\n", stream);
}

static enum err write_findings(struct call *call, const struct view *view, struct error *error)
{
	const struct subject *subject = &view->subject;
	const struct list_filter filters[] = {
		{.name = "trace", .number = subject->trace_id},
		{.name = "root", .number = subject->root},
		{.name = "fs", .number = subject->fs},
	};
	char more[96];
	struct list_fixed fixed = {.filters = filters, .filter_count = 3, .limit = 10, .more = more};
	int length = snprintf(more, sizeof(more), "/findings?trace=%" PRIu64 "&root=%" PRId64, subject->trace_id,
		(int64_t)subject->root);

	if (subject->several_fs)
		snprintf(more + length, sizeof(more) - (size_t)length, "&fs=%" PRIu64, subject->fs);
	fputs("<h2 id=\"findings\">Findings</h2>\n", call->response->body);
	return list_view_table(call, &list_view_findings, &fixed, error);
}

static enum err view_write(struct call *call, const struct view *view, struct error *error)
{
	FILE *stream = call->response->body;
	enum err err;

	root_begin(call, &view->subject, NULL, "plot.js");
	root_lead(stream, &view->subject);
	root_facts(stream, &view->subject, &view->limits);
	if (view->curve.count == 0) {
		fputs("<p class=\"empty\">The counter of this root was never seen in the trace: there is nothing to "
		      "draw. Was the event qgroup_update_reserve enabled?</p>\n",
			stream);
	} else {
		fputs("<h2>Counter over time</h2>\n", stream);
		window_links(call, &view->window);
		write_figure(stream, view);
	}
	root_links(stream, &view->subject, &view->window);
	err = write_findings(call, view, error);
	if (err == ERR_OK) {
		root_inodes(stream, &view->subject, &view->found);
		html_end(call);
	}
	return err;
}

enum err page_root(struct call *call, struct error *error)
{
	struct view view;
	enum err err = view_read(call, &view, error);

	if (err == ERR_OK)
		err = view_write(call, &view, error);
	view_release(&view);
	return err;
}
