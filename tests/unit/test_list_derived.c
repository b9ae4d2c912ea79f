/* SPDX-License-Identifier: GPL-2.0-only */
/* What lists are read from is what plain SQL says of traces and replays, whatever came, went or was made again. */
#include "tests/unit/list_store.h"

#define CURRENT "f.replay IN (SELECT max(id) FROM replay GROUP BY trace)"
#define RANK "CASE f.severity WHEN 'error' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END"
#define ONLY_ERRORS "CASE WHEN f.severity = 'error' THEN max(f.bytes, 0) ELSE 0 END"

/* A derived table, and what it should be; sums stay below what saturates in these stores, but for bytes. */
static const struct {
	const char *derived;
	const char *plain;
} tables[] = {
	{"SELECT trace, replay, number, kind, severity, certainty, signature, host, filesystem, root, ino, bytes FROM "
	 "listed",
		"SELECT t.id, f.replay, f.number, f.kind, " RANK ", f.certainty, f.signature, t.host, f.filesystem, "
		"f.root, f.ino, max(f.bytes, 0) FROM finding f JOIN replay r ON r.id = f.replay "
		"JOIN trace t ON t.id = r.trace WHERE " CURRENT},
	{"SELECT trace, signature, severity, findings, occurrences, bytes FROM tally",
		"SELECT r.trace, f.signature, max(" RANK "), count(*), sum(f.occurrences), sum(max(f.bytes, 0)) "
		"FROM finding f JOIN replay r ON r.id = f.replay WHERE " CURRENT " GROUP BY r.trace, f.signature"},
	{"SELECT signature, severity, traces, findings, bytes, hosts FROM signature_tally",
		"SELECT f.signature, max(" RANK "), count(DISTINCT r.trace), count(*), sum(max(f.bytes, 0)), "
		"count(DISTINCT t.host) FROM finding f JOIN replay r ON r.id = f.replay JOIN trace t ON t.id = r.trace "
		"WHERE " CURRENT " GROUP BY f.signature"},
	{"SELECT trace, replay, errors, warnings, notes, error_bytes, leaked, underflow FROM outcome",
		"SELECT t.id, max(r.id), (SELECT errors FROM trace_list WHERE id = t.id), "
		"(SELECT warnings FROM trace_list WHERE id = t.id), (SELECT notes FROM trace_list WHERE id = t.id), "
		"coalesce((SELECT sum(" ONLY_ERRORS ") FROM finding f WHERE f.replay = max(r.id)), 0), "
		"(SELECT sum(leaked) FROM root_ledger WHERE replay = max(r.id)), "
		"(SELECT sum(underflow) FROM root_ledger WHERE replay = max(r.id)) "
		"FROM trace t JOIN replay r ON r.trace = t.id GROUP BY t.id"},
	{"SELECT replay, filesystem, root, kind, path, number FROM sibling",
		"SELECT replay, filesystem, root, kind, path, min(number) FROM finding "
		"GROUP BY replay, filesystem, root, kind, path"},
};

static void must_be_derived(const char *db, const char *when)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		char sql[3000];

		snprintf(sql, sizeof(sql),
			"SELECT (SELECT count(*) FROM (SELECT * FROM (%s) EXCEPT SELECT * FROM (%s))) || ' too many, ' "
			"|| "
			"(SELECT count(*) FROM (SELECT * FROM (%s) EXCEPT SELECT * FROM (%s))) || ' missing, ' || "
			"((SELECT count(*) FROM (%s)) - (SELECT count(*) FROM (%s))) || ' more'",
			tables[i].derived, tables[i].plain, tables[i].plain, tables[i].derived, tables[i].derived,
			tables[i].plain);
		if (strcmp(ask(db, sql), "0 too many, 0 missing, 0 more") != 0)
			fail_msg("after %s: %s: %s", when, tables[i].derived, ask(db, sql));
	}
}

/* Within a trace the worst come first, and the newest traces before others: that is the order of falling ids. */
static void must_be_in_order(const char *db)
{
	assert_int_equal(ask_number(db, "SELECT count(*) FROM listed a JOIN listed b ON a.id > b.id "
					"WHERE a.replay < b.replay OR (a.replay = b.replay AND a.number > b.number)"),
		0);
}

static void delete_one(struct store *store, uint64_t trace)
{
	uint64_t freed;
	struct error error;

	if (store_delete_trace(store, trace, &freed, &error) != ERR_OK)
		fail_msg("%s", error.text);
}

static uint64_t some_trace(const char *db, struct seeded *seeded)
{
	char sql[100];

	snprintf(sql, sizeof(sql), "SELECT id FROM trace ORDER BY (id * 7919) %% %u LIMIT 1",
		1 + (unsigned)seeded_below(seeded, 1000));
	return (uint64_t)ask_number(db, sql);
}

