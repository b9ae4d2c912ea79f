/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists over all traces: signatures, uploads, and sums. */
#include "schema/store/list_table.h"

#define TEXT_FILTER(name_, sql_)                                                                                       \
	{                                                                                                              \
		.name = (name_), LIST_FILTER_TEXT, .sql = (sql_)                                                       \
	}

#define SEVERITY_WORD(number) "CASE " number " WHEN 2 THEN 'error' WHEN 1 THEN 'warning' WHEN 0 THEN 'note' END"

static const struct list_way signature_ways[] = {
	{.filter = "signature",
		.from = "signature s LEFT JOIN signature_tally c ON c.signature = s.signature",
		.sorts = "it is one signature"},
	{.from = "signature s LEFT JOIN signature_tally c ON c.signature = s.signature",
		.scans = "signatures are some hundreds",
		.sorts = "signatures are some hundreds"},
};

const struct list_table list_table_signatures = {
	.info = {.name = "signatures",
		.columns = {{"signature", "s.signature"}, {"kind", "s.kind"}, {"path", "s.path"}, {"state", "s.state"},
			{"note", "s.note"}, {"first_seen", "s.first_seen"}, {"last_seen", "s.last_seen"},
			{"findings", "coalesce(c.findings, 0)"}, {"traces", "coalesce(c.traces, 0)"},
			{"hosts", "coalesce(c.hosts, 0)"}, {"bytes", "coalesce(c.bytes, 0)"},
			{"severity", SEVERITY_WORD("c.severity")}},
		.filters = {TEXT_FILTER("signature", "s.signature = ?"), TEXT_FILTER("state", "s.state = ?"),
			TEXT_FILTER("kind", "s.kind = ?")},
		.sorts = {{"last_seen", true, {"s.last_seen", "s.signature"}, "s.signature"},
			{"findings", true, {"coalesce(c.findings, 0)", "s.signature"}, "s.signature"},
			{"bytes", true, {"coalesce(c.bytes, 0)", "s.signature"}, "s.signature"}}},
	.ways = signature_ways,
};

#define NEEDED_SIGNATURE                                                                                               \
	{                                                                                                              \
		.name = "signature", LIST_FILTER_TEXT, .needed = true, .sql = "y.signature = ?"                        \
	}

static const struct list_way signature_trace_ways[] = {
	{.from = "tally y INDEXED BY tally_of_signature CROSS JOIN trace t ON t.id = y.trace"
		 " LEFT JOIN host h ON h.id = t.host"}};

const struct list_table list_table_signature_traces = {
	.info = {.name = "signature_traces",
		.columns = {{"signature", "y.signature"}, {"trace", "y.trace"}, {"trace_name", "t.name"},
			{"host", "h.name"}, {"kernel", "t.kernel"}, {"recorded_at", "t.recorded_at"},
			{"findings", "y.findings"}, {"occurrences", "y.occurrences"}, {"bytes", "y.bytes"}},
		.filters = {NEEDED_SIGNATURE},
		.sorts = {{"trace", true, {"y.trace"}, NULL}}},
	.ways = signature_trace_ways,
};

static const struct list_way signature_kernel_ways[] = {
	{.from = "tally y INDEXED BY tally_of_signature CROSS JOIN trace t ON t.id = y.trace",
		.sorts = "the traces with one signature, of which there are some hundreds"}};

const struct list_table list_table_signature_kernels = {
	.info = {.name = "signature_kernels",
		.columns = {{"signature", "y.signature"}, {"kernel", "t.kernel"}, {"traces", "count(*)"},
			{"findings", "CAST(total(y.findings) AS INTEGER)"},
			{"bytes", "CAST(total(y.bytes) AS INTEGER)"}},
		.filters = {NEEDED_SIGNATURE},
		.sorts = {{"kernel", false, {"coalesce(t.kernel, '')"}, "coalesce(t.kernel, '')"}}},
	.group = "coalesce(t.kernel, '')",
	.ways = signature_kernel_ways,
};

