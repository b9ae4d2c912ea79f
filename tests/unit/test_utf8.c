/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

/* Table 3-7 of the Unicode standard: the bounds of well-formed sequences, and what lies just outside. */
static void test_lengths_are_those_of_well_formed_sequences(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} cases[] = {
		{"", 0},
		{"a", 1},
		{"\x7f", 1},
		{"\x80", 0},
		{"\xc1\xbf", 0},
		{"\xc2\x80", 2},
		{"\xdf\xbf", 2},
		{"\xdf", 0},
		{"\xe0\x9f\xbf", 0},
		{"\xe0\xa0\x80", 3},
		{"\xed\x9f\xbf", 3},
		{"\xed\xa0\x80", 0},
		{"\xe2\x82", 0},
		{"\xf0\x8f\xbf\xbf", 0},
		{"\xf0\x90\x80\x80", 4},
		{"\xf4\x8f\xbf\xbf", 4},
		{"\xf4\x90\x80\x80", 0},
		{"\xf5\x80\x80\x80", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8_length(cases[i].text), cases[i].length);
}

static void test_controls_and_stray_bytes_become_question_marks(void **state)
{
	static const char *const cases[][2] = {
		{"plain", "plain"},
		{"\x1b[31m\x7f\n", "?[31m??"},
		{"\x9b[J", "?[J"},
		{"\xc2\x80\xc2\x9f\xc2\xa0", "??\xc2\xa0"},
		{"\xe2\x82", "??"},
		/* Each range, and what lies just outside. */
		{"\xd8\x9b\xd8\x9c\xd8\x9d", "\xd8\x9b?\xd8\x9d"},
		{"\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90", "\xe2\x80\x8d??\xe2\x80\x90"},
		{"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf", "\xe2\x80\xa7??\xe2\x80\xaf"},
		{"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa", "\xe2\x81\xa5??\xe2\x81\xaa"},
		{"\xe2\x82\xa8\xe3\x80\xae", "\xe2\x82\xa8\xe3\x80\xae"},
		{"s\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x90", "s\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x90"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *copy = utf8_harmless(cases[i][0]);

		assert_string_equal(copy, cases[i][1]);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths_are_those_of_well_formed_sequences),
		cmocka_unit_test(test_controls_and_stray_bytes_become_question_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
