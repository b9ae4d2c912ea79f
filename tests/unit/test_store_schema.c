/* SPDX-License-Identifier: GPL-2.0-only */
/* The schema: as it was agreed on, however a store came to it; and that no statement reads what it need not. */
#include "tests/unit/store_fixture.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "schema/store/handle.h"
#include "schema/store/migrations.h"

#define GOLDEN "tests/golden/store.sql"	 /* the newest schema */
#define FIRST "tests/golden/store-1.sql" /* that of version 1, which is out in the world */

/* Statements in the order of making, without comments and with single blanks, one a line. */
static void append_statement(FILE *out, const char *sql)
{
	bool blank = false;

	for (; *sql != '\0'; sql++) {
		if (sql[0] == '-' && sql[1] == '-')
			sql += strcspn(sql, "\n");
		if (isspace((unsigned char)*sql)) {
			blank = true;
			continue;
		}
		if (blank)
			fputc(' ', out);
		blank = false;
		fputc(*sql, out);
	}
	fputs(";\n", out);
}

static char *dump_of(const char *name)
{
	sqlite3 *db;
	sqlite3_stmt *objects;
	char *dump = NULL;
	size_t size;
	FILE *out = open_memstream(&dump, &size);

	assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' "
				 "ORDER BY rowid",
				 -1, &objects, NULL),
		SQLITE_OK);
	while (sqlite3_step(objects) == SQLITE_ROW)
		append_statement(out, (const char *)sqlite3_column_text(objects, 0));
	sqlite3_finalize(objects);
	sqlite3_close(db);
	fclose(out);
	return dump;
}

static char *file_text(const char *name)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

/* Where they differ, what it is now is left in the build folder: to be looked at, and to become the golden one. */
static void must_be_golden(const char *dump)
{
	char *golden = file_text(GOLDEN);
	const char *build = getenv("BUILD");
	char now[4096];
	FILE *file;

	if (strcmp(dump, golden) != 0) {
		snprintf(now, sizeof(now), "%s/store.sql", build == NULL ? "build" : build);
		file = fopen(now, "w");
		assert_non_null(file);
		fputs(dump, file);
		fclose(file);
		fail_msg("the schema is not that of %s; see %s", GOLDEN, now);
	}
	free(golden);
}

static void test_a_new_store_has_the_agreed_schema(void **state)
{
	struct fixture *fixture = *state;
	char *dump;

	store_close(must_open(fixture->db, STORE_CREATE));
	dump = dump_of(fixture->db);
	must_be_golden(dump);
	free(dump);
	assert_string_equal(ask(fixture->db, "PRAGMA application_id"), "1363628624");
	assert_int_equal(ask_number(fixture->db, "PRAGMA user_version"), migrations_count);
	assert_string_equal(ask(fixture->db, "PRAGMA journal_mode"), "wal");
	assert_string_equal(ask(fixture->db, "PRAGMA auto_vacuum"), "2");
	must_be_sound(fixture->db);
}

/* A store as the first version left it, and a trace in it. */
static void make_version_1(const char *name)
{
	static const char *const rest = "PRAGMA application_id = 1363628624; PRAGMA user_version = 1;"
					"INSERT INTO trace VALUES (7, 'abc', 'x', NULL, 'whole', 'text', NULL, NULL, "
					"1, 2, 3, 4, 5, 6, 7, 8, 9, 10)";
	char *sql = file_text(FIRST);
	sqlite3 *db;

	unlink(name);
	assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, rest, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(sql);
}

static void test_an_upgraded_store_has_it_too(void **state)
{
	struct fixture *fixture = *state;
	const struct store_options reading = {STORE_READ, 0};
	struct store *store;
	struct error error;
	uint64_t id;
	char *dump;

	make_version_1(fixture->db);
	assert_int_equal(store_open(&store, fixture->db, &reading, &error), ERR_INPUT);
	assert_null(store);
	assert_non_null(strstr(error.text, "older qgreplay (schema 1, now"));
	store = must_open(fixture->db, STORE_WRITE);
	assert_int_equal(store_find_trace(store, "abc", &id, NULL), ERR_OK);
	assert_int_equal(id, 7);
	store_close(store);
	dump = dump_of(fixture->db);
	must_be_golden(dump);
	free(dump);
	assert_int_equal(ask_number(fixture->db, "PRAGMA user_version"), migrations_count);
	must_be_sound(fixture->db);
}

