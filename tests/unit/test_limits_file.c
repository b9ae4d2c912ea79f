/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/limits_file.h"

enum { ANY = 0, LEVEL_SHIFT = 48 };

static enum err read_text(struct limits *limits, const char *text, size_t size, struct error *error)
{
	int fd = memfd_create("limits", MFD_CLOEXEC);
	enum err err;

	assert_true(fd >= 0 && write(fd, text, size) == (ssize_t)size);
	assert_true(lseek(fd, 0, SEEK_SET) == 0);
	*limits = (struct limits){0};
	err = limits_file_read(limits, fd, "limits.txt", error);
	close(fd);
	return err;
}

/* What btrfs-progs 6.2 prints with -re --raw and with -pcre --raw, what 5.10 does, and the JSON of later ones. */
static const char *const tables[] = {
	"Qgroupid    Referenced    Exclusive  Max referenced  Max exclusive   Path \n"
	"--------    ----------    ---------  --------------  -------------   ---- \n"
	"0/5              16384        16384            none           none   <toplevel>\n"
	"0/256            16384        16384         3145728           none   a\n"
	"0/257            16384        16384            none           none   b c\n"
	"1/100            16384        16384            none        2097152   <0 member qgroups>\n",

	"WARNING: qgroup data inconsistent, rescan recommended\n"
	"Qgroupid    Referenced    Exclusive  Max referenced  Max exclusive Parent   Child   Path \n"
	"--------    ----------    ---------  --------------  ------------- ------   -----   ---- \n"
	"0/5              16384        16384            none           none -        -       <toplevel>\n"
	"0/256            16384        16384         3145728           none 1/100    -       a\n"
	"0/257            16384        16384            none           none -        -       b c\n"
	"1/100            16384        16384            none        2097152 -        0/256   <0 member qgroups>\n",

	"qgroupid         rfer         excl     max_rfer     max_excl parent  child \r\n"
	"--------         ----         ----     --------     -------- ------  ----- \r\n"
	"0/5             16384        16384         none         none ---     ---  \r\n"
	"0/256           16384        16384      3145728         none 1/100   ---  \r\n"
	"0/257           16384        16384            0            0 ---     ---  \r\n"
	"1/100           16384        16384         none      2097152 ---     0/256\r\n",

	"{\n  \"__header\": {\"version\": \"1\"},\n  \"qgroup-show\": [\n"
	"    {\"qgroupid\": \"0/5\", \"referenced\": 16384, \"max_referenced\": \"none\", \"max_exclusive\": "
	"\"none\"},\n"
	"    {\"qgroupid\": \"0/256\", \"max_referenced\": 3145728, \"max_exclusive\": \"none\", \"path\": \"a\"},\n"
	"    {\"qgroupid\": \"0/257\", \"max_referenced\": 0, \"max_exclusive\": null},\n"
	"    {\"qgroupid\": \"1/100\", \"max_rfer\": \"none\", \"max_excl\": \"2097152\"}\n  ]\n}\n",
};

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct error error = {ERR_OK, ""};
		struct limits limits;

		assert_int_equal(read_text(&limits, tables[i], strlen(tables[i]), &error), ERR_OK);
		assert_int_equal(limits.count, 4);
		assert_int_equal(limits_find(&limits, 256)->max_rfer, 3145728);
		assert_true(limits_find(&limits, 256)->max_excl == LIMIT_NONE);
		assert_true(limits_find(&limits, (UINT64_C(1) << LEVEL_SHIFT) + 100)->max_rfer == LIMIT_NONE);
		assert_int_equal(limits_find(&limits, (UINT64_C(1) << LEVEL_SHIFT) + 100)->max_excl, 2097152);
		assert_null(limits_find(&limits, 5));
		assert_null(limits_find(&limits, 257));
		assert_null(limits_find(&limits, 258));
		limits_release(&limits);
	}
	assert_null(limits_find(NULL, 256));
}

static const struct {
	const char *text;
	size_t size; /* or ANY */
	const char *complaint;
} refused[] = {
	{"", ANY, "no qgroup in it"},
	{"0/5 16384 16384 none none\n", ANY, "line 1: '0/5' is not the header"},
	{"Qgroupid Referenced Exclusive Path\n0/5 1 1 <toplevel>\n", ANY, "line 1: 'Qgroupid' heads a table without"},
	{"Qgroupid Referenced Exclusive Max referenced\n\n0/5 16.00KiB 16.00KiB 3.00MiB\n", ANY,
		"line 3: '3.00MiB' is no number of bytes"},
	{"qgroupid rfer excl max_rfer\n5 1 1 none\n", ANY, "line 2: '5' is no qgroup"},
	{"qgroupid rfer excl max_rfer\n65536/5 1 1 none\n", ANY, "line 2: '65536/5' is no qgroup"},
	{"qgroupid rfer excl max_rfer\n0/281474976710656 1 1 1\n", ANY, "line 2: '0/281474976710656' is no qgroup"},
	{"qgroupid rfer excl max_rfer\n0/-5 1 1 none\n", ANY, "line 2: '0/-5' is no qgroup"},
	{"qgroupid rfer excl max_rfer\n0/5 1 1 18446744073709551616\n", ANY, "is no number of bytes"},
	{"qgroupid rfer excl max_rfer\n0/5 1 1 -1\n", ANY, "line 2: '-1' is no number of bytes"},
	{"qgroupid rfer excl max_rfer\n0/5 1 1\n", ANY, "line 2: '0/5' begins a row that is cut short"},
	{"qgroupid rfer excl max_rfer\n0/5 1 1 1\n0/5 1 1 2\n", ANY, "qgroup 0/5 stands twice"},
	{"qgroupid\0rfer", 13, "it is no text"},
	{"{\"qgroup-show\": [{\"qgroupid\": 5}]}", ANY, "a qgroup has no 'qgroupid'"},
	{"{\"qgroup-show\": [{\"qgroupid\": \"0/5\", \"max_referenced\": -1}]}", ANY, "a limit is no number"},
	{"{\"qgroup-show\": [{\"qgroupid\": \"0/5\", \"max_referenced\": \"3.00MiB\"}]}", ANY, "a limit is no number"},
	{"{\"qgroup-show\": {}}", ANY, "it has no list 'qgroup-show'"},
	{"{\"qgroup-show\": []}", ANY, "no qgroup in it"},
	{"{\n\n\"qgroup-show\": [", ANY, "line 3"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		size_t size = refused[i].size != ANY ? refused[i].size : strlen(refused[i].text);
		struct error error = {ERR_OK, ""};
		struct limits limits;

		assert_int_equal(read_text(&limits, refused[i].text, size, &error), ERR_INPUT);
		limits_release(&limits);
		if (strstr(error.text, refused[i].complaint) == NULL || strstr(error.text, "'limits.txt'") == NULL)
			fail_msg("%zu: %s", i, error.text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("limits_file", tests, NULL, NULL);
}
