/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/root_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/words.h"
#include "base/memory.h"
#include "web/html/html.h"

enum { INODES_SHOWN = 12 };

struct limits_reader {
	uint64_t qgid;
	struct root_limits *limits;
};

static enum err take_limits(void *context, const struct row *row, struct error *error)
{
	const struct limits_reader *reader = context;
	struct root_limits *limits = reader->limits;
	size_t rfer = row_column(ROW_QGROUP, "max_rfer");
	size_t excl = row_column(ROW_QGROUP, "max_excl");

	(void)error;
	if (row_number(row, row_column(ROW_QGROUP, "qgid")) != reader->qgid)
		return ERR_OK;
	*limits = (struct root_limits){
		.known = true,
		.has_rfer = row->values[rfer].kind == ROW_NUMBER,
		.has_excl = row->values[excl].kind == ROW_NUMBER,
		.max_rfer = row_number(row, rfer),
		.max_excl = row_number(row, excl),
	};
	return ERR_OK;
}

enum err root_limits_read(
	struct call *call, const struct subject *subject, struct root_limits *limits, struct error *error)
{
	struct limits_reader reader = {subject->root, limits};
	const struct row_sink sink = {take_limits, &reader};

	*limits = (struct root_limits){0};
	return store_each(call->store, ROW_QGROUP, subject->trace_id, &sink, error);
}

void root_begin(struct call *call, const struct subject *subject, const char *ino, const char *script)
{
	char *trace_name = NULL;
	char *path = NULL;
	char title[96];
	char trace_url[48];
	char root_text[40];
	size_t size;
	const char *name = list_one_text(&subject->trace, "name");
	FILE *memory = memory_checked(open_memstream(&path, &size));

	subject_root_path(memory, subject);
	subject_root_query(memory, subject, false);
	fclose(memory);
	memory_checked(path);
	trace_name = memory_text(name != NULL ? name : "", name != NULL ? strlen(name) : 0);
	snprintf(trace_url, sizeof(trace_url), "/traces/%" PRIu64, subject->trace_id);
	snprintf(root_text, sizeof(root_text), "Root %" PRId64, (int64_t)subject->root);
	if (ino != NULL)
		snprintf(title, sizeof(title), "Inode %s of root %" PRId64, ino, (int64_t)subject->root);
	else
		snprintf(title, sizeof(title), "Root %" PRId64, (int64_t)subject->root);
	html_begin(call, &(struct html_page){
				 .title = title,
				 .place = PLACE_TRACES,
				 .crumbs =
					 (const struct html_crumb[]){
						 {"Traces", "/traces"},
						 {html_file_name(trace_name), trace_url},
						 {root_text, ino != NULL ? path : NULL},
						 {ino, NULL},
						 {NULL, NULL},
					 },
				 .script = script,
				 .chart = ino == NULL,
			 });
	free(trace_name);
	free(path);
}

void root_lead(FILE *stream, const struct subject *subject)
{
	uint64_t low = list_one_number(&subject->ledger, "low_bytes");
	uint64_t high = list_one_number(&subject->ledger, "high_bytes");

	fputs("<p class=\"lead\">Data that was reserved in qgroup ", stream);
	html_text(stream, words_qgroup(subject->root).text);
	if (subject->fsid != NULL)
		html_format(stream, " of filesystem %s", subject->fsid);
	fputs(", and not yet written. ", stream);
	if (low == 0 && high == 0) {
		fputs("Its counter was what it should have been, as far as the trace shows.</p>\n", stream);
		return;
	}
	fputs("Its counter was ", stream);
	if (low != 0) {
		fputs("too low by up to <b>", stream);
		html_bytes(stream, low);
		fputs("</b>: more could be reserved than the limit allows", stream);
	}
	if (high != 0) {
		fputs(low != 0 ? "; and too high by up to <b>" : "too high by up to <b>", stream);
		html_bytes(stream, high);
		fputs("</b>: writers met the limit too early", stream);
	}
	fputs(".</p>\n", stream);
}

struct fact {
	const char *title;
	const char *column;
	const char *at; /* column of a time to go with it, or NULL */
	bool always;	/* also when it is 0 */
	const char *why;
};

