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
	{.column = "id", .cell = CELL_NUMBER, .title = "No.", .sort = "id", .link = link_id},
	{.column = "name",
		.cell = CELL_TEXT,
		.title = "Name",
		.sort = "name",
		.link = link_id,
		.write = list_write_name},
	{.column = "errors", .cell = CELL_BADGE, .title = "Findings", .sort = "errors", .write = write_found},
	{.column = "warnings", .cell = CELL_NUMBER},
	{.column = "notes", .cell = CELL_NUMBER},
	{.column = "leaked", .cell = CELL_BYTES, .title = "Leaked"},
	{.column = "underflow", .cell = CELL_BYTES, .title = "Underflow"},
	{.column = "events", .cell = CELL_NUMBER, .title = "Events", .sort = "events"},
	{.column = "lost_marks", .cell = CELL_NUMBER, .title = "Lost", .write = write_lost},
	{.column = "lost_events", .cell = CELL_NUMBER},
	{.column = "skipped_events", .cell = CELL_NUMBER},
	{.column = "garbled_lines", .cell = CELL_NUMBER},
	{.column = "host", .cell = CELL_TEXT, .title = "Host"},
	{.column = "kernel", .cell = CELL_TEXT, .title = "Kernel"},
	{.column = "first_ns", .cell = CELL_TIME_NS},
	{.column = "last_ns", .cell = CELL_TIME_NS, .title = "Length", .write = write_span},
	{.column = "file_bytes", .cell = CELL_BYTES, .title = "Size"},
	{.column = "recorded_at", .cell = CELL_SECONDS, .title = "Recorded"},
	{.column = "imported_at", .cell = CELL_SECONDS},
	{.column = "status", .cell = CELL_CODE},
	{.column = "source", .cell = CELL_CODE},
	{.column = "clock", .cell = CELL_CODE},
	{.column = "sha256", .cell = CELL_CODE},
	{.column = "replay", .cell = CELL_NUMBER},
	{.column = "engine", .cell = CELL_CODE},
	{.column = NULL},
};

static const struct list_view_filter trace_filters[] = {
	{.name = "name", .title = "Name contains"},
	{.name = "host", .title = "Host"},
	{.name = "kernel", .title = "Kernel"},
	{.name = "found", .title = "With errors"},
	{.name = "sha256"},
	{.name = "status"},
	{.name = NULL},
};

const struct list_view list_view_traces = {
	.list = LIST_TRACES,
	.path = "/api/v1/traces",
	.none = "No traces yet. The page Upload takes them, and so does the command qgreplay import.",
	.columns = trace_columns,
	.filters = trace_filters,
};

static const struct list_view_filter no_filters[] = {{.name = NULL}};

static const struct list_view_column replay_columns[] = {
	{.column = "id", .cell = CELL_NUMBER, .title = "Replay"},
	{.column = "trace", .cell = CELL_NUMBER},
	{.column = "current", .cell = CELL_FLAG, .title = "Shown"},
	{.column = "made_at", .cell = CELL_SECONDS, .title = "Made"},
	{.column = "engine", .cell = CELL_CODE, .title = "Rules"},
	{.column = "fresh", .cell = CELL_FLAG, .title = "Fresh"},
	{.column = "limited", .cell = CELL_FLAG, .title = "With limits"},
	{.column = "logged", .cell = CELL_FLAG, .title = "With a log"},
	{.column = "free_events", .cell = CELL_NUMBER},
	{.column = "chain_breaks", .cell = CELL_NUMBER, .title = "Chain breaks"},
	{.column = "contradictions", .cell = CELL_NUMBER, .title = "Contradictions"},
	{.column = "exchanges", .cell = CELL_NUMBER, .title = "Exchanges"},
	{.column = "log_lines", .cell = CELL_NUMBER},
	{.column = "log_left_out", .cell = CELL_NUMBER},
	{.column = NULL},
};

const struct list_view list_view_replays = {
	.list = LIST_REPLAYS,
	.none = "This trace has not been replayed: qgreplay analyze does it.",
	.columns = replay_columns,
	.filters = no_filters,
};

