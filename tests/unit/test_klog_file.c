/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel's log: its statements in whatever stands around them, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/event.h"
#include "collector/klog_file.h"

static const struct {
	const char *text;
	struct klog_line line;
} statements[] = {
	{"[   16.464730] qgroup 256 data reserved space underflow, have 4096 to free 8192",
		{.kind = KLOG_UNDERFLOW,
			.timed = true,
			.time_ns = UINT64_C(16464730000),
			.qgid = 256,
			.have_bytes = 4096,
			.bytes = 8192}},
	{"[   14.1] BTRFS warning (device vda): qgroup 0/256 has unreleased space, type 0 rsv 20480",
		{.kind = KLOG_UNRELEASED, .qgid = 256, .bytes = 20480, .device = "vda"}},
	{"[12345.000001][  T172] BTRFS warning (device dm-0 state E): qgroup 1/100 has unreleased space, type "
	 "2 rsv "
	 "16384\r",
		{.kind = KLOG_UNRELEASED,
			.timed = true,
			.time_ns = UINT64_C(12345000001000),
			.qgid = UINT64_C(281474976710756),
			.type = EVENT_TYPE_META_PREALLOC,
			.bytes = 16384,
			.device = "dm-0"}},
	{"Nov 22 20:48:47 host kernel: [  100.500000] BTRFS error (device sda1): qgroup reserved space leaked",
		{.kind = KLOG_LEAKED, .timed = true, .time_ns = UINT64_C(100500000000), .device = "sda1"}},
	{"2026-11-22T20:48:47+00:00 host kernel: leaking qgroup reserved space, ino: 257, start: 0, end: 4095",
		{.kind = KLOG_LEAKING, .ino = 257, .end = 4095}},
	{"<4>[    1.000000] qgroup 256 meta_pertrans reserved space underflow, have 0 to free 16384",
		{.kind = KLOG_UNDERFLOW,
			.timed = true,
			.time_ns = UINT64_C(1000000000),
			.qgid = 256,
			.type = EVENT_TYPE_META_PERTRANS,
			.bytes = 16384}},
	{"qgroup 256 meta_prealloc reserved space underflow, have 16384 to free 32768",
		{.kind = KLOG_UNDERFLOW,
			.qgid = 256,
			.type = EVENT_TYPE_META_PREALLOC,
			.have_bytes = 16384,
			.bytes = 32768}},
	{"qgroup 256 data reserved space underflow, have 3221225472 to free 18446744072635809792",
		{.kind = KLOG_UNDERFLOW,
			.qgid = 256,
			.have_bytes = 3221225472,
			.bytes = UINT64_C(18446744072635809792)}},
	{"BTRFS warning (device sda): qgroup marked inconsistent, marked by test",
		{.kind = KLOG_INCONSISTENT, .device = "sda"}},
	{"qgroup 1 qgroup 0/256 has unreleased space, type 0 rsv 1",
		{.kind = KLOG_UNRELEASED, .qgid = 256, .bytes = 1}},
};

static void test_statements(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		struct klog_line line;

		if (!klog_file_parse(&line, statements[i].text, strlen(statements[i].text)))
			fail_msg("not a statement: %s", statements[i].text);
		if (line.kind != statements[i].line.kind || line.timed != statements[i].line.timed ||
			line.time_ns != statements[i].line.time_ns || line.qgid != statements[i].line.qgid ||
			line.type != statements[i].line.type || line.have_bytes != statements[i].line.have_bytes ||
			line.bytes != statements[i].line.bytes || line.ino != statements[i].line.ino ||
			line.start != statements[i].line.start || line.end != statements[i].line.end ||
			strcmp(line.device, statements[i].line.device) != 0)
			fail_msg("read otherwise: %s", statements[i].text);
	}
}

static void test_what_is_no_statement(void **state)
{
	static const char *const texts[] = {"", "qgroup",
		"qgroup 256 data reserved space underflow, have 4096 to free ",
		"qgroup 256 data reserved space underflow, have -1 to free 8192",
		"qgroup 256 data reserved space underflow, have 18446744073709551616 to free 8192",
		"qgroup 99999/256 has unreleased space, type 0 rsv 20480",
		"qgroup 0/281474976710656 has unreleased space, type 0 rsv 20480",
		"qgroup 0/256 has unreleased space, type 3 rsv 20480",
		"qgroup 0/256 has unreleased space, type 0 rsv x", "leaking qgroup reserved space, ino: 257, start: 0",
		"BTRFS info (device vda): qgroup scan completed (inconsistency flag cleared)"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct klog_line line;

		if (klog_file_parse(&line, texts[i], strlen(texts[i])))
			fail_msg("is no statement: %s", texts[i]);
	}
}

