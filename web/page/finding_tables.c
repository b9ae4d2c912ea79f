/* SPDX-License-Identifier: GPL-2.0-only */
/* finding_tables - what a finding consists of: facts, owners, evidence, consequences, occurrences. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "web/html/html.h"
#include "web/page/finding_parts.h"

static void put_task(const struct finding_page *page, struct task_ref task)
{
	html_text(page->stream, words_task(page->comms, task).text);
}

static void put_amount(const struct finding_page *page, uint64_t amount)
{
	if (!finding_counts_events(page->finding->kind)) {
		html_bytes(page->stream, amount);
		return;
	}
	html_number(page->stream, amount);
	fputs(amount == 1 ? " event" : " events", page->stream);
}

/* Root 0 is no tree: such a finding is of the whole trace. */
static void put_place(const struct finding_page *page)
{
	const struct finding *finding = page->finding;
	uint64_t trace = page->proof->trace_id;

	if (finding->root != 0) {
		html_format(page->stream, "<div><dt>Root</dt><dd><a href=\"/traces/%" PRIu64 "/roots/", trace);
		html_root(page->stream, finding->root);
		html_format(page->stream, "?fs=%u\">", finding->fs);
		html_root(page->stream, finding->root);
		fputs("</a></dd></div>\n", page->stream);
	}
	if (finding->root != 0 && finding->ino != 0) {
		html_format(page->stream, "<div><dt>Inode</dt><dd><a href=\"/traces/%" PRIu64 "/roots/", trace);
		html_root(page->stream, finding->root);
		html_format(page->stream, "/inodes/%" PRIu64 "?fs=%u\">%" PRIu64 "</a></dd></div>\n", finding->ino,
			finding->fs, finding->ino);
	}
}

static void put_first(const struct finding_page *page)
{
	const struct occurrence *first = explain_first(page->finding);

	if (page->finding->occurrence_count == 0)
		return;
	if (first->len != 0) {
		fputs("<div><dt>Range of the file</dt><dd>", page->stream);
		html_range(page->stream, first->start, first->len);
		fputs("</dd></div>\n", page->stream);
	}
	fputs("<div><dt>At</dt><dd>", page->stream);
	html_trace_time(page->stream, first->time_ns);
	fputs(" s", page->stream);
	if (first->task.pid >= 0) {
		fputs(", by ", page->stream);
		put_task(page, first->task);
	}
	fputs("</dd></div>\n", page->stream);
}

static void put_fact(const struct finding_page *page, const char *name, const char *text)
{
	if (text != NULL && *text != '\0')
		html_format(page->stream, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, text);
}

void finding_put_facts(const struct finding_page *page)
{
	const struct finding *finding = page->finding;
	const struct proof *proof = page->proof;

	fputs("<dl class=\"facts\">\n", page->stream);
	if (finding->bytes != 0) {
		fputs("<div><dt>How much</dt><dd>", page->stream);
		put_amount(page, finding->bytes);
		fputs("</dd></div>\n", page->stream);
	}
	fputs("<div><dt>How often</dt><dd>", page->stream);
	html_number(page->stream, finding->occurrence_total);
	fputs(finding->occurrence_total == 1 ? " time</dd></div>\n" : " times</dd></div>\n", page->stream);
	put_place(page);
	put_first(page);
	if (finding->healed_bytes != 0) {
		fputs("<div><dt>Healed later</dt><dd>", page->stream);
		html_bytes(page->stream, finding->healed_bytes);
		fputs("</dd></div>\n", page->stream);
	}
	put_fact(page, "Held in", finding->where != LEAK_NOWHERE ? finding_where_name(finding->where) : NULL);
	put_fact(page, "Came about by", finding_path_name(finding->path));
	put_fact(page, "Filesystem", report_fsid(proof->trace, finding->fs));
	html_format(page->stream, "<div><dt>Trace</dt><dd><a href=\"/traces/%" PRIu64 "\">", proof->trace_id);
	html_file(page->stream, list_one_text(&proof->facts, "name"));
	fputs("</a></dd></div>\n", page->stream);
	put_fact(page, "Host", list_one_text(&proof->facts, "host"));
	put_fact(page, "Kernel", proof->trace->kernel);
	html_format(page->stream,
		"<div><dt>Permalink</dt><dd><a href=\"/replays/%" PRIu64 "/findings/%" PRIu32 "\">/replays/%" PRIu64
		"/findings/%" PRIu32 "</a></dd></div>\n",
		proof->replay, finding->id, proof->replay, finding->id);
	fputs("</dl>\n", page->stream);
}

static void put_owner(const struct finding_page *page, const struct owner *owner)
{
	fputs("<tr><td>", page->stream);
	if (owner->task.pid < 0) {
		fputs("<span class=\"muted\">before the trace, or in a gap</span></td><td class=\"number\">",
			page->stream);
	} else {
		put_task(page, owner->task);
		fputs("</td><td class=\"number\">", page->stream);
		html_trace_time(page->stream, owner->time_ns);
	}
	fputs("</td><td class=\"number\">", page->stream);
	html_range(page->stream, owner->start, owner->len);
	fputs("</td><td class=\"number\">", page->stream);
	html_bytes(page->stream, owner->bytes);
	fputs("</td></tr>\n", page->stream);
}

static const struct occurrence *drawn(const struct finding_page *page)
{
	return page->occurrence < page->finding->occurrence_count ? &page->finding->occurrences[page->occurrence]
								  : explain_first(page->finding);
}

