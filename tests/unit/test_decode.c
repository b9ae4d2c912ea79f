/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/decode.h"

#define COMMON                                                                                                         \
	"format:\n"                                                                                                    \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                                         \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"

/* As kernels lay them out: 6.x; 32-bit; before 4.8 without fsid, before 4.17 without type. */
static const char evict[] =
	"name: btrfs_inode_evict\nID: 300\n" COMMON "\tfield:u8 fsid[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:u64 ino;\toffset:24;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 generation;\toffset:32;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 root_objectid;\toffset:40;\tsize:8;\tsigned:0;\n";
static const char evict_32_bit[] =
	"name: btrfs_inode_evict\nID: 300\n" COMMON "\tfield:u8 fsid[16];\toffset:8;\tsize:16;\tsigned:0;\n"
	"\tfield:ino_t ino;\toffset:24;\tsize:4;\tsigned:0;\n"
	"\tfield:u64 generation;\toffset:28;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 root_objectid;\toffset:36;\tsize:8;\tsigned:0;\n";
static const char update[] =
	"name: qgroup_update_reserve\nID: 301\n" COMMON "\tfield:u64 qgid;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 cur_reserved;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:s64 diff;\toffset:24;\tsize:8;\tsigned:1;\n"
	"\tfield:int type;\toffset:32;\tsize:4;\tsigned:1;\n";
static const char update_without_type[] =
	"name: qgroup_update_reserve\nID: 301\n" COMMON "\tfield:u64 qgid;\toffset:8;\tsize:8;\tsigned:0;\n"
	"\tfield:u64 cur_reserved;\toffset:16;\tsize:8;\tsigned:0;\n"
	"\tfield:int diff;\toffset:24;\tsize:4;\tsigned:1;\n";

struct fixture {
	struct names *comms;
	struct names *fsids;
	struct names *texts;
	struct tasks *tasks;
	struct decoder *decoder;
	struct event event;
	unsigned char record[48];
};

static struct span span_of(const char *text)
{
	return (struct span){(const unsigned char *)text, strlen(text)};
}

static void start(struct fixture *fixture, bool big_endian)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture->comms = names_new(100);
	fixture->fsids = names_new(100);
	fixture->texts = names_new(100);
	fixture->tasks = tasks_new(span_of("7 worker: 1/2\n"), fixture->comms);
	fixture->decoder = decoder_new(big_endian, fixture->fsids, fixture->texts);
}

static void finish(struct fixture *fixture)
{
	decoder_free(fixture->decoder);
	tasks_free(fixture->tasks);
	names_free(fixture->fsids);
	names_free(fixture->texts);
	names_free(fixture->comms);
}

static enum err learn(struct fixture *fixture, const char *text, struct error *error)
{
	return decoder_learn(fixture->decoder, span_of(text), error);
}

static enum decoded decode(struct fixture *fixture, size_t size)
{
	memset(&fixture->event, 0, sizeof(fixture->event));
	return decoder_event(fixture->decoder, fixture->tasks, (struct span){fixture->record, size}, &fixture->event);
}

static void store(struct fixture *fixture, size_t at, uint64_t value, unsigned size, bool big_endian)
{
	for (unsigned i = 0; i < size; i++)
		fixture->record[at + i] = (unsigned char)(value >> 8 * (big_endian ? size - 1 - i : i));
}

static void fills_an_event(void **state)
{
	struct fixture f;

	(void)state;
	for (int big_endian = 0; big_endian <= 1; big_endian++) {
		start(&f, big_endian);
		assert_int_equal(learn(&f, evict, NULL), ERR_OK);
		store(&f, 0, 300, 2, big_endian);
		store(&f, 4, 7, 4, big_endian);
		for (unsigned char i = 0; i < 16; i++)
			f.record[8 + i] = (unsigned char)(0xf0 + i);
		store(&f, 24, 257, 8, big_endian);
		store(&f, 32, 99, 8, big_endian);
		store(&f, 40, UINT64_C(18446744073709551607), 8, big_endian);
		assert_int_equal(decode(&f, 48), DECODED_EVENT);
		assert_int_equal(f.event.kind, EVENT_INODE_EVICT);
		assert_int_equal(f.event.pid, 7);
		assert_string_equal(names_text(f.comms, f.event.comm), "worker: 1/2");
		assert_string_equal(names_text(f.fsids, f.event.fs), "f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff");
		assert_int_equal(f.event.ino, 257);
		assert_int_equal(f.event.bytes, 99);
		assert_true(f.event.root == UINT64_C(18446744073709551607));
		assert_int_equal(f.event.type, 0);
		finish(&f);
	}
}

