/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "collector/text_line.h"

struct good {
	const char *line;
	const char *comm;
	int32_t pid;
	uint16_t cpu;
	uint64_t time_ns;
	const char *system;
	const char *name;
	const char *body;
};

static const struct good good_lines[] = {
	/* tracefs, five flags and four, with thread groups */
	{"          xfs_io-31526   [000] .....  1436.940172: btrfs_inode_evict: root=5", "xfs_io", 31526, 0,
		1436940172000, "", "btrfs_inode_evict", "root=5"},
	{"           btrfs-119     [001] d.h1     7.260591: qgroup_num_dirty_extents: transid=7", "btrfs", 119, 1,
		7260591000, "", "qgroup_num_dirty_extents", "transid=7"},
	{"           <...>-26102   [003] ...1.  1005.746320: x: y", "", 26102, 3, 1005746320000, "", "x", "y"},
	{"          <idle>-0       [001] d.h1.     0.000001: x: y", "<idle>", 0, 1, 1000, "", "x", "y"},
	{"            bash-977     (    977) [002] .....    12.500000: x: y", "bash", 977, 2, 12500000000, "", "x",
		"y"},
	{"            bash-977     (-------) [002] .....    12.500000: x: y", "bash", 977, 2, 12500000000, "", "x",
		"y"},
	{"            bash-977     [65535] .....    12.500000: x: y", "bash", 977, 65535, 12500000000, "", "x", "y"},
	/* trace-cmd report: without flags, padded, with all digits, with a glued time, with a buffer in front */
	{"    kworker/u8:3-12037 [000]  1005.770409: btrfs_inode_new:      a: b", "kworker/u8:3", 12037, 0,
		1005770409000, "", "btrfs_inode_new", "a: b"},
	{"              wl-26102 [000]  1005.746315386: x: y", "wl", 26102, 0, 1005746315386, "", "x", "y"},
	{"              wl-26912 [001]1016186347024: x: y", "wl", 26912, 1, 1016186347024, "", "x", "y"},
	{"  lab:               wl-145   [001]    19.846973: x: y", "wl", 145, 1, 19846973000, "", "x", "y"},
	{"  lab-2:    kworker/u8:3-145   [001]    19.846973: x: y", "kworker/u8:3", 145, 1, 19846973000, "", "x", "y"},
	/* the name of a task holds anything */
	{"     a b-12 c:/d-7       [000] .....     1.000000: x: y", "a b-12 c:/d", 7, 0, 1000000000, "", "x", "y"},
	{"     [9] [1]-3-4         [000] .....     1.000000: x: y", "[9] [1]-3", 4, 0, 1000000000, "", "x", "y"},
	{"  a-1 [7] 9.0:x:-55      [000] .....     1.000000: x: y", "a-1 [7] 9.0:x:", 55, 0, 1000000000, "", "x", "y"},
	{"                -8       [000] .....     1.000000: x: y", "", 8, 0, 1000000000, "", "x", "y"},
	/* ... and so does the body */
	{"            bash-977     [002] .....    12.5: tracing_mark_write: a-1 [000] 3.0: x: y", "bash", 977, 2,
		12500000000, "", "tracing_mark_write", "a-1 [000] 3.0: x: y"},
	{"bash-977 [2] 1.5: print: b-1 [0] 3.0: x: y", "bash", 977, 2, 1500000000, "", "print", "b-1 [0] 3.0: x: y"},
	/* perf script */
	{"          xfs_io  4798 [000]  1654.442303:        btrfs:btrfs_set_extent_bit: io_tree=3", "xfs_io", 4798, 0,
		1654442303000, "btrfs", "btrfs_set_extent_bit", "io_tree=3"},
	{" kworker/u8:10-e 12208 [000]  1654.442541123: sched:sched_switch: p", "kworker/u8:10-e", 12208, 0,
		1654442541123, "sched", "sched_switch", "p"},
	{"   a b 4798/4799 [010]  1.5: s:e: p", "a b", 4799, 10, 1500000000, "s", "e", "p"},
	/* a counter as the clock, a function tracer, an event without fields */
	{"            bash-977     [002] .....    123456: x: y", "bash", 977, 2, 123456, "", "x", "y"},
	{"            bash-977     [002] .....     1.000000: vfs_read <-ksys_read", "bash", 977, 2, 1000000000, "", "",
		"vfs_read <-ksys_read"},
	{"            bash-977     [002] .....     1.000000: x:", "bash", 977, 2, 1000000000, "", "x", ""},
	{"            bash-977     [002] .....     1.000000:", "bash", 977, 2, 1000000000, "", "", ""},
};

static void assert_span(const struct text_span *span, const char *expected)
{
	assert_int_equal(span->length, strlen(expected));
	assert_memory_equal(span->text, expected, span->length);
}

static void takes_lines_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_lines) / sizeof(good_lines[0]); i++) {
		const struct good *good = &good_lines[i];
		struct text_line line;

		print_message("%s\n", good->line);
		assert_true(text_line_parse(&line, good->line, strlen(good->line)));
		assert_span(&line.comm, good->comm);
		assert_int_equal(line.pid, good->pid);
		assert_int_equal(line.cpu, good->cpu);
		assert_true(line.time_ns == good->time_ns);
		assert_span(&line.system, good->system);
		assert_span(&line.name, good->name);
		assert_span(&line.body, good->body);
	}
}

static const char *const bad_lines[] = {
	"",
	"[",
	"[000] 1.0: x: y",
	"bash [000] 1.0: x: y",
	"bash- [000] 1.0: x: y",
	"bash-12",
	"bash-12 [000]",
	"bash-12 [000] 1.0",
	"bash-12 [000] .....",
	"bash-12 [] 1.0: x: y",
	"bash-12 [0x1] 1.0: x: y",
	"bash-12 [65536] 1.0: x: y",
	"bash-12 [000 1.0: x: y",
	"bash-2147483648 [000] 1.0: x: y",
	"bash-99999999999999999999 [000] 1.0: x: y",
	"bash-12 [000] 1.: x: y",
	"bash-12 [000] 1.0000000001: x: y",
	"bash-12 [000] 1.1234567890: x: y",
	"bash-12 [000] 18446744074.0: x: y",
	"bash-12 [000] 18446744073709551616: x: y",
	"bash/12 [000] 1.0: x: y",
	"/12 [000] 1.0: x: y",
	"(12) [000] 1.0: x: y",
	") [000] 1.0: x: y",
	"CPU:1 [LOST 270 EVENTS]",
	"The quick brown fox [1] jumps over 12.5: dogs",
};

static void refuses_other_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		struct text_line line;

		print_message("%s\n", bad_lines[i]);
		assert_false(text_line_parse(&line, bad_lines[i], strlen(bad_lines[i])));
	}
}

/* Each beginning of a good line is in memory of exactly its size, where a sanitizer sees a byte read too much. */
static void stays_inside_the_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_lines) / sizeof(good_lines[0]); i++) {
		for (size_t length = 0; length <= strlen(good_lines[i].line); length++) {
			char *copy = test_malloc(length + 1);
			struct text_line line;

			memcpy(copy + 1, good_lines[i].line, length);
			if (text_line_parse(&line, copy + 1, length))
				assert_ptr_equal(line.body.text + line.body.length, copy + 1 + length);
			test_free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_lines_apart),
		cmocka_unit_test(refuses_other_lines),
		cmocka_unit_test(stays_inside_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