static const struct list_way upload_ways[] = {
	{.filter = "id", .from = "upload u NOT INDEXED", .sorts = "it is one upload"},
	{.filter = "state", .from = "upload u INDEXED BY upload_waiting"},
	{.from = "upload u NOT INDEXED", .scans = "a page is read by the ids, and no more"},
};

const struct list_table list_table_uploads = {
	.info = {.name = "uploads",
		.columns = {{"id", "u.id"}, {"name", "u.name"}, {"host", "u.host"}, {"size", "u.size"},
			{"sha256", "u.sha256"}, {"received_at", "u.received_at"}, {"state", "u.state"},
			{"reason", "u.reason"}, {"trace", "u.trace"}, {"tries", "u.tries"},
			{"started_at", "u.started_at"}, {"ended_at", "u.ended_at"}},
		.filters = {{.name = "id", LIST_FILTER_NUMBER, .amount = true, .sql = "u.id = ?"},
			TEXT_FILTER("state", "u.state = ?")},
		.sorts = {{"id", true, {"u.id"}, NULL}}},
	.ways = upload_ways,
};

/* Midnight, UTC, of the day of recording, where that is known. */
#define SEEN_AT "coalesce(t.recorded_at, t.imported_at)"
#define DAY "(" SEEN_AT " / 86400 * 86400)"

static const struct list_way trend_ways[] = {{.from = "trace t CROSS JOIN outcome s ON s.trace = t.id",
	.scans = "traces are some thousands",
	.sorts = "traces are some thousands"}};

const struct list_table list_table_trend = {
	.info = {.name = "trend",
		.columns = {{"day", DAY}, {"traces", "count(*)"}, {"errors", "CAST(total(s.errors) AS INTEGER)"},
			{"warnings", "CAST(total(s.warnings) AS INTEGER)"},
			{"notes", "CAST(total(s.notes) AS INTEGER)"}},
		.sorts = {{"day", false, {DAY}, NULL}}},
	.having = SEEN_AT " / 86400 > (SELECT max(coalesce(x.recorded_at, x.imported_at)) / 86400 - 400 FROM trace x)",
	.group = DAY,
	.ways = trend_ways,
};

#define TOTAL(of) "CAST(min(total(" of "), 9.2e18) AS INTEGER)"
#define UPLOADS(state) "(SELECT count(*) FROM upload u WHERE u.state = '" state "')"

/* All rows of it make one. */
static const struct list_way total_ways[] = {
	{.from = "trace t CROSS JOIN outcome s ON s.trace = t.id", .scans = "it adds up all traces"}};

const struct list_table list_table_totals = {
	.info = {.name = "totals",
		.columns = {{"traces", "count(*)"}, {"events", TOTAL("t.events")},
			{"lost_marks", TOTAL("t.lost_marks")}, {"lost_events", TOTAL("t.lost_events")},
			{"errors", TOTAL("s.errors")}, {"warnings", TOTAL("s.warnings")}, {"notes", TOTAL("s.notes")},
			{"error_bytes", TOTAL("s.error_bytes")}, {"leaked", TOTAL("s.leaked")},
			{"underflow", TOTAL("s.underflow")}, {"signatures", "(SELECT count(*) FROM signature)"},
			{"signatures_open", "(SELECT count(*) FROM signature g CROSS JOIN signature_tally c "
					    "ON c.signature = g.signature WHERE g.state = 'open')"},
			{"hosts", "(SELECT count(*) FROM host)"},
			{"traces_with_errors", "count(*) FILTER (WHERE s.errors > 0)"},
			{"traces_with_losses", "count(*) FILTER (WHERE t.lost_marks > 0)"},
			{"traces_garbled", "count(*) FILTER (WHERE t.garbled_lines > 0)"},
			{"unfinished", "count(*) FILTER (WHERE t.status <> 'whole')"},
			{"last_imported_at", "max(t.imported_at)"}, {"uploads_queued", UPLOADS("queued")},
			{"uploads_running", UPLOADS("running")}, {"uploads_done", UPLOADS("done")},
			{"uploads_failed", UPLOADS("failed")}},
		.sorts = {{"one", false, {"1"}, NULL}}},
	.ways = total_ways,
};
