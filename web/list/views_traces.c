/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces, and what is known of one. */
#include <inttypes.h>

#include "base/event.h"
#include "web/html/html.h"
#include "web/list/list_links.h"

static void link_id(FILE *stream, const struct list_row *row)
{
	html_format(stream, "/traces/%" PRIu64, list_row_number(row, "id"));
}

static void write_found(FILE *stream, const struct list_row *row)
{
	static const char *const columns[] = {"errors", "warnings", "notes"};
	static const char *const badges[] = {"error", "warning", "note"};
	bool any = false;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		uint64_t count = list_row_number(row, columns[i]);

		if (count == 0)
			continue;
		html_format(stream, "%s<span class=\"badge badge-%s\" title=\"%s\">", any ? " " : "", badges[i],
			columns[i]);
		html_number(stream, count);
		html_format(stream, "<span class=\"visually-hidden\"> %s</span></span>", columns[i]);
		any = true;
	}
	if (!any)
		fputs("<span class=\"muted\">none</span>", stream);
}

static void write_span(FILE *stream, const struct list_row *row)
{
	uint64_t first = list_row_number(row, "first_ns");
	uint64_t last = list_row_number(row, "last_ns");

	html_span(stream, last > first ? last - first : 0);
}

static void write_lost(FILE *stream, const struct list_row *row)
{
	uint64_t marks = list_row_number(row, "lost_marks");

	if (marks == 0)
		return;
	html_number(stream, marks);
	fputs(marks == 1 ? " gap" : " gaps", stream);
}

