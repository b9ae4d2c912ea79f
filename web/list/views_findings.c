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

	/* Some kinds are of no bytes, and how many events are missing is not always known. */
	if (bytes == 0)
		return;
	if (!counts_events(list_row_text(row, "kind"))) {
		html_bytes(stream, bytes);
		return;
	}
	html_number(stream, bytes);
	fputs(bytes == 1 ? " event" : " events", stream);
}

static const struct list_view_column finding_columns[] = {
	{.column = "id", .cell = CELL_NUMBER},
	{.column = "severity", .cell = CELL_BADGE, .title = "Severity", .sort = "severity", .write = write_severity},
	{.column = "headline", .cell = CELL_PROSE, .title = "Finding", .link = link_finding},
	{.column = "kind", .cell = CELL_CODE, .title = "Kind", .same = "signature"},
	{.column = "certainty", .cell = CELL_CODE},
	{.column = "path", .cell = CELL_CODE},
	{.column = "place", .cell = CELL_CODE},
	{.column = "signature", .cell = CELL_CODE, .link = list_link_signature},
	{.column = "fs", .cell = CELL_NUMBER},
	{.column = "fsid", .cell = CELL_CODE},
	{.column = "root", .cell = CELL_ROOT, .title = "Root", .link = list_link_root, .same = "root"},
	{.column = "ino", .cell = CELL_INODE, .title = "Inode", .link = list_link_inode, .same = "ino"},
	{.column = "bytes", .cell = CELL_BYTES, .title = "Bytes", .sort = "bytes", .write = write_bytes},
	{.column = "healed", .cell = CELL_BYTES},
	{.column = "occurrences", .cell = CELL_NUMBER, .title = "Times"},
	{.column = "time_ns", .cell = CELL_TIME_NS},
	{.column = "trace", .cell = CELL_NUMBER},
	{.column = "trace_name",
		.cell = CELL_TEXT,
		.title = "Trace",
		.sort = "id",
		.link = list_link_trace,
		.write = list_write_trace_name,
		.same = "trace"},
	{.column = "replay", .cell = CELL_NUMBER},
	{.column = "number", .cell = CELL_NUMBER},
	{.column = "host", .cell = CELL_TEXT, .title = "Host", .same = "trace"},
	{.column = "kernel", .cell = CELL_TEXT, .title = "Kernel", .same = "trace"},
	{.column = "recorded_at", .cell = CELL_SECONDS},
	{.column = NULL},
};

static const struct list_view_filter finding_filters[] = {
	{.name = "severity", .title = "Severity", .word = list_word_severity},
	{.name = "kind", .title = "Kind", .word = list_word_kind},
	{.name = "certainty", .title = "Certainty", .word = list_word_certainty},
	{.name = "trace", .title = "Trace number"},
	{.name = "root", .title = "Root", .negative = true},
	{.name = "ino", .title = "Inode"},
	{.name = "host", .title = "Host"},
	{.name = "signature"},
	{.name = "fs"},
	{.name = NULL},
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

static const struct list_view_filter no_filters[] = {{.name = NULL}};

static const struct list_view_column occurrence_columns[] = {
	{.column = "replay", .cell = CELL_NUMBER},
	{.column = "finding", .cell = CELL_NUMBER},
	{.column = "number", .cell = CELL_NUMBER, .title = "No."},
	{.column = "time_ns", .cell = CELL_TIME_NS, .title = "Time"},
	{.column = "pid", .cell = CELL_SIGNED},
	{.column = "comm", .cell = CELL_TEXT, .title = "Task", .write = write_task},
	{.column = "root", .cell = CELL_ROOT, .title = "Root"},
	{.column = "ino", .cell = CELL_INODE, .title = "Inode"},
	{.column = "start", .cell = CELL_OFFSET, .title = "Start"},
	{.column = "len", .cell = CELL_BYTES, .title = "Length"},
	{.column = "bytes", .cell = CELL_BYTES, .title = "Bytes"},
	{.column = "have_bytes", .cell = CELL_BYTES, .title = "Counter before"},
	{.column = "diff_bytes", .cell = CELL_SIGNED, .title = "Added to it"},
	{.column = NULL},
};

const struct list_view list_view_occurrences = {
	.list = LIST_OCCURRENCES,
	.none = "No single mismatches are kept.",
	.columns = occurrence_columns,
	.filters = no_filters,
};

static const struct list_view_column owner_columns[] = {
	{.column = "replay", .cell = CELL_NUMBER},
	{.column = "finding", .cell = CELL_NUMBER},
	{.column = "occurrence", .cell = CELL_NUMBER, .title = "Occurrence"},
	{.column = "number", .cell = CELL_NUMBER},
	{.column = "pid", .cell = CELL_SIGNED},
	{.column = "comm", .cell = CELL_TEXT, .title = "Owner", .write = write_task},
	{.column = "time_ns", .cell = CELL_TIME_NS, .title = "Reserved at"},
	{.column = "start", .cell = CELL_OFFSET, .title = "Start"},
	{.column = "len", .cell = CELL_BYTES, .title = "Length"},
	{.column = "bytes", .cell = CELL_BYTES, .title = "Bytes"},
	{.column = NULL},
};

static const struct list_view_filter owner_filters[] = {
	{.name = "occurrence"},
	{.name = NULL},
};

const struct list_view list_view_owners = {
	.list = LIST_OWNERS,
	.none = "Nobody is known to own these bytes.",
	.columns = owner_columns,
	.filters = owner_filters,
};

static const struct list_view_column evidence_columns[] = {
	{.column = "replay", .cell = CELL_NUMBER},
	{.column = "finding", .cell = CELL_NUMBER},
	{.column = "number", .cell = CELL_NUMBER},
	{.column = "seq", .cell = CELL_NUMBER, .title = "Event", .link = list_link_event},
	{.column = "time_ns", .cell = CELL_TIME_NS, .title = "Time"},
	{.column = "cpu", .cell = CELL_NUMBER, .title = "CPU"},
	{.column = "pid", .cell = CELL_SIGNED},
	{.column = "comm", .cell = CELL_TEXT, .title = "Task", .write = write_task},
	{.column = "kind", .cell = CELL_CODE, .title = "What the kernel traced"},
	{.column = "role", .cell = CELL_CODE, .title = "Role"},
	{.column = "consequence", .cell = CELL_CODE, .title = "Consequence"},
	{.column = "occurrence", .cell = CELL_NUMBER, .title = "Occurrence"},
	{.column = "victim_bytes", .cell = CELL_BYTES},
	{.column = "victim_ino", .cell = CELL_INODE},
	{.column = "fs", .cell = CELL_NUMBER},
	{.column = "fsid", .cell = CELL_CODE},
	{.column = "root", .cell = CELL_ROOT, .title = "Root"},
	{.column = "ino", .cell = CELL_INODE, .title = "Inode"},
	{.column = "start", .cell = CELL_OFFSET, .title = "Start"},
	{.column = "len", .cell = CELL_BYTES, .title = "Length"},
	{.column = "bytes", .cell = CELL_BYTES, .title = "Bytes"},
	{.column = "diff", .cell = CELL_SIGNED, .title = "Change"},
	{.column = "flags", .cell = CELL_NUMBER},
	{.column = "op", .cell = CELL_NUMBER},
	{.column = "type", .cell = CELL_NUMBER},
	{.column = NULL},
};

static const struct list_view_filter evidence_filters[] = {
	{.name = "role"},
	{.name = NULL},
};

const struct list_view list_view_evidence = {
	.list = LIST_EVIDENCE,
	.none = "No events are kept.",
	.columns = evidence_columns,
	.filters = evidence_filters,
};
