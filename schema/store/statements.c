/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/store/statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the trace ?1, those of its last replay. */
#define FROM_FINDINGS                                                                                                  \
	" FROM finding f LEFT JOIN name n ON n.trace = ?1 AND n.space = 'fsid' AND n.number = f.filesystem"            \
	" WHERE f.replay = (SELECT max(id) FROM replay WHERE trace = ?1) ORDER BY f.number"

/* Keys are the names of columns; `mismatches` are the rows of the table occurrence. */
#define FINDING_OBJECT                                                                                                 \
	"json_object('trace', ?1, 'number', f.number, 'kind', f.kind, 'severity', f.severity,"                         \
	" 'certainty', f.certainty, 'path', f.path, 'place', f.place, 'signature', f.signature,"                       \
	" 'filesystem', f.filesystem, 'fsid', n.name, 'root', f.root, 'ino', f.ino, 'bytes', f.bytes,"                 \
	" 'healed', f.healed, 'occurrences', f.occurrences, 'consequences', f.consequences, 'headline', f.headline,"   \
	" 'mismatches', json((SELECT json_group_array(json_object('number', o.number, 'time_ns', o.time_ns,"           \
	"  'root', o.root, 'ino', o.ino, 'start', o.start, 'len', o.len, 'bytes', o.bytes,"                            \
	"  'have_bytes', o.have_bytes, 'diff_bytes', o.diff_bytes, 'pid', o.pid, 'comm', c.name,"                      \
	"  'owners', json((SELECT json_group_array(json_object('pid', w.pid, 'comm', d.name, 'bytes', w.bytes,"        \
	"   'start', w.start, 'len', w.len, 'time_ns', w.time_ns))"                                                    \
	"   FROM owner w LEFT JOIN name d ON d.trace = ?1 AND d.space = 'task' AND d.number = w.comm"                  \
	"   WHERE w.replay = f.replay AND w.finding = f.number AND w.occurrence = o.number))))"                        \
	"  FROM occurrence o LEFT JOIN name c ON c.trace = ?1 AND c.space = 'task' AND c.number = o.comm"              \
	"  WHERE o.replay = f.replay AND o.finding = f.number)),"                                                      \
	" 'evidence', json((SELECT json_group_array(json_object('role', e.role, 'consequence', e.consequence,"         \
	"  'occurrence', e.occurrence, 'seq', e.seq, 'time_ns', e.time_ns, 'pid', e.pid, 'kind', e.kind))"             \
	"  FROM evidence e WHERE e.replay = f.replay AND e.finding = f.number)))"

#define LAST_REPLAY "(SELECT max(id) FROM replay WHERE trace = ?1)"

/* When a queued upload is to be taken, as the index `upload_next` has it. */
#define UPLOAD_DUE "coalesce(started_at + 3 * tries * tries, received_at)"

/* Numbers of a hostile trace may be anything: what is added up stays where adding a few of it cannot go wrong. */
#define LARGEST "1152921504606846976"
#define WITHIN(number) "min(max(" number ", 0), " LARGEST ")"
#define SUM(of) "CAST(min(total(max(" of ", 0)), " LARGEST ") AS INTEGER)"
#define SEVERITY_RANK "CASE severity WHEN 'error' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END"
#define FOUND_OCCURRENCES WITHIN("occurrences")
#define FOUND_BYTES WITHIN("bytes")
#define ERROR_BYTES SUM("CASE severity WHEN 'error' THEN bytes END")
#define LEAKED_BYTES "(SELECT " SUM("leaked") " FROM root_ledger WHERE replay = " LAST_REPLAY ")"
#define UNDERFLOW_BYTES "(SELECT " SUM("underflow") " FROM root_ledger WHERE replay = " LAST_REPLAY ")"