static const struct list_view_column trace_columns[] = {
	{"id", CELL_NUMBER, "No.", "id", link_id, NULL},
	{"name", CELL_TEXT, "Name", "name", link_id, list_write_name},
	{"errors", CELL_BADGE, "Findings", "errors", NULL, write_found},
	{"warnings", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"notes", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"leaked", CELL_BYTES, "Leaked", NULL, NULL, NULL},
	{"underflow", CELL_BYTES, "Underflow", NULL, NULL, NULL},
	{"events", CELL_NUMBER, "Events", "events", NULL, NULL},
	{"lost_marks", CELL_NUMBER, "Lost", NULL, NULL, write_lost},
	{"lost_events", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"skipped_events", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"garbled_lines", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"host", CELL_TEXT, "Host", NULL, NULL, NULL},
	{"kernel", CELL_TEXT, "Kernel", NULL, NULL, NULL},
	{"first_ns", CELL_TIME_NS, NULL, NULL, NULL, NULL},
	{"last_ns", CELL_TIME_NS, "Length", NULL, NULL, write_span},
	{"file_bytes", CELL_BYTES, "Size", NULL, NULL, NULL},
	{"recorded_at", CELL_SECONDS, "Recorded", NULL, NULL, NULL},
	{"imported_at", CELL_SECONDS, NULL, NULL, NULL, NULL},
	{"status", CELL_CODE, NULL, NULL, NULL, NULL},
	{"source", CELL_CODE, NULL, NULL, NULL, NULL},
	{"clock", CELL_CODE, NULL, NULL, NULL, NULL},
	{"sha256", CELL_CODE, NULL, NULL, NULL, NULL},
	{"replay", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"engine", CELL_CODE, NULL, NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

static const struct list_view_filter trace_filters[] = {
	{"name", "Name contains", NULL, false},
	{"host", "Host", NULL, false},
	{"kernel", "Kernel", NULL, false},
	{"found", "With errors", NULL, false},
	{"sha256", NULL, NULL, false},
	{"status", NULL, NULL, false},
	{NULL, NULL, NULL, false},
};

const struct list_view list_view_traces = {
	.list = LIST_TRACES,
	.path = "/api/v1/traces",
	.none = "No traces yet.",
	.columns = trace_columns,
	.filters = trace_filters,
};

static const struct list_view_filter no_filters[] = {{NULL, NULL, NULL, false}};

static const struct list_view_column replay_columns[] = {
	{"id", CELL_NUMBER, "Replay", NULL, NULL, NULL},
	{"trace", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"current", CELL_FLAG, "Shown", NULL, NULL, NULL},
	{"made_at", CELL_SECONDS, "Made", NULL, NULL, NULL},
	{"engine", CELL_CODE, "Rules", NULL, NULL, NULL},
	{"fresh", CELL_FLAG, "Fresh", NULL, NULL, NULL},
	{"limited", CELL_FLAG, "With limits", NULL, NULL, NULL},
	{"logged", CELL_FLAG, "With a log", NULL, NULL, NULL},
	{"free_events", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"chain_breaks", CELL_NUMBER, "Chain breaks", NULL, NULL, NULL},
	{"contradictions", CELL_NUMBER, "Contradictions", NULL, NULL, NULL},
	{"exchanges", CELL_NUMBER, "Exchanges", NULL, NULL, NULL},
	{"log_lines", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"log_left_out", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

const struct list_view list_view_replays = {
	.list = LIST_REPLAYS,
	.none = "This trace has not been replayed: qgreplay analyze does it.",
	.columns = replay_columns,
	.filters = no_filters,
};

static const struct list_view_column root_columns[] = {
	{"trace", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"replay", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"root", CELL_ROOT, "Root", "root", list_link_root, NULL},
	{"fs", CELL_NUMBER, "Filesystem", NULL, NULL, NULL},
	{"fsid", CELL_CODE, NULL, NULL, NULL, NULL},
	{"place", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"counter_known", CELL_FLAG, NULL, NULL, NULL, NULL},
	{"reserved", CELL_BYTES, "Reserved", NULL, NULL, NULL},
	{"released", CELL_BYTES, "Released", NULL, NULL, NULL},
	{"freed", CELL_BYTES, "Freed", NULL, NULL, NULL},
	{"dropped", CELL_BYTES, "Dropped", NULL, NULL, NULL},
	{"peak", CELL_BYTES, "Peak", "peak", NULL, NULL},
	{"end_ranges", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"end_flight", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"end_counter", CELL_BYTES, "At the end", NULL, NULL, NULL},
	{"end_unknown", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"leaked", CELL_BYTES, "Leaked", "leaked", NULL, NULL},
	{"underflow", CELL_BYTES, "Underflow", "underflow", NULL, NULL},
	{"drawn", CELL_FLAG, NULL, NULL, NULL, NULL},
	{"differs", CELL_FLAG, NULL, NULL, NULL, NULL},
	{"was_peak", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"was_end", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"should_peak", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"should_end", CELL_BYTES, NULL, NULL, NULL, NULL},
	{"low_bytes", CELL_BYTES, "Too low by", NULL, NULL, NULL},
	{"low_ns", CELL_TIME_NS, NULL, NULL, NULL, NULL},
	{"low_byte_seconds", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"low_byte_nanos", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"high_bytes", CELL_BYTES, "Too high by", NULL, NULL, NULL},
	{"high_ns", CELL_TIME_NS, NULL, NULL, NULL, NULL},
	{"high_byte_seconds", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"high_byte_nanos", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"told_twice", CELL_BYTES, NULL, NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

static const struct list_view_filter root_filters[] = {
	{"trace", NULL, NULL, false},
	{"root", NULL, NULL, true},
	{"fs", NULL, NULL, false},
	{"found", NULL, NULL, false},
	{NULL, NULL, NULL, false},
};

const struct list_view list_view_roots = {
	.list = LIST_ROOTS,
	.path = "/api/v1/roots",
	.none = "No reservations were traced.",
	.columns = root_columns,
	.filters = root_filters,
};

/* Lost events are a list of their own. */
static const char *event_word(size_t index)
{
	return index < EVENT_LOST - 1 ? event_kind_name((enum event_kind)(index + 1)) : NULL;
}

static const struct list_view_column event_columns[] = {
	{"trace", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"seq", CELL_NUMBER, "Event", NULL, list_link_event, NULL},
	{"time_ns", CELL_TIME_NS, "Time", NULL, NULL, NULL},
	{"cpu", CELL_NUMBER, "CPU", NULL, NULL, NULL},
	{"pid", CELL_SIGNED, "PID", NULL, NULL, NULL},
	{"comm", CELL_TEXT, "Task", NULL, NULL, NULL},
	{"kind", CELL_CODE, "Kind", NULL, NULL, NULL},
	{"fsid", CELL_CODE, NULL, NULL, NULL, NULL},
	{"root", CELL_ROOT, "Root", NULL, list_link_root, NULL},
	{"ino", CELL_INODE, "Inode", NULL, list_link_inode, NULL},
	{"start", CELL_OFFSET, "Start", NULL, NULL, NULL},
	{"len", CELL_BYTES, "Length", NULL, NULL, NULL},
	{"bytes", CELL_BYTES, "Bytes", NULL, NULL, NULL},
	{"diff", CELL_SIGNED, "Change", NULL, NULL, NULL},
	{"flags", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"op", CELL_CODE, "Operation", NULL, NULL, NULL},
	{"type", CELL_CODE, "Type", NULL, NULL, NULL},
	{"text", CELL_TEXT, "Text", NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

static const struct list_view_filter event_filters[] = {
	{"trace", NULL, NULL, false},
	{"kind", "Kind", event_word, false},
	{"root", "Root", NULL, true},
	{"ino", "Inode", NULL, false},
	{"pid", "PID", NULL, true},
	{"from_seq", "From event", NULL, false},
	{"to_seq", "To event", NULL, false},
	{"from_ns", NULL, NULL, false},
	{"to_ns", NULL, NULL, false},
	{NULL, NULL, NULL, false},
};

const struct list_view list_view_events = {
	.list = LIST_EVENTS,
	.path = "/api/v1/events",
	.none = "No events.",
	.columns = event_columns,
	.filters = event_filters,
};
