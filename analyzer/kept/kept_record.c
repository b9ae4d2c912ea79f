/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/kept/kept_record.h"

#include "analyzer/explain/explain.h"

_Static_assert(sizeof(enum finding_kind) == sizeof(unsigned) && sizeof(enum event_kind) == sizeof(unsigned) &&
		       sizeof(enum klog_kind) == sizeof(unsigned) && sizeof(enum row_space) == sizeof(unsigned),
	"words are read and written as unsigned");

static const char *finding_kind_word(unsigned value)
{
	return finding_kind_name((enum finding_kind)value);
}

static const char *severity_word(unsigned value)
{
	return finding_severity_name((enum finding_severity)value);
}

static const char *certainty_word(unsigned value)
{
	return finding_certainty_name((enum finding_certainty)value);
}

static const char *path_word(unsigned value)
{
	return finding_path_name((enum finding_path)value);
}

static const char *where_word(unsigned value)
{
	return finding_where_name((enum leak_where)value);
}

static const char *event_word(unsigned value)
{
	return value != EVENT_NONE ? event_kind_name((enum event_kind)value) : "";
}

static const char *role_word(unsigned value)
{
	return value < ROLE_COUNT ? explain_role_name((enum evidence_role)value) : "consequence";
}

static const char *consequence_word(unsigned value)
{
	return value < CONSEQUENCE_COUNT ? explain_consequence_name((enum consequence_kind)value) : NULL;
}

static const char *log_kind_word(unsigned value)
{
	return klog_kind_name((enum klog_kind)value);
}

static const char *verdict_word(unsigned value)
{
	return klog_verdict_name((enum klog_verdict)value);
}

static const struct vocabulary finding_kinds = {FINDING_KIND_COUNT, finding_kind_word};
static const struct vocabulary severities = {SEVERITY_COUNT, severity_word};
static const struct vocabulary certainties = {CERTAINTY_COUNT, certainty_word};
static const struct vocabulary paths = {PATH_COUNT, path_word};
static const struct vocabulary wheres = {LEAK_WHERE_COUNT, where_word};
static const struct vocabulary event_kinds = {EVENT_COUNT, event_word};
static const struct vocabulary roles = {ROLE_COUNT + 1, role_word};
static const struct vocabulary consequences = {CONSEQUENCE_COUNT + 1, consequence_word};
static const struct vocabulary log_kinds = {KLOG_KIND_COUNT, log_kind_word};
static const struct vocabulary verdicts = {KLOG_VERDICT_COUNT, verdict_word};
static const struct vocabulary spaces = {ROW_SPACES, row_space_word};
static const struct vocabulary sources = {ROW_SOURCES, row_source_word};

#define AT(member) offsetof(struct RECORD, member)
#define NOTHING(name)                                                                                                  \
	{                                                                                                              \
		.column = (name), .kind = MEMBER_NONE                                                                  \
	}
#define AS(how, name, member)                                                                                          \
	{                                                                                                              \
		.column = (name), .offset = AT(member), .kind = (how)                                                  \
	}
#define WORD(name, member, vocabulary)                                                                                 \
	{                                                                                                              \
		.column = (name), .offset = AT(member), .kind = MEMBER_WORD, .words = &(vocabulary)                    \
	}
#define WHERE(flag, how, name, member)                                                                                 \
	{                                                                                                              \
		.column = (name), .offset = AT(member), .kind = (how), .optional = true, .present = AT(flag)           \
	}

#define RECORD trace_record
static const struct member trace_members[] = {
	AS(MEMBER_TEXT_IF_ANY, "sha256", sha256),
	AS(MEMBER_TEXT, "name", name),
	NOTHING("host"),
	AS(MEMBER_TEXT, "status", status),
	WORD("source", source, sources),
	AS(MEMBER_TEXT_IF_ANY, "kernel", kernel),
	AS(MEMBER_TEXT_IF_ANY, "clock", clock),
	NOTHING("file_bytes"),
	NOTHING("recorded_at"),
	NOTHING("imported_at"),
	AS(MEMBER_U64, "events", events),
	AS(MEMBER_U64, "first_ns", first_ns),
	AS(MEMBER_U64, "last_ns", last_ns),
	AS(MEMBER_U64, "skipped_events", skipped_events),
	AS(MEMBER_U64, "garbled_lines", garbled_lines),
	AS(MEMBER_U64, "lost_marks", lost_marks),
	AS(MEMBER_U64, "lost_events", lost_events),
};
#undef RECORD

#define RECORD event_count_record
static const struct member event_count_members[] = {WORD("kind", kind, event_kinds), AS(MEMBER_U64, "events", events)};
#undef RECORD

#define RECORD name_record
static const struct member name_members[] = {
	WORD("space", space, spaces), AS(MEMBER_U32, "number", number), AS(MEMBER_TEXT, "name", name)};
#undef RECORD

