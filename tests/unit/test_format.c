/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/format.h"

/* Of kernel 6.1, but for the field `root`, which shows what other declarations look like. */
static const char update_reserve[] = "name: qgroup_update_reserve\n"
				     "ID: 1373\n"
				     "format:\n"
				     "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
				     "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
				     "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
				     "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
				     "\n"
				     "\tfield:u8 fsid[16];\toffset:8;\tsize:16;\tsigned:0;\n"
				     "\tfield:u64 qgid;\toffset:24;\tsize:8;\tsigned:0;\n"
				     "\tfield:u64 cur_reserved;\toffset:32;\tsize:8;\tsigned:0;\n"
				     "\tfield:s64 diff;\toffset:40;\tsize:8;\tsigned:1;\n"
				     "\tfield:int type;\toffset:48;\tsize:4;\tsigned:1;\n"
				     "\tfield:struct btrfs_root *root;\toffset:56;\tsize:8;\tsigned:0;\n"
				     "\n"
				     "print fmt: \"%pU: qgid=%llu type=%s cur_reserved=%llu\", REC->fsid, REC->qgid\n";

static struct span span_of(const char *text)
{
	return (struct span){(const unsigned char *)text, strlen(text)};
}

static void assert_field(const char *name, uint32_t offset, uint32_t size, bool is_signed)
{
	struct format_field field;

	assert_true(format_field(span_of(update_reserve), name, &field));
	assert_int_equal(field.offset, offset);
	assert_int_equal(field.size, size);
	assert_int_equal(field.is_signed, is_signed);
}

static void reads_a_kernels_text(void **state)
{
	struct span name = format_name(span_of(update_reserve));
	struct format_field field;
	uint32_t id;

	(void)state;
	assert_int_equal(name.size, strlen("qgroup_update_reserve"));
	assert_memory_equal(name.data, "qgroup_update_reserve", name.size);
	assert_true(format_id(span_of(update_reserve), &id));
	assert_int_equal(id, 1373);
	assert_field("common_type", 0, 2, false);
	assert_field("common_pid", 4, 4, true);
	assert_field("fsid", 8, 16, false);
	assert_field("cur_reserved", 32, 8, false);
	assert_field("diff", 40, 8, true);
	assert_field("type", 48, 4, true);
	assert_field("root", 56, 8, false);
	assert_false(format_field(span_of(update_reserve), "reserved", &field));
	assert_false(format_field(span_of(update_reserve), "int", &field));
	assert_false(format_field(span_of(update_reserve), "qgid=%llu", &field));
}

static void refuses_what_is_no_number(void **state)
{
	static const char *const texts[] = {
		"field:u64 ino;\toffset:8;\tsigned:0;\n",
		"field:u64 ino;\tsize:8;\tsigned:0;\n",
		"field:u64 ino;\toffset:;\tsize:8;\n",
		"field:u64 ino;\toffset:-8;\tsize:8;\n",
		"field:u64 ino;\toffset:0x8;\tsize:8;\n",
		"field:u64 ino;\toffset:8;\tsize:99999999999999999999;\n",
		"field:u64 ino;\toffset:65530;\tsize:8;\n",
		"field:u64 ino;\toffset:8;\tsize:8;\tsigned:x;\n",
		"field:u64 ino",
		"field:ino;\toffset:8;\tsize:8;\n",
		"",
	};
	struct format_field field;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(format_field(span_of(texts[i]), "ino", &field));
}

static void a_text_need_not_be_whole(void **state)
{
	struct format_field field;
	uint32_t id;

	(void)state;
	for (size_t size = 0; size < sizeof(update_reserve); size++) {
		unsigned char *copy = malloc(size + (size == 0)); /* so that a byte too far is noticed */
		struct span cut = {copy, size};

		memcpy(copy, update_reserve, size);
		format_name(cut);
		format_id(cut, &id);
		format_field(cut, "type", &field);
		free(copy);
	}
	assert_int_equal(format_name(span_of("ID: 7\n")).size, 0);
	assert_false(format_id(span_of("name: x\nID: seven\n"), &id));
	assert_false(format_id(span_of("name: x\n"), &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_kernels_text),
		cmocka_unit_test(refuses_what_is_no_number),
		cmocka_unit_test(a_text_need_not_be_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
