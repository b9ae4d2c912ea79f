/* SPDX-License-Identifier: GPL-2.0-only */
/* trace_quality - what limits that which a trace can prove, so that "nothing found" is not taken for "nothing wrong".
 */
#include <inttypes.h>
#include <string.h>

#include "analyzer/explain/words.h"
#include "analyzer/finding.h"
#include "web/html/html.h"
#include "web/page/trace_parts.h"

enum { GAPS_SHOWN = 10, LOG_SHOWN = 50 };

/* What goes unseen where a trace has no event of any of these kinds. */
static const struct {
	enum event_kind kinds[3];
	const char *unseen;
} blind_spots[] = {
	{{EVENT_RESERVE_DATA}, "whose bytes are whose: without it no free can be told to be another's"},
	{{EVENT_RELEASE_DATA}, "what was released and freed: without it no free can be proven wrong"},
	{{EVENT_UPDATE_RESERVE}, "the counters: underflows and wrong amounts, and how far off a counter is"},
	{{EVENT_META_RESERVE}, "whether a write got its metadata: then fewer frees can be proven to be another's"},
	{{EVENT_ORDERED_ADD}, "what became of released bytes: leaks of NOCOW and failed writes"},
	{{EVENT_INODE_EVICT}, "inodes that go away: leaks by bits that were left set"},
	{{EVENT_TRANSACTION_COMMIT, EVENT_NUM_DIRTY_EXTENTS, EVENT_META_FREE_ALL_PERTRANS},
		"commits: bytes that they should have dropped, and did not"},
	{{EVENT_ACCOUNT_EXTENTS, EVENT_ACCOUNT_EXTENT},
		"which extent a commit accounts for: what it dropped too much or too little"},
};

static bool is_blind(const struct trace_page *page, size_t spot)
{
	for (size_t i = 0; i < 3; i++)
		if (blind_spots[spot].kinds[i] != EVENT_NONE && page->counts[blind_spots[spot].kinds[i]] != 0)
			return false;
	return true;
}

static void put_blind_spots(const struct trace_page *page)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(blind_spots) / sizeof(blind_spots[0]); i++) {
		if (!is_blind(page, i))
			continue;
		if (!any)
			fputs("<h3>Kinds of events that are not there</h3>\n<p>They were not enabled, or nothing of "
			      "the kind happened. What cannot be seen without them:</p>\n<ul>\n",
				page->stream);
		any = true;
		html_format(page->stream, "<li><code>%s</code>: %s</li>\n", event_kind_name(blind_spots[i].kinds[0]),
			blind_spots[i].unseen);
	}
	if (any)
		fputs("</ul>\n", page->stream);
}