static const struct list_view_column root_columns[] = {
	{.column = "trace", .cell = CELL_NUMBER},
	{.column = "replay", .cell = CELL_NUMBER},
	{.column = "root", .cell = CELL_ROOT, .title = "Root", .sort = "root", .link = list_link_root},
	{.column = "fs", .cell = CELL_NUMBER, .title = "Filesystem"},
	{.column = "fsid", .cell = CELL_CODE},
	{.column = "place", .cell = CELL_NUMBER},
	{.column = "counter_known", .cell = CELL_FLAG},
	{.column = "reserved", .cell = CELL_BYTES, .title = "Reserved"},
	{.column = "released", .cell = CELL_BYTES, .title = "Released"},
	{.column = "freed", .cell = CELL_BYTES, .title = "Freed"},
	{.column = "dropped", .cell = CELL_BYTES, .title = "Dropped"},
	{.column = "peak", .cell = CELL_BYTES, .title = "Peak", .sort = "peak"},
	{.column = "end_ranges", .cell = CELL_BYTES},
	{.column = "end_flight", .cell = CELL_BYTES},
	{.column = "end_counter", .cell = CELL_BYTES, .title = "At the end"},
	{.column = "end_unknown", .cell = CELL_BYTES},
	{.column = "leaked", .cell = CELL_BYTES, .title = "Leaked", .sort = "leaked"},
	{.column = "underflow", .cell = CELL_BYTES, .title = "Underflow", .sort = "underflow"},
	{.column = "drawn", .cell = CELL_FLAG},
	{.column = "differs", .cell = CELL_FLAG},
	{.column = "was_peak", .cell = CELL_BYTES},
	{.column = "was_end", .cell = CELL_BYTES},
	{.column = "should_peak", .cell = CELL_BYTES},
	{.column = "should_end", .cell = CELL_BYTES},
	{.column = "low_bytes", .cell = CELL_BYTES, .title = "Too low by"},
	{.column = "low_ns", .cell = CELL_TIME_NS},
	{.column = "low_byte_seconds", .cell = CELL_NUMBER},
	{.column = "low_byte_nanos", .cell = CELL_NUMBER},
	{.column = "high_bytes", .cell = CELL_BYTES, .title = "Too high by"},
	{.column = "high_ns", .cell = CELL_TIME_NS},
	{.column = "high_byte_seconds", .cell = CELL_NUMBER},
	{.column = "high_byte_nanos", .cell = CELL_NUMBER},
	{.column = "told_twice", .cell = CELL_BYTES},
	{.column = NULL},
};

static const struct list_view_filter root_filters[] = {
	{.name = "trace"},
	{.name = "root", .negative = true},
	{.name = "fs"},
	{.name = "found"},
	{.name = NULL},
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
	{.column = "trace", .cell = CELL_NUMBER},
	{.column = "seq", .cell = CELL_NUMBER, .title = "Event", .link = list_link_event},
	{.column = "time_ns", .cell = CELL_TIME_NS, .title = "Time"},
	{.column = "cpu", .cell = CELL_NUMBER, .title = "CPU"},
	{.column = "pid", .cell = CELL_SIGNED, .title = "PID"},
	{.column = "comm", .cell = CELL_TEXT, .title = "Task"},
	{.column = "kind", .cell = CELL_CODE, .title = "Kind"},
	{.column = "fsid", .cell = CELL_CODE},
	{.column = "root", .cell = CELL_ROOT, .title = "Root", .link = list_link_root, .same = "root"},
	{.column = "ino", .cell = CELL_INODE, .title = "Inode", .link = list_link_inode, .same = "ino"},
	{.column = "start", .cell = CELL_OFFSET, .title = "Start"},
	{.column = "len", .cell = CELL_BYTES, .title = "Length"},
	{.column = "bytes", .cell = CELL_BYTES, .title = "Bytes"},
	{.column = "diff", .cell = CELL_SIGNED, .title = "Change"},
	{.column = "flags", .cell = CELL_NUMBER},
	{.column = "op", .cell = CELL_CODE, .title = "Operation"},
	{.column = "type", .cell = CELL_CODE, .title = "Type"},
	{.column = "text", .cell = CELL_TEXT, .title = "Text"},
	{.column = NULL},
};

static const struct list_view_filter event_filters[] = {
	{.name = "trace"},
	{.name = "kind", .title = "Kind", .word = event_word},
	{.name = "fsid", .title = "Filesystem", .choice = true},
	{.name = "root", .title = "Root", .negative = true},
	{.name = "ino", .title = "Inode"},
	{.name = "pid", .title = "PID", .negative = true},
	{.name = "from_seq", .title = "From event"},
	{.name = "to_seq", .title = "To event"},
	{.name = "from_ns"},
	{.name = "to_ns"},
	{.name = NULL},
};

const struct list_view list_view_events = {
	.list = LIST_EVENTS,
	.path = "/api/v1/events",
	.none = "No events.",
	.columns = event_columns,
	.filters = event_filters,
};
