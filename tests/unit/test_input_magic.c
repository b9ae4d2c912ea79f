/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/magic.h"

static const struct {
	const char *bytes;
	size_t size;
	const char *said[3]; /* what, first bytes, remedy */
} cases[] = {
	{"\177ELF\2\1\1", 7, {"ELF", "7f 45 4c 46", "not a program"}},
	{"PERFILE2", 8, {"perf.data", "50 45 52 46", "'perf script'"}},
	{"SQLite format 3\0", 16, {"SQLite", "53 51 4c 69", "not a database"}},
	{"PK\3\4rest", 8, {"zip", "50 4b 03 04", "unpack it first"}},
	{"\3757zXZ\0", 6, {"xz", "fd 37 7a 58", "unpack it first"}},
	{"BZh9", 4, {"bzip2", "42 5a 68 39", "unpack it first"}},
	{"\324\303\262\241\2\0", 6, {"pcap", "d4 c3 b2 a1", "btrfs trace"}},
	{"\211PNG\r\n", 6, {"PNG", "89 50 4e 47", "btrfs trace"}},
	{"\377\376h\0", 4, {"UTF-16", "ff fe 68 00", "iconv"}},
	{"\27\10Dtra", 6, {"damaged trace.dat", "17 08 44 74", "copy it again"}},
	{"\0\0\0\0\0", 5, {"first 5 bytes are 0", "", "fetch the file again"}},
	{"\0\0\0\0\1", 5, {"not a trace", "00 00 00 00", "give a trace.dat"}},
	{"\1", 1, {"not a trace", "(first bytes 01)", "trace.dat"}},
	{"\0", 1, {"first 1 bytes are 0", "", "fetch"}},
	{"Dear list,\n", 11, {"no line of its first 11 bytes is an ftrace line", "", "'trace-cmd report'"}},
	{"\xc3\xa4\n", 3, {"no line of its first 3 bytes", "", "trace-cmd"}},
};

static void says_what_it_is_instead(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char *copy = test_malloc(cases[i].size);
		struct error error = {0};

		memcpy(copy, cases[i].bytes, cases[i].size);
		assert_int_equal(magic_refuse(copy, cases[i].size, &error), ERR_INPUT);
		print_message("%s\n", error.text);
		for (size_t said = 0; said < 3; said++)
			assert_non_null(strstr(error.text, cases[i].said[said]));
		test_free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_it_is_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