static void fields_have_the_size_of_their_kernel(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	assert_int_equal(learn(&f, evict_32_bit, NULL), ERR_OK);
	assert_int_equal(learn(&f, update_without_type, NULL), ERR_OK);
	store(&f, 0, 300, 2, false);
	store(&f, 24, UINT32_MAX, 4, false);
	store(&f, 28, 5, 8, false);
	store(&f, 36, 256, 8, false);
	assert_int_equal(decode(&f, 44), DECODED_EVENT);
	assert_true(f.event.ino == UINT32_MAX);
	assert_int_equal(f.event.root, 256);
	store(&f, 0, 301, 2, false);
	store(&f, 24, (uint32_t)-4096, 4, false);
	assert_int_equal(decode(&f, 28), DECODED_EVENT);
	assert_int_equal(f.event.diff, -4096);
	assert_int_equal(f.event.type, EVENT_TYPE_UNKNOWN);
	assert_int_equal(f.event.fs, 0);
	finish(&f);
}

static void a_garbage_type_is_garbage(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	assert_int_equal(learn(&f, update, NULL), ERR_OK);
	store(&f, 0, 301, 2, false);
	for (uint32_t type = 0; type <= 2; type++) {
		store(&f, 32, type, 4, false);
		assert_int_equal(decode(&f, 36), DECODED_EVENT);
		assert_int_equal(f.event.type, type);
	}
	store(&f, 32, UINT32_MAX, 4, false);
	assert_int_equal(decode(&f, 36), DECODED_EVENT);
	assert_int_equal(f.event.type, EVENT_TYPE_GARBAGE);
	finish(&f);
}

static void filesystems_are_told_apart(void **state)
{
	struct fixture f;
	uint16_t numbers[40];

	(void)state;
	start(&f, false);
	assert_int_equal(learn(&f, evict, NULL), ERR_OK);
	store(&f, 0, 300, 2, false);
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 40; i++) { /* more than are remembered, and some in the same place */
			f.record[8] = (unsigned char)i;
			f.record[23] = (unsigned char)(i % 8);
			assert_int_equal(decode(&f, 48), DECODED_EVENT);
			if (round == 0)
				numbers[i] = f.event.fs;
			assert_int_equal(f.event.fs, numbers[i]);
		}
	}
	assert_int_equal(names_count(f.fsids), 40);
	finish(&f);
}

static void a_short_record_is_refused(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	assert_int_equal(decode(&f, 0), DECODED_OTHER);
	assert_int_equal(learn(&f, evict, NULL), ERR_OK);
	assert_int_equal(decode(&f, 48), DECODED_OTHER);
	assert_int_equal(decode(&f, 2), DECODED_OTHER);
	assert_int_equal(decode(&f, 1), DECODED_SHORT);
	store(&f, 0, 300, 2, false);
	assert_int_equal(decode(&f, 48), DECODED_EVENT);
	assert_int_equal(decode(&f, 47), DECODED_SHORT);
	store(&f, 0, UINT16_MAX, 2, false);
	assert_int_equal(decode(&f, 48), DECODED_OTHER);
	finish(&f);
}

static void assert_refused(const char *text, const char *event, const char *what)
{
	struct fixture f;
	struct error error = {ERR_OK, ""};

	start(&f, false);
	assert_int_equal(learn(&f, evict, NULL), ERR_OK);
	assert_int_equal(learn(&f, text, &error), ERR_INPUT);
	assert_non_null(strstr(error.text, event));
	assert_non_null(strstr(error.text, what));
	finish(&f);
}

static void a_format_without_what_is_needed_is_refused(void **state)
{
	struct fixture f;

	(void)state;
	assert_refused("name: btrfs_inode_evict\nID: 5\n" COMMON "\tfield:u64 ino;\toffset:24;\tsize:8;\tsigned:0;\n",
		"'btrfs_inode_evict'", "root_objectid");
	assert_refused("name: btrfs_inode_evict\nID: 5\n" COMMON
		       "\tfield:u64 ino;\toffset:24;\tsize:8;\n\tfield:u64 root_objectid;\toffset:32;\tsize:7;\n",
		"'btrfs_inode_evict'", "root_objectid");
	assert_refused(evict, "'btrfs_inode_evict'", "number");
	assert_refused("name: btrfs_inode_evict\nID: 65536\n" COMMON, "'btrfs_inode_evict'", "number");
	assert_refused("name: qgroup_meta_reserve\n" COMMON, "'btrfs_qgroup_meta_reserve'", "number");
	assert_refused("name: btrfs_inode_new\nID: 5\n", "'btrfs_inode_new'", "common_type");
	assert_refused("name: btrfs_inode_new\nID: 5\n"
		       "\tfield:unsigned short common_type;\toffset:2;\tsize:2;\tsigned:0;\n"
		       "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n",
		"'btrfs_inode_new'", "common_type");
	start(&f, false);
	assert_int_equal(learn(&f, "name: btrfs_chunk_alloc\nID: what\n", NULL), ERR_OK);
	assert_int_equal(learn(&f, "", NULL), ERR_OK);
	finish(&f);
}