static uint64_t number_of(enum list list, const struct row_value *values, const char *column)
{
	const struct row_value *value = &values[list_column(list, column)];

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

static const char *text_of(enum list list, const struct row_value *values, const char *column)
{
	const struct row_value *value = &values[list_column(list, column)];

	return value->kind == ROW_TEXT ? value->bytes : "";
}

static void take_gap(void *context, const struct row_value *values)
{
	const struct trace_page *page = context;
	uint64_t seq = number_of(LIST_GAPS, values, "seq");
	uint64_t time_ns = number_of(LIST_GAPS, values, "time_ns");
	uint64_t since_ns = number_of(LIST_GAPS, values, "since_ns");
	uint64_t events = number_of(LIST_GAPS, values, "events");

	html_format(page->stream,
		"<tr><td class=\"number\"><a href=\"/traces/%" PRIu64 "/events?around=%" PRIu64 "#e%" PRIu64 "\">",
		page->id, seq, seq);
	html_trace_time(page->stream, time_ns);
	fputs("</a></td><td class=\"number\">", page->stream);
	html_number(page->stream, number_of(LIST_GAPS, values, "cpu"));
	fputs("</td><td class=\"number\">", page->stream);
	if (events != 0)
		html_number(page->stream, events);
	else
		fputs("unknown", page->stream);
	html_format(page->stream, "</td><td class=\"number\">%s</td></tr>\n",
		since_ns != 0 && time_ns > since_ns ? words_span(time_ns - since_ns).text : "");
}

static enum err put_gaps(const struct trace_page *page, struct error *error)
{
	const struct trace_rows rows = {
		LIST_GAPS, {.name = "trace", .number = page->id}, GAPS_SHOWN, take_gap, (void *)page};
	uint64_t marks = list_one_number(page->facts, "lost_marks");
	enum err err;

	if (marks == 0)
		return ERR_OK;
	fputs("<h3>Events that are missing</h3>\n<p>The recorder could not keep up. What the missing events may have "
	      "touched is taken for unknown, and nothing is accused of it.</p>\n<div class=\"table-wrap narrow\">"
	      "<table>\n<thead><tr><th scope=\"col\" class=\"number\">Time, s</th>"
	      "<th scope=\"col\" class=\"number\">CPU</th><th scope=\"col\" class=\"number\">Events</th>"
	      "<th scope=\"col\" class=\"number\">Silent for</th></tr></thead>\n<tbody>\n",
		page->stream);
	err = trace_each_row(page, &rows, error);
	fputs("</tbody>\n</table></div>\n", page->stream);
	if (marks > GAPS_SHOWN)
		html_format(page->stream, "<p class=\"small muted\">and %s more</p>\n",
			words_number(marks - GAPS_SHOWN).text);
	return err;
}

static void take_unproven(void *context, const struct row_value *values)
{
	const struct trace_page *page = context;
	const char *kind = text_of(LIST_UNPROVEN, values, "kind");
	uint64_t count = number_of(LIST_UNPROVEN, values, "count");

	if (count != 0)
		html_format(page->stream, "<li>%s × <code>%s</code></li>\n", words_number(count).text, kind);
}

struct sum {
	uint64_t count;
};

static void add_unproven(void *context, const struct row_value *values)
{
	struct sum *sum = context;

	sum->count += number_of(LIST_UNPROVEN, values, "count") != 0;
}

static enum err put_unproven(const struct trace_page *page, struct error *error)
{
	struct sum sum = {0};
	struct trace_rows rows = {
		LIST_UNPROVEN, {.name = "replay", .number = page->replay}, FINDING_KIND_COUNT, add_unproven, &sum};
	enum err err = trace_each_row(page, &rows, error);

	if (err != ERR_OK || sum.count == 0)
		return err;
	fputs("<h3>Seen, but not proven</h3>\n<p>What looks wrong, but has an innocent explanation that the trace does "
	      "not exclude, is counted and not reported:</p>\n<ul>\n",
		page->stream);
	rows.take = take_unproven;
	rows.context = (void *)page;
	err = trace_each_row(page, &rows, error);
	fputs("</ul>\n", page->stream);
	return err;
}

static void put_order(const struct trace_page *page, const struct list_one *replay)
{
	static const struct {
		const char *column;
		const char *meaning;
	} signs[] = {
		{"exchanges", "neighbours of two CPUs stood in an order that cannot be, and were exchanged"},
		{"chain_breaks", "times a counter did not go on where it was: an event between is missing"},
		{"contradictions", "times the kernel’s word and the model differ: nothing is concluded from them"},
	};
	bool any = false;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		uint64_t count = list_one_number(replay, signs[i].column);

		if (count == 0)
			continue;
		fputs(any ? "" : "<h3>Order and contradictions</h3>\n<ul>\n", page->stream);
		any = true;
		html_format(page->stream, "<li>%s %s</li>\n", words_number(count).text, signs[i].meaning);
	}
	if (any)
		fputs("</ul>\n", page->stream);
}

enum err trace_put_quality(const struct trace_page *page, struct error *error)
{
	const struct list_filter filter = {.name = "id", .number = page->replay};
	struct list_one replay;
	enum err err = list_one_read(page->call, LIST_REPLAYS, &filter, 1, &replay, error);

	if (err != ERR_OK)
		return err;
	fputs("<section id=\"quality\">\n<h2>What limits the proof</h2>\n", page->stream);
	err = put_gaps(page, error);
	if (err == ERR_OK)
		err = put_unproven(page, error);
	if (err == ERR_OK) {
		put_order(page, &replay);
		put_blind_spots(page);
	}
	fputs("</section>\n", page->stream);
	list_one_release(&replay);
	return err;
}

