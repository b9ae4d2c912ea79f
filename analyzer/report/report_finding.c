/* SPDX-License-Identifier: GPL-2.0-only */
/* report_finding - one finding in the text report. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "analyzer/report/report_page.h"
#include "base/utf8.h"

enum { OWNERS_SHOWN = 4 };

static const char *const sequences[STYLE_COUNT] = {
	[STYLE_PLAIN] = "",
	[STYLE_ERROR] = "\033[1;31m",
	[STYLE_WARNING] = "\033[1;33m",
	[STYLE_NOTE] = "\033[36m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_STRONG] = "\033[1m",
};

static const enum page_style severity_styles[SEVERITY_COUNT] = {
	[SEVERITY_NOTE] = STYLE_NOTE,
	[SEVERITY_WARNING] = STYLE_WARNING,
	[SEVERITY_ERROR] = STYLE_ERROR,
};

void report_page_styled(const struct page *page, enum page_style style, const char *text)
{
	if (page->options->colour && style != STYLE_PLAIN)
		fprintf(page->stream, "%s%s\033[0m", sequences[style], text);
	else
		fputs(text, page->stream);
}

static void put_heading(const struct page *page, const struct finding *finding)
{
	char *headline = explain_headline(finding, page->trace->comms);

	report_page_styled(page, severity_styles[finding->severity], finding_severity_name(finding->severity));
	fprintf(page->stream, " #%" PRIu32 " ", finding->id);
	report_page_styled(page, STYLE_STRONG, finding_kind_name(finding->kind));
	fprintf(page->stream, ": %s", headline);
	if (finding->severity != SEVERITY_NOTE)
		fprintf(page->stream, " [%s]", finding_certainty_name(finding->certainty));
	free(headline);
}

void report_page_label(const struct page *page, const char *label)
{
	fprintf(page->stream, "  %-10s ", label);
}

/* Whose deed the first occurrence is, by how the finding came about. */
static const char *const actor_labels[PATH_COUNT] = {
	[PATH_TRACED_FREE] = "freed by",
	[PATH_ROLLBACK] = "freed by",
	[PATH_COMMIT] = "dropped by",
	[PATH_FREE] = "freed by",
	[PATH_SILENT_CLEAR] = "shown by",
	[PATH_EVICTED] = "evicted by",
	[PATH_NOCOW_RELEASED] = "written by",
	[PATH_NEVER_DROPPED] = "written by",
	[PATH_OLDER_WRITEBACK] = "written by",
	[PATH_STALE_FREED] = "freed by",
	[PATH_STALE_RELEASED] = "released by",
	[PATH_DROPPED_MORE] = "dropped by",
	[PATH_DROPPED_LESS] = "dropped by",
};

static void put_place(const struct page *page, const struct finding *finding)
{
	const char *fsid = report_fsid(page->trace, finding->fs);

	report_page_label(page, "where");
	fprintf(page->stream, "root %" PRIu64, finding->root);
	if (finding->ino != 0)
		fprintf(page->stream, "  inode %" PRIu64, finding->ino);
	if (finding->occurrence_count != 0 && finding->occurrences[0].len != 0)
		fprintf(page->stream, "  %s",
			words_range(finding->occurrences[0].start, finding->occurrences[0].len).text);
	if (finding->where != LEAK_NOWHERE)
		fprintf(page->stream, "  held in: %s", finding_where_name(finding->where));
	if (fsid != NULL && page->trace->result->filesystem_count > 1)
		fprintf(page->stream, "  fs %s", fsid);
	fputc('\n', page->stream);
}

