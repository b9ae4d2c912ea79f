/* SPDX-License-Identifier: GPL-2.0-only */
/* What a decoder may write, by the size of its upload and the room on the disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/serve_limits.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static void test_output(void **state)
{
	static const struct {
		uint64_t size;
		uint64_t free_bytes;
		uint64_t output;
		unsigned sharers;
		enum serve_room room;
	} cases[] = {
		/* Room enough: 256 MiB and 63 times the size, up to 16 GiB. */
		{0, UINT64_MAX, 256 * MIB, 1, SERVE_ROOM},
		{2 * MIB, UINT64_MAX, 382 * MIB, 2, SERVE_ROOM},
		{GIB, UINT64_MAX, 16 * GIB, 1, SERVE_ROOM},
		{UINT64_MAX, UINT64_MAX, 16 * GIB, 1, SERVE_ROOM},
		{2 * MIB, 382 * MIB, 382 * MIB, 1, SERVE_ROOM},
		/* Less than that, but as much as an honest one needs: who wants more is a bomb. */
		{2 * MIB, 382 * MIB, 191 * MIB, 2, SERVE_ROOM},
		{2 * MIB, 56 * MIB, 56 * MIB, 1, SERVE_ROOM},
		/* An honest one may be too much, and fit another time. */
		{2 * MIB, 55 * MIB, 55 * MIB, 1, SERVE_CRAMPED},
		{2 * MIB, 16 * MIB, 16 * MIB, 1, SERVE_CRAMPED},
		{4 * GIB, 15 * GIB, 15 * GIB, 1, SERVE_CRAMPED},
		{1, 16 * MIB - 1, 16 * MIB - 1, 1, SERVE_NO_ROOM},
		{1, 63 * MIB, 63 * MIB / 4, 4, SERVE_NO_ROOM},
		{0, 0, 0, 0, SERVE_NO_ROOM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct serve_disk disk = {cases[i].free_bytes, cases[i].sharers};
		struct sandbox_options limits;

		assert_int_equal(serve_limits_set(&limits, cases[i].size, &disk), cases[i].room);
		assert_true(limits.output_bytes == cases[i].output);
		assert_true(limits.confined && limits.memory_bytes == 192 * MIB && limits.cpu_seconds > 0);
	}
}

static void test_the_disk(void **state)
{
	struct serve_disk disk = serve_limits_disk("/nonexistent", 3);

	(void)state;
	assert_true(disk.free_bytes == UINT64_MAX && disk.sharers == 3);
	/* A file system without blocks has no room. */
	assert_true(serve_limits_disk("/proc", 1).free_bytes == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
