/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/kept/kept_record.h"

#include "analyzer/explain/explain.h"

_Static_assert(sizeof(enum finding_kind) == sizeof(unsigned) && sizeof(enum event_kind) == sizeof(unsigned) &&
		       sizeof(enum klog_kind) == sizeof(unsigned) && sizeof(enum name_space) == sizeof(unsigned),
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

static const char *space_word(unsigned value)
{
	static const char *const spaces[NAME_SPACES] = {
		[NAME_TASK] = "task", [NAME_FSID] = "fsid", [NAME_TEXT] = "text"};

	return spaces[value];
}

const char *kept_record_source(unsigned source)
{
	static const char *const sources[KEPT_RECORD_SOURCES] = {"trace.dat", "text", "live"};

	return sources[source];
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
static const struct vocabulary spaces = {NAME_SPACES, space_word};
static const struct vocabulary sources = {KEPT_RECORD_SOURCES, kept_record_source};

#define AT(member) offsetof(struct RECORD, member)
#define NOTHING(column)                                                                                                \
	{                                                                                                              \
		column, 0, MEMBER_NONE, NULL, false                                                                    \
	}
#define U64(column, member)                                                                                            \
	{                                                                                                              \
		column, AT(member), MEMBER_U64, NULL, false                                                            \
	}
#define I64(column, member)                                                                                            \
	{                                                                                                              \
		column, AT(member), MEMBER_I64, NULL, false                                                            \
	}
#define U32(column, member)                                                                                            \
	{                                                                                                              \
		column, AT(member), MEMBER_U32, NULL, false                                                            \
	}
#define I32(column, member)                                                                                            \
	{                                                                                                              \
		column, AT(member), MEMBER_I32, NULL, false                                                            \
	}
#define U16(column, member)                                                                                            \
	{                                                                                                              \
		column, AT(member), MEMBER_U16, NULL, false                                                            \
	}
#define U8(column, member)                                                                                             \
	{                                                                                                              \
		column, AT(member), MEMBER_U8, NULL, false                                                             \
	}
#define BOOL(column, member)                                                                                           \
	{                                                                                                              \
		column, AT(member), MEMBER_BOOL, NULL, false                                                           \
	}
#define WORD(column, member, words)                                                                                    \
	{                                                                                                              \
		column, AT(member), MEMBER_WORD, &(words), false                                                       \
	}
#define TEXT(column, member)                                                                                           \
	{                                                                                                              \
		column, AT(member), MEMBER_TEXT, NULL, false                                                           \
	}
#define TEXT_IF_ANY(column, member)                                                                                    \
	{                                                                                                              \
		column, AT(member), MEMBER_TEXT_IF_ANY, NULL, false                                                    \
	}
#define U64_IF_ANY(column, member)                                                                                     \
	{                                                                                                              \
		column, AT(member), MEMBER_U64, NULL, true                                                             \
	}
#define U32_IF_ANY(column, member)                                                                                     \
	{                                                                                                              \
		column, AT(member), MEMBER_U32, NULL, true                                                             \
	}

#define RECORD trace_record
static const struct member trace_members[] = {
	TEXT_IF_ANY("sha256", sha256),
	TEXT("name", name),
	TEXT_IF_ANY("host", host),
	TEXT("status", status),
	WORD("source", source, sources),
	TEXT_IF_ANY("kernel", kernel),
	TEXT_IF_ANY("clock", clock),
	NOTHING("file_bytes"),
	NOTHING("recorded_at"),
	NOTHING("imported_at"),
	U64("events", events),
	U64("first_ns", first_ns),
	U64("last_ns", last_ns),
	U64("skipped_events", skipped_events),
	U64("garbled_lines", garbled_lines),
	U64("lost_marks", lost_marks),
	U64("lost_events", lost_events),
};
#undef RECORD

#define RECORD event_count_record
static const struct member event_count_members[] = {WORD("kind", kind, event_kinds), U64("events", events)};
#undef RECORD

#define RECORD name_record
static const struct member name_members[] = {WORD("space", space, spaces), U32("number", number), TEXT("name", name)};
#undef RECORD

#define RECORD replay_record
static const struct member replay_members[] = {
	NOTHING("made_at"),
	TEXT("engine", engine),
	BOOL("fresh", fresh),
	BOOL("limited", limited),
	BOOL("logged", logged),
	U64("free_events", free_events),
	U64("chain_breaks", chain_breaks),
	U64("contradictions", contradictions),
	U64("exchanges", exchanges),
	U64("log_lines", log_lines),
	U64("log_left_out", log_left_out),
};
#undef RECORD

#define RECORD unproven_record
static const struct member unproven_members[] = {WORD("kind", kind, finding_kinds), U64("count", count)};
#undef RECORD

#define RECORD filesystem_record
static const struct member filesystem_members[] = {
	U16("number", number), TEXT_IF_ANY("fsid", fsid), U64("quota_epochs", quota_epochs)};
#undef RECORD

#define RECORD ledger_record
static const struct member ledger_members[] = {
	U16("filesystem", filesystem),
	U64("root", totals.root),
	U32("place", totals.place),
	BOOL("counter_known", totals.counter_known),
	U64("reserved", totals.reserved_bytes),
	U64("released", totals.released_bytes),
	U64("freed", totals.freed_bytes),
	U64("dropped", totals.dropped_bytes),
	U64("peak", totals.peak_bytes),
	U64("end_ranges", totals.end_ranges_bytes),
	U64("end_flight", totals.end_flight_bytes),
	U64("end_counter", totals.end_counter_bytes),
	U64("end_unknown", totals.end_unknown_bytes),
	U64("leaked", totals.leaked_bytes),
	U64("underflow", totals.underflow_bytes),
	BOOL("drawn", drawn),
	BOOL("differs", curve.differs),
	U64("was_peak", curve.was_peak),
	U64("was_end", curve.was_end),
	U64("should_peak", curve.should_peak),
	U64("should_end", curve.should_end),
	U64("low_bytes", curve.too_low.bytes),
	U64("low_ns", curve.too_low.time_ns),
	U64("low_byte_seconds", curve.too_low.byte_seconds),
	U64("low_byte_nanos", curve.too_low.byte_nanos),
	U64("high_bytes", curve.too_high.bytes),
	U64("high_ns", curve.too_high.time_ns),
	U64("high_byte_seconds", curve.too_high.byte_seconds),
	U64("high_byte_nanos", curve.too_high.byte_nanos),
	U64("told_twice", curve.told_twice),
};
#undef RECORD

#define RECORD sample_record
static const struct member sample_members[] = {
	U32("place", place),
	U64("span", span),
	U64("number", number),
	U64("time_ns", point.time_ns),
	U64("was_low", point.was_low),
	U64("was_high", point.was_high),
	U64("should_low", point.should_low),
	U64("should_high", point.should_high),
};
#undef RECORD

#define RECORD finding_record
static const struct member finding_members[] = {
	U32("number", finding.id),
	WORD("kind", finding.kind, finding_kinds),
	WORD("severity", finding.severity, severities),
	WORD("certainty", finding.certainty, certainties),
	WORD("path", finding.path, paths),
	WORD("place", finding.where, wheres),
	TEXT("signature", signature),
	U16("filesystem", finding.fs),
	U64("root", finding.root),
	U64("ino", finding.ino),
	U64("bytes", finding.bytes),
	U64("healed", finding.healed_bytes),
	U64("occurrences", finding.occurrence_total),
	U64("consequences", finding.consequence_total),
	TEXT("headline", headline),
};
#undef RECORD

#define RECORD occurrence_record
static const struct member occurrence_members[] = {
	U32("finding", finding),
	U32("number", number),
	U64("time_ns", occurrence.time_ns),
	U64("root", occurrence.root),
	U64("ino", occurrence.ino),
	U64("start", occurrence.start),
	U64("len", occurrence.len),
	U64("bytes", occurrence.bytes),
	U64("have_bytes", occurrence.have_bytes),
	I64("diff_bytes", occurrence.diff_bytes),
	I32("pid", occurrence.task.pid),
	U32("comm", occurrence.task.comm),
};
#undef RECORD

#define RECORD owner_record
static const struct member owner_members[] = {
	U32("finding", finding),
	U32("occurrence", occurrence),
	U32("number", number),
	I32("pid", owner.task.pid),
	U32("comm", owner.task.comm),
	U64("bytes", owner.bytes),
	U64("start", owner.start),
	U64("len", owner.len),
	U64("time_ns", owner.time_ns),
};
#undef RECORD

#define RECORD evidence_record
static const struct member evidence_members[] = {
	U32("finding", finding),
	U32("number", number),
	WORD("role", role, roles),
	WORD("consequence", consequence, consequences),
	U32_IF_ANY("occurrence", occurrence),
	U64_IF_ANY("victim_bytes", victim_bytes),
	U64_IF_ANY("victim_ino", victim_ino),
	U64("seq", event.number),
	U64("time_ns", event.time_ns),
	U16("cpu", event.cpu),
	I32("pid", event.pid),
	U32("comm", event.comm),
	WORD("kind", kind, event_kinds),
	U16("fs", event.fs),
	U64("root", event.root),
	U64("ino", event.ino),
	U64("start", event.start),
	U64("len", event.len),
	U64("bytes", event.bytes),
	I64("diff", event.diff),
	U32("flags", event.flags),
	U8("op", event.op),
	U8("type", event.type),
};
#undef RECORD

#define RECORD log_record
static const struct member log_members[] = {
	U32("number", number),
	WORD("kind", line.kind, log_kinds),
	WORD("verdict", match.verdict, verdicts),
	BOOL("ambiguous", match.ambiguous),
	U64("count", match.count),
	U64("seen_ns", match.seen_ns),
	U64("line", line.line),
	U64_IF_ANY("time_ns", line.time_ns),
	U64("qgid", line.qgid),
	U8("type", line.type),
	U64("have_bytes", line.have_bytes),
	U64("bytes", line.bytes),
	U64("ino", line.ino),
	U64("start", line.start),
	U64("last", line.end),
	TEXT("device", device),
	TEXT("findings", findings),
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