static const char print[] = "name: print\nID: 5\n" COMMON "\tfield:unsigned long ip;\toffset:8;\tsize:8;\tsigned:0;\n"
			    "\tfield:char buf[];\toffset:16;\tsize:0;\tsigned:0;\n";

static void expect_text(struct fixture *f, const char *bytes, size_t size, const char *text)
{
	memset(&f->event, 0, sizeof(f->event));
	memset(f->record + 16, 'Z', sizeof(f->record) - 16);
	memcpy(f->record + 16, bytes, size);
	assert_int_equal(decode(f, 16 + size), DECODED_EVENT);
	assert_int_equal(f->event.kind, EVENT_PRINT);
	assert_string_equal(names_text(f->texts, f->event.flags), text);
	assert_int_equal(f->event.flags == 0, text[0] == '\0');
}

static void a_marker_has_one_harmless_line(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	assert_int_equal(learn(&f, evict, NULL), ERR_OK);
	assert_int_equal(learn(&f, print, NULL), ERR_OK); /* of system btrfs it is nothing to us */
	store(&f, 0, 5, 2, false);
	assert_int_equal(decode(&f, 20), DECODED_OTHER);
	decoder_learn_ftrace(f.decoder, span_of(print));
	expect_text(&f, "hello\n", 7, "hello");
	expect_text(&f, "no end", 6, "no end");
	expect_text(&f, "", 0, "");
	expect_text(&f, "\n", 2, "");
	expect_text(&f, " a\nb\r\n\tc \n", 11, "a?b???c");
	expect_text(&f, "\033[2J\xff\xc2\x85.\xc3\xa9", 10, "?[2J??.\xc3\xa9");
	expect_text(&f, "one\0two", 7, "one");
	finish(&f);
}

/* Another event has its number, or it says not where the text is: its records are passed over, and nothing else is. */
static void a_marker_of_no_use_stops_nothing(void **state)
{
	static const char *const bad[] = {"name: print\n" COMMON "\tfield:char buf[];\toffset:16;\tsize:0;\n",
		"name: print\nID: 300\n" COMMON "\tfield:char buf[];\toffset:16;\tsize:0;\n",
		"name: print\nID: 5\n" COMMON, "name: print\nID: 5\n\tfield:char buf[];\toffset:16;\tsize:0;\n",
		"name: print\nID: 5\n" COMMON "\tfield:char buf[];\toffset:65535;\tsize:0;\n",
		"name: bprint\nID: 5\n" COMMON "\tfield:char buf[];\toffset:16;\tsize:0;\n"};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(&f, false);
		assert_int_equal(learn(&f, evict, NULL), ERR_OK);
		decoder_learn_ftrace(f.decoder, span_of(bad[i]));
		store(&f, 0, 5, 2, false);
		assert_int_equal(decode(&f, 48), DECODED_OTHER);
		store(&f, 0, 300, 2, false);
		assert_int_equal(decode(&f, 48), DECODED_EVENT);
		assert_int_equal(f.event.kind, EVENT_INODE_EVICT);
		finish(&f);
	}
}

static void tasks_have_their_saved_names(void **state)
{
	struct names *names = names_new(100);
	struct tasks *tasks = tasks_new(span_of("1 systemd\nx y\n9 <...>\n22 a b:c-d \n22 second\n\n-5 minus\n7\n8 \n"
						"99999999999 long\n4294967297 wrapped\n2147483647 last"),
		names);

	(void)state;
	assert_string_equal(names_text(names, tasks_name(tasks, 0)), "<idle>");
	assert_string_equal(names_text(names, tasks_name(tasks, 1)), "systemd");
	assert_string_equal(names_text(names, tasks_name(tasks, 22)), "a b:c-d ");
	assert_string_equal(names_text(names, tasks_name(tasks, INT32_MAX)), "last");
	assert_int_equal(tasks_name(tasks, -5), 0);
	assert_int_equal(tasks_name(tasks, 7), 0);
	assert_int_equal(tasks_name(tasks, 8), 0);
	assert_int_equal(tasks_name(tasks, 9), 0);
	tasks_free(tasks);
	names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_an_event),
		cmocka_unit_test(fields_have_the_size_of_their_kernel),
		cmocka_unit_test(a_garbage_type_is_garbage),
		cmocka_unit_test(filesystems_are_told_apart),
		cmocka_unit_test(a_short_record_is_refused),
		cmocka_unit_test(a_format_without_what_is_needed_is_refused),
		cmocka_unit_test(a_marker_has_one_harmless_line),
		cmocka_unit_test(a_marker_of_no_use_stops_nothing),
		cmocka_unit_test(tasks_have_their_saved_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
