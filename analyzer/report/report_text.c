/* SPDX-License-Identifier: GPL-2.0-only */
/* report_text - the report for people: findings first, totals last. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "analyzer/report/report_page.h"
#include "analyzer/report/report_whatif.h"
#include "base/utf8.h"

static const char *const kind_words[FINDING_KIND_COUNT][2] = {
	[FINDING_FOREIGN_FREE] = {"foreign free", "foreign frees"},
	[FINDING_UNDERFLOW] = {"underflow", "underflows"},
	[FINDING_LEAK] = {"leak", "leaks"},
	[FINDING_TRUNCATED_COUNT] = {"truncated count", "truncated counts"},
	[FINDING_STALE_FREE] = {"stale free", "stale frees"},
	[FINDING_COMMIT_MISMATCH] = {"commit mismatch", "commit mismatches"},
	[FINDING_META_IMBALANCE] = {"metadata imbalance", "metadata imbalances"},
	[FINDING_LIMIT_EXCEEDED] = {"exceeded limit", "exceeded limits"},
	[FINDING_UNEXPLAINED] = {"unexplained contradiction", "unexplained contradictions"},
	[FINDING_UNRESERVED_WRITE] = {"unreserved write", "unreserved writes"},
	[FINDING_OVER_BROAD_ROLLBACK] = {"over-broad rollback", "over-broad rollbacks"},
	[FINDING_QUOTA_EPOCH] = {"new quota epoch", "new quota epochs"},
	[FINDING_LOST_EVENTS] = {"gap of lost events", "gaps of lost events"},
	[FINDING_MISSING_HEAD] = {"missing head", "missing heads"},
	[FINDING_GARBAGE_TYPE] = {"garbage type", "garbage types"},
	[FINDING_LOG_MISMATCH] = {"line of the log denied", "lines of the log denied"},
};

/* "foreign free", "foreign frees". */
static const char *kind_in_words(enum finding_kind kind, uint64_t count)
{
	return kind_words[kind][count == 1 ? 0 : 1];
}

static void put_trace_line(const struct page *page)
{
	const struct report_trace *trace = page->trace;
	const struct replay_result *result = trace->result;
	char *name = utf8_harmless(trace->name);
	char *kernel = utf8_harmless(trace->kernel != NULL ? trace->kernel : "not known");
	char *clock = utf8_harmless(trace->clock != NULL ? trace->clock : "not known");

	report_page_styled(page, STYLE_STRONG, name);
	fprintf(page->stream, ": %s, kernel %s, clock %s\n", trace->source, kernel, clock);
	fprintf(page->stream, "  %s over %s", words_count(result->events, "event", "events").text,
		words_span(result->last_ns - result->first_ns).text);
	if (trace->skipped_events != 0)
		fprintf(page->stream, ", %s of other kinds skipped", words_number(trace->skipped_events).text);
	if (trace->garbled_lines != 0)
		fprintf(page->stream, ", %s not understood", words_count(trace->garbled_lines, "line", "lines").text);
	if (result->lost_marks == 0)
		fputs(", none lost\n\n", page->stream);
	else if (result->lost_events == 0)
		fprintf(page->stream, ", lost ones in %s\n\n", words_count(result->lost_marks, "place", "places").text);
	else
		fprintf(page->stream, ", at least %s lost in %s\n\n", words_number(result->lost_events).text,
			words_count(result->lost_marks, "place", "places").text);
	free(name);
	free(kernel);
	free(clock);
}

static void put_findings(struct page *page)
{
	const struct replay_result *result = page->trace->result;
	uint64_t notes = 0;

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (!report_shows_finding(page->options, page->trace, finding))
			continue;
		if (finding->severity != SEVERITY_NOTE) {
			report_page_finding(page, finding);
			continue;
		}
		report_page_note(page, finding);
		notes++;
	}
	if (notes != 0)
		fputc('\n', page->stream);
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++)
		if (page->printed[kind] > PAGE_FINDINGS_FULL && !page->options->all)
			fprintf(page->stream,
				"Only the first %d findings of kind %s are told in full; --all tells all.\n\n",
				PAGE_FINDINGS_FULL, finding_kind_name((enum finding_kind)kind));
}

