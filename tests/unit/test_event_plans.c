/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tables `event` and `gap` ask of the tables below them, listened to as they ask it, is found by an index. */
#include "tests/unit/event_store.h"

enum { ASKED_MAX = 16 };

struct asked {
	char *sql[ASKED_MAX];
	size_t count;
	const char *own; /* the query that is run here: not listened to */
};

static int listen(unsigned kind, void *context, void *statement, void *text)
{
	struct asked *asked = context;
	const char *sql = sqlite3_sql(statement);

	(void)kind;
	(void)text;
	if (strcmp(sql, asked->own) == 0)
		return 0;
	for (size_t i = 0; i < asked->count; i++)
		if (strcmp(asked->sql[i], sql) == 0)
			return 0;
	assert_true(asked->count < ASKED_MAX);
	asked->sql[asked->count++] = strdup(sql);
	return 0;
}

static void run_listening(sqlite3 *database, struct asked *asked, const char *sql)
{
	struct rows rows;

	asked->own = sql;
	sqlite3_trace_v2(database, SQLITE_TRACE_STMT, listen, asked);
	rows = rows_of(database, sql, SIZE_MAX);
	sqlite3_trace_v2(database, 0, NULL, NULL);
	assert_int_equal(rows.code, SQLITE_DONE);
	assert_true(rows.count > 0);
	rows_release(&rows);
}

static void must_be_searched(sqlite3 *database, const char *sql)
{
	char explain[1000];
	sqlite3_stmt *plan;

	assert_true((size_t)snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql) < sizeof(explain));
	assert_int_equal(sqlite3_prepare_v2(database, explain, -1, &plan, NULL), SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(plan, 3);

		if (strncmp(step, "SCAN", 4) == 0 || strstr(step, "TEMP B-TREE") != NULL)
			fail_msg("'%s': %s", sql, step);
	}
	sqlite3_finalize(plan);
}

/* From both ends, over one trace and all, with the texts of events: every statement there is. */
static void no_statement_reads_all_of_a_table(void **state)
{
	static const char *const queries[] = {
		"SELECT trace, seq, comm, fsid, text, len FROM event",
		"SELECT trace, seq, len FROM event ORDER BY trace DESC, seq DESC",
		"SELECT seq, len FROM event WHERE trace = 1 AND seq > 1",
		"SELECT * FROM gap",
	};
	enum { STATEMENTS = 6 }; /* traces and blocks, both upwards and downwards; payloads; texts */
	struct seeded seeded = seeded_by(1);
	sqlite3 *database = store_of_events(":memory:", &seeded, STORE_TRACES);
	struct asked asked = {.count = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		run_listening(database, &asked, queries[i]);
	assert_int_equal(asked.count, STATEMENTS);
	for (size_t i = 0; i < asked.count; i++) {
		must_be_searched(database, asked.sql[i]);
		free(asked.sql[i]);
	}
	sqlite3_close(database);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_statement_reads_all_of_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