static void write_fact(FILE *stream, const struct subject *subject, const struct fact *fact)
{
	uint64_t bytes = list_one_number(&subject->ledger, fact->column);

	if (bytes == 0 && !fact->always)
		return;
	html_format(stream, "<div title=\"%s\"><dt>%s</dt><dd>", fact->why, fact->title);
	html_bytes(stream, bytes);
	if (fact->at != NULL) {
		fputs(" <span class=\"muted\">at ", stream);
		html_trace_time(stream, list_one_number(&subject->ledger, fact->at));
		fputs("</span>", stream);
	}
	fputs("</dd></div>\n", stream);
}

static void write_limit(FILE *stream, const char *title, bool known, uint64_t bytes)
{
	html_format(stream, "<div><dt>%s</dt><dd>", title);
	if (known)
		html_bytes(stream, bytes);
	else
		fputs("none", stream);
	fputs("</dd></div>\n", stream);
}

void root_facts(FILE *stream, const struct subject *subject, const struct root_limits *limits)
{
	static const struct fact facts[] = {
		{"Peak", "peak", NULL, true, "Highest value of the counter"},
		{"At the end", "end_counter", NULL, true, "Last value of the counter in the trace"},
		{"Should be at the end", "should_end", NULL, false, "What a correct kernel would have counted then"},
		{"Leaked", "leaked", NULL, true, "On the counter for ever: nothing can take it off again"},
		{"Underflow", "underflow", NULL, true, "Would have been taken off below zero"},
		{"Too low, at worst", "low_bytes", "low_ns", false, "Bytes taken off that were still owed"},
		{"Too high, at worst", "high_bytes", "high_ns", false, "Bytes on the counter that nobody owes"},
		{"Reserved", "reserved", NULL, true, "By reserves that held"},
		{"Released", "released", NULL, true, "Handed to ordered extents, to be written"},
		{"Freed", "freed", NULL, true, "Given back without being written"},
		{"Dropped", "dropped", NULL, true, "Taken off the counter by commits"},
		{"Outside of the trace", "end_unknown", NULL, false, "On the counter before the trace began"},
	};

	fputs("<dl class=\"facts\">\n", stream);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		write_fact(stream, subject, &facts[i]);
	if (limits->known) {
		write_limit(stream, "Limit, referenced", limits->has_rfer, limits->max_rfer);
		write_limit(stream, "Limit, exclusive", limits->has_excl, limits->max_excl);
	}
	fputs("</dl>\n", stream);
}

static void write_points_link(FILE *stream, const struct subject *subject, const struct window *window)
{
	html_format(stream, " <a href=\"/api/v1/ledgers?trace=%" PRIu64 "&amp;root=", subject->trace_id);
	html_root(stream, subject->root);
	html_format(stream, "&amp;fs=%" PRIu64, subject->fs);
	window_query(stream, window, "&amp;");
}

static void write_key(FILE *stream, const char *shape, const char *text)
{
	html_format(stream, "<li><svg class=\"key plot\" width=\"22\" height=\"12\" aria-hidden=\"true\">");
	fputs(shape, stream);
	html_format(stream, "</svg> %s</li>\n", text);
}

void root_legend(FILE *stream, const struct plot *plot)
{
	bool low = false;
	bool high = false;

	for (size_t i = 0; i < plot->point_count; i++) {
		low = low || plot->points[i].should_high > plot->points[i].was_high ||
		      plot->points[i].should_low > plot->points[i].was_low;
		high = high || plot->points[i].should_high < plot->points[i].was_high ||
		       plot->points[i].should_low < plot->points[i].was_low;
	}
	fputs("<ul class=\"legend\">\n", stream);
	write_key(stream, "<path class=\"was\" d=\"M1 6H21\"/>", "the counter as it was");
	if (low || high)
		write_key(stream, "<path class=\"should\" d=\"M1 6H21\"/>", "as it should have been");
	if (low)
		write_key(stream, "<rect class=\"damage-low\" x=\"1\" y=\"1\" width=\"20\" height=\"10\"/>",
			"too low: bytes are missing");
	if (high)
		write_key(stream, "<rect class=\"damage-high\" x=\"1\" y=\"1\" width=\"20\" height=\"10\"/>",
			"too high: bytes that nobody owes");
	if (plot->mark_count > 0)
		write_key(stream, "<path class=\"mark\" d=\"M11 11l-5-9h10z\"/>", "a finding");
	if (plot->gap_count > 0)
		write_key(stream, "<rect class=\"unknown\" x=\"1\" y=\"1\" width=\"20\" height=\"10\"/>",
			"events are missing");
	fputs("</ul>\n", stream);
}

