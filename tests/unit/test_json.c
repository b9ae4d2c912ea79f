/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON writer: unsigned numbers, hostile texts, and where commas and line breaks go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/utf8.h"

struct capture {
	char *text;
	size_t size;
	struct json json;
};

static void begin(struct capture *capture, unsigned broken_depth)
{
	FILE *stream = open_memstream(&capture->text, &capture->size);

	assert_non_null(stream);
	json_init(&capture->json, stream, broken_depth);
}

static void expect(struct capture *capture, const char *text)
{
	fclose(capture->json.stream);
	assert_string_equal(capture->text, text);
	free(capture->text);
}

static void test_numbers_are_unsigned(void **state)
{
	struct capture capture;

	(void)state;
	begin(&capture, 0);
	json_array(&capture.json, NULL);
	json_number(&capture.json, NULL, UINT64_MAX - 8);
	json_number(&capture.json, NULL, 0);
	json_signed(&capture.json, NULL, INT64_MIN);
	json_bool(&capture.json, NULL, true);
	json_array_end(&capture.json);
	expect(&capture, "[18446744073709551607, 0, -9223372036854775808, true]");
}

static void test_texts_are_escaped(void **state)
{
	static const struct {
		const char *given;
		const char *written;
	} cases[] = {
		{"plain", "\"plain\""},
		{"", "\"\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\""},
		{"tab\tline\nbell\a\x7f", "\"tab\\u0009line\\nbell\\u0007\\u007f\""},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"cut \xe2\x82", "\"cut \\ufffd\\ufffd\""},
		{"\xff\xfe", "\"\\ufffd\\ufffd\""},
		{"overlong \xc0\xaf", "\"overlong \\ufffd\\ufffd\""},
		{"surrogate \xed\xa0\x80", "\"surrogate \\ufffd\\ufffd\\ufffd\""},
		{"beyond \xf4\x90\x80\x80", "\"beyond \\ufffd\\ufffd\\ufffd\\ufffd\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct capture capture;

		begin(&capture, 0);
		json_text(&capture.json, NULL, cases[i].given);
		expect(&capture, cases[i].written);
	}
}

static void test_containers(void **state)
{
	struct capture capture;

	(void)state;
	begin(&capture, 1);
	json_object(&capture.json, NULL);
	json_array(&capture.json, "empty");
	json_array_end(&capture.json);
	json_text(&capture.json, "absent", NULL);
	json_object(&capture.json, "inner");
	json_number(&capture.json, "a", 1);
	json_null(&capture.json, "b");
	json_object_end(&capture.json);
	json_object_end(&capture.json);
	expect(&capture, "{\n  \"empty\": [],\n  \"absent\": null,\n  \"inner\": {\"a\": 1, \"b\": null}\n}");
}

static void test_harmless(void **state)
{
	static const struct {
		const char *given;
		const char *made;
	} cases[] = {
		{"kworker/u4:0", "kworker/u4:0"},
		{"\033[31mred\r\n", "?[31mred??"},
		{"c1 \xc2\x9b end", "c1 ? end"},
		{"\xc2\xa0nbsp", "\xc2\xa0nbsp"},
		{"\xe2\x82", "??"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *made = utf8_harmless(cases[i].given);

		assert_string_equal(made, cases[i].made);
		free(made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_unsigned),
		cmocka_unit_test(test_texts_are_escaped),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
