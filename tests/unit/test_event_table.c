/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables event and gap: random queries must give what they give on plain tables of the same events, what is
 * promised not to be sorted is not, and what is damaged is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/event_store.h"

enum { SEEDS = 12, QUERIES = 120, SQL_SIZE = 2048 };

/* A query with PLAIN's place held by a %s where the table's name stands. */
struct sql_text {
	char text[SQL_SIZE];
	size_t used;
};

static void add(struct sql_text *sql, const char *text)
{
	size_t length = strlen(text);

	assert_true(sql->used + length < SQL_SIZE);
	memcpy(sql->text + sql->used, text, length + 1);
	sql->used += length;
}

#define PICK(seeded, list) (list)[seeded_below(seeded, sizeof(list) / sizeof((list)[0]))]

static const char *const event_columns[] = {"trace", "seq", "time_ns", "cpu", "pid", "comm", "kind", "fsid", "root",
	"ino", "start", "len", "bytes", "diff", "flags", "op", "type", "text"};
static const char *const gap_columns[] = {"trace", "seq", "cpu", "time_ns", "since_ns", "events"};
static const char *const answered[] = {"trace", "seq", "time_ns", "root", "ino", "kind"};
static const char *const answered_of_gap[] = {"trace", "seq", "time_ns"};

static const char *const values[] = {"1", "3", "5", "7", "2", "0", "-9", "256", "256.0", "256.5", "-256.5", "257",
	"'257'", "' 258 '", "'abc'", "x'00'", "NULL", "1e300", "-1e300", "9223372036854775807", "-9223372036854775808",
	"9.3e18", "-9.3e18", "100", "150", "200", "50", "1500", "2000", "-9223372036854775000", "0.5", "-0.5",
	"'print'", "'qgroup_reserve_data'", "'QGROUP_RESERVE_DATA'", "CAST('print' AS BLOB)", "'inode_new'", "'none'",
	"(SELECT 256)", "(SELECT trace FROM event_plain LIMIT 1)"};
static const char *const kinds[] = {"'print'", "'qgroup_reserve_data'", "'qgroup_update_reserve'", "'inode_evict'",
	"'none'", "'lost_events'", "NULL", "5", "x'70'"};

static void add_value(struct seeded *seeded, struct sql_text *sql, const char *column)
{
	add(sql,
		strcmp(column, "kind") == 0 && seeded_percent(seeded, 70) ? PICK(seeded, kinds) : PICK(seeded, values));
}

static void add_list(struct seeded *seeded, struct sql_text *sql, const char *column)
{
	add(sql, " IN (");
	for (size_t i = seeded_below(seeded, 5); i > 0; i--) {
		add_value(seeded, sql, column);
		add(sql, ", ");
	}
	add_value(seeded, sql, column);
	add(sql, ")");
}

static void add_term(struct seeded *seeded, struct sql_text *sql, const char *column)
{
	static const char *const operations[] = {" = ", " = ", " = ", " < ", " <= ", " > ", " >= ", " != ", " IS "};
	uint64_t manner = seeded_below(seeded, 10);

	add(sql, column);
	if (manner < 2) {
		add_list(seeded, sql, column);
	} else if (manner < 4) {
		add(sql, " BETWEEN ");
		add_value(seeded, sql, column);
		add(sql, " AND ");
		add_value(seeded, sql, column);
	} else if (manner == 4 && strcmp(column, "kind") == 0) {
		add(sql, " = 'QGROUP_reserve_DATA' COLLATE NOCASE");
	} else if (manner == 5) {
		add(sql, " IS NULL");
	} else {
		add(sql, PICK(seeded, operations));
		add_value(seeded, sql, column);
	}
}

static const char *answered_column(struct seeded *seeded, bool gap)
{
	return gap ? PICK(seeded, answered_of_gap) : PICK(seeded, answered);
}

