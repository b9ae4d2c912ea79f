/* SPDX-License-Identifier: GPL-2.0-only */
/* The store, from rows to rows: what goes in comes out, once, whole, and goes away again without a trace. */
#include "tests/unit/store_fixture.h"

#include <sys/stat.h>

enum { ROWS = 3 };

static void same_value(const struct row_value *a, const struct row_value *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->bytes, b->bytes, a->size);
}

static enum err compare(void *context, const struct row *row, struct error *error)
{
	unsigned *n = context;
	struct row wanted;

	(void)error;
	make_row(&wanted, row->table, ++*n);
	assert_int_equal(row->count, wanted.count);
	for (size_t i = 0; i < row->count; i++)
		same_value(&row->values[i], &wanted.values[i]);
	return ERR_OK;
}

static void test_rows_of_every_table_come_back(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);
	struct store_loaded loaded;
	int fd = spool_of_trace(0, ROWS);

	assert_int_equal(store_load_trace(store, fd, &facts, &loaded, NULL), ERR_OK);
	assert_false(loaded.known);
	for (enum row_table table = 0; table < ROW_TABLE_COUNT; table++) {
		enum row_owner owner = row_table_info(table)->owner;
		unsigned seen = 0;
		struct row_sink sink = {compare, &seen};

		if (owner == ROW_OWNS_ITSELF || table == ROW_EVENT_BLOCK)
			continue;
		assert_int_equal(
			store_each(store, table, owner == ROW_OF_TRACE ? loaded.trace : loaded.replay, &sink, NULL),
			ERR_OK);
		assert_int_equal(seen, ROWS);
	}
	store_close(store);
	close(fd);
}

static enum err check_trace(void *context, const struct row *row, struct error *error)
{
	const struct store_facts *facts = context;

	(void)error;
	assert_string_equal(row_text(row, ROW_TRACE_SHA256), facts->sha256);
	assert_string_equal(row_text(row, ROW_TRACE_NAME), "x?.dat");
	assert_string_equal(row_text(row, ROW_TRACE_HOST), facts->host);
	assert_int_equal(row_number(row, ROW_TRACE_FILE_BYTES), facts->file_bytes);
	assert_int_equal(row_number(row, ROW_TRACE_RECORDED_AT), facts->recorded_at);
	assert_int_equal(row_number(row, ROW_TRACE_IMPORTED_AT), facts->now);
	assert_string_equal(row_text(row, ROW_TRACE_STATUS), "text 1");
	assert_int_equal(row_number(row, ROW_TRACE_LOST_EVENTS), 1);
	return ERR_OK;
}

static enum err check_made_at(void *context, const struct row *row, struct error *error)
{
	(void)error;
	assert_int_equal(row_number(row, 0), *(const uint64_t *)context);
	return ERR_OK;
}

/* The rows of a trace have other values for these: the parent's word counts. */
static void test_facts_of_the_parent_are_kept(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = {"abc", "x\033.dat", "anna", 77, 500, 1000};
	struct row_sink sink = {check_trace, &facts};
	struct row_sink replays = {check_made_at, &facts.now};
	uint64_t trace = must_load(store, spool_of_trace(1, 1), &facts);
	uint64_t *ids;
	size_t count;

	assert_int_equal(store_each(store, ROW_TRACE, trace, &sink, NULL), ERR_OK);
	assert_int_equal(store_replay_ids(store, trace, &ids, &count, NULL), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_each(store, ROW_REPLAY, ids[0], &replays, NULL), ERR_OK);
	free(ids);
	store_close(store);
}

static void test_the_same_content_is_known(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of("abc");
	uint64_t first = must_load(store, spool_of_trace(1, 1), &facts);
	struct store_loaded loaded;
	uint64_t found;
	int fd = spool_of_trace(1, 1);

	assert_int_equal(store_find_trace(store, "abc", &found, NULL), ERR_OK);
	assert_int_equal(found, first);
	assert_int_equal(store_find_trace(store, "ab", &found, NULL), ERR_OK);
	assert_int_equal(found, 0);
	assert_int_equal(store_load_trace(store, fd, &facts, &loaded, NULL), ERR_OK);
	assert_true(loaded.known);
	assert_int_equal(loaded.trace, first);
	assert_int_equal(loaded.replay, 0);
	close(fd);
	assert_int_equal(count_rows(store, ROW_EVENT_BLOCK, first), 1);
	assert_string_equal(ask(fixture->db, "SELECT count(*) FROM trace"), "1");
	store_close(store);
}