/* Every beginning of a line is read without looking behind its end. */
static void test_cut_lines(void **state)
{
	static const char text[] =
		"[   16.464730] BTRFS warning (device vda): qgroup 0/256 has unreleased space, type 0 "
		"rsv 20480";

	(void)state;
	for (size_t length = 0; length < sizeof(text); length++) {
		struct klog_line line;
		char *copy = test_malloc(length + 1);

		memcpy(copy, text, length);
		copy[length] = '9';
		assert_int_equal(klog_file_parse(&line, copy, length), length > sizeof(text) - 6);
		test_free(copy);
	}
}

static enum err read_text(struct klog *klog, const char *text, size_t size, struct error *error)
{
	FILE *file = tmpfile();
	enum err err;

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fflush(file);
	*klog = (struct klog){0};
	err = klog_file_read(klog, fileno(file), "the.log", error);
	fclose(file);
	return err;
}

static void test_file(void **state)
{
	static const char text[] = "[    0.000000] Linux version 6.1.0-56-amd64 (debian@x) (gcc-12) #1 SMP "
				   "PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)\n"
				   "\xff\xfe garbage\n"
				   "[   16.464730] qgroup 256 data reserved space underflow, have 4096 to free 8192\r\n"
				   "[   17.000000] qgroup 256 data reserved space underflow, have 0 to free 4096";
	struct klog klog;

	(void)state;
	assert_int_equal(read_text(&klog, text, sizeof(text) - 1, NULL), ERR_OK);
	assert_int_equal(klog.count, 2);
	assert_int_equal(klog.file_lines, 4);
	assert_int_equal(klog.lines[0].line, 3);
	assert_int_equal(klog.lines[1].line, 4);
	assert_int_equal(klog.lines[1].bytes, 4096);
	assert_string_equal(klog.kernel, "6.1.0-56-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)");
	klog_release(&klog);
}

static void test_kernel_of_a_warning(void **state)
{
	static const char text[] = "[   16.467063] CPU: 0 PID: 172 Comm: sync Tainted: G           OE      "
				   "6.1.0-56-amd64 #1  Debian 6.1.192-2\n";
	struct klog klog;

	(void)state;
	assert_int_equal(read_text(&klog, text, sizeof(text) - 1, NULL), ERR_OK);
	assert_string_equal(klog.kernel, "6.1.0-56-amd64 #1  Debian 6.1.192-2");
	assert_int_equal(klog.count, 0);
	klog_release(&klog);
}

static void test_refusals(void **state)
{
	static const char *const texts[] = {"\n", "hello\nworld\n", "{\"a\": 1}\n",
		" wl-152 [000] ..... 1436.940172: btrfs_qgroup_release_data: root=256 ino=257\n"};
	struct error error;
	struct klog klog;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		error = (struct error){0};
		assert_int_equal(read_text(&klog, texts[i], strlen(texts[i]), &error), ERR_INPUT);
		assert_non_null(strstr(error.text, "the.log"));
		klog_release(&klog);
	}
	assert_int_equal(read_text(&klog, "", 0, &error), ERR_INPUT);
	klog_release(&klog);
}

static void test_too_many(void **state)
{
	static const char line[] = "qgroup reserved space leaked\n";
	struct klog klog = {0};
	FILE *file = tmpfile();

	(void)state;
	for (int i = 0; i < KLOG_LINES_KEPT + 7; i++)
		fputs(line, file);
	fflush(file);
	assert_int_equal(klog_file_read(&klog, fileno(file), "x", NULL), ERR_OK);
	assert_int_equal(klog.count, KLOG_LINES_KEPT);
	assert_int_equal(klog.left_out, 7);
	klog_release(&klog);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_what_is_no_statement),
		cmocka_unit_test(test_cut_lines),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_kernel_of_a_warning),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
