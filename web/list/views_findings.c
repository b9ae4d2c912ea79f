/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings, and the lists of what belongs to one. */
#include <inttypes.h>
#include <string.h>

#include "analyzer/finding.h"
#include "web/html/html.h"
#include "web/list/list_links.h"

static void link_finding(FILE *stream, const struct list_row *row)
{
	html_format(stream, "/traces/%" PRIu64 "/findings/%" PRIu64, list_row_number(row, "trace"),
		list_row_number(row, "number"));
}

/* What is proven is the rule, so only the other is told. */
static void write_severity(FILE *stream, const struct list_row *row)
{
	const char *certainty = list_row_text(row, "certainty");

	html_badge(stream, list_row_text(row, "severity"));
	if (certainty != NULL && strcmp(certainty, finding_certainty_name(CERTAINTY_LIKELY)) == 0) {
		fputc(' ', stream);
		html_badge(stream, certainty);
	}
}

static bool counts_events(const char *kind)
{
	for (unsigned i = 0; kind != NULL && i < FINDING_KIND_COUNT; i++)
		if (strcmp(kind, finding_kind_name((enum finding_kind)i)) == 0)
			return finding_counts_events((enum finding_kind)i);
	return false;
}

static void write_bytes(FILE *stream, const struct list_row *row)
{
	uint64_t bytes = list_row_number(row, "bytes");

	if (!counts_events(list_row_text(row, "kind"))) {
		html_bytes(stream, bytes);
		return;
	}
	html_number(stream, bytes);
	fputs(bytes == 1 ? " event" : " events", stream);
}

