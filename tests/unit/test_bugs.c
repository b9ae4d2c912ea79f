/* SPDX-License-Identifier: GPL-2.0-only */
/* Which known bugs a finding looks like, and whether a kernel release has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/bugs/bugs.h"

static const struct replay_result nothing_else;

static const struct bug *best(enum finding_kind kind, enum finding_path path, const char *release)
{
	struct finding finding = {.kind = kind, .path = path};
	struct bug_match matches[BUGS_MATCHES_MAX];

	return bugs_match(&finding, &nothing_else, release, matches) != 0 ? matches[0].bug : NULL;
}

static const struct {
	struct bug bug;
	const char *kernel;
	enum bug_applies applies;
} fixes[] = {
	{{.fixed_in = "4.13"}, "4.12.0", BUG_AFFECTED},
	{{.fixed_in = "4.13"}, "4.13.0", BUG_FIXED},
	{{.fixed_in = "4.13"}, "6.18.44", BUG_FIXED},
	{{.fixed_in = "4.13"}, "5.15.0-113-generic", BUG_FIXED},
	{{.fixed_in = "4.13"}, "4.18.0-553.el8_10.x86_64", BUG_FIXED},
	{{.fixed_in = "4.13"}, "4.9.50", BUG_UNKNOWN}, /* no backport known, none excluded */
	{{.fixed_in = "6.7 6.1.72"}, "6.1.71", BUG_AFFECTED},
	{{.fixed_in = "6.7 6.1.72"}, "6.1.72", BUG_FIXED},
	{{.fixed_in = "6.7 6.1.72"}, "6.1.72-custom", BUG_FIXED},
	{{.fixed_in = "6.7 6.1.72"}, "6.1.0-47-amd64", BUG_FIXED},
	{{.fixed_in = "6.7 6.1.72"}, "6.1.0-17-amd64", BUG_AFFECTED},
	{{.fixed_in = "6.7 6.1.38"}, "6.1.0-10-amd64", BUG_UNKNOWN}, /* was 6.1.37, then 6.1.38 */
	{{.fixed_in = "6.7 6.1.72"}, "6.1.0-16-generic", BUG_UNKNOWN},
	{{.fixed_in = "6.7 5.3.9"}, "5.3.18-150300.59.161-default", BUG_FIXED},
	{{.fixed_in = "6.7 5.3.19"}, "5.3.18-150300.59.161-default", BUG_UNKNOWN},
	{{.fixed_in = "6.7 6.1.72"}, "6.5.3", BUG_UNKNOWN},
	{{.fixed_in = "6.7 6.1.72"}, "6.5.0", BUG_AFFECTED},
	{{.fixed_in = "6.7 6.1.72"}, "6.5.0-rc2", BUG_AFFECTED},
	{{.fixed_in = "6.7 6.1.72"}, "6.7.0-rc3", BUG_UNKNOWN},
	{{.fixed_in = "6.7 6.1.72", .rc = 3}, "6.7.0-rc3", BUG_FIXED},
	{{.fixed_in = "6.7 6.1.72", .rc = 3}, "6.7.0-rc2", BUG_AFFECTED},
	{{.fixed_in = "6.7 6.1.72", .rc = 3}, "6.7.0-rc2-next-20231201", BUG_UNKNOWN},
	{{.fixed_in = "6.7 6.1.72"}, "6.8.0-rc1", BUG_FIXED},
	{{.fixed_in = "6.7 6.1.72"}, "6.10.1", BUG_FIXED}, /* 10 is after 7 */
	{{.fixed_in = "6.11 6.10.9 6.1.135"}, "6.10.8", BUG_AFFECTED},
	{{.fixed_in = "6.11 6.10.9 6.1.135"}, "6.1.135", BUG_FIXED},
	{{.fixed_in = "6.7 6.1.72"}, "4.18.0-553.el8_10.x86_64", BUG_UNKNOWN},
	{{.fixed_in = "6.7 6.1.72"}, NULL, BUG_UNKNOWN},
	{{.fixed_in = "6.7 6.1.72"}, "", BUG_UNKNOWN},
	{{.fixed_in = "6.7 6.1.72"}, "hostile", BUG_UNKNOWN},
	{{.fixed_in = "6.7 6.1.72"}, "99999999999999999999999.1", BUG_FIXED},
	{{.fixed_in = "6.7", .lacking = "6.1.192"}, "6.1.170", BUG_AFFECTED}, /* its series was searched */
	{{.fixed_in = "6.7", .lacking = "6.1.192"}, "6.1.0-47-amd64", BUG_AFFECTED},
	{{.fixed_in = "6.7", .lacking = "6.1.192"}, "6.1.193", BUG_UNKNOWN},
	{{.fixed_in = "6.7", .lacking = "6.1.192"}, "6.6.30", BUG_UNKNOWN},
	{{.fixed_in = "6.12.114 6.1.191", .lacking = "6.18.44"}, "6.1.192", BUG_FIXED},
	{{.fixed_in = "6.12.114 6.1.191", .lacking = "6.18.44"}, "6.18.44", BUG_AFFECTED},
	{{.fixed_in = "6.12.114 6.1.191", .lacking = "6.18.44"}, "6.19.0", BUG_UNKNOWN},
	{{.fixed_in = "6.12 6.1.135", .since = "6.11"}, "6.11.3", BUG_UNKNOWN},
	{{.fixed_in = "6.12 6.1.135", .since = "6.11"}, "6.11.0", BUG_AFFECTED},
	{{.fixed_in = "6.12 6.1.135", .since = "6.11"}, "6.1.192", BUG_FIXED},
	{{.fixed_in = "6.12 6.1.135", .since = "6.11"}, "6.1.100", BUG_UNKNOWN}, /* from before the bug */
	{{.fixed_in = NULL}, "6.18.44", BUG_AFFECTED},
	{{.fixed_in = NULL}, NULL, BUG_AFFECTED},
	{{.fixed_in = NULL, .since = "5.9"}, "5.8.1", BUG_UNKNOWN},
};

