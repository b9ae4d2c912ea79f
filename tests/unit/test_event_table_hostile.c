/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables event and gap over rows that no program of ours wrote: every query ends, with rows or with one line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <xxhash.h>

#include "tests/unit/event_store.h"

enum { SEEDS = 120, ROWS_MAX = 20000 };

static const char *const queries[] = {
	"SELECT * FROM event",
	"SELECT * FROM event ORDER BY trace DESC, seq DESC",
	"SELECT * FROM event WHERE damaged = 'skip'",
	"SELECT * FROM gap WHERE damaged = 'skip'",
	"SELECT count(*) FROM event",
	"SELECT kind, count(*) FROM event GROUP BY kind",
	"SELECT trace, kind, count(*), sum(len % 10) FROM event WHERE damaged = 'skip' GROUP BY trace, kind",
	"SELECT * FROM event WHERE seq = 40",
	"SELECT * FROM event WHERE trace = 1 AND seq BETWEEN 50 AND 9223372036854775807",
	"SELECT * FROM event WHERE root = 256 AND ino IN (256, 257)",
	"SELECT * FROM event WHERE time_ns > 1500 OR rowid = 5",
	"SELECT * FROM event WHERE kind = 'print'",
};

/* The tables without what keeps a store's rows sound. */
static void loosen(sqlite3 *database)
{
	run_sql(database,
		"CREATE TEMP TABLE kept AS SELECT * FROM event_block;"
		"CREATE TEMP TABLE kept_names AS SELECT * FROM name;"
		"DROP TABLE event_block; DROP TABLE name;"
		"CREATE TABLE event_block (id INTEGER PRIMARY KEY, trace, first_seq, events, first_ns, last_ns, "
		"skip, checksum, payload);"
		"CREATE TABLE name (trace, space, number, name);"
		"INSERT INTO event_block SELECT * FROM kept; INSERT INTO name SELECT * FROM kept_names");
}

static void spoil(sqlite3 *database, struct seeded *seeded)
{
	static const char *const columns[] = {
		"trace", "first_seq", "events", "first_ns", "last_ns", "skip", "checksum", "payload"};
	static const char *const values[] = {"NULL", "0", "-1", "1", "50", "120", "65536", "65537", "4294967297",
		"9223372036854775807", "-9223372036854775808", "1.5", "'text'", "x''", "randomblob(40)",
		"zeroblob(100000)", "(SELECT skip FROM temp.kept ORDER BY random() LIMIT 1)",
		"(SELECT payload FROM temp.kept ORDER BY random() LIMIT 1)", "first_seq + 1", "first_seq - 5",
		"events * 2", "id", "1"};
	size_t count = 1 + seeded_below(seeded, 4);

	for (size_t i = 0; i < count; i++) {
		char sql[300];

		snprintf(sql, sizeof(sql), "UPDATE event_block SET %s = %s WHERE id %% 4 = %d",
			columns[seeded_below(seeded, sizeof(columns) / sizeof(*columns))],
			values[seeded_below(seeded, sizeof(values) / sizeof(*values))], (int)seeded_below(seeded, 4));
		run_sql(database, sql);
	}
	if (seeded_percent(seeded, 30))
		run_sql(database,
			"INSERT INTO event_block SELECT NULL, trace, first_seq, events, first_ns, last_ns, skip, "
			"checksum, payload FROM event_block");
	if (seeded_percent(seeded, 30))
		run_sql(database,
			"UPDATE name SET name = CASE number WHEN 1 THEN NULL WHEN 2 THEN zeroblob(9000) WHEN 3 "
			"THEN 1.5 ELSE hex(zeroblob(3000)) END");
}