static void put_people(const struct page *page, const struct finding *finding)
{
	const struct occurrence *first = &finding->occurrences[0];
	const struct names *comms = page->trace->comms;
	const char *label = actor_labels[finding->path];

	report_page_label(page, label != NULL ? label : "seen by");
	fprintf(page->stream, "%s at %s: %s\n", words_task(comms, first->task).text, words_time(first->time_ns).text,
		words_bytes(first->bytes).text);
	for (size_t i = 0; i < first->owner_count && i < OWNERS_SHOWN; i++) {
		const struct owner *owner = &first->owners[i];

		report_page_label(page, i == 0 ? "owned by" : "");
		if (owner->task.pid < 0)
			fprintf(page->stream, "unknown: reserved before the trace or in a gap");
		else
			fprintf(page->stream, "%s, reserved at %s", words_task(comms, owner->task).text,
				words_time(owner->time_ns).text);
		fprintf(page->stream, ": %s in %s\n", words_bytes(owner->bytes).text,
			words_range(owner->start, owner->len).text);
	}
	if (first->owner_count > OWNERS_SHOWN) {
		report_page_label(page, "");
		fprintf(page->stream, "and %s\n",
			words_count(first->owner_count - OWNERS_SHOWN, "more owner", "more owners").text);
	}
}

static void put_paragraph(const struct page *page, const char *text)
{
	words_wrapped(page->stream, text, "  ", PAGE_WIDTH);
}

/* "owner-reserves" reads "owner reserves" in a table. */
static void put_role(const struct page *page, enum evidence_role role)
{
	for (const char *name = explain_role_name(role); *name != '\0'; name++)
		fputc(*name == '-' ? ' ' : *name, page->stream);
}

/* The body of an event without what all of its lines begin with. */
static const char *short_text(const struct event *event, char *text, size_t size)
{
	static const char *const prefixes[] = {"btrfs_qgroup_", "btrfs_"};

	event_text(event, text, size);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0)
			return text + strlen(prefixes[i]);
	return text;
}

struct widths {
	int task;
	int text;
};

static struct widths evidence_widths(const struct page *page, const struct finding *finding)
{
	struct widths widths = {0};
	char text[EVENT_TEXT_MAX];

	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct event *event = &finding->evidence[i].event;
		struct words task = words_task(page->trace->comms, explain_task(event));
		int task_width = (int)words_columns(task.text);
		int text_width = (int)strlen(short_text(event, text, sizeof(text)));

		if (finding->evidence[i].occurrence != 0)
			continue;
		widths.task = task_width > widths.task ? task_width : widths.task;
		widths.text = text_width > widths.text ? text_width : widths.text;
	}
	return widths;
}

static void put_evidence(const struct page *page, const struct finding *finding)
{
	struct widths widths = evidence_widths(page, finding);
	char text[EVENT_TEXT_MAX];

	if (widths.text == 0)
		return;
	fprintf(page->stream, "\n  %8s %13s  cpu  %-*s  %-*s  role\n", "event", "time", widths.task, "task",
		widths.text, "what the kernel traced");
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct event *event = &finding->evidence[i].event;
		struct words task = words_task(page->trace->comms, explain_task(event));

		if (finding->evidence[i].occurrence != 0)
			continue;
		fprintf(page->stream, "  %8" PRIu64 " %13s  %3u  %s%*s  %-*s  ", event->number,
			words_time(event->time_ns).text, event->cpu, task.text,
			widths.task - (int)words_columns(task.text), "", widths.text,
			short_text(event, text, sizeof(text)));
		put_role(page, finding->evidence[i].role);
		fputc('\n', page->stream);
	}
}

static void put_consequences(const struct page *page, const struct finding *finding)
{
	size_t shown = finding->consequence_count;

	if (shown == 0)
		return;
	if (!page->options->all && shown > PAGE_OCCURRENCES)
		shown = PAGE_OCCURRENCES;
	fputc('\n', page->stream);
	for (size_t i = 0; i < shown; i++) {
		char *text = explain_consequence(&finding->consequences[i], page->trace->comms);

		report_page_label(page, i == 0 ? "follows" : "");
		fprintf(page->stream, "%s\n", text);
		free(text);
	}
	if (finding->consequence_total > shown) {
		report_page_label(page, "");
		fprintf(page->stream, "and %s\n", words_number(finding->consequence_total - shown).text);
	}
}