static void add_where(struct seeded *seeded, struct sql_text *sql, bool gap)
{
	size_t terms = seeded_below(seeded, 5);

	for (size_t i = 0; i < terms; i++) {
		add(sql, i == 0 ? " WHERE " : " AND ");
		if (seeded_percent(seeded, 15)) {
			add(sql, "(");
			add_term(seeded, sql, answered_column(seeded, gap));
			add(sql, " OR ");
			add_term(seeded, sql, answered_column(seeded, gap));
			add(sql, ")");
		} else if (seeded_percent(seeded, 15)) {
			add_term(seeded, sql, gap ? PICK(seeded, gap_columns) : PICK(seeded, event_columns));
		} else if (seeded_percent(seeded, 30)) {
			add(sql, "trace = 1");
		} else {
			add_term(seeded, sql, answered_column(seeded, gap));
		}
	}
}

/* What is selected, how it is grouped, and in which order; `total`: rows have one order only. */
static const struct shape {
	const char *head;
	const char *tail;
	bool total;
	bool of_gap;
} shapes[] = {
	{"count(*)", "", true, true},
	{"count(*), min(seq), max(time_ns)", "", true, true},
	{"count(ino), sum(len % 1000), group_concat(DISTINCT comm)", "", false, false},
	{"*", "", false, true},
	{"*", " ORDER BY trace, seq", true, true},
	{"*", " ORDER BY trace DESC, seq DESC", true, true},
	{"*", " ORDER BY trace, seq DESC", true, true},
	{"*", " ORDER BY trace, seq LIMIT 7 OFFSET 3", true, true},
	{"seq, time_ns, cpu", " ORDER BY time_ns, trace, seq", true, true},
	{"trace, seq, text, op, type", " ORDER BY kind, trace, seq", true, false},
	{"trace, seq, kind", " ORDER BY kind DESC, trace, seq DESC", true, false},
	{"trace, seq, kind", " ORDER BY trace DESC, kind, seq", true, false},
	{"kind", " ORDER BY kind", true, false},
	{"kind, count(*)", " GROUP BY kind", true, false},
	{"kind, count(*)", " GROUP BY kind ORDER BY kind DESC", true, false},
	{"kind, count(*), sum(root % 1000), max(seq)", " GROUP BY kind ORDER BY count(*) DESC, kind", true, false},
	{"trace, kind, count(*)", " GROUP BY trace, kind ORDER BY trace, kind", true, false},
	{"trace, kind, count(*)", " GROUP BY kind, trace ORDER BY trace DESC, kind", true, false},
	{"trace, count(*)", " GROUP BY trace", true, true},
	{"DISTINCT kind", "", false, false},
	{"DISTINCT trace, kind", " ORDER BY trace, kind", true, false},
	{"DISTINCT kind", " ORDER BY kind DESC", true, false},
	{"DISTINCT trace", "", false, true},
	{"DISTINCT root, ino", " ORDER BY root, ino", true, false},
	{"DISTINCT comm, kind", " ORDER BY kind, comm", true, false},
};

static void compare(sqlite3 *database, uint64_t seed, const char *form, bool gap, bool total)
{
	char sql[2][SQL_SIZE];
	struct rows rows[2];

	for (int i = 0; i < 2; i++) {
		const char *name = gap ? (i == 0 ? "gap_plain" : "gap") : i == 0 ? "event_plain" : "event";
		char *at = strchr(form, '@');

		snprintf(sql[i], SQL_SIZE, "%.*s%s%s", (int)(at - form), form, name, at + 1);
		rows[i] = rows_of(database, sql[i], SIZE_MAX);
		if (rows[i].code != SQLITE_DONE)
			fail_msg("seed %d: %s: %s", (int)seed, sql[i], sqlite3_errmsg(database));
		if (!total && rows[i].count > 1)
			qsort(rows[i].rows, rows[i].count, sizeof(char *), compare_rows);
	}
	if (rows[0].count != rows[1].count)
		fail_msg("seed %d: %s: %zu rows, not %zu", (int)seed, sql[1], rows[1].count, rows[0].count);
	for (size_t i = 0; i < rows[0].count; i++)
		if (strcmp(rows[0].rows[i], rows[1].rows[i]) != 0)
			fail_msg("seed %d: %s: row %zu is %s, not %s", (int)seed, sql[1], i, rows[1].rows[i],
				rows[0].rows[i]);
	rows_release(&rows[0]);
	rows_release(&rows[1]);
}

