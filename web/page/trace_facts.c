/* SPDX-License-Identifier: GPL-2.0-only */
/* trace_facts - what a trace says of itself, and how to take it away. */
#include <inttypes.h>
#include <string.h>

#include "analyzer/explain/words.h"
#include "web/html/html.h"
#include "web/page/trace_parts.h"

enum { FILESYSTEMS_SHOWN = 8 };

static enum err take_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	const struct trace_rows *rows = context;

	(void)count;
	(void)error;
	rows->take(rows->context, values);
	return ERR_OK;
}

enum err trace_each_row(const struct trace_page *page, const struct trace_rows *rows, struct error *error)
{
	struct trace_rows given = *rows;
	const struct list_wish wish = {.filters = &given.filter, .filter_count = 1, .limit = rows->limit};
	const struct list_sink sink = {take_row, &given};
	struct list_place next;

	return store_list(page->call->store, rows->list, &wish, &sink, &next, error);
}

static void take_count(void *context, const struct row_value *values)
{
	struct trace_page *page = context;
	const struct row_value *kind = &values[list_column(LIST_EVENT_COUNTS, "kind")];

	for (int i = 0; i < EVENT_COUNT; i++)
		if (kind->kind == ROW_TEXT && strcmp(event_kind_name((enum event_kind)i), kind->bytes) == 0)
			page->counts[i] = (uint64_t)values[list_column(LIST_EVENT_COUNTS, "events")].number;
}

enum err trace_read_counts(struct trace_page *page, struct error *error)
{
	const struct trace_rows rows = {
		LIST_EVENT_COUNTS, {.name = "trace", .number = page->id}, 2 * EVENT_COUNT, take_count, page};

	return trace_each_row(page, &rows, error);
}

static void put_text(const struct trace_page *page, const char *name, const char *text)
{
	if (text != NULL && *text != '\0')
		html_format(page->stream, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, text);
}

static void begin(const struct trace_page *page, const char *name)
{
	html_format(page->stream, "<div><dt>%s</dt><dd>", name);
}

static void end(const struct trace_page *page)
{
	fputs("</dd></div>\n", page->stream);
}

static void put_span(const struct trace_page *page)
{
	uint64_t first = list_one_number(page->facts, "first_ns");
	uint64_t last = list_one_number(page->facts, "last_ns");

	begin(page, "Time");
	html_format(page->stream, "%s, from ", words_span(last > first ? last - first : 0).text);
	html_trace_time(page->stream, first);
	fputs(" to ", page->stream);
	html_trace_time(page->stream, last);
	end(page);
}

static void put_lost(const struct trace_page *page)
{
	uint64_t marks = list_one_number(page->facts, "lost_marks");
	uint64_t events = list_one_number(page->facts, "lost_events");

	begin(page, "Lost events");
	if (marks == 0)
		fputs("none", page->stream);
	else if (events == 0)
		html_format(page->stream, "in %s", words_count(marks, "place", "places").text);
	else
		html_format(page->stream, "at least %s in %s", words_number(events).text,
			words_count(marks, "place", "places").text);
	end(page);
}

static void put_count(const struct trace_page *page, const char *name, const char *column)
{
	uint64_t count = list_one_number(page->facts, column);

	if (count == 0)
		return;
	begin(page, name);
	html_number(page->stream, count);
	end(page);
}

static void put_date(const struct trace_page *page, const char *name, const char *column)
{
	begin(page, name);
	html_date(page->stream, list_one_number(page->facts, column));
	end(page);
}

static void put_bytes(const struct trace_page *page, const char *name, const char *column)
{
	if (list_one_number(page->facts, column) == 0)
		return;
	begin(page, name);
	html_bytes(page->stream, list_one_number(page->facts, column));
	end(page);
}