static void test_a_newer_store_is_refused_and_left_alone(void **state)
{
	static const enum store_mode modes[] = {STORE_READ, STORE_WRITE, STORE_CREATE};
	struct fixture *fixture = *state;
	struct store *store;
	struct error error;

	store_close(must_open(fixture->db, STORE_CREATE));
	ask(fixture->db, "PRAGMA user_version = 99");
	for (size_t i = 0; i < 3; i++) {
		const struct store_options options = {modes[i], 0};

		assert_int_equal(store_open(&store, fixture->db, &options, &error), ERR_INPUT);
		assert_non_null(strstr(error.text, "newer qgreplay (schema 99, this one knows up to"));
	}
	assert_string_equal(ask(fixture->db, "PRAGMA user_version"), "99");
}

/* A migration that fails in the middle leaves the version before it, whole. */
static void test_an_upgrade_is_whole_or_not_at_all(void **state)
{
	struct fixture *fixture = *state;
	const struct store_options writing = {STORE_WRITE, 0};
	struct store *store;
	struct error error;
	char *before;
	char *after;

	make_version_1(fixture->db);
	ask(fixture->db, "CREATE TABLE upload_of_trace (x)"); /* the name of an index of migration 2 */
	before = dump_of(fixture->db);
	assert_int_equal(store_open(&store, fixture->db, &writing, &error), ERR_INPUT);
	after = dump_of(fixture->db);
	assert_string_equal(before, after);
	assert_string_equal(ask(fixture->db, "PRAGMA user_version"), "1");
	free(before);
	free(after);
}

/* Killed between the first write of all and the first migration: a database, and nothing in it. */
static void test_a_creation_that_was_cut_short_is_taken_up(void **state)
{
	struct fixture *fixture = *state;

	ask(fixture->db, "PRAGMA journal_mode = WAL");
	store_close(must_open(fixture->db, STORE_CREATE));
	assert_int_equal(ask_number(fixture->db, "PRAGMA user_version"), migrations_count);
}

static int open_when_told(const char *name, int told)
{
	const struct store_options options = {STORE_CREATE, 0};
	struct store *store;
	struct error error;
	char byte;

	if (read(told, &byte, 1) != 0)
		return 1;
	if (store_open(&store, name, &options, &error) != ERR_OK) {
		dprintf(STDOUT_FILENO, "%s\n", error.text);
		return 2;
	}
	store_close(store);
	return 0;
}

/* All wait for the end of the same pipe, and then open at once. */
static void open_at_once(const char *name)
{
	enum { PROCESSES = 4 };
	int ends[2];
	int status;

	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < PROCESSES; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			close(ends[1]);
			_exit(open_when_told(name, ends[0]));
		}
	}
	close(ends[0]);
	close(ends[1]);
	for (int i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

static void test_processes_that_open_at_once_migrate_once(void **state)
{
	struct fixture *fixture = *state;
	char *dump;

	for (int round = 0; round < 20; round++) {
		if (round % 2 == 1)
			make_version_1(fixture->db);
		else
			unlink(fixture->db);
		open_at_once(fixture->db);
		dump = dump_of(fixture->db);
		must_be_golden(dump);
		free(dump);
		must_be_sound(fixture->db);
	}
}

static void describe_tables(const char *name, const char *sql, char *answer, size_t size)
{
	sqlite3 *db;
	sqlite3_stmt *rows;

	answer[0] = '\0';
	assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW)
		snprintf(answer + strlen(answer), size - strlen(answer), "%s ",
			(const char *)sqlite3_column_text(rows, 0));
	sqlite3_finalize(rows);
	sqlite3_close(db);
}

static const char *owner_of(enum row_table table)
{
	switch (row_table_info(table)->owner) {
	case ROW_OF_TRACE:
		return "trace";
	case ROW_OF_REPLAY:
		return "replay";
	case ROW_OWNS_ITSELF:
		return table == ROW_REPLAY ? "trace" : NULL;
	}
	return NULL;
}