static void put_occurrence(const struct page *page, const struct occurrence *occurrence)
{
	const struct names *comms = page->trace->comms;
	struct words range = words_range(occurrence->start, occurrence->len);

	fprintf(page->stream, "  %13s  %-28s %12s  %s", words_time(occurrence->time_ns).text,
		occurrence->len != 0 ? range.text : "", words_number(occurrence->bytes).text,
		words_task(comms, occurrence->task).text);
	if (occurrence->diff_bytes != 0)
		fprintf(page->stream, ", counter %s, change %" PRId64, words_number(occurrence->have_bytes).text,
			occurrence->diff_bytes);
	for (size_t i = 0; i < occurrence->owner_count && i < OWNERS_SHOWN; i++)
		fprintf(page->stream, "%s%s", i == 0 ? ", owned by " : " and ",
			occurrence->owners[i].task.pid < 0 ? "unknown"
							   : words_task(comms, occurrence->owners[i].task).text);
	fputc('\n', page->stream);
}

static void put_occurrences(const struct page *page, const struct finding *finding)
{
	size_t shown = finding->occurrence_count;

	if (finding->occurrence_total < 2)
		return;
	if (!page->options->all && shown > PAGE_OCCURRENCES)
		shown = PAGE_OCCURRENCES;
	fprintf(page->stream, "\n  all %s, %s in all:\n",
		words_count(finding->occurrence_total, "occurrence", "occurrences").text,
		words_bytes(finding->bytes).text);
	for (size_t i = 0; i < shown; i++)
		put_occurrence(page, &finding->occurrences[i]);
	if (finding->occurrence_total > shown)
		fprintf(page->stream, "  %13s  and %s%s\n", "...",
			words_count(finding->occurrence_total - shown, "more", "more").text,
			page->options->all ? "" : " (--all or --format json lists them)");
}

void report_page_finding(struct page *page, const struct finding *finding)
{
	bool full = page->options->all || page->printed[finding->kind] < PAGE_FINDINGS_FULL;
	const char *doubt = explain_doubt(finding);
	char *text;

	page->printed[finding->kind]++;
	put_heading(page, finding);
	fputc('\n', page->stream);
	put_place(page, finding);
	if (finding->occurrence_count != 0)
		put_people(page, finding);
	if (full) {
		text = explain_text(finding, page->trace->comms);
		fputc('\n', page->stream);
		put_paragraph(page, text);
		free(text);
		if (doubt != NULL)
			put_paragraph(page, doubt);
		put_evidence(page, finding);
		put_consequences(page, finding);
	}
	put_occurrences(page, finding);
	report_page_log_of(page, finding);
	if (full)
		report_page_causes(page, finding);
	fputc('\n', page->stream);
}

void report_page_note(const struct page *page, const struct finding *finding)
{
	const char *fsid = report_fsid(page->trace, finding->fs);

	put_heading(page, finding);
	if (finding->root != 0)
		fprintf(page->stream, ", root %" PRIu64, finding->root);
	if (finding->bytes != 0)
		fprintf(page->stream, ", %s",
			finding_counts_events(finding->kind) ? words_count(finding->bytes, "event", "events").text
							     : words_bytes(finding->bytes).text);
	if (finding->occurrence_count != 0)
		fprintf(page->stream, "%s%s", finding->occurrence_total > 1 ? ", first at " : ", at ",
			words_time(finding->occurrences[0].time_ns).text);
	if (finding->occurrence_total > 1)
		fprintf(page->stream, ", %s", words_count(finding->occurrence_total, "time", "times").text);
	if (fsid != NULL)
		fprintf(page->stream, ", fs %s", fsid);
	fputc('\n', page->stream);
}