static void random_queries(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct seeded seeded = seeded_by(seed);
		sqlite3 *database = store_of_events(":memory:", &seeded, STORE_TRACES);

		for (int i = 0; i < QUERIES; i++) {
			const struct shape *shape = &PICK(&seeded, shapes);
			bool gap = shape->of_gap && seeded_percent(&seeded, 30);
			struct sql_text sql = {.used = 0};

			add(&sql, "SELECT ");
			add(&sql, shape->head);
			add(&sql, " FROM @");
			add_where(&seeded, &sql, gap);
			add(&sql, shape->tail);
			compare(database, seed, sql.text, gap, shape->total);
		}
		sqlite3_close(database);
	}
}

/* Every comparison with every value around the times at hand, of both signs and at both ends. */
static void edges(void **state)
{
	enum { EDGES = 11 };
	static const int64_t times[EDGES] = {
		INT64_MIN, INT64_MIN + 1, -3, -2, -1, 0, 1, 2, 3, INT64_MAX - 1, INT64_MAX};
	static const char *const operations[] = {"=", "<", "<=", ">", ">="};
	static const char *const around[] = {"-9223372036854775808", "-9223372036854775807", "-9223372036854775808.0",
		"-9.3e18", "-3.5", "-3", "-2.5", "-2.0", "-0.5", "0", "0.5", "1.5", "2.0", "'2'", "'2.5'", "' -2 '",
		"2.5", "3", "3.5", "9.3e18", "9223372036854775806", "9223372036854775807", "9223372036854775808", "'x'",
		"x'32'", "NULL", "1e999", "-1e999"};
	struct seeded seeded = seeded_by(1);
	sqlite3 *database = store_of_events(":memory:", &seeded, 0);
	struct block_coder *coder = block_coder_new();
	sqlite3_stmt *insert = prepare_sql(
		database, "INSERT INTO event_plain VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	struct event events[EDGES];
	char sql[SQL_SIZE];

	(void)state;
	/* In trace 1 a block for each, so that its first and last time decide; in trace 2 one for all. */
	for (size_t i = 0; i < EDGES; i++) {
		events[i] = (struct event){.number = 1 + i,
			.time_ns = (uint64_t)times[i],
			.root = (uint64_t)times[i],
			.kind = EVENT_RESERVE_DATA};
		put_block(database, coder, 1, &events[i], 1);
		put_plain(database, insert, 1, &events[i]);
		put_plain(database, insert, 2, &events[i]);
	}
	put_block(database, coder, 2, events, EDGES);
	for (size_t i = 0; i < 2 * sizeof(operations) / sizeof(operations[0]); i++) {
		for (size_t j = 0; j < sizeof(around) / sizeof(around[0]); j++) {
			snprintf(sql, sizeof(sql), "SELECT trace, seq, time_ns, root FROM @ WHERE %s %s %s",
				i % 2 == 0 ? "time_ns" : "root", operations[i / 2], around[j]);
			compare(database, 0, sql, false, false);
		}
	}
	sqlite3_finalize(insert);
	block_coder_free(coder);
	sqlite3_close(database);
}

/* Inner side of a join, correlated, on the right of a list, twice at once, by the hidden column. */
static void other_places(void **state)
{
	static const char *const forms[] = {
		"SELECT v.column1, e.seq, e.kind FROM (VALUES (1), (3), (4), (NULL)) v JOIN @ e ON e.trace = v.column1 "
		"AND "
		"e.root = 256 ORDER BY v.column1, e.seq",
		"SELECT p.seq, (SELECT count(*) FROM @ e WHERE e.trace = p.trace AND e.seq < p.seq) FROM event_plain p "
		"WHERE p.trace = 1 AND p.seq < 40 ORDER BY p.seq",
		"SELECT p.seq, e.seq, e.comm FROM event_plain p JOIN @ e ON e.trace = p.trace AND e.seq = p.seq - 1 "
		"WHERE p.root = 257 ORDER BY p.trace, p.seq",
		"SELECT p.seq, e.kind FROM event_plain p LEFT JOIN @ e ON e.trace = p.trace AND e.seq = p.seq + 2 "
		"ORDER BY p.trace, p.seq",
		"SELECT count(*) FROM @ WHERE seq IN (SELECT seq FROM event_plain WHERE kind = 'print')",
		"SELECT a.trace, a.seq FROM @ a WHERE EXISTS (SELECT 1 FROM event b WHERE b.trace = a.trace AND b.kind "
		"= "
		"'print' AND b.seq = a.seq + 1) ORDER BY 1, 2",
		"SELECT kind, rank() OVER (PARTITION BY kind ORDER BY trace, seq) FROM @ ORDER BY kind, 2",
	};

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct seeded seeded = seeded_by(seed);
		sqlite3 *database = store_of_events(":memory:", &seeded, STORE_TRACES);

		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
			compare(database, seed, forms[i], false, true);
		sqlite3_close(database);
	}
}

