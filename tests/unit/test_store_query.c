/* SPDX-License-Identifier: GPL-2.0-only */
/* Queries of others: they read what there is, and can do nothing else. */
#include "tests/unit/store_fixture.h"

struct seen {
	char text[2000];
	unsigned rows;
	unsigned stop_after; /* 0: never */
};

static void end_line(struct seen *seen)
{
	snprintf(seen->text + strlen(seen->text), sizeof(seen->text) - strlen(seen->text), "\n");
}

static enum err take_columns(void *context, const char *const *names, size_t count, struct error *error)
{
	struct seen *seen = context;

	(void)error;
	for (size_t i = 0; i < count; i++)
		snprintf(seen->text + strlen(seen->text), sizeof(seen->text) - strlen(seen->text), "%s,", names[i]);
	end_line(seen);
	return ERR_OK;
}

static enum err take_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct seen *seen = context;

	for (size_t i = 0; i < count; i++) {
		char *end = seen->text + strlen(seen->text);
		size_t room = sizeof(seen->text) - strlen(seen->text);

		if (values[i].kind == ROW_NUMBER)
			snprintf(end, room, "%lld,", (long long)values[i].number);
		else
			snprintf(end, room, "%.*s,", (int)values[i].size,
				values[i].bytes == NULL ? "" : (const char *)values[i].bytes);
	}
	end_line(seen);
	return ++seen->rows == seen->stop_after ? error_set(error, ERR_STOPPED, "enough") : ERR_OK;
}

static enum err run(struct store *store, const char *sql, struct seen *seen, struct error *error)
{
	struct store_query_sink sink = {take_columns, take_row, seen};

	seen->text[0] = '\0';
	seen->rows = 0;
	return store_query(store, sql, &sink, error);
}

static struct store *store_of_two(const char *name)
{
	struct store *store = must_open(name, STORE_CREATE);
	struct store_facts facts = facts_of("abc");

	must_load(store, spool_of_trace(1, 2), &facts);
	facts.sha256 = NULL;
	must_load(store, spool_of_trace(1, 2), &facts);
	return store;
}

static void test_queries_read(void **state)
{
	static const struct {
		const char *sql;
		const char *answer;
	} queries[] = {
		{"SELECT id, sha256 FROM trace ORDER BY id", "id,sha256,\n1,abc,\n2,,\n"},
		{"SELECT 1 AS one; -- and no more", "one,\n1,\n"},
		{"SELECT 0.5 AS half, x'4142' AS bytes, -1 AS less", "half,bytes,less,\n0.5,AB,-1,\n"},
		{"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT sum(i) AS s FROM "
		 "n",
			"s,\n6,\n"},
		{"SELECT id FROM trace WHERE id = 99", "id,\n"},
		{"SELECT count(*) AS n FROM current_finding", "n,\n4,\n"},
		{"SELECT host FROM current_finding WHERE trace = 1 AND number = 1", "host,\nanna,\n"},
		{"SELECT count(*) AS n FROM sqlite_schema WHERE name = 'trace'", "n,\n1,\n"},
	};
	struct fixture *fixture = *state;
	struct store *store = store_of_two(fixture->db);
	struct error error = {.code = ERR_OK};
	struct seen seen = {.stop_after = 0};

	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		if (run(store, queries[i].sql, &seen, &error) != ERR_OK)
			fail_msg("%s: %s", queries[i].sql, error.text);
		assert_string_equal(seen.text, queries[i].answer);
	}
	store_close(store);
}

static void test_all_else_is_refused(void **state)
{
	static const struct {
		const char *sql;
		const char *said;
	} queries[] = {
		{"", "there is no query"},
		{" ; ", "there is no query"},
		{"-- nothing", "there is no query"},
		{"SELECT 1; SELECT 2", "one query at a time"},
		{"SELECT 1; DELETE FROM trace", "one query at a time"},
		{"SELECT 1; nonsense", "one query at a time"},
		{"SELEKT 1", "syntax error"},
		{"SELECT x FROM trace", "no such column: x"},
		{"SELECT \"x\"", "no such column: x"},
		{"SELECT * FROM nowhere", "no such table: nowhere"},
		{"DELETE FROM trace", "only queries that read"},
		{"UPDATE trace SET name = 'x'", "only queries that read"},
		{"INSERT INTO host (name) VALUES ('x') RETURNING id", "only queries that read"},
		{"WITH x AS (SELECT 1) DELETE FROM trace", "only queries that read"},
		{"CREATE TABLE x (y)", "only queries that read"},
		{"CREATE TEMP TABLE x (y)", "only queries that read"},
		{"CREATE VIRTUAL TABLE x USING fts5 (y)", "only queries that read"},
		{"DROP TABLE trace", "only queries that read"},
		{"ALTER TABLE trace ADD COLUMN x", "only queries that read"},
		{"ATTACH '/tmp/other.db' AS other", "only queries that read"},
		{"DETACH main", "only queries that read"},
		{"PRAGMA user_version", "only queries that read"},
		{"PRAGMA journal_mode = DELETE", "only queries that read"},
		{"SELECT * FROM pragma_user_version", "not authorized"},
		{"BEGIN", "only queries that read"},
		{"COMMIT", "only queries that read"},
		{"SAVEPOINT x", "only queries that read"},
		{"VACUUM INTO '/tmp/other.db'", "only queries that read"},
		{"VACUUM", "only queries that read"},
		{"REINDEX", "only queries that read"},
		{"ANALYZE", "only queries that read"},
		{"SELECT load_extension('/tmp/x.so')", "not authorized to use function: load_extension"},
		{"SELECT zeroblob(1000000000)", "string or blob too big"},
		{"SELECT abs(-9223372036854775808)", "integer overflow"},
	};
	struct fixture *fixture = *state;
	struct store *store = store_of_two(fixture->db);
	struct seen seen = {.stop_after = 0};

	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		struct error error = {.code = ERR_OK};

		if (run(store, queries[i].sql, &seen, &error) != ERR_USAGE ||
			strstr(error.text, queries[i].said) == NULL)
			fail_msg("%s: %d %s", queries[i].sql, error.code, error.text);
		assert_int_equal(seen.rows, 0);
	}
	assert_int_equal(count_rows(store, ROW_EVENT_BLOCK, 1), 1);
	store_close(store);
	assert_string_equal(ask(fixture->db, "SELECT count(*) FROM trace"), "2");
	assert_string_equal(ask(fixture->db, "PRAGMA journal_mode"), "wal");
	must_be_sound(fixture->db);
}

static void test_a_query_leaves_the_store_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = store_of_two(fixture->db);
	struct store_facts facts = facts_of("def");
	struct error error;
	struct seen seen = {.stop_after = 1};

	assert_int_equal(run(store, "SELECT id FROM trace", &seen, &error), ERR_STOPPED);
	assert_int_equal(seen.rows, 1);
	assert_int_equal(run(store, "DELETE FROM trace", &seen, &error), ERR_USAGE);
	assert_int_equal(must_load(store, spool_of_trace(1, 1), &facts), 3);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_queries_read),
		TEST(test_all_else_is_refused),
		TEST(test_a_query_leaves_the_store_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
