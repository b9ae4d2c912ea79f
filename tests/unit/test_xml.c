/* SPDX-License-Identifier: GPL-2.0-only */
/* The XML writer: what each place escapes, and what no place may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/xml.h"

static const struct {
	const char *given;
	const char *text;
	const char *attribute;
} cases[] = {
	{"plain", "plain", "plain"},
	{"", "", ""},
	{"a<b>&\"c'", "a&lt;b&gt;&amp;\"c'", "a&lt;b&gt;&amp;&quot;c'"},
	{"]]>", "]]&gt;", "]]&gt;"},
	{"1\t2\n3\r", "1\t2\n3&#13;", "1&#9;2&#10;3&#13;"},
	{"bell\a escape\x1b[0m", "bell\xef\xbf\xbd escape\xef\xbf\xbd[0m", "bell\xef\xbf\xbd escape\xef\xbf\xbd[0m"},
	{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f",
		"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f"},
	{"cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd", "cut \xef\xbf\xbd\xef\xbf\xbd"},
	{"\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		xml_text(stream, cases[i].given);
		fclose(stream);
		assert_string_equal(text, cases[i].text);
		free(text);
	}
}

static void test_attribute(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[200];
		char *text;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		snprintf(expected, sizeof(expected), " name=\"%s\"", cases[i].attribute);
		xml_attribute(stream, "name", cases[i].given);
		fclose(stream);
		assert_string_equal(text, expected);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