/* What is promised to need no sorting, and what may not be promised. */
static void plans(void **state)
{
	static const struct {
		const char *sql;
		bool sorts;
	} cases[] = {
		{"SELECT kind, count(*) FROM event WHERE trace = 1 GROUP BY kind", false},
		{"SELECT kind, count(*) FROM event GROUP BY kind", false},
		{"SELECT trace, kind, count(*) FROM event GROUP BY trace, kind", false},
		{"SELECT kind, sum(len) FROM event WHERE trace = 1 AND root = 256 GROUP BY kind", false},
		{"SELECT * FROM event WHERE trace = 1 ORDER BY seq", false},
		{"SELECT * FROM event WHERE trace = 1 ORDER BY seq DESC LIMIT 10", false},
		{"SELECT * FROM event ORDER BY trace, seq", false},
		{"SELECT * FROM event WHERE kind IN ('print', 'inode_new') AND trace = 1 ORDER BY seq", false},
		{"SELECT * FROM event WHERE trace = 1 AND ino IN (257, 258) ORDER BY trace, seq", false},
		{"SELECT * FROM gap WHERE trace = 1 ORDER BY seq", false},
		{"SELECT * FROM event ORDER BY seq", true},
		{"SELECT * FROM event WHERE trace = 1 ORDER BY time_ns", true},
		{"SELECT * FROM event WHERE trace IN (1, 3) ORDER BY seq", true},
		{"SELECT kind COLLATE NOCASE, count(*) FROM event GROUP BY 1", true},
	};
	struct seeded seeded = seeded_by(1);
	sqlite3 *database = store_of_events(":memory:", &seeded, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[SQL_SIZE];
		struct rows rows;
		bool sorts = false;

		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", cases[i].sql);
		rows = rows_of(database, sql, SIZE_MAX);
		assert_int_equal(rows.code, SQLITE_DONE);
		for (size_t j = 0; j < rows.count; j++)
			sorts = sorts || strstr(rows.rows[j], "TEMP B-TREE") != NULL;
		if (sorts != cases[i].sorts)
			fail_msg("%s: %s", cases[i].sql, sorts ? "is sorted" : "is not sorted");
		rows_release(&rows);
	}
	sqlite3_close(database);
}

static void expect_error(sqlite3 *database, const char *sql, const char *text)
{
	struct rows rows = rows_of(database, sql, SIZE_MAX);

	if (rows.code == SQLITE_DONE || strcmp(sqlite3_errmsg(database), text) != 0)
		fail_msg("%s: %d %s", sql, rows.code, sqlite3_errmsg(database));
	rows_release(&rows);
}