static void test_applies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fixes) / sizeof(fixes[0]); i++) {
		struct kernel kernel = kernel_read(fixes[i].kernel);

		if (bug_applies(&fixes[i].bug, &kernel) != fixes[i].applies)
			fail_msg("fix in %s, kernel %s: %s", fixes[i].bug.fixed_in, fixes[i].kernel,
				bug_applies_name(bug_applies(&fixes[i].bug, &kernel)));
	}
}

/* Numbers rise, slugs and commits are well formed and unique, every row can be found by each of its names. */
static void test_catalogue(void **state)
{
	const struct bug *bug;
	unsigned last = 0;
	char number[16];

	(void)state;
	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++) {
		assert_true(bug->number > last);
		last = bug->number;
		assert_int_equal(strspn(bug->slug, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(bug->slug));
		assert_non_null(bug->title);
		assert_non_null(bug->shows);
		assert_ptr_equal(bugs_named(bug->slug), bug);
		snprintf(number, sizeof(number), "%u", bug->number);
		assert_ptr_equal(bugs_named(number), bug);
		if (bug->commit != NULL) {
			assert_int_equal(strlen(bug->commit), 12);
			assert_int_equal(strspn(bug->commit, "0123456789abcdef"), 12);
			assert_ptr_equal(bugs_named(bug->commit), bug);
		}
		assert_true(bug->fixed_in == NULL || kernel_read(bug->fixed_in).known);
		assert_true(bug->commit == NULL || bug->fixed_in != NULL);
		for (size_t sign = 0; sign < BUG_SIGNS_MAX && bug->signs[sign].weight != 0; sign++)
			assert_non_null(bug->signs[sign].why);
	}
	assert_int_equal(last, 56);
	assert_null(bugs_named("29")); /* 7bc329c18359 was found nowhere and is not cited */
	assert_null(bugs_named("7bc329c18359"));
}