#define RECORD replay_record
static const struct member replay_members[] = {
	NOTHING("made_at"),
	AS(MEMBER_TEXT, "engine", engine),
	AS(MEMBER_BOOL, "fresh", fresh),
	AS(MEMBER_BOOL, "limited", limited),
	AS(MEMBER_BOOL, "logged", logged),
	AS(MEMBER_U64, "free_events", free_events),
	AS(MEMBER_U64, "chain_breaks", chain_breaks),
	AS(MEMBER_U64, "contradictions", contradictions),
	AS(MEMBER_U64, "exchanges", exchanges),
	AS(MEMBER_U64, "log_lines", log_lines),
	AS(MEMBER_U64, "log_left_out", log_left_out),
};
#undef RECORD

#define RECORD unproven_record
static const struct member unproven_members[] = {WORD("kind", kind, finding_kinds), AS(MEMBER_U64, "count", count)};
#undef RECORD

#define RECORD filesystem_record
static const struct member filesystem_members[] = {AS(MEMBER_U16, "number", number),
	AS(MEMBER_TEXT_IF_ANY, "fsid", fsid), AS(MEMBER_U64, "quota_epochs", quota_epochs)};
#undef RECORD

#define RECORD ledger_record
static const struct member ledger_members[] = {
	AS(MEMBER_U16, "filesystem", filesystem),
	AS(MEMBER_U64, "root", totals.root),
	AS(MEMBER_U32, "place", totals.place),
	AS(MEMBER_BOOL, "counter_known", totals.counter_known),
	AS(MEMBER_U64, "reserved", totals.reserved_bytes),
	AS(MEMBER_U64, "released", totals.released_bytes),
	AS(MEMBER_U64, "freed", totals.freed_bytes),
	AS(MEMBER_U64, "dropped", totals.dropped_bytes),
	AS(MEMBER_U64, "peak", totals.peak_bytes),
	AS(MEMBER_U64, "end_ranges", totals.end_ranges_bytes),
	AS(MEMBER_U64, "end_flight", totals.end_flight_bytes),
	AS(MEMBER_U64, "end_counter", totals.end_counter_bytes),
	AS(MEMBER_U64, "end_unknown", totals.end_unknown_bytes),
	AS(MEMBER_U64, "leaked", totals.leaked_bytes),
	AS(MEMBER_U64, "underflow", totals.underflow_bytes),
	AS(MEMBER_BOOL, "drawn", drawn),
	AS(MEMBER_BOOL, "differs", curve.differs),
	AS(MEMBER_U64, "was_peak", curve.was_peak),
	AS(MEMBER_U64, "was_end", curve.was_end),
	AS(MEMBER_U64, "should_peak", curve.should_peak),
	AS(MEMBER_U64, "should_end", curve.should_end),
	AS(MEMBER_U64, "low_bytes", curve.too_low.bytes),
	AS(MEMBER_U64, "low_ns", curve.too_low.time_ns),
	AS(MEMBER_U64, "low_byte_seconds", curve.too_low.byte_seconds),
	AS(MEMBER_U64, "low_byte_nanos", curve.too_low.byte_nanos),
	AS(MEMBER_U64, "high_bytes", curve.too_high.bytes),
	AS(MEMBER_U64, "high_ns", curve.too_high.time_ns),
	AS(MEMBER_U64, "high_byte_seconds", curve.too_high.byte_seconds),
	AS(MEMBER_U64, "high_byte_nanos", curve.too_high.byte_nanos),
	AS(MEMBER_U64, "told_twice", curve.told_twice),
};
#undef RECORD

#define RECORD sample_record
static const struct member sample_members[] = {
	AS(MEMBER_U32, "place", place),
	AS(MEMBER_U64, "span", span),
	AS(MEMBER_U64, "number", number),
	AS(MEMBER_U64, "time_ns", point.time_ns),
	AS(MEMBER_U64, "was_low", point.was_low),
	AS(MEMBER_U64, "was_high", point.was_high),
	AS(MEMBER_U64, "should_low", point.should_low),
	AS(MEMBER_U64, "should_high", point.should_high),
};
#undef RECORD

#define RECORD finding_record
static const struct member finding_members[] = {
	AS(MEMBER_U32, "number", finding.id),
	WORD("kind", finding.kind, finding_kinds),
	WORD("severity", finding.severity, severities),
	WORD("certainty", finding.certainty, certainties),
	WORD("path", finding.path, paths),
	WORD("place", finding.where, wheres),
	AS(MEMBER_TEXT, "signature", signature),
	AS(MEMBER_U16, "filesystem", finding.fs),
	AS(MEMBER_U64, "root", finding.root),
	AS(MEMBER_U64, "ino", finding.ino),
	AS(MEMBER_U64, "bytes", finding.bytes),
	AS(MEMBER_U64, "healed", finding.healed_bytes),
	AS(MEMBER_U64, "occurrences", finding.occurrence_total),
	AS(MEMBER_U64, "consequences", finding.consequence_total),
	AS(MEMBER_TEXT, "headline", headline),
};
#undef RECORD

