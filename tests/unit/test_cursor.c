/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/cursor.h"

static const unsigned char bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 'a', 'b', 0, 'c'};

static struct cursor whole(bool big_endian)
{
	return (struct cursor){.data = bytes, .size = sizeof(bytes), .big_endian = big_endian};
}

static void numbers_have_their_byte_order(void **state)
{
	struct cursor little = whole(false), big = whole(true);

	(void)state;
	assert_int_equal(cursor_number(&little, 1), 0x01);
	assert_int_equal(cursor_number(&little, 2), 0x0302);
	assert_int_equal(cursor_number(&little, 4), 0x07060504);
	assert_int_equal(cursor_number(&big, 1), 0x01);
	assert_int_equal(cursor_number(&big, 8), UINT64_C(0x0203040506070809));
	little = whole(false);
	assert_int_equal(cursor_number(&little, 8), UINT64_C(0x0807060504030201));
	assert_int_equal(cursor_left(&little), 5);
	assert_false(little.failed);
}

static void texts_end_within_the_memory(void **state)
{
	struct cursor cursor = whole(false);

	(void)state;
	cursor_bytes(&cursor, 9);
	assert_string_equal(cursor_text(&cursor), "ab");
	assert_null(cursor_text(&cursor)); /* "c" has no NUL */
	assert_true(cursor.failed);
	assert_int_equal(cursor_left(&cursor), 0);
}

static void failure_sticks(void **state)
{
	struct cursor cursor = whole(true), part;

	(void)state;
	assert_non_null(cursor_bytes(&cursor, sizeof(bytes) - 2));
	assert_int_equal(cursor_number(&cursor, 4), 0);
	assert_true(cursor.failed);
	assert_int_equal(cursor_number(&cursor, 1), 0); /* though one byte is there */
	assert_null(cursor_bytes(&cursor, 0));
	part = cursor_part(&cursor, 1);
	assert_true(part.failed);
	assert_int_equal(cursor_number(&part, 4), 0);
	assert_null(cursor_text(&part));
	assert_null(cursor_bytes(&part, 0));
	cursor = whole(true);
	assert_null(cursor_bytes(&cursor, UINT64_MAX));
}

static void a_part_ends_where_it_should(void **state)
{
	struct cursor cursor = whole(true), part = cursor_part(&cursor, 3);

	(void)state;
	assert_int_equal(cursor_number(&part, 2), 0x0102);
	assert_int_equal(cursor_number(&part, 2), 0);
	assert_true(part.failed);
	assert_int_equal(cursor_number(&cursor, 1), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_their_byte_order),
		cmocka_unit_test(texts_end_within_the_memory),
		cmocka_unit_test(failure_sticks),
		cmocka_unit_test(a_part_ends_where_it_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