static const struct statement_info statements[STATEMENT_COUNT] = {
	[STATEMENT_BEGIN_READ] = {"BEGIN", NULL},
	[STATEMENT_BEGIN_WRITE] = {"BEGIN IMMEDIATE", NULL},
	[STATEMENT_COMMIT] = {"COMMIT", NULL},
	[STATEMENT_DEFER_KEYS] = {"PRAGMA defer_foreign_keys = ON", NULL},
	[STATEMENT_VERSION] = {"PRAGMA user_version", NULL},
	[STATEMENT_APPLICATION] = {"PRAGMA application_id", NULL},
	[STATEMENT_OBJECTS] = {"SELECT count(*) FROM sqlite_schema", "some dozens of tables and indexes"},
	[STATEMENT_FIND_TRACE] = {"SELECT id FROM trace WHERE sha256 = ?1", NULL},
	[STATEMENT_TRACE_KNOWN] = {"SELECT id FROM trace WHERE id = ?1", NULL},
	[STATEMENT_TRACE_IDS] = {"SELECT id FROM trace ORDER BY id", "it lists all traces"},
	[STATEMENT_TRACE_RECORDED] = {"SELECT recorded_at FROM trace WHERE id = ?1", NULL},
	[STATEMENT_REPLAY_IDS] = {"SELECT id FROM replay WHERE trace = ?1 ORDER BY id", NULL},
	/* AUTOINCREMENT keeps the highest id ever given there, also when its row is gone; one row a table. */
	[STATEMENT_NEXT_TRACE] = {"SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'trace'), 0) + 1",
		"three rows, and no index"},
	[STATEMENT_NEXT_REPLAY] = {"SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'replay'), 0) + 1",
		"three rows, and no index"},
	/* The last block that begins at or before an event is the one that may hold it. */
	[STATEMENT_BLOCK_WITH] = {"SELECT max(first_seq) FROM event_block WHERE trace = ?1 AND first_seq <= ?2", NULL},
	[STATEMENT_HOST_ADD] = {"INSERT INTO host (name) VALUES (?1) ON CONFLICT (name) DO NOTHING", NULL},
	[STATEMENT_HOST_FIND] = {"SELECT id FROM host WHERE name = ?1", NULL},
	[STATEMENT_SIGNATURE_SEEN] = {"INSERT INTO signature (signature, kind, path, first_seen, last_seen, state) "
				      "VALUES (?1, ?2, ?3, ?4, ?4, 'open') ON CONFLICT (signature) DO UPDATE SET "
				      "first_seen = min(first_seen, excluded.first_seen), "
				      "last_seen = max(last_seen, excluded.last_seen)",
		NULL},
	[STATEMENT_SAMPLES_DROP] = {"DELETE FROM sample WHERE replay IN (SELECT id FROM replay WHERE trace = ?1)",
		NULL},
	[STATEMENT_TRACE_DELETE] = {"DELETE FROM trace WHERE id = ?1", NULL},
	/* What people said of a signature is nobody's to delete: it holds for the next trace that shows it. */
	[STATEMENT_SIGNATURE_PRUNE] = {"DELETE FROM signature WHERE state = 'open' AND note IS NULL AND NOT EXISTS "
				       "(SELECT 1 FROM finding WHERE finding.signature = signature.signature)",
		"some dozens of signatures"},
	[STATEMENT_HOST_PRUNE] = {"DELETE FROM host WHERE NOT EXISTS (SELECT 1 FROM trace WHERE trace.host = host.id)",
		"hosts are few"},
	[STATEMENT_VACUUM] = {"PRAGMA incremental_vacuum", NULL},
	/* What schema/0004_lists.sql says of derived tables, for the trace ?1. */
	[STATEMENT_SIGNATURE_TALLY_TAKE] = {"UPDATE signature_tally SET traces = traces - 1, "
					    "findings = max(signature_tally.findings - t.findings, 0), "
					    "bytes = max(signature_tally.bytes - t.bytes, 0), "
					    "hosts = (SELECT count(DISTINCT y.host) FROM tally y WHERE "
					    "y.signature = signature_tally.signature AND y.trace <> ?1) FROM tally t "
					    "WHERE t.trace = ?1 AND t.signature = signature_tally.signature",
		NULL},
	[STATEMENT_SIGNATURE_TALLY_ADD] =
		{"INSERT INTO signature_tally (signature, severity, traces, findings, bytes, hosts) "
		 "SELECT t.signature, t.severity, 1, t.findings, t.bytes, (SELECT count(DISTINCT y.host) "
		 "FROM tally y WHERE y.signature = t.signature) FROM tally t WHERE t.trace = ?1 "
		 "ON CONFLICT (signature) DO UPDATE SET "
		 "severity = max(severity, excluded.severity), traces = traces + 1, "
		 "findings = findings + excluded.findings, "
		 "bytes = min(bytes + excluded.bytes, 4611686018427387904), "
		 "hosts = excluded.hosts",
			NULL},
	[STATEMENT_SIGNATURE_TALLY_PRUNE] = {"DELETE FROM signature_tally WHERE traces <= 0",
		"some hundreds of signatures"},
	[STATEMENT_LISTED_DROP] = {"DELETE FROM listed WHERE trace = ?1", NULL},
	[STATEMENT_LISTED_FILL] = {"INSERT INTO listed (trace, replay, number, kind, severity, certainty, signature, "
				   "host, filesystem, root, ino, bytes) SELECT ?1, f.replay, f.number, f.kind, "
				   "CASE f.severity WHEN 'error' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END, f.certainty, "
				   "f.signature, (SELECT host FROM trace WHERE id = ?1), f.filesystem, f.root, f.ino, "
				   "max(f.bytes, 0) FROM finding f WHERE f.replay = " LAST_REPLAY
				   " ORDER BY f.number DESC",
		NULL},
	[STATEMENT_TALLY_DROP] = {"DELETE FROM tally WHERE trace = ?1", NULL},
	/* Row by row, because grouping would sort them. */
	[STATEMENT_TALLY_FILL] = {"INSERT INTO tally (trace, host, signature, severity, findings, occurrences, bytes) "
				  "SELECT ?1, (SELECT host FROM trace WHERE id = ?1), signature, " SEVERITY_RANK
				  ", 1, " FOUND_OCCURRENCES ", " FOUND_BYTES " FROM finding WHERE replay = " LAST_REPLAY
				  " ON CONFLICT (trace, signature) DO UPDATE SET findings = findings + 1, "
				  "severity = max(severity, excluded.severity), "
				  "occurrences = min(occurrences + excluded.occurrences, " LARGEST "), "
				  "bytes = min(bytes + excluded.bytes, " LARGEST ")",
		NULL},
	[STATEMENT_OUTCOME_PUT] = {"INSERT OR REPLACE INTO outcome (trace, replay, errors, warnings, notes, "
				   "error_bytes, leaked, underflow) SELECT ?1, " LAST_REPLAY ", "
				   "count(*) FILTER (WHERE severity = 'error'), "
				   "count(*) FILTER (WHERE severity = 'warning'), "
				   "count(*) FILTER (WHERE severity NOT IN ('error', 'warning')), " ERROR_BYTES
				   ", " LEAKED_BYTES ", " UNDERFLOW_BYTES " FROM finding WHERE replay = " LAST_REPLAY,
		NULL},
	[STATEMENT_SIBLING_FILL] =
		{"INSERT OR IGNORE INTO sibling (replay, filesystem, root, kind, path, number) "
		 "SELECT replay, filesystem, root, kind, path, number FROM finding WHERE replay = " LAST_REPLAY
		 " ORDER BY number",
			NULL},
	[STATEMENT_SIGNATURE_CHANGE] =
		{"UPDATE signature SET state = coalesce(?2, state), "
		 "note = CASE WHEN ?4 THEN NULL ELSE coalesce(?3, note) END WHERE signature = ?1 "
		 "RETURNING signature",
			NULL},
	[STATEMENT_UPLOAD_WAITING] = {"SELECT id FROM upload WHERE sha256 = ?1 AND state IN ('queued', 'running')",
		NULL},
	[STATEMENT_UPLOAD_ADD] = {"INSERT INTO upload (name, host, sha256, file, size, received_at, state) "
				  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued') RETURNING id",
		NULL},
	/* Whoever puts the clock back makes nobody wait for longer than a minute. likely(): of two indexes, the one
	 * that need not sort. */
	[STATEMENT_UPLOAD_NEXT] = {"SELECT id FROM upload WHERE likely(state = 'queued') AND (" UPLOAD_DUE
				   " <= ?1 OR " UPLOAD_DUE " > ?1 + 60) ORDER BY " UPLOAD_DUE ", id LIMIT 1",
		"passes over the few that were given back within the last minute"},
	[STATEMENT_UPLOAD_CLAIM] =
		{"UPDATE upload SET state = 'running', tries = tries + 1, started_at = ?2 WHERE id = ?1 "
		 "AND state = 'queued' RETURNING id, size, tries, name, host, file",
			NULL},
	/* A trace that was deleted meanwhile is none. */
	[STATEMENT_UPLOAD_END] = {"UPDATE upload SET state = CASE WHEN ?3 IS NULL THEN 'done' ELSE 'failed' END, "
				  "trace = (SELECT id FROM trace WHERE id = ?2), reason = ?3, ended_at = ?4 "
				  "WHERE id = ?1 AND state = 'running'",
		NULL},
	[STATEMENT_UPLOAD_GIVE_BACK] =
		{"UPDATE upload SET state = CASE WHEN ?4 IS NULL OR tries < ?3 THEN 'queued' ELSE 'failed' END, "
		 "reason = CASE WHEN tries < ?3 THEN NULL ELSE ?4 END, "
		 "ended_at = CASE WHEN ?4 IS NULL OR tries < ?3 THEN NULL ELSE ?5 END, "
		 "tries = tries - (?4 IS NULL) "
		 "WHERE state = 'running' AND id BETWEEN ?1 AND ?2 RETURNING state = 'failed'",
			NULL},
	[STATEMENT_UPLOAD_OF_FILE] = {"SELECT max(id) FROM upload WHERE file = ?1", NULL},
	[STATEMENT_UPLOAD_FILE] = {"SELECT 1 FROM upload WHERE file = ?1 AND state IN ('queued', 'running')", NULL},
	[STATEMENT_UPLOAD_LOAD] =
		{"SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'), "
		 "CAST(total(size) AS INTEGER) FROM upload WHERE state IN ('queued', 'running')",
			NULL},
	[STATEMENT_FINDINGS] = {"SELECT ?1 AS trace, f.number, f.kind, f.severity, f.certainty, f.path, f.place, "
				"f.signature, f.filesystem, n.name AS fsid, f.root, f.ino, f.bytes, f.healed, "
				"f.occurrences, f.consequences, f.headline" FROM_FINDINGS,
		NULL},
	[STATEMENT_FINDING_OBJECTS] = {"SELECT " FINDING_OBJECT FROM_FINDINGS, NULL},
};

