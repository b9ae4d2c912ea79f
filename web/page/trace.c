/* SPDX-License-Identifier: GPL-2.0-only */
/* trace - what is known of one trace, and what was found in it. */
#include <inttypes.h>
#include <string.h>

#include "web/html/html.h"
#include "web/page/page.h"
#include "web/page/proof.h"
#include "web/page/trace_parts.h"

enum { FINDINGS_SHOWN = 20, REPLAYS_SHOWN = 5 };

struct counted {
	const char *severity;
	const char *column;
	const char *one;
	const char *many;
};

static const struct counted counted[] = {
	{"error", "errors", "error", "errors"},
	{"warning", "warnings", "warning", "warnings"},
	{"note", "notes", "note", "notes"},
};

static void put_verdict(const struct trace_page *page)
{
	const char *status = list_one_text(page->facts, "status");
	uint64_t all = 0;

	fputs("<p class=\"badges\">", page->stream);
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		uint64_t count = list_one_number(page->facts, counted[i].column);

		all += count;
		if (count == 0)
			continue;
		html_format(page->stream,
			"<a class=\"badge badge-%s\" href=\"/findings?trace=%" PRIu64 "&amp;severity=%s\">",
			counted[i].severity, page->id, counted[i].severity);
		html_number(page->stream, count);
		html_format(page->stream, " %s</a> ", count == 1 ? counted[i].one : counted[i].many);
	}
	if (page->replay == 0)
		fputs("<span class=\"badge badge-other\">never replayed</span> ", page->stream);
	else if (all == 0)
		fputs("<span class=\"badge badge-done\">nothing found</span> ", page->stream);
	if (status != NULL && strcmp(status, "whole") != 0)
		html_format(page->stream, "<span class=\"badge badge-warning\">%s</span>", status);
	fputs("</p>\n", page->stream);
}

static void put_actions(const struct trace_page *page)
{
	html_format(page->stream,
		"<p class=\"actions\"><a class=\"button\" href=\"/traces/%" PRIu64
		"/events\">Events</a> <a class=\"button\" href=\"/findings?trace=%" PRIu64
		"\">Findings</a> <a href=\"/api/v1/traces/%" PRIu64 "\">JSON</a></p>\n",
		page->id, page->id, page->id);
}

static enum err put_findings(const struct trace_page *page, struct error *error)
{
	const struct list_filter filter = {.name = "trace", .number = page->id};
	char more[64];
	const struct list_fixed fixed = {
		.filters = &filter, .filter_count = 1, .limit = FINDINGS_SHOWN, .more = more, .trace = page->id};
	enum err err;

	snprintf(more, sizeof(more), "/findings?trace=%" PRIu64, page->id);
	fputs("<section id=\"findings\">\n<h2>Findings</h2>\n", page->stream);
	err = list_view_table(page->call, &list_view_findings, &fixed, error);
	fputs("</section>\n", page->stream);
	return err;
}

/* The one list that the URL leafs through. */
static enum err put_roots(const struct trace_page *page, struct error *error)
{
	const struct list_filter filter = {.name = "trace", .number = page->id};
	const struct list_fixed fixed = {.filters = &filter, .filter_count = 1, .trace = page->id};
	enum err err;

	fputs("<section id=\"roots\">\n<h2>Roots</h2>\n", page->stream);
	err = list_view_table(page->call, &list_view_roots, &fixed, error);
	fputs("</section>\n", page->stream);
	return err;
}

static enum err put_replays(const struct trace_page *page, struct error *error)
{
	const struct list_filter filter = {.name = "trace", .number = page->id};
	char more[64];
	const struct list_fixed fixed = {
		.filters = &filter, .filter_count = 1, .limit = REPLAYS_SHOWN, .more = more, .trace = page->id};
	enum err err;

	snprintf(more, sizeof(more), "/traces/%" PRIu64, page->id);
	fputs("<section>\n<h2>Replays</h2>\n", page->stream);
	err = list_view_table(page->call, &list_view_replays, &fixed, error);
	fputs("</section>\n", page->stream);
	return err;
}

static enum err put_body(const struct trace_page *page, struct error *error)
{
	enum err err;

	fputs("<div class=\"heading\">", page->stream);
	put_verdict(page);
	put_actions(page);
	fputs("</div>\n", page->stream);
	err = trace_put_facts(page, error);
	if (err == ERR_OK)
		err = put_findings(page, error);
	if (err == ERR_OK)
		err = put_roots(page, error);
	if (err == ERR_OK)
		err = trace_put_quality(page, error);
	if (err == ERR_OK)
		err = trace_put_log(page, error);
	if (err == ERR_OK)
		err = trace_put_limits(page, error);
	if (err == ERR_OK)
		trace_put_counts(page);
	if (err == ERR_OK)
		err = put_replays(page, error);
	if (err == ERR_OK)
		trace_put_sharing(page);
	return err;
}

static enum err write_page(struct trace_page *page, struct error *error)
{
	const char *name = list_one_text(page->facts, "name");
	const struct html_crumb crumbs[] = {{"Traces", "/traces"}, {html_file_name(name), NULL}, {NULL, NULL}};
	const struct html_page frame = {.title = html_file_name(name), .place = PLACE_TRACES, .crumbs = crumbs};
	enum err err = trace_read_counts(page, error);

	if (err == ERR_OK) {
		html_begin(page->call, &frame);
		err = put_body(page, error);
	}
	if (err == ERR_OK)
		html_end(page->call);
	return err;
}

enum err page_trace(struct call *call, struct error *error)
{
	struct trace_page page = {.call = call, .stream = call->response->body};
	struct list_one facts = {.list = LIST_TRACES};
	enum err err = proof_number(call, 0, "trace", &page.id, error);

	if (err == ERR_OK)
		err = proof_facts(call, page.id, &facts, error);
	if (err == ERR_OK) {
		page.facts = &facts;
		page.replay = list_one_number(&facts, "replay");
		err = write_page(&page, error);
	}
	list_one_release(&facts);
	return err;
}
