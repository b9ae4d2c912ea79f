/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's log says, held against a result: agreement, denial, and what the trace does not reach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/klog_join.h"
#include "analyzer/replay.h"

static struct klog_join join_one(struct klog_line *line, const struct replay_result *result, bool alone)
{
	const struct klog klog = {.lines = line, .count = 1};

	return klog_join(&klog, result, alone);
}

static enum klog_verdict verdict_of(struct klog_line line, const struct replay_result *result)
{
	struct klog_join join = join_one(&line, result, true);
	enum klog_verdict verdict = join.matches[0].verdict;

	klog_join_release(&join);
	return verdict;
}

static void test_underflow(void **state)
{
	struct occurrence occurrence = {.have_bytes = 4096, .diff_bytes = -8192};
	struct finding finding = {
		.id = 3, .kind = FINDING_UNDERFLOW, .root = 256, .occurrences = &occurrence, .occurrence_count = 1};
	struct counter_clamp clamp = {.qgid = 256, .have_bytes = 4096, .diff_bytes = -8192, .time_ns = 7, .fs = 1};
	struct counter_end end = {.qgid = 256, .fs = 1};
	struct replay_result result = {.findings = &finding,
		.finding_count = 1,
		.ends = {.clamps = &clamp, .clamp_count = 1, .ends = &end, .end_count = 1}};
	struct klog_line line = {.kind = KLOG_UNDERFLOW, .qgid = 256, .have_bytes = 4096, .bytes = 8192};
	struct klog_join join = join_one(&line, &result, true);

	(void)state;
	assert_int_equal(join.matches[0].verdict, KLOG_AGREES);
	assert_int_equal(join.matches[0].seen_ns, 8);
	assert_int_equal(join.matches[0].finding_count, 1);
	assert_int_equal(join.matches[0].findings[0], 3);
	assert_false(join.matches[0].ambiguous);
	assert_true(klog_join_supports(&join, &finding));
	klog_join_release(&join);
	line.bytes = 4096;
	assert_int_equal(verdict_of(line, &result), KLOG_DENIED);
	line.type = EVENT_TYPE_META_PREALLOC;
	assert_int_equal(verdict_of(line, &result), KLOG_BEYOND); /* a counter that the trace does not show */
	line = (struct klog_line){.kind = KLOG_UNDERFLOW, .qgid = 257, .have_bytes = 4096, .bytes = 8192};
	assert_int_equal(verdict_of(line, &result), KLOG_BEYOND);
	/* A wrapped free, as the kernel prints it. */
	clamp.have_bytes = 3221225472;
	clamp.diff_bytes = 1073741824;
	line = (struct klog_line){
		.kind = KLOG_UNDERFLOW, .qgid = 256, .have_bytes = 3221225472, .bytes = UINT64_C(18446744072635809792)};
	assert_int_equal(verdict_of(line, &result), KLOG_AGREES);
}

static void test_unreleased(void **state)
{
	struct finding findings[] = {{.id = 1, .kind = FINDING_LEAK, .where = LEAK_RANGE, .root = 256},
		{.id = 2, .kind = FINDING_LEAK, .where = LEAK_RANGE, .root = 257},
		{.id = 3, .kind = FINDING_LEAK, .where = LEAK_META, .path = PATH_PERTRANS, .root = 256}};
	struct counter_end ends[] = {{.qgid = 256, .bytes = 20480, .fs = 1, .unmounted = true},
		{.qgid = 257, .bytes = 8192, .fs = 1},
		{.qgid = 256, .bytes = 16384, .fs = 1, .type = EVENT_TYPE_META_PERTRANS, .unmounted = true}};
	struct replay_result result = {
		.findings = findings, .finding_count = 3, .ends = {.ends = ends, .end_count = 3}};
	struct klog_line line = {.kind = KLOG_UNRELEASED, .qgid = 256, .bytes = 20480};
	struct klog_join join = join_one(&line, &result, true);

	(void)state;
	assert_int_equal(join.matches[0].verdict, KLOG_AGREES);
	assert_int_equal(join.matches[0].finding_count, 1);
	assert_int_equal(join.matches[0].findings[0], 1);
	klog_join_release(&join);
	line.type = EVENT_TYPE_META_PERTRANS;
	line.bytes = 16384;
	join = join_one(&line, &result, true);
	assert_int_equal(join.matches[0].findings[0], 3);
	klog_join_release(&join);
	line.bytes = 4096;
	assert_int_equal(verdict_of(line, &result), KLOG_DENIED);
	line = (struct klog_line){.kind = KLOG_UNRELEASED, .qgid = 257, .bytes = 4096};
	assert_int_equal(verdict_of(line, &result), KLOG_BEYOND); /* no unmount in the trace */
	line = (struct klog_line){.kind = KLOG_UNRELEASED, .qgid = 258, .bytes = 4096};
	assert_int_equal(verdict_of(line, &result), KLOG_BEYOND); /* a qgroup that the trace does not know */
	line = (struct klog_line){.kind = KLOG_LEAKED};
	assert_int_equal(verdict_of(line, &result), KLOG_AGREES);
	ends[0].bytes = ends[2].bytes = 0;
	assert_int_equal(verdict_of(line, &result), KLOG_DENIED);
}