void root_links(FILE *stream, const struct subject *subject, const struct window *window)
{
	fputs("<p class=\"actions\">", stream);
	html_format(stream, "<a data-events href=\"/traces/%" PRIu64 "/events?root=", subject->trace_id);
	html_root(stream, subject->root);
	subject_events_query(stream, subject, "&amp;");
	if (!window->whole)
		html_format(stream, "&amp;from_ns=%" PRIu64 "&amp;to_ns=%" PRIu64, window->from_ns, window->to_ns);
	fputs("\">Events of this root</a>", stream);
	write_points_link(stream, subject, window);
	fputs("\">Points as JSON</a>", stream);
	write_points_link(stream, subject, window);
	fputs("&amp;format=csv\">CSV</a></p>\n", stream);
}

struct inode_sum {
	uint64_t ino;
	uint64_t findings;
	uint64_t bytes;
};

static int by_ino(const void *one, const void *other)
{
	const struct inode_sum *a = one;
	const struct inode_sum *b = other;

	return (a->ino > b->ino) - (a->ino < b->ino);
}

static int by_findings(const void *one, const void *other)
{
	const struct inode_sum *a = one;
	const struct inode_sum *b = other;

	if (a->findings != b->findings)
		return a->findings > b->findings ? -1 : 1;
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return by_ino(one, other);
}

/* What each inode has of the findings; returns how many inodes there are. */
static size_t sum_inodes(const struct found *found, struct inode_sum *sums)
{
	size_t count = 0;
	size_t kept = 0;

	for (size_t i = 0; i < found->count; i++)
		if (found->all[i].ino != 0)
			sums[count++] = (struct inode_sum){found->all[i].ino, 1, found->all[i].bytes};
	qsort(sums, count, sizeof(*sums), by_ino);
	for (size_t i = 0; i < count; i++) {
		struct inode_sum *last = &sums[kept > 0 ? kept - 1 : 0];

		if (kept == 0 || last->ino != sums[i].ino) {
			sums[kept++] = sums[i];
			continue;
		}
		last->findings++;
		if (__builtin_add_overflow(last->bytes, sums[i].bytes, &last->bytes))
			last->bytes = UINT64_MAX;
	}
	qsort(sums, kept, sizeof(*sums), by_findings);
	return kept;
}

void root_inodes(FILE *stream, const struct subject *subject, const struct found *found)
{
	struct inode_sum *sums = memory_resized(NULL, found->count + 1, sizeof(*sums));
	size_t count = sum_inodes(found, sums);

	if (count > 0)
		fputs("<h2 id=\"inodes\">Inodes with findings</h2>\n<div class=\"table-wrap table-narrow\" "
		      "tabindex=\"0\" "
		      "role=\"region\" aria-labelledby=\"inodes\"><table>\n<thead><tr><th scope=\"col\" "
		      "class=\"number\">Inode</th><th scope=\"col\" class=\"number\">Findings</th><th scope=\"col\" "
		      "class=\"number\">Bytes</th></tr></thead>\n<tbody>\n",
			stream);
	for (size_t i = 0; i < count && i < INODES_SHOWN; i++) {
		fputs("<tr><td class=\"number\"><a href=\"", stream);
		subject_root_path(stream, subject);
		html_format(stream, "/inodes/%" PRIu64, sums[i].ino);
		subject_root_query(stream, subject, false);
		html_format(stream, "\">%" PRIu64 "</a></td><td class=\"number\">", sums[i].ino);
		html_number(stream, sums[i].findings);
		fputs("</td><td class=\"number\">", stream);
		html_bytes(stream, sums[i].bytes);
		fputs("</td></tr>\n", stream);
	}
	if (count > 0)
		fputs("</tbody>\n</table></div>\n", stream);
	if (count > INODES_SHOWN)
		html_format(stream, "<p class=\"more\">%s.</p>\n",
			words_count(count - INODES_SHOWN, "other inode", "other inodes").text);
	free(sums);
}