static void take_filesystem(void *context, const struct row_value *values)
{
	const struct trace_page *page = context;
	const struct row_value *fsid = &values[list_column(LIST_FILESYSTEMS, "fsid")];
	uint64_t number = (uint64_t)values[list_column(LIST_FILESYSTEMS, "number")].number;
	uint64_t epochs = (uint64_t)values[list_column(LIST_FILESYSTEMS, "quota_epochs")].number;

	html_format(page->stream, "<div><dt>Filesystem %" PRIu64 "</dt><dd>%s", number,
		fsid->kind == ROW_TEXT ? (const char *)fsid->bytes : "not named");
	if (epochs > 1)
		html_format(page->stream, ", %s", words_count(epochs, "quota epoch", "quota epochs").text);
	end(page);
}

static enum err put_filesystems(const struct trace_page *page, struct error *error)
{
	const struct trace_rows rows = {LIST_FILESYSTEMS, {.name = "replay", .number = page->replay}, FILESYSTEMS_SHOWN,
		take_filesystem, (void *)page};

	return trace_each_row(page, &rows, error);
}

enum err trace_put_facts(const struct trace_page *page, struct error *error)
{
	const struct list_one *facts = page->facts;
	enum err err;

	fputs("<dl class=\"facts\">\n", page->stream);
	put_text(page, "Kernel", list_one_text(facts, "kernel"));
	put_text(page, "Host", list_one_text(facts, "host"));
	begin(page, "Events");
	html_number(page->stream, list_one_number(facts, "events"));
	end(page);
	put_span(page);
	put_lost(page);
	put_bytes(page, "Leaked", "leaked");
	put_bytes(page, "Underflow", "underflow");
	put_text(page, "Clock", list_one_text(facts, "clock"));
	put_text(page, "Read from", list_one_text(facts, "source"));
	put_bytes(page, "Size of the file", "file_bytes");
	put_date(page, "Recorded", "recorded_at");
	put_date(page, "Taken in", "imported_at");
	put_count(page, "Events of other kinds, passed over", "skipped_events");
	put_count(page, "Lines that say nothing known", "garbled_lines");
	put_text(page, "File", list_one_text(facts, "name"));
	err = put_filesystems(page, error);
	fputs("</dl>\n", page->stream);
	return err;
}

void trace_put_counts(const struct trace_page *page)
{
	fputs("<section>\n<h2>Events by kind</h2>\n<div class=\"table-wrap narrow\"><table>\n<thead><tr>"
	      "<th scope=\"col\">Kind</th><th scope=\"col\" class=\"number\">Events</th></tr></thead>\n<tbody>\n",
		page->stream);
	for (int i = EVENT_NONE + 1; i < EVENT_LOST; i++) {
		const char *name = event_kind_name((enum event_kind)i);

		if (page->counts[i] == 0)
			continue;
		html_format(page->stream,
			"<tr><td><a href=\"/traces/%" PRIu64
			"/events?kind=%s\"><code>%s</code></a></td><td class=\"number\">",
			page->id, name, name);
		html_number(page->stream, page->counts[i]);
		fputs("</td></tr>\n", page->stream);
	}
	fputs("</tbody>\n</table></div>\n</section>\n", page->stream);
}

void trace_put_sharing(const struct trace_page *page)
{
	html_format(page->stream,
		"<section>\n<h2>To take away</h2>\n<pre class=\"command\">qgreplay report --trace %" PRIu64
		"\nqgreplay export --trace %" PRIu64 " --format text -o trace-%" PRIu64
		".txt.zst\nqgreplay analyze --trace %" PRIu64 "</pre>\n",
		page->id, page->id, page->id, page->id);
	fputs("<p class=\"small muted\">On the machine with the store: the report, the events as text that any "
	      "<code>qgreplay check</code> reads, and a replay by newer rules.</p>\n",
		page->stream);
	if (list_one_text(page->facts, "sha256") != NULL)
		html_format(page->stream, "<p class=\"small\">SHA-256 of the file: <code>%s</code></p>\n",
			list_one_text(page->facts, "sha256"));
	fputs("</section>\n", page->stream);
}
