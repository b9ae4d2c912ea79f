/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of traces, and of what is known of one and of its replays. */
#include "schema/store/list_table.h"

#define NUMBER_FILTER(name_, sql_)                                                                                     \
	{                                                                                                              \
		.name = (name_), LIST_FILTER_NUMBER, .amount = true, .sql = (sql_)                                     \
	}
#define NEEDED_NUMBER(name_, sql_)                                                                                     \
	{                                                                                                              \
		.name = (name_), LIST_FILTER_NUMBER, .needed = true, .amount = true, .sql = (sql_)                     \
	}
#define TEXT_FILTER(name_, sql_)                                                                                       \
	{                                                                                                              \
		.name = (name_), LIST_FILTER_TEXT, .sql = (sql_)                                                       \
	}

#define TRACES(first, second)                                                                                          \
	first " CROSS JOIN " second " LEFT JOIN host h ON h.id = t.host LEFT JOIN replay r ON r.id = s.replay"
#define TRACES_BY(index) TRACES("trace t" index, "outcome s ON s.trace = t.id")

static const struct list_way trace_ways[] = {
	{.filter = "sha256", .from = TRACES_BY(" INDEXED BY sqlite_autoindex_trace_1"), .sorts = "it is one trace"},
	{.filter = "id", .from = TRACES_BY(" NOT INDEXED"), .sorts = "it is one trace"},
	{"host", "id", TRACES_BY(" INDEXED BY trace_of_host"), NULL, NULL, NULL},
	{NULL, "id", TRACES_BY(" NOT INDEXED"), NULL, "a page is read by the ids, and no more", NULL},
	{NULL, "events", TRACES_BY(" INDEXED BY trace_events"), NULL, "a page is read by the index, and no more", NULL},
	{NULL, "name", TRACES_BY(" INDEXED BY trace_name"), NULL, "a page is read by the index, and no more", NULL},
	{.from = TRACES("outcome s INDEXED BY outcome_errors", "trace t ON t.id = s.trace"),
		.scans = "a page is read by the index, and no more"},
};

const struct list_table list_table_traces = {
	.info = {.name = "traces",
		.columns = {{"id", "t.id"}, {"sha256", "t.sha256"}, {"name", "t.name"}, {"host", "h.name"},
			{"status", "t.status"}, {"source", "t.source"}, {"kernel", "t.kernel"}, {"clock", "t.clock"},
			{"file_bytes", "t.file_bytes"}, {"recorded_at", "t.recorded_at"},
			{"imported_at", "t.imported_at"}, {"events", "t.events"}, {"first_ns", "t.first_ns"},
			{"last_ns", "t.last_ns"}, {"skipped_events", "t.skipped_events"},
			{"garbled_lines", "t.garbled_lines"}, {"lost_marks", "t.lost_marks"},
			{"lost_events", "t.lost_events"}, {"errors", "s.errors"}, {"warnings", "s.warnings"},
			{"notes", "s.notes"}, {"leaked", "s.leaked"}, {"underflow", "s.underflow"},
			{"replay", "s.replay"}, {"engine", "r.engine"}},
		.filters = {NUMBER_FILTER("id", "t.id = ?"), TEXT_FILTER("sha256", "t.sha256 = ?"),
			TEXT_FILTER("host", "t.host = (SELECT id FROM host WHERE name = ?)"),
			TEXT_FILTER("kernel", "t.kernel = ?"),
			TEXT_FILTER("name", "instr(lower(t.name), lower(?)) > 0"),
			TEXT_FILTER("status", "t.status = ?"),
			{.name = "found", LIST_FILTER_FLAG, .sql = "(s.errors > 0) = (? <> 0)"}},
		.sorts = {{"id", true, {"t.id"}, NULL}, {"events", true, {"t.events", "t.id"}, NULL},
			{"name", false, {"substr(t.name, 1, 60)", "t.id"}, "substr(t.name, 1, 60)"},
			{"errors", true, {"s.errors", "s.trace"}, NULL}}},
	.ways = trace_ways,
};

static const struct list_way replay_ways[] = {
	{.filter = "id", .from = "replay r NOT INDEXED", .sorts = "it is one replay"},
	{.filter = "trace", .from = "replay r INDEXED BY replay_of_trace"},
	{.from = "replay r NOT INDEXED", .scans = "a page is read by the ids, and no more"},
};