/* Three blocks of 100 events, the second with a flipped byte. */
static void damaged_block(void **state)
{
	static const char text[] = "block at event 101 of trace 1 is damaged: its checksum is wrong";
	struct seeded seeded = seeded_by(1);
	sqlite3 *database = store_of_events(":memory:", &seeded, 0);
	struct block_coder *coder = block_coder_new();
	struct event events[300];
	struct rows rows;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		events[i] = (struct event){
			.number = i + 1, .time_ns = i, .root = 256, .ino = 257, .kind = EVENT_RESERVE_DATA};
	for (size_t i = 0; i < 300; i += 100)
		put_block(database, coder, 1, events + i, 100);
	run_sql(database,
		"UPDATE event_block SET payload = CAST(substr(payload, 1, 20) || x'a5' || substr(payload, 22) "
		"AS BLOB) WHERE first_seq = 101");
	expect_error(database, "SELECT * FROM event", text);
	expect_error(database, "SELECT count(len) FROM event WHERE trace = 1", text);
	expect_error(database, "SELECT count(*) FROM event WHERE ino = 257", text);
	expect_error(database, "SELECT * FROM event ORDER BY trace, seq DESC", text);
	expect_error(database, "SELECT kind, sum(len) FROM event GROUP BY kind", text);
	expect_error(database, "SELECT * FROM event WHERE damaged = 'hide'",
		"column damaged can only be compared with 'skip'");
	rows = rows_of(database, "SELECT * FROM event WHERE seq <= 100 OR seq > 200", SIZE_MAX);
	assert_int_equal(rows.code, SQLITE_DONE);
	assert_int_equal(rows.count, 200);
	rows_release(&rows);
	rows = rows_of(database,
		"SELECT count(*), min(seq), max(seq), sum(seq BETWEEN 101 AND 200), sum(ino = 257) FROM event "
		"WHERE damaged = 'skip'",
		SIZE_MAX);
	assert_int_equal(rows.code, SQLITE_DONE);
	assert_string_equal(rows.rows[0], "|1:200|1:1|1:300|1:0|1:200");
	rows_release(&rows);
	/* Which kinds there are is not in the payload. */
	rows = rows_of(database, "SELECT count(*) FROM event WHERE trace = 1", SIZE_MAX);
	assert_string_equal(rows.rows[0], "|1:300");
	rows_release(&rows);
	block_coder_free(coder);
	sqlite3_close(database);
}

/* A statement sees one moment, though it reads with several of its own. */
static void one_moment(void **state)
{
	char folder[] = "/tmp/qgreplay-event-XXXXXX";
	char name[64];
	struct seeded seeded = seeded_by(7);
	sqlite3 *writer;
	sqlite3 *reader;
	sqlite3_stmt *statement;
	int64_t rows = 0;
	int64_t before;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/store.db", folder);
	writer = store_of_events(name, &seeded, 0);
	run_sql(writer, "PRAGMA journal_mode = WAL");
	fill_trace(writer, &seeded, 1, 5);
	assert_int_equal(sqlite3_open(name, &reader), SQLITE_OK);
	must(reader, event_table_register(reader), "register");
	statement = prepare_sql(writer, "SELECT count(*) FROM event_plain");
	sqlite3_step(statement);
	before = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	statement = prepare_sql(reader, "SELECT * FROM event");
	for (; sqlite3_step(statement) == SQLITE_ROW; rows++)
		if (rows == 3)
			fill_trace(writer, &seeded, 2, 5);
	assert_int_equal(rows, before);
	sqlite3_finalize(statement);
	sqlite3_close(reader);
	sqlite3_close(writer);
	remove(name);
	assert_int_equal(remove(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_queries),
		cmocka_unit_test(edges),
		cmocka_unit_test(other_places),
		cmocka_unit_test(plans),
		cmocka_unit_test(damaged_block),
		cmocka_unit_test(one_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
