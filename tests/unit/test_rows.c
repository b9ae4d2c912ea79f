/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows through a file: what goes in comes out, and no damage of the file does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "schema/rows/rows_file.h"

enum { LARGE = 3000000 };

static unsigned char *large;

static void make(struct row *row, unsigned which)
{
	switch (which) {
	case 0:
		row_begin(row, ROW_NAME);
		row_add_text(row, "task");
		row_add_number(row, UINT64_MAX);
		row_add_text(row, "");
		break;
	case 1:
		row_begin(row, ROW_QGROUP);
		row_add_number(row, 1);
		row_add_null(row);
		row_add_signed(row, INT64_MIN);
		break;
	default:
		row_begin(row, ROW_EVENT_BLOCK);
		for (int i = 0; i < 4; i++)
			row_add_number(row, (uint64_t)i);
		row_add_blob(row, "", 0);
		row_add_number(row, 7);
		row_add_blob(row, large, which == 2 ? LARGE : 3);
	}
}

static bool same_value(const struct row_value *a, const struct row_value *b)
{
	return a->kind == b->kind && a->number == b->number && a->size == b->size &&
	       (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

static enum err compare(void *context, const struct row *row, struct error *error)
{
	unsigned *seen = context;
	struct row wanted;

	(void)error;
	make(&wanted, *seen);
	assert_int_equal(row->table, wanted.table);
	assert_int_equal(row->count, wanted.count);
	for (size_t i = 0; i < row->count; i++)
		assert_true(same_value(&row->values[i], &wanted.values[i]));
	++*seen;
	return ERR_OK;
}

static int file_of(unsigned first, unsigned end)
{
	int fd = memfd_create("rows", MFD_CLOEXEC);
	struct rows_writer *writer = rows_writer_new(fd);
	struct row row;

	for (unsigned which = first; which < end; which++) {
		make(&row, which);
		assert_int_equal(row_put(rows_writer_sink(writer), &row, NULL), ERR_OK);
	}
	assert_int_equal(rows_writer_finish(writer, NULL), ERR_OK);
	rows_writer_free(writer);
	return fd;
}

static void test_round_trip(void **state)
{
	int fd = file_of(0, 4);
	unsigned seen = 0;
	struct row_sink sink = {compare, &seen};

	(void)state;
	assert_int_equal(rows_file_read(fd, &sink, NULL), ERR_OK);
	assert_int_equal(seen, 4);
	close(fd);
}

static enum err count(void *context, const struct row *row, struct error *error)
{
	size_t size;

	(void)error;
	assert_true(row->table < ROW_TABLE_COUNT);
	assert_int_equal(row->count, row_table_info(row->table)->column_count);
	for (size_t i = 0; i < row->count; i++) {
		const char *text = row_text(row, i);
		const unsigned char *blob = row_blob(row, i, &size);

		if (text != NULL)
			assert_int_equal(strlen(text), row->values[i].size);
		for (size_t at = 0; blob != NULL && at < size; at++)
			*(volatile unsigned *)context += blob[at];
	}
	return ERR_OK;
}

static void test_damage(void **state)
{
	unsigned sum = 0;
	struct row_sink sink = {count, &sum};
	struct error error;
	int fd = file_of(0, 2);
	off_t size = lseek(fd, 0, SEEK_END);

	(void)state;
	for (off_t at = 0; at < size; at++) {
		unsigned char old;

		assert_int_equal(pread(fd, &old, 1, at), 1);
		for (unsigned bit = 0; bit < 8; bit++) {
			unsigned char flipped = (unsigned char)(old ^ (1u << bit));
			enum err err;

			assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
			err = rows_file_read(fd, &sink, &error);
			assert_true(err == ERR_OK || err == ERR_INPUT);
		}
		assert_int_equal(pwrite(fd, &old, 1, at), 1);
	}
	assert_int_equal(rows_file_read(fd, &sink, &error), ERR_OK);
	for (off_t cut = size - 1; cut >= 0; cut--) {
		assert_int_equal(ftruncate(fd, cut), 0);
		assert_int_equal(rows_file_read(fd, &sink, &error), ERR_INPUT);
	}
	close(fd);
}

static void test_a_full_disk_is_told(void **state)
{
	int fd = memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct rows_writer *writer = rows_writer_new(fd);
	struct error error;
	struct row row;

	(void)state;
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	make(&row, 2);
	assert_int_equal(row_put(rows_writer_sink(writer), &row, &error), ERR_SYSTEM);
	assert_non_null(strstr(error.text, "TMPDIR"));
	assert_int_equal(rows_writer_finish(writer, &error), ERR_SYSTEM);
	rows_writer_free(writer);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_a_full_disk_is_told),
	};
	int failed;

	large = memory_zeroed(LARGE);
	for (size_t i = 0; i < LARGE; i++)
		large[i] = (unsigned char)(i * 7);
	failed = cmocka_run_group_tests_name("rows", tests, NULL, NULL);
	free(large);
	return failed;
}