void finding_put_owners(const struct finding_page *page)
{
	const struct occurrence *occurrence = drawn(page);

	if (occurrence->owner_count == 0)
		return;
	fputs("<section>\n<h2>Whose bytes they were</h2>\n<div class=\"table-wrap narrow\"><table>\n<thead><tr>"
	      "<th scope=\"col\">Owner</th><th scope=\"col\" class=\"number\">Reserved at</th>"
	      "<th scope=\"col\" class=\"number\">Range</th><th scope=\"col\" "
	      "class=\"number\">Bytes</th></tr></thead>\n"
	      "<tbody>\n",
		page->stream);
	for (size_t i = 0; i < occurrence->owner_count && i < FINDING_ROWS; i++)
		put_owner(page, &occurrence->owners[i]);
	fputs("</tbody>\n</table></div>\n", page->stream);
	if (occurrence->owner_count > FINDING_ROWS) {
		fputs("<p class=\"small muted\">and ", page->stream);
		html_number(page->stream, occurrence->owner_count - FINDING_ROWS);
		fputs(" more</p>\n", page->stream);
	}
	fputs("</section>\n", page->stream);
}

/* With the roles that events have in the finding, whose number there means one of the last replay. */
static void put_event_link(const struct finding_page *page, uint64_t number)
{
	const struct proof *proof = page->proof;

	html_format(page->stream, "<a href=\"/traces/%" PRIu64 "/events?around=%" PRIu64, proof->trace_id, number);
	if (proof->replay == proof->current)
		html_format(page->stream, "&amp;finding=%u", proof->finding->id);
	html_format(page->stream, "#e%" PRIu64 "\">", number);
	html_number(page->stream, number);
	fputs("</a>", page->stream);
}

/* The body of an event without what all of its lines begin with. */
static const char *short_text(const char *text)
{
	static const char *const prefixes[] = {"btrfs_qgroup_", "btrfs_"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0)
			return text + strlen(prefixes[i]);
	return text;
}

/* Events that are missing are no task's. */
static void put_evidence_row(const struct finding_page *page, const struct evidence *evidence)
{
	const struct event *event = &evidence->event;
	char text[EVENT_TEXT_MAX];

	fputs("<tr><td class=\"number\">", page->stream);
	put_event_link(page, event->number);
	fputs("</td><td class=\"number\">", page->stream);
	html_trace_time(page->stream, event->time_ns);
	html_format(page->stream, "</td><td class=\"number\">%u</td><td class=\"nowrap\">", event->cpu);
	if (event->kind != EVENT_LOST)
		put_task(page, explain_task(event));
	html_format(page->stream, "</td><td><code>%s</code></td><td>%s</td></tr>\n",
		short_text(event_text(event, text, sizeof(text))), explain_role(evidence->role));
}

static void put_evidence_links(const struct finding_page *page)
{
	const struct finding *finding = page->finding;
	char path[96];

	if (page->kept)
		return;
	snprintf(path, sizeof(path), "/api/v1/traces/%" PRIu64 "/findings/%" PRIu32 "/evidence", page->proof->trace_id,
		finding->id);
	fputs("<p class=\"small\">", page->stream);
	if (finding->occurrence_total > 1)
		html_format(page->stream, "%s of the first occurrences in all: ",
			words_count(finding->evidence_count, "event", "events").text);
	html_format(page->stream, "<a href=\"%s\">JSON</a> · <a href=\"%s?format=csv\">CSV</a></p>\n", path, path);
}

/* Of the occurrence that is drawn. */
void finding_put_evidence(const struct finding_page *page)
{
	const struct finding *finding = page->finding;
	bool any = false;

	for (size_t i = 0; i < finding->evidence_count; i++) {
		if (finding->evidence[i].occurrence != page->occurrence)
			continue;
		if (!any)
			fputs("<section id=\"evidence\">\n<h2>Evidence</h2>\n<div class=\"table-wrap\"><table>\n<thead>"
			      "<tr><th scope=\"col\" class=\"number\">Event</th>"
			      "<th scope=\"col\" class=\"number\">Time, s</th>"
			      "<th scope=\"col\" class=\"number\">CPU</th><th scope=\"col\">Task</th>"
			      "<th scope=\"col\">What the kernel traced</th><th scope=\"col\">What it shows</th></tr>"
			      "</thead>\n<tbody>\n",
				page->stream);
		any = true;
		put_evidence_row(page, &finding->evidence[i]);
	}
	if (!any)
		return;
	fputs("</tbody>\n</table></div>\n", page->stream);
	put_evidence_links(page);
	fputs("</section>\n", page->stream);
}

void finding_put_consequences(const struct finding_page *page)
{
	const struct finding *finding = page->finding;
	size_t shown = finding->consequence_count < FINDING_ROWS ? finding->consequence_count : FINDING_ROWS;

	if (shown == 0)
		return;
	fputs("<section>\n<h2>What followed from it</h2>\n<ul class=\"consequences\">\n", page->stream);
	for (size_t i = 0; i < shown; i++) {
		char *text = explain_consequence(&finding->consequences[i], page->comms);

		html_format(page->stream, "<li>%s <span class=\"nowrap\">(event ", text);
		put_event_link(page, finding->consequences[i].event.number);
		fputs(")</span></li>\n", page->stream);
		free(text);
	}
	fputs("</ul>\n", page->stream);
	if (finding->consequence_total > shown) {
		fputs("<p class=\"small muted\">and ", page->stream);
		html_number(page->stream, finding->consequence_total - shown);
		fputs(" more</p>\n", page->stream);
	}
	fputs("</section>\n", page->stream);
}