static void put_order(const struct page *page)
{
	const struct replay_result *result = page->trace->result;

	if (result->exchanges != 0)
		fprintf(page->stream,
			"%s replayed in another order than the trace has, because only so they are true.\n\n",
			words_count(result->exchanges, "pair of events was", "pairs of events were").text);
}

static void put_unproven(const struct page *page)
{
	const struct replay_result *result = page->trace->result;
	bool any = false;

	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
		if (result->unproven.of[kind] == 0)
			continue;
		fprintf(page->stream, "%s%s %s", any ? ", " : "Seen but not proven, so not reported: ",
			words_number(result->unproven.of[kind]).text,
			kind_in_words((enum finding_kind)kind, result->unproven.of[kind]));
		any = true;
	}
	if (any)
		fputs("\n\n", page->stream);
}

/* The columns of the table of totals. */
static const struct {
	const char *head;
	size_t offset;
	bool counter; /* only where the counter was seen */
} columns[] = {
	{"reserved", offsetof(struct root_totals, reserved_bytes), false},
	{"released", offsetof(struct root_totals, released_bytes), false},
	{"freed", offsetof(struct root_totals, freed_bytes), false},
	{"dropped", offsetof(struct root_totals, dropped_bytes), false},
	{"peak", offsetof(struct root_totals, peak_bytes), true},
	{"at end", offsetof(struct root_totals, end_counter_bytes), true},
	{"in ranges", offsetof(struct root_totals, end_ranges_bytes), false},
	{"in flight", offsetof(struct root_totals, end_flight_bytes), false},
	{"unknown", offsetof(struct root_totals, end_unknown_bytes), true},
	{"leaked", offsetof(struct root_totals, leaked_bytes), false},
	{"underflow", offsetof(struct root_totals, underflow_bytes), false},
};

enum { COLUMN_COUNT = sizeof(columns) / sizeof(columns[0]) };

static struct words cell(const struct root_totals *root, size_t column)
{
	uint64_t value;

	if (columns[column].counter && !root->counter_known)
		return (struct words){.text = "-"};
	memcpy(&value, (const char *)root + columns[column].offset, sizeof(value));
	return words_number(value);
}

static void column_widths(const struct page *page, const struct fs_totals *fs, int widths[COLUMN_COUNT])
{
	for (size_t column = 0; column < COLUMN_COUNT; column++) {
		widths[column] = (int)strlen(columns[column].head);
		for (size_t i = 0; i < fs->root_count; i++) {
			int width = (int)strlen(cell(&fs->roots[i], column).text);

			if (report_shows_root(page->options, fs->roots[i].root) && width > widths[column])
				widths[column] = width;
		}
	}
}

/* A root of which only metadata was seen has nothing to show. */
static bool is_worth_a_row(const struct page *page, const struct root_totals *root)
{
	bool moved = root->reserved_bytes != 0 || root->released_bytes != 0 || root->freed_bytes != 0 ||
		     root->dropped_bytes != 0;

	return report_shows_root(page->options, root->root) && (moved || root->counter_known || page->options->all);
}

