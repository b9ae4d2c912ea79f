/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/names.h"

static uint32_t number_of(struct names *names, const char *text)
{
	return names_number(names, text, strlen(text));
}

static void test_equal_bytes_have_one_number(void **state)
{
	struct names *names = names_new(100);

	(void)state;
	assert_int_equal(number_of(names, "kworker/u8:3"), 1);
	assert_int_equal(number_of(names, "wl"), 2);
	assert_int_equal(number_of(names, "kworker/u8:3"), 1);
	assert_int_equal(number_of(names, "w"), 3);
	assert_int_equal(number_of(names, ""), 4);
	assert_int_equal(names_count(names), 4);
	assert_string_equal(names_text(names, 1), "kworker/u8:3");
	assert_string_equal(names_text(names, 4), "");
	names_free(names);
}

static void test_bytes_behind_a_nul_count(void **state)
{
	struct names *names = names_new(100);
	uint32_t first = names_number(names, "a\0b", 3);

	(void)state;
	assert_int_not_equal(first, names_number(names, "a\0c", 3));
	assert_int_not_equal(first, names_number(names, "a", 1));
	assert_int_equal(first, names_number(names, "a\0b", 3));
	names_free(names);
}

static void test_absent_and_unknown_numbers_are_empty(void **state)
{
	struct names *names = names_new(100);

	(void)state;
	number_of(names, "x");
	assert_string_equal(names_text(names, 0), "");
	assert_string_equal(names_text(names, 2), "");
	assert_string_equal(names_text(names, UINT32_MAX), "");
	names_free(names);
	names_free(NULL);
}

static void test_a_full_table_gives_absent_for_new_names(void **state)
{
	struct names *names = names_new(2);

	(void)state;
	assert_int_equal(number_of(names, "a"), 1);
	assert_int_equal(number_of(names, "b"), 2);
	assert_int_equal(number_of(names, "c"), 0);
	assert_int_equal(number_of(names, "a"), 1);
	assert_int_equal(names_count(names), 2);
	names_free(names);
}

static void test_long_names_are_cut(void **state)
{
	struct names *names = names_new(10);
	char *text = calloc(1, 10000);
	uint32_t number;

	(void)state;
	memset(text, 'n', 9999);
	number = number_of(names, text);
	assert_int_equal(strlen(names_text(names, number)), 4096);
	text[5000] = 'm';
	assert_int_equal(number_of(names, text), number);
	free(text);
	names_free(names);
}

static void test_many_names_keep_their_numbers(void **state)
{
	enum { MANY = 50000 };
	struct names *names = names_new(MANY);
	const char *early;
	char text[32];

	(void)state;
	assert_int_equal(number_of(names, "name 1"), 1);
	early = names_text(names, 1);
	for (uint32_t i = 1; i <= MANY; i++) {
		snprintf(text, sizeof(text), "name %u", i);
		assert_int_equal(number_of(names, text), i);
	}
	for (uint32_t i = 1; i <= MANY; i++) {
		snprintf(text, sizeof(text), "name %u", i);
		assert_int_equal(number_of(names, text), i);
		assert_string_equal(names_text(names, i), text);
	}
	assert_ptr_equal(names_text(names, 1), early);
	names_free(names);
}

/* Bytes bound a table as its number does: what does not fit is absent, and what fits still comes in. */
static void test_bytes_bound_a_table(void **state)
{
	struct names *names = names_new(10);

	(void)state;
	assert_int_equal(number_of(names, "four"), 1);
	names_limit_bytes(names, 10);
	assert_int_equal(number_of(names, "seven s"), 0);
	assert_int_equal(number_of(names, "five."), 2);
	assert_int_equal(number_of(names, "xx"), 0);
	assert_int_equal(number_of(names, "x"), 3);
	assert_int_equal(number_of(names, "y"), 0);
	assert_int_equal(number_of(names, "four"), 1);
	names_limit_bytes(names, 3);
	assert_int_equal(number_of(names, "z"), 0);
	names_limit_bytes(names, SIZE_MAX);
	assert_int_equal(number_of(names, "z"), 4);
	names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_bytes_have_one_number),
		cmocka_unit_test(test_bytes_behind_a_nul_count),
		cmocka_unit_test(test_absent_and_unknown_numbers_are_empty),
		cmocka_unit_test(test_a_full_table_gives_absent_for_new_names),
		cmocka_unit_test(test_long_names_are_cut),
		cmocka_unit_test(test_many_names_keep_their_numbers),
		cmocka_unit_test(test_bytes_bound_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
