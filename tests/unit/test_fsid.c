/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fsid.h"

static const unsigned char bytes[FSID_BYTES] = {
	0x2f, 0x07, 0x76, 0x64, 0xb4, 0x6e, 0x4e, 0xb4, 0x9c, 0xbe, 0x2a, 0xf9, 0x2d, 0xee, 0x19, 0x4d};

static void test_writes_what_is_known(void **state)
{
	char text[FSID_TEXT + 1];

	(void)state;
	fsid_write(bytes, FSID_BYTES, text);
	assert_string_equal(text, "2f077664-b46e-4eb4-9cbe-2af92dee194d");
	fsid_write(bytes, 5, text);
	assert_string_equal(text, "2f077664-b4xx-xxxx-xxxx-xxxxxxxxxxxx");
	fsid_write(bytes, 0, text);
	assert_string_equal(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	fsid_write(bytes, SIZE_MAX, text);
	assert_string_equal(text, "2f077664-b46e-4eb4-9cbe-2af92dee194d");
}

static void test_reads_both_cases(void **state)
{
	char fsid[FSID_TEXT + 1];

	(void)state;
	assert_true(fsid_read("2F077664-b46e-4EB4-9cbe-2af92dee194D: root=5", fsid));
	assert_string_equal(fsid, "2f077664-b46e-4eb4-9cbe-2af92dee194d");
}

/* Each is one character away from an id; the short one ends where reading must. */
static void test_refuses_what_is_none(void **state)
{
	static const char *const cases[] = {
		"",
		"2f077664-b46e-4eb4-9cbe-2af92dee194",
		"2f077664-b46e-4eb4-9cbe-2af92dee194g",
		"2f077664-b46e-4eb4-9cbe-2af92dee194:",
		"2f077664-b46e-4eb4-9cbe-2af92dee194@",
		"2f077664-b46e-4eb4-9cbe-2af92dee194-",
		"2f077664-b46e-4eb4-9cbe02af92dee194d",
		"xf077664-b46e-4eb4-9cbe-2af92dee194d",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char fsid[FSID_TEXT + 1] = "untouched";

		assert_false(fsid_read(cases[i], fsid));
		assert_string_equal(fsid, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_what_is_known),
		cmocka_unit_test(test_reads_both_cases),
		cmocka_unit_test(test_refuses_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