static const struct list_view_column finding_columns[] = {
	{"id", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"severity", CELL_BADGE, "Severity", "severity", NULL, write_severity},
	{"headline", CELL_PROSE, "Finding", NULL, link_finding, NULL},
	{"kind", CELL_CODE, "Kind", NULL, NULL, NULL},
	{"certainty", CELL_CODE, NULL, NULL, NULL, NULL},
	{"path", CELL_CODE, NULL, NULL, NULL, NULL},
	{"place", CELL_CODE, NULL, NULL, NULL, NULL},
	{"signature", CELL_CODE, NULL, NULL, list_link_signature, NULL},
	{"fs", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"fsid", CELL_CODE, NULL, NULL, NULL, NULL},
	{"root", CELL_ROOT, "Root", NULL, list_link_root, NULL},
	{"ino", CELL_INODE, "Inode", NULL, list_link_inode, NULL},
	{"bytes", CELL_BYTES, "Bytes", "bytes", NULL, write_bytes},
	{"healed", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"occurrences", CELL_NUMBER, "Times", NULL, NULL, NULL},
	{"time_ns", CELL_TIME_NS, NULL, NULL, NULL, NULL},
	{"trace", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"trace_name", CELL_TEXT, "Trace", "id", list_link_trace, list_write_trace_name},
	{"replay", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"number", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"host", CELL_TEXT, "Host", NULL, NULL, NULL},
	{"kernel", CELL_TEXT, "Kernel", NULL, NULL, NULL},
	{"recorded_at", CELL_SECONDS, NULL, NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

static const struct list_view_filter finding_filters[] = {
	{"severity", "Severity", list_word_severity, false},
	{"kind", "Kind", list_word_kind, false},
	{"certainty", "Certainty", list_word_certainty, false},
	{"trace", "Trace number", NULL, false},
	{"root", "Root", NULL, true},
	{"ino", "Inode", NULL, false},
	{"host", "Host", NULL, false},
	{"signature", NULL, NULL, false},
	{"fs", NULL, NULL, false},
	{NULL, NULL, NULL, false},
};

const struct list_view list_view_findings = {
	.list = LIST_FINDINGS,
	.path = "/api/v1/findings",
	.none = "No findings.",
	.columns = finding_columns,
	.filters = finding_filters,
};

/* "wl-152" as ftrace prints a task. */
static void write_task(FILE *stream, const struct list_row *row)
{
	int64_t pid = (int64_t)list_row_number(row, "pid");
	const char *comm = list_row_text(row, "comm");

	if (pid < 0)
		fputs("unknown", stream);
	else if (comm != NULL && comm[0] != '\0')
		html_format(stream, "%s-%" PRId64, comm, pid);
	else
		html_format(stream, "pid %" PRId64, pid);
}

static const struct list_view_filter no_filters[] = {{NULL, NULL, NULL, false}};

static const struct list_view_column occurrence_columns[] = {
	{"replay", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"finding", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"number", CELL_NUMBER, "No.", NULL, NULL, NULL},
	{"time_ns", CELL_TIME_NS, "Time", NULL, NULL, NULL},
	{"pid", CELL_SIGNED, NULL, NULL, NULL, NULL},
	{"comm", CELL_TEXT, "Task", NULL, NULL, write_task},
	{"root", CELL_ROOT, "Root", NULL, NULL, NULL},
	{"ino", CELL_INODE, "Inode", NULL, NULL, NULL},
	{"start", CELL_OFFSET, "Start", NULL, NULL, NULL},
	{"len", CELL_BYTES, "Length", NULL, NULL, NULL},
	{"bytes", CELL_BYTES, "Bytes", NULL, NULL, NULL},
	{"have_bytes", CELL_BYTES, "Counter before", NULL, NULL, NULL},
	{"diff_bytes", CELL_SIGNED, "Added to it", NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

const struct list_view list_view_occurrences = {
	.list = LIST_OCCURRENCES,
	.none = "No single mismatches are kept.",
	.columns = occurrence_columns,
	.filters = no_filters,
};

static const struct list_view_column owner_columns[] = {
	{"replay", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"finding", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"occurrence", CELL_NUMBER, "Occurrence", NULL, NULL, NULL},
	{"number", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"pid", CELL_SIGNED, NULL, NULL, NULL, NULL},
	{"comm", CELL_TEXT, "Owner", NULL, NULL, write_task},
	{"time_ns", CELL_TIME_NS, "Reserved at", NULL, NULL, NULL},
	{"start", CELL_OFFSET, "Start", NULL, NULL, NULL},
	{"len", CELL_BYTES, "Length", NULL, NULL, NULL},
	{"bytes", CELL_BYTES, "Bytes", NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

static const struct list_view_filter owner_filters[] = {
	{"occurrence", NULL, NULL, false},
	{NULL, NULL, NULL, false},
};

const struct list_view list_view_owners = {
	.list = LIST_OWNERS,
	.none = "Nobody is known to own these bytes.",
	.columns = owner_columns,
	.filters = owner_filters,
};

static const struct list_view_column evidence_columns[] = {
	{"replay", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"finding", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"number", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"seq", CELL_NUMBER, "Event", NULL, list_link_event, NULL},
	{"time_ns", CELL_TIME_NS, "Time", NULL, NULL, NULL},
	{"cpu", CELL_NUMBER, "CPU", NULL, NULL, NULL},
	{"pid", CELL_SIGNED, NULL, NULL, NULL, NULL},
	{"comm", CELL_TEXT, "Task", NULL, NULL, write_task},
	{"kind", CELL_CODE, "What the kernel traced", NULL, NULL, NULL},
	{"role", CELL_CODE, "Role", NULL, NULL, NULL},
	{"consequence", CELL_CODE, "Consequence", NULL, NULL, NULL},
	{"occurrence", CELL_NUMBER, "Occurrence", NULL, NULL, NULL},
	{"victim_bytes", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"victim_ino", CELL_INODE, NULL, NULL, NULL, NULL},
	{"fs", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"fsid", CELL_CODE, NULL, NULL, NULL, NULL},
	{"root", CELL_ROOT, "Root", NULL, NULL, NULL},
	{"ino", CELL_INODE, "Inode", NULL, NULL, NULL},
	{"start", CELL_OFFSET, "Start", NULL, NULL, NULL},
	{"len", CELL_BYTES, "Length", NULL, NULL, NULL},
	{"bytes", CELL_BYTES, "Bytes", NULL, NULL, NULL},
	{"diff", CELL_SIGNED, "Change", NULL, NULL, NULL},
	{"flags", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"op", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"type", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

static const struct list_view_filter evidence_filters[] = {
	{"role", NULL, NULL, false},
	{NULL, NULL, NULL, false},
};

const struct list_view list_view_evidence = {
	.list = LIST_EVIDENCE,
	.none = "No events are kept.",
	.columns = evidence_columns,
	.filters = evidence_filters,
};
