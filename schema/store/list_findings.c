/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of findings, and of what belongs to one. */
#include "schema/store/list_table.h"

#define LISTED(index)                                                                                                  \
	"listed l" index " CROSS JOIN finding f ON f.replay = l.replay AND f.number = l.number"                        \
	" CROSS JOIN trace t ON t.id = l.trace LEFT JOIN host h ON h.id = t.host"                                      \
	" LEFT JOIN name n ON n.trace = l.trace AND n.space = 'fsid' AND n.number = l.filesystem"
#define BY(index) LISTED(" INDEXED BY " index)

/*
 * Where all rows are of one severity, or come by it anyway, the order of ids is that of severity: within one trace the
 * worst come first, and what has one signature has one severity.
 */
static const struct list_way finding_ways[] = {
	{.filter = "ino", .from = BY("listed_ino"), .sorts = "what there is of one inode"},
	{"trace", "bytes", BY("listed_trace_bytes"), NULL, NULL, NULL},
	{"trace", "severity", BY("listed_trace"), "id", NULL, NULL},
	{"trace", NULL, BY("listed_trace"), NULL, NULL, NULL},
	{"signature", "bytes", BY("listed_signature_bytes"), NULL, NULL, NULL},
	{"signature", "severity", BY("listed_signature"), "id", NULL, NULL},
	{"signature", NULL, BY("listed_signature"), NULL, NULL, NULL},
	{"root", "bytes", BY("listed_root_bytes"), NULL, NULL, NULL},
	{"root", "severity", BY("listed_root_severity"), NULL, NULL, NULL},
	{"root", NULL, BY("listed_root"), NULL, NULL, NULL},
	{"host", "bytes", BY("listed_host_bytes"), NULL, NULL, NULL},
	{"host", "severity", BY("listed_host_severity"), NULL, NULL, NULL},
	{"host", NULL, BY("listed_host"), NULL, NULL, NULL},
	{"kind", "bytes", BY("listed_kind_bytes"), NULL, NULL, NULL},
	{"kind", "severity", BY("listed_kind_severity"), NULL, NULL, NULL},
	{"kind", NULL, BY("listed_kind"), NULL, NULL, NULL},
	{"severity", "bytes", BY("listed_severity_bytes"), NULL, NULL, NULL},
	{"severity", "severity", BY("listed_severity"), "id", NULL, NULL},
	{"severity", NULL, BY("listed_severity"), NULL, NULL, NULL},
	{"certainty", "id", BY("listed_certainty"), NULL, NULL, NULL},
	{NULL, "bytes", BY("listed_bytes"), NULL, "a page is read by the index, and no more", NULL},
	{NULL, "severity", BY("listed_severity"), NULL, "a page is read by the index, and no more", NULL},
	{.from = LISTED(" NOT INDEXED"), .scans = "a page is read by the ids, and no more"},
};

const struct list_table list_table_findings = {
	.info = {.name = "findings",
		.columns = {{"id", "l.id"}, {"trace", "l.trace"}, {"replay", "l.replay"}, {"number", "l.number"},
			{"trace_name", "t.name"}, {"host", "h.name"}, {"kernel", "t.kernel"}, {"kind", "f.kind"},
			{"severity", "f.severity"}, {"certainty", "f.certainty"}, {"path", "f.path"},
			{"place", "f.place"}, {"signature", "f.signature"}, {"fs", "f.filesystem"}, {"fsid", "n.name"},
			{"root", "f.root"}, {"ino", "f.ino"}, {"bytes", "f.bytes"}, {"healed", "f.healed"},
			{"occurrences", "f.occurrences"}, {"headline", "f.headline"},
			{"time_ns", "(SELECT o.time_ns FROM occurrence o WHERE o.replay = l.replay AND "
				    "o.finding = l.number AND o.number = 0)"},
			{"recorded_at", "t.recorded_at"}},
		.filters = {{.name = "kind", LIST_FILTER_TEXT, .sql = "l.kind = ?"},
			{.name = "severity",
				LIST_FILTER_TEXT,
				.sql = "l.severity = CASE ? WHEN 'error' THEN 2 WHEN 'warning' THEN 1 WHEN 'note' "
				       "THEN 0 END"},
			{.name = "certainty", LIST_FILTER_TEXT, .sql = "l.certainty = ?"},
			{.name = "trace", LIST_FILTER_NUMBER, .amount = true, .sql = "l.trace = ?"},
			{.name = "number", LIST_FILTER_NUMBER, .amount = true, .sql = "l.number = ?"},
			{.name = "root", LIST_FILTER_NUMBER, .sql = "l.root = ?"},
			{.name = "ino", LIST_FILTER_NUMBER, .sql = "l.ino = ?"},
			{.name = "signature", LIST_FILTER_TEXT, .sql = "l.signature = ?"},
			{.name = "host", LIST_FILTER_TEXT, .sql = "l.host = (SELECT id FROM host WHERE name = ?)"},
			{.name = "fs", LIST_FILTER_NUMBER, .amount = true, .sql = "l.filesystem = ?"}},
		.sorts = {{"id", true, {"l.id"}, NULL}, {"bytes", true, {"l.bytes", "l.id"}, NULL},
			{"severity", true, {"l.severity", "l.id"}, NULL}}},
	.ways = finding_ways,
};

