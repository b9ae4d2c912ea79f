/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/overview_parts.h"

#include <inttypes.h>
#include <string.h>

#include "web/html/html.h"

/* `class` tells what is to be seen first; a figure of 0 needs none. */
static void begin_figure(FILE *stream, const char *url, const char *class, uint64_t count)
{
	html_format(stream, "<a class=\"figure%s\" href=\"%s\"><span class=\"value\">", count > 0 ? class : "", url);
}

/* `bad` of them have errors; 0 says nothing. */
static void end_figure(FILE *stream, const char *name, uint64_t bad)
{
	html_format(stream, "</span><span class=\"name\">%s", name);
	if (bad > 0)
		html_format(stream, ", %" PRIu64 " with errors", bad);
	fputs("</span></a>\n", stream);
}

struct figure {
	const char *one;
	const char *many;
	const char *url;
	const char *class;
};

static void write_figure(FILE *stream, const struct figure *figure, uint64_t count)
{
	begin_figure(stream, figure->url, figure->class, count);
	html_number(stream, count);
	end_figure(stream, count == 1 ? figure->one : figure->many, 0);
}

static void write_bytes(FILE *stream, uint64_t bytes, const char *name)
{
	begin_figure(stream, "/findings?severity=error&sort=bytes", "", bytes);
	html_bytes(stream, bytes);
	end_figure(stream, name, 0);
}

static void write_traces(FILE *stream, const struct list_one *totals)
{
	uint64_t bad = list_one_number(totals, "traces_with_errors");

	begin_figure(stream, "/traces", "", 0);
	html_number(stream, list_one_number(totals, "traces"));
	end_figure(stream, list_one_number(totals, "traces") == 1 ? "trace" : "traces", bad);
}

void overview_figures(FILE *stream, const struct list_one *totals, uint64_t open)
{
	static const struct figure open_signatures = {
		"open signature", "open signatures", "/signatures?state=open", " figure-error"};
	static const struct figure errors = {"error", "errors", "/findings?severity=error", " figure-error"};
	static const struct figure warnings = {"warning", "warnings", "/findings?severity=warning", " figure-warning"};
	static const struct figure events = {"event", "events", "/traces?sort=events", ""};

	fputs("<div class=\"figures\">\n", stream);
	write_figure(stream, &open_signatures, open);
	write_figure(stream, &errors, list_one_number(totals, "errors"));
	write_figure(stream, &warnings, list_one_number(totals, "warnings"));
	write_bytes(stream, list_one_number(totals, "leaked"), "leaked");
	write_bytes(stream, list_one_number(totals, "underflow"), "underflowed");
	write_traces(stream, totals);
	write_figure(stream, &events, list_one_number(totals, "events"));
	fputs("</div>\n", stream);
}

/* A line of the quality: what was counted, where it is, and what it means. */
struct quality {
	uint64_t count;
	const char *one;
	const char *many;
	const char *url;
	const char *means;
};

static void write_quality(FILE *stream, const struct quality *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (lines[i].count == 0)
			continue;
		html_format(stream, "<li><a href=\"%s\">", lines[i].url);
		html_number(stream, lines[i].count);
		html_format(stream, " %s</a> <span class=\"muted\">%s</span></li>\n",
			lines[i].count == 1 ? lines[i].one : lines[i].many, lines[i].means);
	}
}

void overview_uploads(FILE *stream, const struct list_one *totals)
{
	const struct quality lines[] = {
		{list_one_number(totals, "uploads_queued"), "upload waits", "uploads wait", "/uploads?state=queued",
			"to be read"},
		{list_one_number(totals, "uploads_running"), "upload is being read", "uploads are being read",
			"/uploads?state=running", ""},
		{list_one_number(totals, "uploads_failed"), "upload failed", "uploads failed", "/uploads?state=failed",
			"each says why"},
	};

	if (lines[0].count + lines[1].count + lines[2].count == 0)
		return;
	fputs("<h2>Uploads</h2>\n<ul>\n", stream);
	write_quality(stream, lines, sizeof(lines) / sizeof(lines[0]));
	fputs("</ul>\n", stream);
}

/* In how many traces there is a finding of that kind. */
static uint64_t traces_with(const struct signature_rows *rows, const char *kind)
{
	uint64_t most = 0;

	for (size_t i = 0; i < rows->count; i++)
		if (strcmp(rows->all[i].kind, kind) == 0 && rows->all[i].traces > most)
			most = rows->all[i].traces;
	return most;
}

void overview_quality(FILE *stream, const struct list_one *totals, const struct signature_rows *rows)
{
	const struct quality lines[] = {
		{list_one_number(totals, "traces_with_losses"), "trace lacks events", "traces lack events",
			"/findings?kind=lost-events",
			"what those touched is left out of every proof: record with larger buffers"},
		{traces_with(rows, "missing-head"), "trace begins too late", "traces begin too late",
			"/findings?kind=missing-head",
			"bytes were reserved before: begin before the filesystem is mounted"},
		{list_one_number(totals, "traces_garbled"), "trace has lines that are no events",
			"traces have lines that are no events", "/traces",
			"they were passed over: cut off, or not of ftrace"},
		{traces_with(rows, "garbage-type"), "trace has garbage for types", "traces have garbage for types",
			"/findings?kind=garbage-type", "metadata cannot be judged there"},
		{traces_with(rows, "log-mismatch"), "kernel log does not fit", "kernel logs do not fit",
			"/findings?kind=log-mismatch", "of another time or machine, or events are missing unseen"},
		{list_one_number(totals, "unfinished"), "recording has no end", "recordings have no end", "/traces",
			"it runs still, or was broken off"},
		{list_one_number(totals, "uploads_failed"), "upload failed", "uploads failed", "/uploads?state=failed",
			"nothing of it is in these figures"},
		{list_one_number(totals, "uploads_queued") + list_one_number(totals, "uploads_running"),
			"upload is on its way", "uploads are on their way", "/uploads", "not in these figures yet"},
	};
	uint64_t flaws = 0;

	fputs("<section aria-labelledby=\"quality\">\n<h2 id=\"quality\">Quality of the data</h2>\n", stream);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		flaws |= lines[i].count;
	if (flaws == 0)
		fputs("<p>No trace lacks events or begins too late, and no upload failed: what was not found was not "
		      "there to be found.</p>\n",
			stream);
	fputs("<ul class=\"quality\">\n", stream);
	write_quality(stream, lines, sizeof(lines) / sizeof(lines[0]));
	fputs("</ul>\n<p class=\"small muted\">Last trace taken in: ", stream);
	html_date(stream, list_one_number(totals, "last_imported_at"));
	if (list_one_number(totals, "hosts") > 0)
		html_format(stream, "; from %" PRIu64 " %s", list_one_number(totals, "hosts"),
			list_one_number(totals, "hosts") == 1 ? "host" : "hosts");
	fputs("</p>\n</section>\n", stream);
}