/* The table of tables lists the columns of the .sql, in their order, but for keys. */
static void test_rows_have_the_columns_of_the_tables(void **state)
{
	struct fixture *fixture = *state;

	store_close(must_open(fixture->db, STORE_CREATE));
	for (enum row_table table = 0; table < ROW_TABLE_COUNT; table++) {
		const struct row_table_info *info = row_table_info(table);
		const char *owner = owner_of(table);
		char sql[300];
		char found[1000];
		char wanted[1000] = "";

		for (size_t i = 0; i < info->column_count; i++)
			snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s ", info->columns[i]);
		snprintf(sql, sizeof(sql),
			"SELECT name FROM pragma_table_info('%s') WHERE name NOT IN ('id', '%s') ORDER BY cid",
			info->name, owner == NULL ? "" : owner);
		describe_tables(fixture->db, sql, found, sizeof(found));
		assert_string_equal(found, wanted);
		snprintf(sql, sizeof(sql),
			"SELECT \"table\" || on_delete FROM pragma_foreign_key_list('%s') WHERE \"from\" = '%s'",
			info->name, owner == NULL ? "" : owner);
		describe_tables(fixture->db, sql, found, sizeof(found));
		snprintf(wanted, sizeof(wanted), owner == NULL ? "%s" : "%sCASCADE ", owner == NULL ? "" : owner);
		assert_string_equal(found, wanted);
	}
}

static void test_every_table_is_strict(void **state)
{
	struct fixture *fixture = *state;
	char found[1000];

	store_close(must_open(fixture->db, STORE_CREATE));
	describe_tables(fixture->db,
		"SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND NOT strict AND name "
		"NOT "
		"LIKE 'sqlite%'",
		found, sizeof(found));
	assert_string_equal(found, "");
}

/* What SQLite would do for a statement; fails when it reads a table from end to end, or sorts, without leave. */
static void must_be_planned(sqlite3 *db, const char *sql, bool scans)
{
	sqlite3_stmt *plan;
	char explain[4000];
	bool scanned = false;

	assert_true((size_t)snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql) < sizeof(explain));
	if (sqlite3_prepare_v2(db, explain, -1, &plan, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(plan, 3);

		if (strstr(step, "TEMP B-TREE") != NULL)
			fail_msg("'%s' sorts: %s", sql, step);
		/* "SCAN CONSTANT ROW" reads nothing. */
		if (strncmp(step, "SCAN", 4) == 0 && strcmp(step, "SCAN CONSTANT ROW") != 0)
			scanned = true;
		if (scanned && !scans)
			fail_msg("'%s' reads all of a table: %s", sql, step);
	}
	sqlite3_finalize(plan);
	if (scans && !scanned)
		fail_msg("'%s' does not read all of a table, although it says so", sql);
}

static void test_no_statement_reads_all_of_a_table(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	char *slice = statement_select_slice();

	for (int i = 0; i < STATEMENT_COUNT; i++) {
		const struct statement_info *info = statement_info((enum statement)i);

		assert_non_null(info->sql);
		must_be_planned(store->db, info->sql, info->scans != NULL);
	}
	for (enum row_table table = 0; table < ROW_TABLE_COUNT; table++) {
		char *insert = statement_insert(table);
		char *select = statement_select(table);

		must_be_planned(store->db, insert, false);
		must_be_planned(store->db, select, false);
		free(insert);
		free(select);
	}
	for (enum row_table table = ROW_FINDING; table <= ROW_EVIDENCE; table++) {
		char *select = statement_select_finding(table);

		must_be_planned(store->db, select, false);
		free(select);
	}
	must_be_planned(store->db, slice, false);
	must_be_planned(store->db, "SELECT * FROM trace_list ORDER BY id", true); /* it lists all traces */
	free(slice);
	store_close(store);
}

/* What hangs under a row is found by an index when the row goes: or deleting a trace would read the whole store. */
static void test_every_foreign_key_has_an_index(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	sqlite3_stmt *keys;
	char sql[300];

	assert_int_equal(
		sqlite3_prepare_v2(store->db,
			"SELECT t.name, f.\"from\" FROM pragma_table_list t, pragma_foreign_key_list(t.name) f "
			"WHERE t.schema = 'main'",
			-1, &keys, NULL),
		SQLITE_OK);
	while (sqlite3_step(keys) == SQLITE_ROW) {
		snprintf(sql, sizeof(sql), "SELECT 1 FROM %s WHERE %s = ?1", sqlite3_column_text(keys, 0),
			sqlite3_column_text(keys, 1));
		must_be_planned(store->db, sql, false);
	}
	sqlite3_finalize(keys);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_store_has_the_agreed_schema),
		TEST(test_an_upgraded_store_has_it_too),
		TEST(test_a_newer_store_is_refused_and_left_alone),
		TEST(test_an_upgrade_is_whole_or_not_at_all),
		TEST(test_a_creation_that_was_cut_short_is_taken_up),
		TEST(test_processes_that_open_at_once_migrate_once),
		TEST(test_rows_have_the_columns_of_the_tables),
		TEST(test_every_table_is_strict),
		TEST(test_no_statement_reads_all_of_a_table),
		TEST(test_every_foreign_key_has_an_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