const struct list_table list_table_replays = {
	.info = {.name = "replays",
		.columns = {{"id", "r.id"}, {"trace", "r.trace"},
			{"current", "(r.id = (SELECT max(x.id) FROM replay x WHERE x.trace = r.trace))"},
			{"made_at", "r.made_at"}, {"engine", "r.engine"}, {"fresh", "r.fresh"},
			{"limited", "r.limited"}, {"logged", "r.logged"}, {"free_events", "r.free_events"},
			{"chain_breaks", "r.chain_breaks"}, {"contradictions", "r.contradictions"},
			{"exchanges", "r.exchanges"}, {"log_lines", "r.log_lines"}, {"log_left_out", "r.log_left_out"}},
		.filters = {NUMBER_FILTER("id", "r.id = ?"), NUMBER_FILTER("trace", "r.trace = ?")},
		.sorts = {{"id", true, {"r.id"}, NULL}}},
	.ways = replay_ways,
};

static const struct list_way filesystem_ways[] = {{.from = "filesystem f"}};

const struct list_table list_table_filesystems = {
	.info = {.name = "filesystems",
		.columns = {{"replay", "f.replay"}, {"number", "f.number"}, {"fsid", "f.fsid"},
			{"quota_epochs", "f.quota_epochs"}},
		.filters = {NEEDED_NUMBER("replay", "f.replay = ?")},
		.sorts = {{"number", false, {"f.number"}, NULL}}},
	.ways = filesystem_ways,
};

static const struct list_way root_ways[] = {
	{.from = "outcome s CROSS JOIN root_ledger g ON g.replay = s.replay"
		 " LEFT JOIN filesystem f ON f.replay = g.replay AND f.number = g.filesystem",
		.sorts = "the roots of one trace"}};

const struct list_table list_table_roots = {
	.info = {.name = "roots",
		.columns = {{"trace", "s.trace"}, {"replay", "g.replay"}, {"fs", "g.filesystem"}, {"fsid", "f.fsid"},
			{"root", "g.root"}, {"place", "g.place"}, {"counter_known", "g.counter_known"},
			{"reserved", "g.reserved"}, {"released", "g.released"}, {"freed", "g.freed"},
			{"dropped", "g.dropped"}, {"peak", "g.peak"}, {"end_ranges", "g.end_ranges"},
			{"end_flight", "g.end_flight"}, {"end_counter", "g.end_counter"},
			{"end_unknown", "g.end_unknown"}, {"leaked", "g.leaked"}, {"underflow", "g.underflow"},
			{"drawn", "g.drawn"}, {"differs", "g.differs"}, {"was_peak", "g.was_peak"},
			{"was_end", "g.was_end"}, {"should_peak", "g.should_peak"}, {"should_end", "g.should_end"},
			{"low_bytes", "g.low_bytes"}, {"low_ns", "g.low_ns"},
			{"low_byte_seconds", "g.low_byte_seconds"}, {"low_byte_nanos", "g.low_byte_nanos"},
			{"high_bytes", "g.high_bytes"}, {"high_ns", "g.high_ns"},
			{"high_byte_seconds", "g.high_byte_seconds"}, {"high_byte_nanos", "g.high_byte_nanos"},
			{"told_twice", "g.told_twice"}},
		.filters = {NEEDED_NUMBER("trace", "s.trace = ?"),
			{.name = "root", LIST_FILTER_NUMBER, .sql = "g.root = ?"},
			NUMBER_FILTER("fs", "g.filesystem = ?"),
			{.name = "found",
				LIST_FILTER_FLAG,
				.sql = "(g.leaked <> 0 OR g.underflow <> 0 OR g.differs <> 0) = (? <> 0)"}},
		.sorts = {{"root", false, {"g.root", "g.filesystem"}, NULL},
			{"leaked", true, {"g.leaked", "g.root", "g.filesystem"}, NULL},
			{"underflow", true, {"g.underflow", "g.root", "g.filesystem"}, NULL},
			{"peak", true, {"g.peak", "g.root", "g.filesystem"}, NULL}}},
	.ways = root_ways,
};

static const struct list_way sample_ways[] = {{.from = "sample p"}};

const struct list_table list_table_samples = {
	.info = {.name = "samples",
		.columns = {{"replay", "p.replay"}, {"place", "p.place"}, {"span", "p.span"}, {"number", "p.number"},
			{"time_ns", "p.time_ns"}, {"was_low", "p.was_low"}, {"was_high", "p.was_high"},
			{"should_low", "p.should_low"}, {"should_high", "p.should_high"}},
		.filters = {NEEDED_NUMBER("replay", "p.replay = ?"), NEEDED_NUMBER("place", "p.place = ?"),
			NEEDED_NUMBER("span", "p.span = ?"), NUMBER_FILTER("from_ns", "p.time_ns >= ?"),
			NUMBER_FILTER("to_ns", "p.time_ns <= ?")},
		.sorts = {{"number", false, {"p.number"}, NULL}}},
	.ways = sample_ways,
};