const struct statement_info *statement_info(enum statement statement)
{
	return &statements[statement];
}

/* Names of tables and columns cannot be bound; these come from our own table, never from input. */
static void list_columns(FILE *text, enum row_table table, bool reading)
{
	const struct row_table_info *info = row_table_info(table);

	for (size_t i = 0; i < info->column_count; i++) {
		bool host = reading && table == ROW_TRACE && i == ROW_TRACE_HOST;

		fprintf(text, "%s%s", i == 0 ? "" : ", ",
			host ? "(SELECT host.name FROM host WHERE host.id = trace.host)" : info->columns[i]);
	}
}

static const char *owner_column(enum row_table table)
{
	static const char *const columns[] = {
		[ROW_OWNS_ITSELF] = "id", [ROW_OF_TRACE] = "trace", [ROW_OF_REPLAY] = "replay"};

	return columns[row_table_info(table)->owner];
}

char *statement_insert(enum row_table table)
{
	const struct row_table_info *info = row_table_info(table);
	const char *more = table == ROW_REPLAY ? "trace, " : "";
	size_t values = info->column_count + (table == ROW_REPLAY ? 2 : 1);
	char *sql = NULL;
	size_t size;
	FILE *text = open_memstream(&sql, &size);

	if (text == NULL)
		abort();
	fprintf(text, "INSERT INTO %s (%s, %s", info->name, owner_column(table), more);
	list_columns(text, table, false);
	fputs(") VALUES (?", text);
	for (size_t i = 1; i < values; i++)
		fputs(", ?", text);
	fputs(")", text);
	fclose(text);
	return sql;
}