static void test_named(void **state)
{
	(void)state;
	assert_int_equal(bugs_named("af0e2aab")->number, 18);
	assert_int_equal(bugs_named("AF0E2AAB3B70")->number, 18);
	assert_int_equal(bugs_named("af0e2aab3b70ffffffffffffffffffffffffffff")->number, 18);
	assert_int_equal(bugs_named("364ecf3651e0")->number, 1);
	assert_int_equal(bugs_named("71537e")->number, 42);
	assert_null(bugs_named("af0e2"));
	assert_null(bugs_named(""));
	assert_null(bugs_named("0"));
	assert_null(bugs_named("18x"));
	assert_null(bugs_named("stale"));
	assert_null(bugs_named("gf0e2aab"));
	assert_null(bugs_named("99999999999999999999999999"));
}

static void test_match(void **state)
{
	(void)state;
	assert_string_equal(best(FINDING_FOREIGN_FREE, PATH_TRACED_FREE, NULL)->commit, "bc42bda22345");
	assert_null(best(FINDING_FOREIGN_FREE, PATH_ROLLBACK, NULL)->commit);
	assert_string_equal(best(FINDING_TRUNCATED_COUNT, PATH_FREE, "6.1.50")->commit, "9e65bfca24cf");
	assert_string_equal(best(FINDING_LEAK, PATH_EVICTED, "6.1.100")->commit, "30479f31d44d");
	assert_string_equal(best(FINDING_LEAK, PATH_NOCOW_RELEASED, "6.1.192")->slug, "nocow-released");
	assert_string_equal(best(FINDING_STALE_FREE, PATH_STALE_FREED, NULL)->commit, "af0e2aab3b70");
	assert_string_equal(best(FINDING_STALE_FREE, PATH_STALE_RELEASED, NULL)->commit, "af0e2aab3b70");
	assert_string_equal(best(FINDING_OVER_BROAD_ROLLBACK, PATH_NONE, NULL)->slug, "end-taken-for-length");
	assert_string_equal(best(FINDING_COMMIT_MISMATCH, PATH_NOT_DROPPED, NULL)->commit, "d139ded8b9cd");
	assert_string_equal(best(FINDING_LEAK, PATH_NEVER_DROPPED, NULL)->commit, "1f2889f5594a");
	assert_string_equal(best(FINDING_GARBAGE_TYPE, PATH_NONE, NULL)->commit, "fd2b007eaec8");
	assert_null(best(FINDING_QUOTA_EPOCH, PATH_NONE, NULL));
	assert_null(best(FINDING_UNEXPLAINED, PATH_COUNTER_JUMP, NULL));
}

/* The mechanism decides the order, and the kernel only among equals. */
static void test_mechanism_comes_first(void **state)
{
	struct finding finding = {.kind = FINDING_LEAK, .path = PATH_SILENT_CLEAR};
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_match(&finding, &nothing_else, "6.18.44", matches);

	(void)state;
	assert_int_equal(count, 3);
	assert_string_equal(matches[0].bug->commit, "a86805504b88");
	assert_int_equal(matches[0].applies, BUG_FIXED);
	count = bugs_match(&finding, &nothing_else, "5.10.100", matches);
	assert_int_equal(count, 3);
	assert_string_equal(matches[0].bug->commit, "a86805504b88");
	assert_int_equal(matches[0].applies, BUG_UNKNOWN);
	assert_int_equal(matches[1].applies, BUG_FIXED);
	count = bugs_match(&finding, &nothing_else, "5.8.0", matches);
	assert_int_equal(count, 3);
	assert_string_equal(matches[0].bug->commit, "a86805504b88");
}

static const struct bug *best_of_leak(
	enum finding_path path, const struct evidence *evidence, size_t count, const struct replay_result *result)
{
	struct occurrence occurrence = {.root = 256, .len = 20480, .bytes = 20480};
	struct finding finding = {.kind = FINDING_LEAK,
		.path = path,
		.fs = 1,
		.root = 256,
		.bytes = 20480,
		.occurrences = &occurrence,
		.occurrence_count = 1,
		.evidence = (struct evidence *)evidence,
		.evidence_count = count};
	struct bug_match matches[BUGS_MATCHES_MAX];

	assert_true(bugs_match(&finding, result, "6.1.192", matches) > 0);
	return matches[0].bug;
}

