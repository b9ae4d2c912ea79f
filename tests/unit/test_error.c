/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void test_set_returns_the_code_and_keeps_the_text(void **state)
{
	struct error error = {0};

	(void)state;
	assert_int_equal(error_set(&error, ERR_LIMIT, "'%s' has %d", "x.dat", 3), ERR_LIMIT);
	assert_int_equal(error.code, ERR_LIMIT);
	assert_string_equal(error.text, "'x.dat' has 3");
	assert_int_equal(error_set(NULL, ERR_INPUT, "nobody listens"), ERR_INPUT);
}

static void test_control_characters_are_replaced(void **state)
{
	struct error error = {0};

	(void)state;
	error_set(&error, ERR_INPUT, "'%s'", "a\nb\tc\x1b[31md\x7f");
	assert_string_equal(error.text, "'a?b?c?[31md?'");
	error_set(&error, ERR_INPUT, "%s", "s\xc3\xbc\xc3\x9f");
	assert_string_equal(error.text, "s\xc3\xbc\xc3\x9f");
	error_set(&error, ERR_INPUT, "'%s'", "\x9b[J \xc2\x9b[J \xc3(");
	assert_string_equal(error.text, "'?[J ?[J ?('");
	error_wrap(&error, "'%s'", "\x9b");
	assert_string_equal(error.text, "'?': '?[J ?[J ?('");
}

static void test_a_cut_text_is_valid_utf8(void **state)
{
	char text[2 * sizeof(struct error)];
	struct error error = {0};

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = i % 2 == 0 ? '\xc3' : '\xbc';
	text[sizeof(text) - 1] = '\0';
	error_set(&error, ERR_INPUT, "%s", text);
	assert_string_equal(error.text + sizeof(error.text) - 4, "\xc3\xbc?");
}

static void test_long_text_is_cut(void **state)
{
	char text[2 * sizeof(struct error)];
	struct error error = {0};

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	error_set(&error, ERR_INPUT, "%s", text);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	error_wrap(&error, "'%s'", "name");
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	assert_memory_equal(error.text, "'name': xxx", 11);
	error_wrap(&error, "%s", text);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

static void test_wrap_puts_context_in_front(void **state)
{
	struct error error = {0};

	(void)state;
	error_set(&error, ERR_INPUT, "not a trace");
	assert_int_equal(error_wrap(&error, "cannot read '%s'", "a\rb"), ERR_INPUT);
	assert_string_equal(error.text, "cannot read 'a?b': not a trace");
	assert_int_equal(error_wrap(NULL, "nobody listens"), ERR_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_returns_the_code_and_keeps_the_text),
		cmocka_unit_test(test_control_characters_are_replaced),
		cmocka_unit_test(test_a_cut_text_is_valid_utf8),
		cmocka_unit_test(test_long_text_is_cut),
		cmocka_unit_test(test_wrap_puts_context_in_front),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