static char *select_where(enum row_table table, const char *more)
{
	const struct row_table_info *info = row_table_info(table);
	char *sql = NULL;
	size_t size;
	FILE *text = open_memstream(&sql, &size);

	if (text == NULL)
		abort();
	fputs("SELECT ", text);
	list_columns(text, table, true);
	fprintf(text, " FROM %s WHERE %s = ?1%s ORDER BY %s", info->name, owner_column(table), more, info->order);
	fclose(text);
	return sql;
}

char *statement_select(enum row_table table)
{
	return select_where(table, "");
}

/* A sibling on another root tells something only of a leak, and only when its bits were cleared in silence. */
#define OF_FINDING "FROM finding f JOIN sibling s ON s.replay = f.replay AND s.filesystem = f.filesystem "
#define SELF_OR_SIBLING                                                                                                \
	" AND number IN (SELECT ?2 UNION ALL SELECT s.number " OF_FINDING                                              \
	"WHERE f.replay = ?1 AND f.number = ?2 AND s.root = f.root UNION ALL SELECT s.number " OF_FINDING              \
	"WHERE f.replay = ?1 AND f.number = ?2 AND f.kind = 'leak' AND s.kind = 'leak' AND s.path = 'silent-clear')"

char *statement_select_finding(enum row_table table)
{
	return select_where(table, table == ROW_FINDING ? SELF_OR_SIBLING : " AND finding = ?2");
}

char *statement_select_slice(void)
{
	return select_where(ROW_EVENT_BLOCK, " AND first_seq BETWEEN ?2 AND ?3");
}
