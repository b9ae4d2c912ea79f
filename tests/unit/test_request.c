/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "web/http/target.h"
#include "web/message/request.h"

static void test_numbers_are_whole_and_fit(void **state)
{
	static const struct {
		const char *text;
		bool negative;
		bool good;
		uint64_t number;
	} cases[] = {
		{"0", false, true, 0},
		{"18446744073709551615", false, true, UINT64_MAX},
		{"18446744073709551616", false, false, 0},
		{"99999999999999999999", false, false, 0},
		{"-9", true, true, UINT64_MAX - 8},
		{"-9", false, false, 0},
		{"-9223372036854775808", true, true, UINT64_C(1) << 63},
		{"-9223372036854775809", true, false, 0},
		{"-", true, false, 0},
		{"", false, false, 0},
		{" 1", false, false, 0},
		{"1 ", false, false, 0},
		{"+1", true, false, 0},
		{"0x10", false, false, 0},
		{NULL, true, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t number = 4711;

		assert_int_equal(request_number(&number, cases[i].text, cases[i].negative), cases[i].good);
		assert_true(number == (cases[i].good ? cases[i].number : 4711));
	}
}

static void test_names_are_found_and_headers_without_case(void **state)
{
	static const struct request_pair pairs[] = {{"a", "1"}, {"A", "2"}, {"a", "3"}, {"Host", "here"}};
	const struct request request = {.query = {pairs, 3}, .form = {pairs + 1, 2}, .headers = {pairs, 4}};

	(void)state;
	assert_string_equal(request_query(&request, "a"), "1");
	assert_string_equal(request_query(&request, "A"), "2");
	assert_null(request_query(&request, "Host"));
	assert_string_equal(request_form(&request, "a"), "3");
	assert_string_equal(request_header(&request, "hOST"), "here");
	assert_null(request_header(&request, "Hos"));
}

static void test_captures_are_numbers_or_not(void **state)
{
	const struct request request = {.captures = {"7", "x", "-9"}};
	uint64_t number = 0;

	(void)state;
	assert_true(request_capture(&request, 0, false, &number) && number == 7);
	assert_false(request_capture(&request, 1, false, &number));
	assert_true(request_capture(&request, 2, true, &number) && number == UINT64_MAX - 8);
	assert_false(request_capture(&request, 3, false, &number));
	assert_false(request_capture(&request, REQUEST_CAPTURES_MAX, false, &number));
}

static void test_paths_are_decoded_once_or_refused(void **state)
{
	static const struct {
		const char *path;
		const char *decoded; /* NULL: refused */
	} cases[] = {
		{"/", "/"},
		{"/traces/1", "/traces/1"},
		{"/a%20b%2B+", "/a b++"},
		{"/%C3%BC", "/\xc3\xbc"},
		{"/%2525", "/%25"},
		{"/...", "/..."},
		{"/a..b", "/a..b"},
		{"", NULL},
		{"*", NULL},
		{"a", NULL},
		{"http://here/", NULL},
		{"/%2f", NULL},
		{"/%2F", NULL},
		{"/%00", NULL},
		{"/%0a", NULL},
		{"/%7f", NULL},
		{"/\x01", NULL},
		{"/%", NULL},
		{"/%4", NULL},
		{"/%4g", NULL},
		{"/%ff", NULL},
		{"/%c3", NULL},
		{"/%c0%af", NULL},
		{"/\xff", NULL},
		{"/.", NULL},
		{"/..", NULL},
		{"/a/../b", NULL},
		{"/%2e%2E/b", NULL},
		{"/a/./b", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[64];
		const char *why;

		snprintf(path, sizeof(path), "%s", cases[i].path);
		why = target_decode_path(path);
		if (!cases[i].decoded && !why)
			fail_msg("'%s' was let pass", cases[i].path);
		if (cases[i].decoded) {
			assert_null(why);
			assert_string_equal(path, cases[i].decoded);
		}
	}
}

static void test_pairs_are_decoded_in_their_order(void **state)
{
	char text[] = "a=1&&b=two+words&c&=d&e=%3D%26&a=2&f=g=h";
	static const struct request_pair due[] = {
		{"a", "1"}, {"b", "two words"}, {"c", ""}, {"", "d"}, {"e", "=&"}, {"a", "2"}, {"f", "g=h"}};
	struct target_pairs pairs = {0};

	(void)state;
	assert_null(target_decode_pairs(&pairs, text));
	assert_int_equal(pairs.count, sizeof(due) / sizeof(due[0]));
	for (size_t i = 0; i < pairs.count; i++) {
		assert_string_equal(pairs.all[i].name, due[i].name);
		assert_string_equal(pairs.all[i].value, due[i].value);
	}
	target_pairs_release(&pairs);
	assert_null(target_decode_pairs(&pairs, NULL));
	assert_int_equal(pairs.count, 0);
}

static void test_bad_pairs_are_refused(void **state)
{
	static const char *const cases[] = {"a=%00", "a=%ff", "%ff=a", "a=%", "a=%4", "\xff", "a=%zz"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct target_pairs pairs = {0};
		char text[32];

		snprintf(text, sizeof(text), "%s", cases[i]);
		assert_non_null(target_decode_pairs(&pairs, text));
		target_pairs_release(&pairs);
	}
}

static void test_pairs_are_so_many_and_no_more(void **state)
{
	for (size_t count = TARGET_PAIRS_MAX; count <= TARGET_PAIRS_MAX + 1; count++) {
		struct target_pairs pairs = {0};
		char text[2 * (TARGET_PAIRS_MAX + 1) + 1] = "";

		(void)state;
		for (size_t i = 0; i < count; i++)
			memcpy(text + 2 * i, "a&", 3);
		assert_int_equal(target_decode_pairs(&pairs, text) == NULL, count == TARGET_PAIRS_MAX);
		target_pairs_release(&pairs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_whole_and_fit),
		cmocka_unit_test(test_names_are_found_and_headers_without_case),
		cmocka_unit_test(test_captures_are_numbers_or_not),
		cmocka_unit_test(test_paths_are_decoded_once_or_refused),
		cmocka_unit_test(test_pairs_are_decoded_in_their_order),
		cmocka_unit_test(test_bad_pairs_are_refused),
		cmocka_unit_test(test_pairs_are_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