static void test_whatever_is_done_they_agree(void **state)
{
	struct fixture *fixture = *state;
	struct seeded seeded = seeded_by(11);
	struct store *store = must_open(fixture->db, STORE_CREATE);

	for (unsigned i = 0; i < 60; i++) {
		bool any = ask_number(fixture->db, "SELECT count(*) FROM trace") > 0;
		unsigned findings = (unsigned)seeded_below(&seeded, 40);
		unsigned what = any ? (unsigned)seeded_below(&seeded, 3) : 0;

		if (what == 0)
			add_trace(store, &seeded, findings);
		else if (what == 1)
			add_replay(store, &seeded, some_trace(fixture->db, &seeded), findings);
		else
			delete_one(store, some_trace(fixture->db, &seeded));
		must_be_derived(fixture->db, what == 0 ? "import" : what == 1 ? "analyze" : "delete");
		must_be_in_order(fixture->db);
	}
	must_be_sound(fixture->db);
	while (ask_number(fixture->db, "SELECT count(*) FROM trace") > 0)
		delete_one(store, some_trace(fixture->db, &seeded));
	assert_int_equal(
		ask_number(fixture->db, "SELECT (SELECT count(*) FROM listed) + (SELECT count(*) FROM tally) + "
					"(SELECT count(*) FROM signature_tally) + (SELECT count(*) FROM outcome)"
					" + (SELECT count(*) FROM sibling)"),
		0);
	store_close(store);
}

/* A store of version 2 that has traces has the derived tables as soon as it is opened for writing. */
static void test_an_upgrade_derives_them_too(void **state)
{
	struct fixture *fixture = *state;
	struct seeded seeded = seeded_by(12);
	struct store *store = must_open(fixture->db, STORE_CREATE);

	for (unsigned i = 0; i < 5; i++)
		add_trace(store, &seeded, 10 * i);
	add_replay(store, &seeded, 3, 12);
	store_close(store);
	ask(fixture->db, "DROP TABLE listed; DROP TABLE tally; DROP TABLE signature_tally; DROP TABLE outcome; "
			 "DROP TABLE sibling; DROP INDEX trace_events; DROP INDEX trace_name; DROP INDEX upload_once; "
			 "DROP INDEX upload_file; DROP INDEX upload_next; ALTER TABLE upload DROP COLUMN sha256; "
			 "ALTER TABLE upload DROP COLUMN host; ALTER TABLE upload DROP COLUMN file; "
			 "ALTER TABLE upload DROP COLUMN tries; ALTER TABLE upload DROP COLUMN started_at; "
			 "ALTER TABLE upload DROP COLUMN ended_at; PRAGMA user_version = 2");
	assert_int_equal(ask_number(fixture->db, "PRAGMA user_version"), 2);
	store = must_open(fixture->db, STORE_WRITE);
	must_be_derived(fixture->db, "an upgrade");
	must_be_in_order(fixture->db);
	delete_one(store, 4);
	must_be_derived(fixture->db, "an upgrade and delete");
	store_close(store);
	must_be_sound(fixture->db);
}

/* Sums of what a hostile trace claims stop at their end, and do not fail. */
static void test_sums_of_huge_numbers_stay(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct spool spool = spool_begin();
	const struct store_facts facts = facts_of("huge");
	struct row row;

	spool_row(&spool, ROW_TRACE, 1);
	spool_row(&spool, ROW_REPLAY, 1);
	for (unsigned n = 1; n <= 9; n++) {
		make_row(&row, ROW_FINDING, n);
		set_text(&row, "severity", "error");
		set_text(&row, "signature", "one");
		set_number(&row, "bytes", n == 9 ? UINT64_MAX : INT64_MAX);
		set_number(&row, "occurrences", INT64_MAX);
		spool_put(&spool, &row);
		make_row(&row, ROW_ROOT_LEDGER, n);
		set_number(&row, "leaked", INT64_MAX);
		spool_put(&spool, &row);
	}
	must_load(store, spool_end(&spool), &facts);
	assert_string_equal(ask(fixture->db, "SELECT bytes || ' ' || occurrences FROM tally"),
		"1152921504606846976 1152921504606846976");
	assert_string_equal(ask(fixture->db, "SELECT error_bytes || ' ' || leaked FROM outcome"),
		"1152921504606846976 1152921504606846976");
	assert_string_equal(
		ask(fixture->db, "SELECT min(bytes) || ' ' || max(bytes) FROM listed"), "0 9223372036854775807");
	delete_one(store, 1);
	assert_int_equal(ask_number(fixture->db, "SELECT count(*) FROM signature_tally"), 0);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whatever_is_done_they_agree),
		TEST(test_an_upgrade_derives_them_too),
		TEST(test_sums_of_huge_numbers_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