static void test_ids_are_not_given_out_again(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);
	uint64_t freed;
	uint64_t *ids;
	size_t count;

	assert_int_equal(must_load(store, spool_of_trace(1, 1), &facts), 1);
	assert_int_equal(must_load(store, spool_of_trace(1, 1), &facts), 2);
	assert_int_equal(store_delete_trace(store, 2, &freed, NULL), ERR_OK);
	assert_int_equal(must_load(store, spool_of_trace(1, 1), &facts), 3);
	assert_int_equal(store_trace_ids(store, &ids, &count, NULL), ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(ids[0], 1);
	assert_int_equal(ids[1], 3);
	free(ids);
	store_close(store);
}

static void test_replays_are_added_oldest_first(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);
	uint64_t trace = must_load(store, spool_of_trace(1, 1), &facts);
	struct store_loaded loaded;
	struct spool spool = spool_begin();
	struct error error;
	uint64_t *ids;
	size_t count;
	int fd;

	spool_row(&spool, ROW_FINDING, 4);
	spool_row(&spool, ROW_REPLAY, 1);
	fd = spool_end(&spool);
	assert_int_equal(store_load_replay(store, fd, trace, &facts, &loaded, NULL), ERR_OK);
	assert_int_equal(loaded.trace, trace);
	assert_int_equal(loaded.replay, 2);
	assert_int_equal(count_rows(store, ROW_FINDING, 2), 1);
	assert_int_equal(store_replay_ids(store, trace, &ids, &count, NULL), ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(ids[1], 2);
	free(ids);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(store_load_replay(store, fd, trace + 1, &facts, &loaded, &error), ERR_USAGE);
	assert_non_null(strstr(error.text, "there is no trace 2"));
	assert_int_equal(store_replay_ids(store, trace + 1, &ids, &count, &error), ERR_USAGE);
	close(fd);
	store_close(store);
}

static enum err note_seq(void *context, const struct row *row, struct error *error)
{
	char *seen = context;

	(void)error;
	snprintf(seen + strlen(seen), 100 - strlen(seen), "%u ", (unsigned)row_number(row, ROW_BLOCK_FIRST_SEQ));
	return ERR_OK;
}

static void test_a_slice_is_the_blocks_that_hold_it(void **state)
{
	static const struct {
		struct store_slice slice;
		const char *blocks;
	} cases[] = {
		{{1, UINT64_MAX}, "1 11 21 "},
		{{0, UINT64_MAX}, "1 11 21 "},
		{{10, 10}, "1 "},
		{{11, 11}, "11 "},
		{{10, 11}, "1 11 "},
		{{20, 21}, "11 21 "},
		{{25, UINT64_MAX}, "21 "},
		{{5, 4}, ""},
		{{UINT64_MAX, UINT64_MAX}, "21 "},
	};
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);
	uint64_t trace = must_load(store, spool_of_trace(3, 1), &facts);

	must_load(store, spool_of_trace(2, 1), &facts);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char seen[100] = "";
		struct row_sink sink = {note_seq, seen};

		assert_int_equal(store_each_block(store, trace, &cases[i].slice, &sink, NULL), ERR_OK);
		assert_string_equal(seen, cases[i].blocks);
	}
	store_close(store);
}

static void test_a_signature_keeps_when_it_was_seen_and_what_people_said(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);

	facts.recorded_at = 500;
	must_load(store, spool_of_trace(0, 1), &facts);
	assert_string_equal(ask(fixture->db, "SELECT first_seen || ' ' || last_seen || ' ' || state FROM signature"),
		"500 500 open");
	ask(fixture->db, "UPDATE signature SET state = 'known', note = 'see the list'");
	facts.recorded_at = 0;
	must_load(store, spool_of_trace(0, 1), &facts);
	facts.recorded_at = 400;
	must_load(store, spool_of_trace(0, 1), &facts);
	assert_string_equal(ask(fixture->db, "SELECT first_seen || ' ' || last_seen || ' ' || state FROM signature"),
		"400 1000 known");
	store_close(store);
}

