/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of a process that a hostile trace has taken over: refused in one line, and nothing of them stays. */
#include "tests/unit/store_fixture.h"

/* What is done to a row that comes after a good one of every table, and what must be said of it. */
struct hostile {
	const char *what;
	enum row_table table;
	void (*spoil)(struct row *row);
	const char *said;
};

static void keep(struct row *row)
{
	(void)row;
}

static void drop_last(struct row *row)
{
	row->count--;
}

static void add_one(struct row *row)
{
	row->values[row->count++] = (struct row_value){.kind = ROW_NUMBER, .number = 1};
}

static void text_for_number(struct row *row)
{
	row->values[1] = (struct row_value){.kind = ROW_TEXT, .bytes = "many", .size = 4};
}

static void blob_for_text(struct row *row)
{
	row->values[0] = (struct row_value){.kind = ROW_BLOB, .bytes = "task", .size = 4};
}

static void number_for_blob(struct row *row)
{
	row->values[ROW_BLOCK_PAYLOAD] = (struct row_value){.kind = ROW_NUMBER, .number = 4};
}

static void nothing(struct row *row)
{
	row->values[0] = (struct row_value){.kind = ROW_NULL};
}

static void nothing_for_signature(struct row *row)
{
	row->values[6] = (struct row_value){.kind = ROW_NULL};
}

static void too_large(struct row *row)
{
	static unsigned char large[20 * 1024 * 1024];

	row->values[ROW_BLOCK_PAYLOAD] = (struct row_value){.kind = ROW_BLOB, .bytes = large, .size = sizeof(large)};
}

static const struct hostile cases[] = {
	{"a second trace", ROW_TRACE, keep, "one of table 'trace' is one too many"},
	{"a second replay", ROW_REPLAY, keep, "one of table 'replay' is one too many"},
	{"a column too few", ROW_NAME, drop_last, "temporary file of rows is damaged"},
	{"a column too many", ROW_NAME, add_one, "temporary file of rows is damaged"},
	{"text for a number", ROW_NAME, text_for_number, "cannot store TEXT value in INTEGER column name.number"},
	{"bytes for text", ROW_NAME, blob_for_text, "cannot store BLOB value in TEXT column name.space"},
	{"a number for bytes", ROW_EVENT_BLOCK, number_for_blob, "cannot store INT value in BLOB column"},
	{"nothing where something must be", ROW_OWNER, nothing, "NOT NULL constraint failed: owner.finding"},
	{"a finding without a signature", ROW_FINDING, nothing_for_signature, "NOT NULL constraint failed"},
	{"the same key twice", ROW_SAMPLE, keep, "UNIQUE constraint failed: sample."},
	{"the same block twice", ROW_EVENT_BLOCK, keep, "UNIQUE constraint failed: event_block."},
	{"a payload of 20 MiB", ROW_EVENT_BLOCK, too_large, "NOT NULL constraint failed: event_block.payload"},
};

/* Row 1 of every table, and then the hostile one. */
static int spool_with(const struct hostile *hostile)
{
	struct spool spool = spool_begin();
	struct row row;

	for (enum row_table table = 0; table < ROW_TABLE_COUNT; table++)
		spool_row(&spool, table, 1);
	make_row(&row, hostile->table, 1);
	hostile->spoil(&row);
	spool_put(&spool, &row);
	return spool_end(&spool);
}

static void must_be_refused(struct store *store, const char *name, int fd, const char *said)
{
	struct store_facts facts = facts_of("abc");
	struct store_loaded loaded;
	struct error error = {.code = ERR_OK};

	assert_int_equal(store_load_trace(store, fd, &facts, &loaded, &error), ERR_INPUT);
	if (strstr(error.text, said) == NULL || strncmp(error.text, "cannot keep 'x.dat': ", 21) != 0)
		fail_msg("'%s' is not in: %s", said, error.text);
	close(fd);
	assert_string_equal(ask(name, "SELECT (SELECT count(*) FROM trace) + (SELECT count(*) FROM event_block) + "
				      "(SELECT count(*) FROM signature) + (SELECT count(*) FROM host)"),
		"0");
}

static void test_hostile_rows_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of("abc");

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("%s\n", cases[i].what);
		must_be_refused(store, fixture->db, spool_with(&cases[i]), cases[i].said);
	}
	must_load(store, spool_of_trace(2, 2), &facts);
	store_close(store);
	must_be_sound(fixture->db);
}

static void test_rows_without_what_they_hang_under_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct spool spool = spool_begin();

	spool_row(&spool, ROW_EVENT_BLOCK, 1);
	must_be_refused(store, fixture->db, spool_end(&spool), "none is of the trace itself");
	spool = spool_begin();
	spool_row(&spool, ROW_TRACE, 1);
	spool_row(&spool, ROW_FINDING, 1);
	must_be_refused(store, fixture->db, spool_end(&spool), "FOREIGN KEY constraint failed");
	store_close(store);
	must_be_sound(fixture->db);
}

static void test_a_file_without_an_end_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	int fd = spool_of_trace(3, 1);

	assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) - 3), 0);
	lseek(fd, 0, SEEK_SET);
	must_be_refused(store, fixture->db, fd, "");
	store_close(store);
}

/* A replay brings nothing of its trace along: that was decided when the trace came. */
static void test_a_replay_cannot_change_its_trace(void **state)
{
	static const enum row_table tables[] = {ROW_TRACE, ROW_EVENT_BLOCK, ROW_NAME, ROW_EVENT_COUNT, ROW_QGROUP};
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of("abc");
	uint64_t trace = must_load(store, spool_of_trace(1, 1), &facts);
	struct store_loaded loaded;
	struct error error;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct spool spool = spool_begin();
		int fd;

		spool_row(&spool, ROW_REPLAY, 2);
		spool_row(&spool, tables[i], 99);
		fd = spool_end(&spool);
		assert_int_equal(store_load_replay(store, fd, trace, &facts, &loaded, &error), ERR_INPUT);
		assert_non_null(strstr(error.text, "cannot keep a replay of trace 1: its rows do not fit"));
		close(fd);
	}
	assert_string_equal(ask(fixture->db, "SELECT count(*) FROM replay"), "1");
	store_close(store);
}

static enum err check_name(void *context, const struct row *row, struct error *error)
{
	(void)context;
	(void)error;
	assert_string_equal(row_text(row, ROW_NAME_SPACE), "task");
	assert_string_equal(row_text(row, ROW_NAME_NAME), "?[31m?\xc3\xa4");
	return ERR_OK;
}

static void test_text_is_made_harmless(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);
	struct store_facts facts = facts_of("abc");
	struct row_sink sink = {check_name, NULL};
	struct spool spool = spool_begin();
	struct row row;

	spool_row(&spool, ROW_TRACE, 1);
	row_begin(&row, ROW_NAME);
	row_add_text(&row, "task");
	row_add_number(&row, 1);
	row_add_text(&row, "\033[31m\xff\xc3\xa4");
	spool_put(&spool, &row);
	must_load(store, spool_end(&spool), &facts);
	assert_int_equal(store_each(store, ROW_NAME, 1, &sink, NULL), ERR_OK);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hostile_rows_are_refused),
		TEST(test_rows_without_what_they_hang_under_are_refused),
		TEST(test_a_file_without_an_end_is_refused),
		TEST(test_a_replay_cannot_change_its_trace),
		TEST(test_text_is_made_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