#define OF_FINDING(alias)                                                                                              \
	{.name = "replay", LIST_FILTER_NUMBER, .needed = true, .amount = true, .sql = alias ".replay = ?"},            \
	{                                                                                                              \
		.name = "finding", LIST_FILTER_NUMBER, .needed = true, .amount = true, .sql = alias ".finding = ?"     \
	}

/* The name of a task stands under the trace of the replay. */
#define WITH_COMM(alias)                                                                                               \
	" CROSS JOIN replay r ON r.id = " alias ".replay"                                                              \
	" LEFT JOIN name c ON c.trace = r.trace AND c.space = 'task' AND c.number = " alias ".comm"

static const struct list_way occurrence_ways[] = {{.from = "occurrence o" WITH_COMM("o")}};

const struct list_table list_table_occurrences = {
	.info = {.name = "occurrences",
		.columns = {{"replay", "o.replay"}, {"finding", "o.finding"}, {"number", "o.number"},
			{"time_ns", "o.time_ns"}, {"root", "o.root"}, {"ino", "o.ino"}, {"start", "o.start"},
			{"len", "o.len"}, {"bytes", "o.bytes"}, {"have_bytes", "o.have_bytes"},
			{"diff_bytes", "o.diff_bytes"}, {"pid", "o.pid"}, {"comm", "c.name"}},
		.filters = {OF_FINDING("o")},
		.sorts = {{"number", false, {"o.number"}, NULL}}},
	.ways = occurrence_ways,
};

static const struct list_way owner_ways[] = {{.from = "owner w" WITH_COMM("w")}};

const struct list_table list_table_owners = {
	.info = {.name = "owners",
		.columns = {{"replay", "w.replay"}, {"finding", "w.finding"}, {"occurrence", "w.occurrence"},
			{"number", "w.number"}, {"pid", "w.pid"}, {"comm", "c.name"}, {"bytes", "w.bytes"},
			{"start", "w.start"}, {"len", "w.len"}, {"time_ns", "w.time_ns"}},
		.filters = {OF_FINDING("w"),
			{.name = "occurrence", LIST_FILTER_NUMBER, .amount = true, .sql = "w.occurrence = ?"}},
		.sorts = {{"number", false, {"w.occurrence", "w.number"}, NULL}}},
	.ways = owner_ways,
};

static const struct list_way evidence_ways[] = {
	{.from = "evidence e" WITH_COMM(
		 "e") " LEFT JOIN name n ON n.trace = r.trace AND n.space = 'fsid' AND n.number = e.fs"}};

const struct list_table list_table_evidence = {
	.info = {.name = "evidence",
		.columns = {{"replay", "e.replay"}, {"finding", "e.finding"}, {"number", "e.number"},
			{"role", "e.role"}, {"consequence", "e.consequence"}, {"occurrence", "e.occurrence"},
			{"victim_bytes", "e.victim_bytes"}, {"victim_ino", "e.victim_ino"}, {"seq", "e.seq"},
			{"time_ns", "e.time_ns"}, {"cpu", "e.cpu"}, {"pid", "e.pid"}, {"comm", "c.name"},
			{"kind", "e.kind"}, {"fs", "e.fs"}, {"fsid", "n.name"}, {"root", "e.root"}, {"ino", "e.ino"},
			{"start", "e.start"}, {"len", "e.len"}, {"bytes", "e.bytes"}, {"diff", "e.diff"},
			{"flags", "e.flags"}, {"op", "e.op"}, {"type", "e.type"}},
		.filters = {OF_FINDING("e"), {.name = "role", LIST_FILTER_TEXT, .sql = "e.role = ?"}},
		.sorts = {{"number", false, {"e.number"}, NULL}}},
	.ways = evidence_ways,
};