#define RECORD occurrence_record
static const struct member occurrence_members[] = {
	AS(MEMBER_U32, "finding", finding),
	AS(MEMBER_U32, "number", number),
	AS(MEMBER_U64, "time_ns", occurrence.time_ns),
	AS(MEMBER_U64, "root", occurrence.root),
	AS(MEMBER_U64, "ino", occurrence.ino),
	AS(MEMBER_U64, "start", occurrence.start),
	AS(MEMBER_U64, "len", occurrence.len),
	AS(MEMBER_U64, "bytes", occurrence.bytes),
	AS(MEMBER_U64, "have_bytes", occurrence.have_bytes),
	AS(MEMBER_I64, "diff_bytes", occurrence.diff_bytes),
	AS(MEMBER_I32, "pid", occurrence.task.pid),
	AS(MEMBER_U32, "comm", occurrence.task.comm),
};
#undef RECORD

#define RECORD owner_record
static const struct member owner_members[] = {
	AS(MEMBER_U32, "finding", finding),
	AS(MEMBER_U32, "occurrence", occurrence),
	AS(MEMBER_U32, "number", number),
	AS(MEMBER_I32, "pid", owner.task.pid),
	AS(MEMBER_U32, "comm", owner.task.comm),
	AS(MEMBER_U64, "bytes", owner.bytes),
	AS(MEMBER_U64, "start", owner.start),
	AS(MEMBER_U64, "len", owner.len),
	AS(MEMBER_U64, "time_ns", owner.time_ns),
};
#undef RECORD

#define RECORD evidence_record
static const struct member evidence_members[] = {
	AS(MEMBER_U32, "finding", finding),
	AS(MEMBER_U32, "number", number),
	WORD("role", role, roles),
	WORD("consequence", consequence, consequences),
	WHERE(has_occurrence, MEMBER_U32, "occurrence", occurrence),
	WHERE(has_victim, MEMBER_U64, "victim_bytes", victim_bytes),
	WHERE(has_victim, MEMBER_U64, "victim_ino", victim_ino),
	AS(MEMBER_U64, "seq", event.number),
	AS(MEMBER_U64, "time_ns", event.time_ns),
	AS(MEMBER_U16, "cpu", event.cpu),
	AS(MEMBER_I32, "pid", event.pid),
	AS(MEMBER_U32, "comm", event.comm),
	WORD("kind", kind, event_kinds),
	AS(MEMBER_U16, "fs", event.fs),
	AS(MEMBER_U64, "root", event.root),
	AS(MEMBER_U64, "ino", event.ino),
	AS(MEMBER_U64, "start", event.start),
	AS(MEMBER_U64, "len", event.len),
	AS(MEMBER_U64, "bytes", event.bytes),
	AS(MEMBER_I64, "diff", event.diff),
	AS(MEMBER_U32, "flags", event.flags),
	AS(MEMBER_U8, "op", event.op),
	AS(MEMBER_U8, "type", event.type),
};
#undef RECORD

#define RECORD log_record
static const struct member log_members[] = {
	AS(MEMBER_U32, "number", number),
	WORD("kind", line.kind, log_kinds),
	WORD("verdict", match.verdict, verdicts),
	AS(MEMBER_BOOL, "ambiguous", match.ambiguous),
	AS(MEMBER_U64, "count", match.count),
	AS(MEMBER_U64, "seen_ns", match.seen_ns),
	AS(MEMBER_U64, "line", line.line),
	WHERE(line.timed, MEMBER_U64, "time_ns", line.time_ns),
	AS(MEMBER_U64, "qgid", line.qgid),
	AS(MEMBER_U8, "type", line.type),
	AS(MEMBER_U64, "have_bytes", line.have_bytes),
	AS(MEMBER_U64, "bytes", line.bytes),
	AS(MEMBER_U64, "ino", line.ino),
	AS(MEMBER_U64, "start", line.start),
	AS(MEMBER_U64, "last", line.end),
	AS(MEMBER_TEXT, "device", device),
	AS(MEMBER_TEXT, "findings", findings),
};
#undef RECORD

#define MAPPING(table, members) [table] = {table, members, sizeof(members) / sizeof((members)[0])}

static const struct mapping mappings[ROW_TABLE_COUNT] = {
	MAPPING(ROW_TRACE, trace_members),
	MAPPING(ROW_EVENT_COUNT, event_count_members),
	MAPPING(ROW_NAME, name_members),
	MAPPING(ROW_REPLAY, replay_members),
	MAPPING(ROW_UNPROVEN, unproven_members),
	MAPPING(ROW_FILESYSTEM, filesystem_members),
	MAPPING(ROW_ROOT_LEDGER, ledger_members),
	MAPPING(ROW_SAMPLE, sample_members),
	MAPPING(ROW_FINDING, finding_members),
	MAPPING(ROW_OCCURRENCE, occurrence_members),
	MAPPING(ROW_OWNER, owner_members),
	MAPPING(ROW_EVIDENCE, evidence_members),
	MAPPING(ROW_LOG_LINE, log_members),
};

const struct mapping *kept_record_mapping(enum row_table table)
{
	return mappings[table].members != NULL ? &mappings[table] : NULL;
}

enum err kept_record_put(enum row_table table, const void *record, const struct row_sink *sink, struct error *error)
{
	struct row row;

	mapping_write(&mappings[table], record, &row);
	return row_put(sink, &row, error);
}