static enum err put_limit(void *context, const struct row *row, struct error *error)
{
	const struct trace_page *page = context;
	static const char *const columns[] = {"max_rfer", "max_excl"};

	(void)error;
	html_format(
		page->stream, "<tr><td>%s</td>", words_qgroup(row_number(row, row_column(ROW_QGROUP, "qgid"))).text);
	for (size_t i = 0; i < 2; i++) {
		size_t column = row_column(ROW_QGROUP, columns[i]);

		fputs("<td class=\"number\">", page->stream);
		if (row->values[column].kind == ROW_NUMBER)
			html_bytes(page->stream, row_number(row, column));
		else
			fputs("none", page->stream);
		fputs("</td>", page->stream);
	}
	fputs("</tr>\n", page->stream);
	return ERR_OK;
}

static enum err count_limit(void *context, const struct row *row, struct error *error)
{
	struct sum *sum = context;

	(void)row;
	(void)error;
	sum->count++;
	return ERR_OK;
}

enum err trace_put_limits(const struct trace_page *page, struct error *error)
{
	struct sum sum = {0};
	const struct row_sink counting = {count_limit, &sum};
	const struct row_sink writing = {put_limit, (void *)page};
	enum err err = store_each(page->call->store, ROW_QGROUP, page->id, &counting, error);

	if (err != ERR_OK || sum.count == 0)
		return err;
	fputs("<section>\n<h2>Limits</h2>\n<div class=\"table-wrap narrow\"><table>\n<thead><tr>"
	      "<th scope=\"col\">Qgroup</th><th scope=\"col\" class=\"number\">Referenced</th>"
	      "<th scope=\"col\" class=\"number\">Exclusive</th></tr></thead>\n<tbody>\n",
		page->stream);
	err = store_each(page->call->store, ROW_QGROUP, page->id, &writing, error);
	fputs("</tbody>\n</table></div>\n</section>\n", page->stream);
	return err;
}

static void take_log_line(void *context, const struct row_value *values)
{
	const struct trace_page *page = context;

	html_format(page->stream, "<tr><td class=\"number\">%" PRIu64 "</td><td>%s</td><td>%s</td><td>%s</td>",
		number_of(LIST_LOG_LINES, values, "line"), text_of(LIST_LOG_LINES, values, "kind"),
		words_qgroup(number_of(LIST_LOG_LINES, values, "qgid")).text,
		text_of(LIST_LOG_LINES, values, "verdict"));
	fputs("<td class=\"number\">", page->stream);
	html_bytes(page->stream, number_of(LIST_LOG_LINES, values, "bytes"));
	html_format(page->stream, "</td><td>%s</td></tr>\n", text_of(LIST_LOG_LINES, values, "findings"));
}

static void count_log_line(void *context, const struct row_value *values)
{
	struct sum *sum = context;

	(void)values;
	sum->count++;
}

enum err trace_put_log(const struct trace_page *page, struct error *error)
{
	struct sum sum = {0};
	struct trace_rows rows = {
		LIST_LOG_LINES, {.name = "replay", .number = page->replay}, LOG_SHOWN, count_log_line, &sum};
	enum err err = trace_each_row(page, &rows, error);

	if (err != ERR_OK || sum.count == 0)
		return err;
	fputs("<section>\n<h2>What the kernel’s log says</h2>\n<div class=\"table-wrap\"><table>\n<thead><tr>"
	      "<th scope=\"col\" class=\"number\">Line</th><th scope=\"col\">Says</th><th scope=\"col\">Qgroup</th>"
	      "<th scope=\"col\">The trace</th><th scope=\"col\" class=\"number\">Bytes</th>"
	      "<th scope=\"col\">Findings</th></tr></thead>\n<tbody>\n",
		page->stream);
	rows.take = take_log_line;
	rows.context = (void *)page;
	err = trace_each_row(page, &rows, error);
	fputs("</tbody>\n</table></div>\n</section>\n", page->stream);
	return err;
}