static void any_rows(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct seeded seeded = seeded_by(seed);
		sqlite3 *database = store_of_events(":memory:", &seeded, 2);

		loosen(database);
		spoil(database, &seeded);
		for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
			struct rows rows = rows_of(database, queries[i], ROWS_MAX);

			if (rows.code == SQLITE_ROW)
				fail_msg("seed %d: %s: more rows than there are events", (int)seed, queries[i]);
			if (rows.code != SQLITE_DONE && rows.code != SQLITE_CORRUPT_VTAB)
				fail_msg("seed %d: %s: %d %s", (int)seed, queries[i], rows.code,
					sqlite3_errmsg(database));
			if (rows.code == SQLITE_CORRUPT_VTAB && strstr(queries[i], "'skip'") != NULL)
				fail_msg("seed %d: %s: does not skip: %s", (int)seed, queries[i],
					sqlite3_errmsg(database));
			rows_release(&rows);
		}
		sqlite3_close(database);
	}
}

/* A payload that agrees with a `skip` which lies: it says that all events are of one kind. */
static void lying_counts(void **state)
{
	struct seeded seeded = seeded_by(1);
	sqlite3 *database = store_of_events(":memory:", &seeded, 0);
	struct block_coder *coder = block_coder_new();
	struct event events[50];
	sqlite3_stmt *statement;
	unsigned char payload[4096];
	size_t size;
	uint64_t hashes[2];

	(void)state;
	for (int honest = 0; honest < 2; honest++) {
		for (size_t i = 0; i < 50; i++)
			events[i] = (struct event){.number = i + 1,
				.time_ns = 5,
				.kind = honest && i % 2 ? 200 : EVENT_INODE_NEW,
				.root = 256,
				.ino = 257};
		put_block(database, coder, 1 + honest, events, 50);
	}
	statement = prepare_sql(database, "SELECT skip FROM event_block ORDER BY trace");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
		hashes[i] = XXH3_64bits(sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0));
	}
	sqlite3_finalize(statement);
	statement = prepare_sql(database, "SELECT payload FROM event_block WHERE trace = 2");
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	size = (size_t)sqlite3_column_bytes(statement, 0);
	assert_true(size <= sizeof(payload));
	memcpy(payload, sqlite3_column_blob(statement, 0), size);
	sqlite3_finalize(statement);
	for (size_t i = 0; i + 8 <= size; i++)
		if (memcmp(payload + i, &hashes[1], 8) == 0)
			memcpy(payload + i, &hashes[0], 8);
	statement = prepare_sql(database, "UPDATE event_block SET payload = ?, checksum = ? WHERE trace = 1");
	sqlite3_bind_blob(statement, 1, payload, (int)size, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, (sqlite3_int64)XXH3_64bits(payload, size));
	run_once(database, statement);
	sqlite3_finalize(statement);

	for (int i = 0; i < 2; i++) {
		static const char *const looks[] = {
			"SELECT * FROM event WHERE trace = 1", "SELECT sum(seq) FROM event WHERE trace = 1"};
		struct rows rows = rows_of(database, looks[i], ROWS_MAX);

		assert_int_equal(rows.code, SQLITE_CORRUPT_VTAB);
		assert_string_equal(sqlite3_errmsg(database),
			"block at event 1 of trace 1 is damaged: its number of events of a kind is wrong");
		rows_release(&rows);
	}
	block_coder_free(coder);
	sqlite3_close(database);
}

/* The tables can be registered anywhere; without a store there is nothing to read. */
static void no_store(void **state)
{
	sqlite3 *database = NULL;
	struct rows rows;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
	assert_int_equal(event_table_register(database), SQLITE_OK);
	assert_int_equal(event_table_connect(database), SQLITE_OK);
	rows = rows_of(database, "SELECT * FROM event", ROWS_MAX);
	assert_int_equal(rows.code, SQLITE_ERROR);
	assert_string_equal(sqlite3_errmsg(database), "no such table: main.event_block");
	rows_release(&rows);
	assert_int_not_equal(sqlite3_exec(database, "DELETE FROM event", NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(
		sqlite3_exec(database, "CREATE VIRTUAL TABLE other USING event", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(database);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_rows),
		cmocka_unit_test(lying_counts),
		cmocka_unit_test(no_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