static void test_what_leaves_it_open(void **state)
{
	struct counter_end ends[] = {{.qgid = 256, .bytes = 20480, .fs = 1, .unmounted = true},
		{.qgid = 256, .bytes = 20480, .fs = 2, .unmounted = true}};
	struct replay_result result = {.ends = {.ends = ends, .end_count = 1}};
	struct klog_line line = {.kind = KLOG_UNRELEASED, .qgid = 256, .bytes = 4096};
	struct klog_join join = join_one(&line, &result, false);

	(void)state;
	assert_int_equal(join.matches[0].verdict, KLOG_BEYOND); /* the log is of other traces too */
	klog_join_release(&join);
	assert_int_equal(verdict_of(line, &result), KLOG_DENIED);
	result.lost_marks = 1;
	assert_int_equal(verdict_of(line, &result), KLOG_BEYOND);
	result.ends.end_count = 2;
	line.bytes = 20480;
	join = join_one(&line, &result, true);
	assert_int_equal(join.matches[0].verdict, KLOG_AGREES);
	assert_true(join.matches[0].ambiguous);
	klog_join_release(&join);
	line = (struct klog_line){.kind = KLOG_INCONSISTENT};
	assert_int_equal(verdict_of(line, &result), KLOG_CONTEXT);
}

static void test_leaking_inode(void **state)
{
	struct occurrence occurrence = {.start = 8192, .len = 4096};
	struct finding finding = {.id = 1,
		.kind = FINDING_LEAK,
		.root = 256,
		.ino = 257,
		.occurrences = &occurrence,
		.occurrence_count = 1};
	struct replay_result result = {.findings = &finding, .finding_count = 1};
	struct klog_line line = {.kind = KLOG_LEAKING, .ino = 257, .start = 4096, .end = 8192};

	(void)state;
	assert_int_equal(verdict_of(line, &result), KLOG_AGREES);
	line.end = 8191;
	assert_int_equal(verdict_of(line, &result), KLOG_BEYOND);
	line.start = line.end = 12288;
	assert_int_equal(verdict_of(line, &result), KLOG_BEYOND);
	line.start = 12287;
	assert_int_equal(verdict_of(line, &result), KLOG_AGREES);
	line.ino = 258;
	assert_int_equal(verdict_of(line, &result), KLOG_BEYOND);
	line = (struct klog_line){.kind = KLOG_LEAKING, .ino = 257, .start = 0, .end = UINT64_MAX};
	assert_int_equal(verdict_of(line, &result), KLOG_AGREES);
}

static void test_repeated_and_denied(void **state)
{
	struct counter_end end = {.qgid = 256, .bytes = 0, .fs = 1, .unmounted = true};
	struct replay_result result = {.ends = {.ends = &end, .end_count = 1}};
	struct klog_line lines[] = {{.kind = KLOG_UNRELEASED, .line = 1, .qgid = 256, .bytes = 4096},
		{.kind = KLOG_UNRELEASED, .line = 2, .qgid = 256, .bytes = 4096},
		{.kind = KLOG_UNRELEASED, .line = 3, .qgid = 999, .bytes = 4096}};
	const struct klog klog = {.lines = lines, .count = 3};
	struct klog_join join = klog_join(&klog, &result, true);
	struct finding finding;

	(void)state;
	assert_int_equal(join.count, 2);
	assert_int_equal(join.matches[0].count, 2);
	assert_int_equal(join.verdicts[KLOG_DENIED], 2);
	assert_int_equal(join.verdicts[KLOG_BEYOND], 1);
	assert_true(klog_join_mismatch(&join, 9, &finding));
	assert_int_equal(finding.id, 9);
	assert_int_equal(finding.kind, FINDING_LOG_MISMATCH);
	assert_int_equal(finding.severity, SEVERITY_NOTE);
	assert_int_equal(finding.occurrence_total, 2);
	assert_int_equal(finding.root, 256);
	klog_join_release(&join);
	end.bytes = 4096;
	join = klog_join(&klog, &result, true);
	assert_false(klog_join_mismatch(&join, 9, &finding));
	klog_join_release(&join);
}

/* The kernel's own words, so that they can be searched for in the log. */
static void test_words(void **state)
{
	static const struct {
		struct klog_line line;
		const char *text;
	} cases[] = {
		{{.kind = KLOG_UNDERFLOW, .qgid = 256, .have_bytes = 4096, .bytes = 8192},
			"qgroup 256 data reserved space underflow, have 4096 to free 8192"},
		{{.kind = KLOG_UNRELEASED, .qgid = UINT64_C(1) << 48 | 100, .type = 2, .bytes = 5},
			"qgroup 1/100 has unreleased space, type 2 rsv 5"},
		{{.kind = KLOG_LEAKED}, "qgroup reserved space leaked"},
		{{.kind = KLOG_LEAKING, .ino = 257, .start = 1, .end = 2},
			"leaking qgroup reserved space, ino: 257, start: 1, end: 2"},
		{{.kind = KLOG_INCONSISTENT}, "qgroup marked inconsistent"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = klog_line_text(&cases[i].line);

		assert_string_equal(text, cases[i].text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_underflow),
		cmocka_unit_test(test_unreleased),
		cmocka_unit_test(test_what_leaves_it_open),
		cmocka_unit_test(test_leaking_inode),
		cmocka_unit_test(test_repeated_and_denied),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
