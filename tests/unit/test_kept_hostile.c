/* SPDX-License-Identifier: GPL-2.0-only */
/* No row does harm, whatever it holds. */
#include "tests/unit/kept_rows.h"
#include "tests/unit/seeded.h"

/* Whatever a row holds: an error of one line, or reports. */
static void expect_no_harm(struct rows_kept *rows, size_t tally[2])
{
	struct error error = {0};
	struct kept *kept = NULL;
	enum err err = kept_rows_load(&kept, rows, &error);

	tally[err == ERR_OK]++;
	if (err != ERR_OK) {
		assert_int_equal(err, ERR_INPUT);
		assert_true(strlen(error.text) > 10);
		return;
	}
	for (size_t i = 0; i < KEPT_ROWS_FORMATS; i++)
		free(kept_rows_document(kept_rows_formats[i], kept_trace(kept)));
	kept_free(kept);
}

static const struct row_value hostile[] = {
	{.kind = ROW_NULL},
	{.kind = ROW_NUMBER, .number = 0},
	{.kind = ROW_NUMBER, .number = 1},
	{.kind = ROW_NUMBER, .number = -1},
	{.kind = ROW_NUMBER, .number = INT64_MIN},
	{.kind = ROW_NUMBER, .number = INT64_MAX},
	{.kind = ROW_NUMBER, .number = UINT32_MAX},
	{.kind = ROW_NUMBER, .number = 256},
	{.kind = ROW_TEXT, .bytes = "", .size = 0},
	{.kind = ROW_TEXT, .bytes = "4294967296 1", .size = 12},
	{.kind = ROW_TEXT, .bytes = "leak\0", .size = 5},
	{.kind = ROW_TEXT, .bytes = "\x1b[2J\xff%n", .size = 7},
	{.kind = ROW_BLOB, .bytes = "leak", .size = 4},
};

/* The first rows of each table, and some of the others. */
static bool is_tried(const struct rows_kept *rows, size_t i)
{
	return i < 2 || rows->rows[i].table != rows->rows[i - 2].table || i % 97 == 0;
}

static void hostile_values(void **state)
{
	struct rows_kept rows;
	struct kept_rows_trace opened;
	size_t tally[2] = {0, 0};

	(void)state;
	kept_rows_open(&opened, "tests/traces/kernel/b1-w1.dat.zst", NULL, "tests/traces/kernel/b1-w1.dmesg");
	rows = kept_rows_of(pipeline_trace(opened.pipeline), NULL);
	for (size_t i = 0; i < rows.count; i++) {
		for (size_t j = 0; is_tried(&rows, i) && j < rows.rows[i].count; j++) {
			const struct row_value saved = rows.rows[i].values[j];

			for (size_t k = 0; k < sizeof(hostile) / sizeof(hostile[0]); k++) {
				rows.rows[i].values[j] = hostile[k];
				expect_no_harm(&rows, tally);
			}
			rows.rows[i].values[j] = saved;
		}
	}
	assert_true(tally[0] > 1000 && tally[1] > 100);
	rows_kept_release(&rows);
	kept_rows_close(&opened);
}

/* A row too few, and a row twice, of every table. */
static void missing_and_repeated_rows(void **state)
{
	struct rows_kept rows;
	struct kept_rows_trace opened;
	size_t tally[2] = {0, 0};

	(void)state;
	kept_rows_open(&opened, "tests/traces/kernel/b1-w1.dat.zst", NULL, "tests/traces/kernel/b1-w1.dmesg");
	rows = kept_rows_of(pipeline_trace(opened.pipeline), NULL);
	for (size_t i = 0; i + 1 < rows.count; i++) {
		const struct row saved = rows.rows[i];

		if (!is_tried(&rows, i))
			continue;
		rows.rows[i].table = ROW_QGROUP;
		expect_no_harm(&rows, tally);
		rows.rows[i] = rows.rows[i + 1];
		expect_no_harm(&rows, tally);
		rows.rows[i] = saved;
		rows.rows[i].count--;
		expect_no_harm(&rows, tally);
		rows.rows[i] = saved;
	}
	assert_true(tally[0] > 10);
	rows_kept_release(&rows);
	kept_rows_close(&opened);
}

/* Several values at once, each a little off or from another row: more of it fits than of what is absurd. */
static void mixtures(void **state)
{
	enum { ROUNDS = 600, CHANGES = 4 };
	struct seeded seed = seeded_by(1);
	struct rows_kept rows;
	struct kept_rows_trace opened;
	size_t tally[2] = {0, 0};

	(void)state;
	kept_rows_open(&opened, "tests/traces/kernel/b1-w1.dat.zst", NULL, "tests/traces/kernel/b1-w1.dmesg");
	rows = kept_rows_of(pipeline_trace(opened.pipeline), NULL);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct row_value *changed[CHANGES];
		struct row_value saved[CHANGES];

		for (unsigned i = 0; i < CHANGES; i++) {
			struct row *row = &rows.rows[seeded_below(&seed, rows.count)];
			const struct row *other = &rows.rows[seeded_below(&seed, rows.count)];
			size_t column = seeded_below(&seed, row->count);

			changed[i] = &row->values[column];
			saved[i] = *changed[i];
			if (other->table == row->table)
				*changed[i] = other->values[column];
			else if (changed[i]->kind == ROW_NUMBER)
				changed[i]->number ^= (int64_t)(UINT64_C(1) << seeded_below(&seed, 64));
		}
		expect_no_harm(&rows, tally);
		for (unsigned i = CHANGES; i-- > 0;)
			*changed[i] = saved[i];
	}
	assert_true(tally[0] > ROUNDS / 20 && tally[1] > ROUNDS / 20);
	rows_kept_release(&rows);
	kept_rows_close(&opened);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_values),
		cmocka_unit_test(missing_and_repeated_rows),
		cmocka_unit_test(mixtures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