static uint64_t file_size(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static void test_deleting_leaves_nothing_and_gives_space_back(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);
	uint64_t empty = file_size(fixture->db);
	uint64_t full;
	uint64_t freed;
	char sql[100];
	struct error error;

	must_load(store, spool_of_trace(50, 20), &facts);
	facts.host = "berta";
	must_load(store, spool_of_trace(50, 20), &facts);
	full = file_size(fixture->db);
	assert_true(full > empty + UINT64_C(2) * 50 * 59000);
	assert_int_equal(store_delete_trace(store, 1, &freed, NULL), ERR_OK);
	assert_true(freed > UINT64_C(50) * 59000);
	assert_int_equal(file_size(fixture->db), full - freed);
	assert_string_equal(ask(fixture->db, "SELECT name FROM host"), "berta");
	assert_string_equal(ask(fixture->db, "SELECT count(*) FROM signature"), "20");
	assert_int_equal(count_rows(store, ROW_EVENT_BLOCK, 2), 50);
	ask(fixture->db, "UPDATE signature SET note = 'ours' WHERE signature = 'text 3'");
	assert_int_equal(store_delete_trace(store, 2, &freed, NULL), ERR_OK);
	assert_string_equal(ask(fixture->db, "SELECT group_concat(signature) FROM signature"), "text 3");
	assert_string_equal(ask(fixture->db, "SELECT count(*) FROM host"), "0");
	for (enum row_table table = 0; table < ROW_TABLE_COUNT; table++) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", row_table_info(table)->name);
		assert_string_equal(ask(fixture->db, sql), "0");
	}
	assert_true(file_size(fixture->db) < empty + 100000);
	assert_int_equal(store_delete_trace(store, 2, &freed, &error), ERR_USAGE);
	store_close(store);
	must_be_sound(fixture->db);
}

static void test_a_snapshot_does_not_see_what_comes_later(void **state)
{
	struct fixture *fixture = *state;
	struct store *writer = must_open(fixture->db, STORE_CREATE);
	struct store *reader = must_open(fixture->db, STORE_READ);
	struct store_facts facts = facts_of(NULL);
	uint64_t *ids;
	size_t count;

	must_load(writer, spool_of_trace(1, 1), &facts);
	assert_int_equal(store_snapshot(reader, NULL), ERR_OK);
	must_load(writer, spool_of_trace(1, 1), &facts);
	assert_int_equal(store_trace_ids(reader, &ids, &count, NULL), ERR_OK);
	assert_int_equal(count, 1);
	free(ids);
	store_snapshot_end(reader);
	assert_int_equal(store_trace_ids(reader, &ids, &count, NULL), ERR_OK);
	assert_int_equal(count, 2);
	free(ids);
	store_close(reader);
	store_close(writer);
}

static enum err stop(void *context, const struct row *row, struct error *error)
{
	(void)row;
	++*(unsigned *)context;
	return error_set(error, ERR_STOPPED, "enough");
}

static void test_a_sink_that_wants_no_more_ends_the_reading(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of(NULL);
	unsigned seen = 0;
	struct row_sink sink = {stop, &seen};

	must_load(store, spool_of_trace(3, 1), &facts);
	assert_int_equal(store_each(store, ROW_EVENT_BLOCK, 1, &sink, NULL), ERR_STOPPED);
	assert_int_equal(seen, 1);
	assert_int_equal(count_rows(store, ROW_EVENT_BLOCK, 1), 3);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows_of_every_table_come_back),
		TEST(test_facts_of_the_parent_are_kept),
		TEST(test_the_same_content_is_known),
		TEST(test_ids_are_not_given_out_again),
		TEST(test_replays_are_added_oldest_first),
		TEST(test_a_slice_is_the_blocks_that_hold_it),
		TEST(test_a_signature_keeps_when_it_was_seen_and_what_people_said),
		TEST(test_deleting_leaves_nothing_and_gives_space_back),
		TEST(test_a_snapshot_does_not_see_what_comes_later),
		TEST(test_a_sink_that_wants_no_more_ends_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
