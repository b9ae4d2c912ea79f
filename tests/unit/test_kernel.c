/* SPDX-License-Identifier: GPL-2.0-only */
/* What names of kernels say: of the stable series, of candidates, and of distributions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/bugs/kernel.h"

static const struct {
	const char *text;
	unsigned long low;
	unsigned long high;
} names[] = {
	{"6.1.72", 72, 72},
	{"6.1.192-lab", 192, 192},
	{"6.18.44-fc-v669", 44, 44},
	{"6.7", 0, 0},
	{"6.5.0", 0, 0},
	{"6.9.0+", 0, KERNEL_ANY_FIX},
	{"6.5.0-custom", 0, KERNEL_ANY_FIX},
	/* Debian 12: by the version, else by the number of the build */
	{"6.1.0-47-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.170-3 (2026-05-08)", 170, 170},
	{"6.1.0-47-amd64", 170, 170},
	{"6.1.0-56-amd64", 192, 192},
	{"6.1.0-56-cloud-arm64", 192, 192},
	{"6.1.0-13-amd64", 55, 55},
	{"6.1.0-10-rt-686-pae", 37, 38},
	{"6.1.0-77-amd64", 192, KERNEL_ANY_FIX},
	{"6.1.0-1-amd64", 0, KERNEL_ANY_FIX},
	{"6.1.0-99-amd64 #1 SMP Debian 6.1.222-1 (2027-01-01)", 222, 222},
	{"6.1.0-0.deb11.6-amd64", 0, KERNEL_ANY_FIX},
	{"6.1.0-47", 0, KERNEL_ANY_FIX},
	{"5.10.0-28-amd64", 0, KERNEL_ANY_FIX},
	{"5.10.0-28-amd64 #1 SMP Debian 5.10.209-2 (2024-01-31)", 209, 209},
	{"5.10.0-28-amd64 #1 SMP Debian 6.1.209-2 (2024-01-31)", 0, KERNEL_ANY_FIX},
	{"6.12.100+deb12-cloud-amd64", 100, 100},
	/* Ubuntu, Red Hat, Oracle, SUSE, Proxmox: their numbers say what they began with */
	{"6.1.0-16-generic", 0, KERNEL_ANY_FIX},
	{"5.15.0-113-generic", 0, KERNEL_ANY_FIX},
	{"5.15.0-113-generic #123-Ubuntu SMP Mon Jun 10 08:16:17 UTC 2024", 0, KERNEL_ANY_FIX},
	{"6.8.0-1010-aws", 0, KERNEL_ANY_FIX},
	{"4.18.0-553.el8_10.x86_64", 0, KERNEL_ANY_FIX},
	{"5.14.0-503.11.1.el9_5.x86_64", 0, KERNEL_ANY_FIX},
	{"5.15.0-200.131.27.el8uek.x86_64", 0, KERNEL_ANY_FIX},
	{"4.1.12-124.48.6.el7uek.x86_64", 12, KERNEL_ANY_FIX},
	{"6.4.0-150600.23-default", 0, KERNEL_ANY_FIX},
	{"5.3.18-150300.59.161-default", 18, KERNEL_ANY_FIX},
	{"4.12.14-122.219-default", 14, KERNEL_ANY_FIX},
	{"6.8.12-1-pve", 12, KERNEL_ANY_FIX},
	/* Fedora, Arch, Tumbleweed, mainline builds and others stay close to the stable series */
	{"6.9.7-200.fc40.x86_64", 7, 7},
	{"6.9.0-64.fc40.x86_64", 0, 0},
	{"6.9.1-arch1-1", 1, 1},
	{"6.9.0-arch1-1", 0, 0},
	{"6.9.7-1-default", 7, 7},
	{"6.9.7-060907-generic", 7, 7},
	{"6.6.31+rpt-rpi-v8", 31, 31},
	{"5.15.153.1-microsoft-standard-WSL2", 153, 153},
	{"6.1.79-99.167.amzn2023.x86_64", 79, 79},
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct kernel kernel = kernel_read(names[i].text);

		if (!kernel.known || kernel.candidate || kernel.low != names[i].low || kernel.high != names[i].high)
			fail_msg("%s: known %d, candidate %d, from %lu to %lu", names[i].text, kernel.known,
				kernel.candidate, kernel.low, kernel.high);
	}
}

static void test_candidates(void **state)
{
	static const struct {
		const char *text;
		unsigned long rc;
	} cases[] = {
		{"6.19.0-rc3", 3},
		{"6.19-rc3", 3},
		{"6.9.0-rc1-next-20240325", 0},
		{"6.9.0-rc4-00123-gabcdef012345", 0},
		{"6.19.0-0.rc3.260101g.12.fc44.x86_64", 3},
		{"6.19.0-0.rc3.20260101git1.12.fc44.x86_64", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kernel kernel = kernel_read(cases[i].text);

		if (!kernel.known || !kernel.candidate || kernel.rc != cases[i].rc)
			fail_msg("%s: known %d, candidate %d, rc %lu", cases[i].text, kernel.known, kernel.candidate,
				kernel.rc);
	}
}

static void test_what_is_no_name(void **state)
{
	static const char *const texts[] = {"", "hostile", "6", "6.", ".1.2", "-6.1", "\xff\xfe", " 6.1.2", "v6.1.2"};

	(void)state;
	assert_false(kernel_read(NULL).known);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(kernel_read(texts[i]).known);
	assert_true(kernel_read("99999999999999999999999.99999999999999999999.99999999999999999999-x").known);
	assert_true(kernel_read("6.1.0-47-amd64 Debian ").known);
	assert_true(kernel_read("6.1.0-47-amd64 Debian 6").known);
	assert_true(kernel_read("6.1.0-").known);
	assert_true(kernel_read("6.1.2.").known);
}

static void test_translation(void **state)
{
	static const struct {
		const char *text;
		bool translated;
	} cases[] = {
		{"6.1.0-56-amd64", true},
		{"6.1.72", false},
		{"6.7", false},
		{"6.1.0-10-amd64", false},
		{"4.18.0-553.el8_10.x86_64", false},
		{"6.19.0-rc3", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kernel kernel = kernel_read(cases[i].text);

		if (kernel_is_translated(&kernel, cases[i].text) != cases[i].translated)
			fail_msg("%s", cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_candidates),
		cmocka_unit_test(test_what_is_no_name),
		cmocka_unit_test(test_translation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