#define OF_EVENT(alias)                                                                                                \
	NEEDED_NUMBER("trace", alias ".trace = ?"), NUMBER_FILTER("from_seq", alias ".seq >= ?"),                      \
		NUMBER_FILTER("to_seq", alias ".seq <= ?"), NUMBER_FILTER("from_ns", alias ".time_ns >= ?"),           \
		NUMBER_FILTER("to_ns", alias ".time_ns <= ?")

static const struct list_way event_ways[] = {{.from = "event e"}};

const struct list_table list_table_events = {
	.info = {.name = "events",
		.columns = {{"trace", "e.trace"}, {"seq", "e.seq"}, {"time_ns", "e.time_ns"}, {"cpu", "e.cpu"},
			{"pid", "e.pid"}, {"comm", "e.comm"}, {"kind", "e.kind"}, {"fsid", "e.fsid"},
			{"root", "e.root"}, {"ino", "e.ino"}, {"start", "e.start"}, {"len", "e.len"},
			{"bytes", "e.bytes"}, {"diff", "e.diff"}, {"flags", "e.flags"}, {"op", "e.op"},
			{"type", "e.type"}, {"text", "e.text"}},
		.filters = {OF_EVENT("e"), {.name = "root", LIST_FILTER_NUMBER, .sql = "e.root = ?"},
			{.name = "ino", LIST_FILTER_NUMBER, .sql = "e.ino = ?"}, TEXT_FILTER("kind", "e.kind = ?"),
			{.name = "pid", LIST_FILTER_NUMBER, .sql = "e.pid = ?"}, TEXT_FILTER("fsid", "e.fsid = ?")},
		.sorts = {{"seq", false, {"e.seq"}, NULL}}},
	.ways = event_ways,
};

static const struct list_way gap_ways[] = {{.from = "gap e"}};

const struct list_table list_table_gaps = {
	.info = {.name = "gaps",
		.columns = {{"trace", "e.trace"}, {"seq", "e.seq"}, {"cpu", "e.cpu"}, {"time_ns", "e.time_ns"},
			{"since_ns", "e.since_ns"}, {"events", "e.events"}},
		.filters = {OF_EVENT("e")},
		.sorts = {{"seq", false, {"e.seq"}, NULL}}},
	.ways = gap_ways,
};

static const struct list_way event_count_ways[] = {{.from = "event_count c"}};

const struct list_table list_table_event_counts = {
	.info = {.name = "event_counts",
		.columns = {{"trace", "c.trace"}, {"kind", "c.kind"}, {"events", "c.events"}},
		.filters = {NEEDED_NUMBER("trace", "c.trace = ?")},
		.sorts = {{"kind", false, {"c.kind"}, "c.kind"}}},
	.ways = event_count_ways,
};

static const struct list_way unproven_ways[] = {{.from = "unproven u"}};

const struct list_table list_table_unproven = {
	.info = {.name = "unproven",
		.columns = {{"replay", "u.replay"}, {"kind", "u.kind"}, {"count", "u.count"}},
		.filters = {NEEDED_NUMBER("replay", "u.replay = ?")},
		.sorts = {{"kind", false, {"u.kind"}, "u.kind"}}},
	.ways = unproven_ways,
};

static const struct list_way log_line_ways[] = {{.from = "log_line g"}};

const struct list_table list_table_log_lines = {
	.info = {.name = "log_lines",
		.columns = {{"replay", "g.replay"}, {"number", "g.number"}, {"kind", "g.kind"},
			{"verdict", "g.verdict"}, {"ambiguous", "g.ambiguous"}, {"count", "g.count"},
			{"seen_ns", "g.seen_ns"}, {"line", "g.line"}, {"time_ns", "g.time_ns"}, {"qgid", "g.qgid"},
			{"type", "g.type"}, {"have_bytes", "g.have_bytes"}, {"bytes", "g.bytes"}, {"ino", "g.ino"},
			{"start", "g.start"}, {"last", "g.last"}, {"device", "g.device"}, {"findings", "g.findings"}},
		.filters = {NEEDED_NUMBER("replay", "g.replay = ?"), TEXT_FILTER("verdict", "g.verdict = ?")},
		.sorts = {{"number", false, {"g.number"}, NULL}}},
	.ways = log_line_ways,
};