/* What the evidence of a leak holds decides between the bugs that leave bits behind. */
static void test_leaks(void **state)
{
	static const struct evidence failed[] = {{.role = ROLE_OWNER_RESERVES}, {.role = ROLE_META_FAILS}};
	static const struct evidence dirty[] = {{.role = ROLE_OWNER_RESERVES}, {.role = ROLE_OWNER_COMPLETE}};
	static const struct evidence unordered[] = {{.role = ROLE_RELEASED}};
	static const struct evidence ordered[] = {{.role = ROLE_RELEASED}, {.role = ROLE_ORDERED}};
	struct finding others[] = {{.kind = FINDING_LEAK, .path = PATH_SILENT_CLEAR, .fs = 1, .root = 257}};
	struct replay_result cleared = {.findings = others, .finding_count = 1};
	struct finding rollback[] = {{.kind = FINDING_FOREIGN_FREE, .path = PATH_ROLLBACK, .fs = 1, .root = 256}};
	struct replay_result raced = {.findings = rollback, .finding_count = 1};
	struct finding truncation[] = {{.kind = FINDING_TRUNCATED_COUNT, .fs = 1, .root = 256}};
	struct replay_result metadata = {.event_counts = {[EVENT_META_RESERVE] = 1}};
	struct replay_result truncated = {.findings = truncation, .finding_count = 1};
	struct finding residue = {
		.kind = FINDING_LEAK, .path = PATH_RESIDUE, .fs = 1, .root = 256, .bytes = UINT64_C(1) << 32};
	struct bug_match matches[BUGS_MATCHES_MAX];

	(void)state;
	assert_string_equal(best_of_leak(PATH_EVICTED, failed, 2, &nothing_else)->commit, "bab32fc069ce");
	assert_string_equal(best_of_leak(PATH_EVICTED, failed, 1, &metadata)->commit, "bab32fc069ce");
	assert_string_equal(best_of_leak(PATH_EVICTED, failed, 1, &nothing_else)->commit, "30479f31d44d");
	assert_string_equal(best_of_leak(PATH_EVICTED, dirty, 2, &metadata)->commit, "30479f31d44d");
	assert_string_equal(best_of_leak(PATH_EVICTED, dirty, 2, &cleared)->slug, "invalidate-keeps");
	assert_string_equal(best_of_leak(PATH_SILENT_CLEAR, dirty, 2, &nothing_else)->slug, "invalidate-keeps");
	assert_string_equal(best_of_leak(PATH_SILENT_CLEAR, dirty, 2, &raced)->slug, "bit-before-counter");
	assert_string_equal(best_of_leak(PATH_NEVER_DROPPED, unordered, 1, &nothing_else)->commit, "1f2889f5594a");
	assert_string_equal(best_of_leak(PATH_NEVER_DROPPED, ordered, 2, &nothing_else)->commit, "f63e1164b90b");
	assert_int_equal(bugs_match(&residue, &nothing_else, NULL, matches), 0);
	assert_true(bugs_match(&residue, &truncated, NULL, matches) > 0);
	assert_string_equal(matches[0].bug->commit, "9e65bfca24cf");
}

static void test_underflows(void **state)
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
	assert_true(bugs_match(&findings[0], &result, NULL, matches) > 0);
	assert_string_equal(matches[0].bug->slug, "quota-enabled-while-writing");
	result.finding_count = 2;
	assert_true(bugs_match(&findings[0], &result, NULL, matches) > 0);
	assert_string_equal(matches[0].bug->commit, "bc42bda22345");
	findings[1].path = PATH_ROLLBACK;
	assert_true(bugs_match(&findings[0], &result, NULL, matches) > 0);
	assert_string_equal(matches[0].bug->slug, "rollback-by-range");
	findings[1].root = 257;
	fs.quota_epochs = 2;
	assert_true(bugs_match(&findings[0], &result, NULL, matches) > 0);
	assert_string_equal(matches[0].bug->commit, "af0e2aab3b70");
	findings[0].path = PATH_FREE;
	fs.quota_epochs = 1;
	assert_true(bugs_match(&findings[0], &result, NULL, matches) > 0);
	assert_string_equal(matches[0].bug->slug, "counter-below-zero");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_applies),
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_mechanism_comes_first),
		cmocka_unit_test(test_leaks),
		cmocka_unit_test(test_underflows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
