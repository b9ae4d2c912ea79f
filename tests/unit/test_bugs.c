/* SPDX-License-Identifier: GPL-2.0-only */
/* Which known bugs a finding looks like, and whether a kernel release has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/bugs.h"

static const struct replay_result nothing_else;

static const struct bug *best(enum finding_kind kind, enum finding_path path, const char *release)
{
	struct finding finding = {.kind = kind, .path = path};
	struct bug_match matches[BUGS_MATCHES_MAX];

	return bugs_match(&finding, &nothing_else, release, matches) != 0 ? matches[0].bug : NULL;
}

static void test_applies(void **state)
{
	static const struct {
		const char *fixed_in;
		const char *release;
		enum bug_applies applies;
	} cases[] = {
		{"4.13", "4.12.0", BUG_AFFECTED},
		{"4.13", "4.13.0", BUG_FIXED},
		{"4.13", "6.18.44", BUG_FIXED},
		{"4.13", "6.1.0-47-amd64", BUG_FIXED},
		{"4.13", "4.9.50", BUG_UNKNOWN}, /* no backport known, none excluded */
		{"6.7 6.1.72", "6.1.71", BUG_AFFECTED},
		{"6.7 6.1.72", "6.1.72", BUG_FIXED},
		{"6.7 6.1.72", "6.1.72-custom", BUG_FIXED},
		{"6.7 6.1.72", "6.1.0-47-amd64", BUG_UNKNOWN}, /* Debian's 0 is not the stable series' */
		{"6.7 6.1.72", "6.5.3", BUG_UNKNOWN},
		{"6.7 6.1.72", "6.5.0", BUG_AFFECTED},
		{"6.7 6.1.72", "6.7.0-rc3", BUG_UNKNOWN},
		{"6.7 6.1.72", "6.8.0-rc1", BUG_FIXED},
		{"6.7 6.1.72", "6.10.1", BUG_FIXED}, /* 10 is after 7 */
		{"6.11 6.10.9 6.1.135", "6.10.8", BUG_AFFECTED},
		{"6.11 6.10.9 6.1.135", "6.1.135", BUG_FIXED},
		{"6.7 6.1.72", "4.18.0-553.el8.x86_64", BUG_UNKNOWN},
		{"6.7 6.1.72", NULL, BUG_UNKNOWN},
		{"6.7 6.1.72", "", BUG_UNKNOWN},
		{"6.7 6.1.72", "hostile", BUG_UNKNOWN},
		{"6.7 6.1.72", "99999999999999999999999.1", BUG_FIXED},
		{NULL, "6.18.44", BUG_AFFECTED},
		{NULL, NULL, BUG_AFFECTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bug bug = {.fixed_in = cases[i].fixed_in};

		if (bug_applies(&bug, cases[i].release) != cases[i].applies)
			fail_msg("fix in %s, kernel %s: %s", cases[i].fixed_in, cases[i].release,
				bug_applies_name(bug_applies(&bug, cases[i].release)));
	}
}

static void test_match(void **state)
{
	(void)state;
	assert_string_equal(best(FINDING_FOREIGN_FREE, PATH_TRACED_FREE, NULL)->commit, "bc42bda22345");
	assert_null(best(FINDING_FOREIGN_FREE, PATH_ROLLBACK, NULL)->commit);
	assert_string_equal(best(FINDING_TRUNCATED_COUNT, PATH_FREE, "6.1.50")->commit, "9e65bfca24cf");
	assert_string_equal(best(FINDING_LEAK, PATH_EVICTED, "6.1.100")->commit, "30479f31d44d");
	assert_null(best(FINDING_QUOTA_EPOCH, PATH_NONE, NULL));
}

static void test_what_may_apply_comes_first(void **state)
{
	struct finding finding = {.kind = FINDING_LEAK, .path = PATH_SILENT_CLEAR};
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_match(&finding, &nothing_else, "5.10.100", matches);

	(void)state;
	assert_int_equal(count, 3);
	assert_string_equal(matches[0].bug->commit, "a86805504b88");
	assert_int_equal(matches[0].applies, BUG_UNKNOWN);
	assert_int_equal(matches[1].applies, BUG_FIXED);
	assert_int_equal(matches[2].applies, BUG_FIXED);
	count = bugs_match(&finding, &nothing_else, "5.8.0", matches);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(matches[i].applies, BUG_AFFECTED);
}

static void test_conditions(void **state)
{
	struct finding findings[2] = {
		{.kind = FINDING_UNDERFLOW, .path = PATH_COMMIT, .fs = 1, .root = 256},
		{.kind = FINDING_FOREIGN_FREE, .path = PATH_TRACED_FREE, .fs = 1, .root = 256},
	};
	struct fs_totals fs = {.fs = 1, .quota_epochs = 1};
	struct replay_result result = {
		.findings = findings, .finding_count = 1, .filesystems = &fs, .filesystem_count = 1};
	struct bug_match matches[BUGS_MATCHES_MAX];

	(void)state;
	assert_int_equal(bugs_match(&findings[0], &result, NULL, matches), 0);
	result.finding_count = 2;
	assert_int_equal(bugs_match(&findings[0], &result, NULL, matches), 1);
	assert_string_equal(matches[0].bug->commit, "bc42bda22345");
	findings[1].root = 257;
	assert_int_equal(bugs_match(&findings[0], &result, NULL, matches), 0);
	fs.quota_epochs = 2;
	assert_int_equal(bugs_match(&findings[0], &result, NULL, matches), 1);
	assert_string_equal(matches[0].bug->commit, "af0e2aab3b70");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_applies),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_what_may_apply_comes_first),
		cmocka_unit_test(test_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
