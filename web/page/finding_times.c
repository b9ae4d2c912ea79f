/* SPDX-License-Identifier: GPL-2.0-only */
/* finding_times - each single mismatch of a finding, some rows at a time. */
#include <inttypes.h>

#include "analyzer/explain/explain.h"
#include "web/html/html.h"
#include "web/page/finding_parts.h"

static void put_owners_inline(const struct finding_page *page, const struct occurrence *occurrence)
{
	enum { NAMED = 2 };

	fputs("<td>", page->stream);
	for (size_t i = 0; i < occurrence->owner_count && i < NAMED; i++)
		html_format(page->stream, "%s%s", i > 0 ? ", " : "",
			words_task(page->comms, occurrence->owners[i].task).text);
	if (occurrence->owner_count > NAMED)
		html_format(page->stream, " and %zu more", occurrence->owner_count - NAMED);
	fputs("</td>", page->stream);
}

/* Columns that say something in any of the rows. */
struct columns {
	bool range;
	bool task;
	bool owner;
	bool counter;
};

static struct columns columns_of(const struct finding_page *page, size_t end)
{
	struct columns columns = {false};

	for (size_t i = page->from; i < end; i++) {
		const struct occurrence *occurrence = &page->finding->occurrences[i];

		columns.range |= occurrence->len != 0;
		columns.task |= occurrence->task.pid >= 0;
		columns.owner |= occurrence->owner_count != 0;
		columns.counter |= occurrence->diff_bytes != 0;
	}
	return columns;
}

static void put_amount(const struct finding_page *page, uint64_t amount)
{
	if (!finding_counts_events(page->finding->kind))
		html_bytes(page->stream, amount);
	else if (amount == 0)
		fputs("unknown", page->stream);
	else
		html_number(page->stream, amount);
}

static void put_counter(const struct finding_page *page, const struct occurrence *occurrence)
{
	fputs("<td class=\"number\">", page->stream);
	if (occurrence->diff_bytes != 0)
		html_number(page->stream, occurrence->have_bytes);
	fputs("</td><td class=\"number\">", page->stream);
	if (occurrence->diff_bytes != 0)
		html_format(page->stream, "%" PRId64, occurrence->diff_bytes);
	fputs("</td>", page->stream);
}

static void put_occurrence(const struct finding_page *page, const struct columns *columns, size_t index)
{
	const struct occurrence *occurrence = &page->finding->occurrences[index];

	fputs(index == page->occurrence ? "<tr class=\"marked\">" : "<tr>", page->stream);
	fputs("<td class=\"number\"><a href=\"", page->stream);
	finding_url(page);
	html_format(page->stream, "?occurrence=%zu\">%zu</a></td><td class=\"number\">", index + 1, index + 1);
	html_trace_time(page->stream, occurrence->time_ns);
	fputs("</td><td class=\"number\">", page->stream);
	put_amount(page, occurrence->bytes);
	fputs("</td>", page->stream);
	if (columns->range)
		html_format(page->stream, "<td class=\"number\">%s</td>",
			occurrence->len != 0 ? words_range(occurrence->start, occurrence->len).text : "");
	if (columns->task)
		html_format(page->stream, "<td>%s</td>",
			occurrence->task.pid >= 0 ? words_task(page->comms, occurrence->task).text : "");
	if (columns->owner)
		put_owners_inline(page, occurrence);
	if (columns->counter)
		put_counter(page, occurrence);
	fputs("</tr>\n", page->stream);
}

static void put_head(const struct finding_page *page, const struct columns *columns)
{
	const char *amount = finding_counts_events(page->finding->kind) ? "Events" : "Bytes";

	html_format(page->stream,
		"<section id=\"occurrences\">\n<h2>Each time</h2>\n<div class=\"table-wrap "
		"narrow\"><table>\n<thead><tr>"
		"<th scope=\"col\" class=\"number\">No.</th><th scope=\"col\" class=\"number\">Time, s</th>"
		"<th scope=\"col\" class=\"number\">%s</th>",
		amount);
	if (columns->range)
		fputs("<th scope=\"col\" class=\"number\">Range</th>", page->stream);
	if (columns->task)
		fputs("<th scope=\"col\">Task</th>", page->stream);
	if (columns->owner)
		fputs("<th scope=\"col\">Owner</th>", page->stream);
	if (columns->counter)
		fputs("<th scope=\"col\" class=\"number\">Counter before</th><th scope=\"col\" "
		      "class=\"number\">Change</th>",
			page->stream);
	fputs("</tr></thead>\n<tbody>\n", page->stream);
}

static void put_leaf(const struct finding_page *page, const char *word, uint64_t from)
{
	fputs("<a href=\"", page->stream);
	finding_url(page);
	html_format(page->stream, "?from=%" PRIu64 "#occurrences\">%s</a> ", from + 1, word);
}

static void put_leaves(const struct finding_page *page, size_t end)
{
	const struct finding *finding = page->finding;

	fputs("<nav class=\"pages\" aria-label=\"Occurrences\">", page->stream);
	html_format(page->stream, "<span>%" PRIu64 " to %zu of ", page->from + 1, end);
	html_number(page->stream, finding->occurrence_total);
	if (finding->occurrence_total > finding->occurrence_count)
		html_format(page->stream, ", the first %zu kept", finding->occurrence_count);
	fputs("</span> ", page->stream);
	if (page->from > 0)
		put_leaf(page, "Previous", page->from > FINDING_ROWS ? page->from - FINDING_ROWS : 0);
	if (end < finding->occurrence_count)
		put_leaf(page, "Next", end);
	if (!page->kept)
		html_format(page->stream,
			"<a href=\"/api/v1/traces/%" PRIu64 "/findings/%" PRIu32
			"/occurrences\">JSON</a> <a href=\"/api/v1/traces/%" PRIu64 "/findings/%" PRIu32
			"/occurrences?format=csv\">CSV</a>",
			page->proof->trace_id, finding->id, page->proof->trace_id, finding->id);
	fputs("</nav>\n", page->stream);
}

void finding_put_occurrences(const struct finding_page *page)
{
	const struct finding *finding = page->finding;
	size_t end = page->from + FINDING_ROWS < finding->occurrence_count ? page->from + FINDING_ROWS
									   : finding->occurrence_count;
	const struct columns columns = columns_of(page, end);

	if (finding->occurrence_total < 2)
		return;
	put_head(page, &columns);
	for (size_t i = page->from; i < end; i++)
		put_occurrence(page, &columns, i);
	fputs("</tbody>\n</table></div>\n", page->stream);
	put_leaves(page, end);
	fputs("</section>\n", page->stream);
}
