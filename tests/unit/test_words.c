/* SPDX-License-Identifier: GPL-2.0-only */
/* Amounts, times, ranges, tasks and qgroups as reports print them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/explain/words.h"

static void test_amounts(void **state)
{
	(void)state;
	assert_string_equal(words_number(0).text, "0");
	assert_string_equal(words_number(999).text, "999");
	assert_string_equal(words_number(53248).text, "53,248");
	assert_string_equal(words_number(UINT64_MAX).text, "18,446,744,073,709,551,615");
	assert_string_equal(words_bytes(0).text, "0 bytes");
	assert_string_equal(words_bytes(1).text, "1 byte");
	assert_string_equal(words_bytes(1023).text, "1,023 bytes");
	assert_string_equal(words_bytes(4096).text, "4,096 bytes (4 KiB)");
	assert_string_equal(words_bytes(1536).text, "1,536 bytes (1.5 KiB)");
	assert_string_equal(words_bytes(UINT64_C(4294967296)).text, "4,294,967,296 bytes (4 GiB)");
	assert_string_equal(words_bytes(UINT64_C(1) << 63).text, "9,223,372,036,854,775,808 bytes (8 EiB)");
	assert_string_equal(words_count(1, "event", "events").text, "1 event");
	assert_string_equal(words_count(0, "event", "events").text, "0 events");
}

static void test_times(void **state)
{
	(void)state;
	assert_string_equal(words_time(0).text, "0.000000");
	assert_string_equal(words_time(UINT64_C(19838654567)).text, "19.838655");
	assert_string_equal(words_time(UINT64_C(19838654499)).text, "19.838654");
	assert_string_equal(words_time(UINT64_C(999999999)).text, "1.000000");
	assert_string_equal(words_time(UINT64_MAX).text, "18446744073.709552");
	assert_string_equal(words_span(1500).text, "2 us");
	assert_string_equal(words_span(34800000).text, "34.8 ms");
	assert_string_equal(words_span(UINT64_C(5040000000)).text, "5.0 s");
}

static void test_places(void **state)
{
	(void)state;
	assert_string_equal(words_range(4096, 4096).text, "[4096, 8192)");
	assert_string_equal(words_range(UINT64_MAX, 2).text, "[18446744073709551615, beyond 2^64)");
	assert_string_equal(words_qgroup(256).text, "0/256");
	assert_string_equal(words_qgroup(UINT64_C(281474976710756)).text, "1/100");
}

static void test_tasks(void **state)
{
	struct names *names = names_new(8);
	uint32_t plain = names_number(names, "kworker/u4:0", 12);
	uint32_t hostile = names_number(names, "\033[2J\xff", 5);
	char long_name[300];
	uint32_t longest;

	(void)state;
	memset(long_name, 'x', sizeof(long_name));
	longest = names_number(names, long_name, sizeof(long_name));
	assert_string_equal(words_task(names, (struct task_ref){7, plain}).text, "kworker/u4:0-7");
	assert_string_equal(words_task(names, (struct task_ref){7, 0}).text, "pid 7");
	assert_string_equal(words_task(names, (struct task_ref){-1, plain}).text, "an unknown task");
	assert_string_equal(words_task(names, (struct task_ref){7, hostile}).text, "?[2J?-7");
	assert_int_equal(strlen(words_task(names, (struct task_ref){7, longest}).text), 66);
	names_free(names);
}

static void expect_wrapped(const char *text, unsigned width, const char *expected)
{
	char *made = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&made, &size);

	words_wrapped(stream, text, "> ", width);
	fclose(stream);
	assert_string_equal(made, expected);
	free(made);
}

static void test_wrapping(void **state)
{
	(void)state;
	expect_wrapped("one two three", 9, "> one two\n> three\n");
	expect_wrapped("a considerably long word", 4, "> a\n> considerably\n> long\n> word\n");
	expect_wrapped("range [0, 4096) here", 12, "> range\n> [0, 4096)\n> here\n");
	expect_wrapped("12,288 bytes (12 KiB) in all", 17, "> 12,288 bytes\n> (12 KiB) in all\n");
	expect_wrapped("", 10, "\n");
	expect_wrapped("[ open", 3, "> [ open\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_tasks),
		cmocka_unit_test(test_wrapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