static void put_filesystem(const struct page *page, const struct fs_totals *fs)
{
	const char *fsid = report_fsid(page->trace, fs->fs);
	int widths[COLUMN_COUNT];

	column_widths(page, fs, widths);
	fprintf(page->stream, "Data reservations in bytes, filesystem %s", fsid != NULL ? fsid : "not named");
	if (fs->quota_epochs > 1)
		fprintf(page->stream, ", %s", words_count(fs->quota_epochs, "quota epoch", "quota epochs").text);
	fprintf(page->stream, "\n  %6s", "root");
	for (size_t column = 0; column < COLUMN_COUNT; column++)
		fprintf(page->stream, "  %*s", widths[column], columns[column].head);
	fputc('\n', page->stream);
	for (size_t i = 0; i < fs->root_count; i++) {
		if (!is_worth_a_row(page, &fs->roots[i]))
			continue;
		fprintf(page->stream, "  %6" PRIu64, fs->roots[i].root);
		for (size_t column = 0; column < COLUMN_COUNT; column++)
			fprintf(page->stream, "  %*s", widths[column], cell(&fs->roots[i], column).text);
		fputc('\n', page->stream);
	}
	fputc('\n', page->stream);
}

/* The table of totals of each filesystem that the filter lets through. */
static void put_totals(const struct page *page)
{
	const struct replay_result *result = page->trace->result;

	for (size_t i = 0; i < result->filesystem_count; i++)
		if (report_shows_filesystem(page->options, page->trace, result->filesystems[i].fs)) {
			put_filesystem(page, &result->filesystems[i]);
			report_whatif_table(page, &result->filesystems[i]);
		}
}

static void write_trace(const struct report_streams *streams, const struct report_options *options,
	const struct report_trace *trace, const struct report_totals *totals)
{
	struct page page = {.stream = streams->findings, .options = options, .trace = trace};

	(void)totals;
	put_trace_line(&page);
	put_findings(&page);
	put_order(&page);
	put_unproven(&page);
	report_page_log(&page);
	put_totals(&page);
}

/* "9 foreign frees (53,248 bytes), 1 leak (20,480 bytes)": what was found of errors and warnings. */
static void put_sums(FILE *stream, const struct report_totals *totals)
{
	bool any = false;

	for (int i = 0; i < FINDING_KIND_COUNT; i++) {
		enum finding_kind kind = (enum finding_kind)i;

		if (totals->kinds[i].findings == 0 || finding_severity_of(kind) == SEVERITY_NOTE)
			continue;
		fprintf(stream, "%s%s %s (%s bytes)", any ? ", " : "", words_number(totals->kinds[i].occurrences).text,
			kind_in_words(kind, totals->kinds[i].occurrences), words_number(totals->kinds[i].bytes).text);
		any = true;
	}
	if (!any)
		fputs("no mismatch", stream);
	else if (totals->severities[SEVERITY_ERROR] == 0)
		fputs(" but no error", stream);
}

static void write_end(FILE *stream, const struct report_ending *ending)
{
	const struct report_totals *totals = ending->totals;
	struct page page = {.stream = stream, .options = ending->options};
	bool bad = false;

	if (totals->traces == 0)
		return;
	for (int severity = (int)ending->options->fail_on; severity < SEVERITY_COUNT; severity++)
		bad |= totals->severities[severity] != 0;
	if (bad)
		report_page_styled(&page, STYLE_ERROR, "FOUND");
	else if (ending->exit_code != 0)
		report_page_styled(&page, STYLE_WARNING, "INCOMPLETE");
	else
		report_page_styled(&page, STYLE_GOOD, "ok");
	fputs(": ", stream);
	put_sums(stream, totals);
	fprintf(stream, " in %s of %s", words_count(totals->events, "event", "events").text,
		words_count(totals->traces, "trace", "traces").text);
	if (totals->lost_marks != 0)
		fprintf(stream, " with %s", words_count(totals->lost_marks, "gap", "gaps").text);
	if (ending->failure_count != 0)
		fprintf(stream, "; %s could not be read", words_count(ending->failure_count, "trace", "traces").text);
	fprintf(stream, "; exit %d\n", ending->exit_code);
}

const struct report_format report_text = {
	.name = "text",
	.what_if = true,
	.begin = report_nothing,
	.trace = write_trace,
	.middle = report_nothing,
	.end = write_end,
};
