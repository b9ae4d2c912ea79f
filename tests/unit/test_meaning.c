/* SPDX-License-Identifier: GPL-2.0-only */
/* Each kind of finding means something, and the known bugs that explain a kind are those that have a sign of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/meaning.h"

static void each_kind_has_a_title_and_a_meaning(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < FINDING_KIND_COUNT; kind++)
		for (unsigned path = 0; path < PATH_COUNT; path++) {
			const char *names[] = {finding_kind_name(kind), finding_path_name(path)};
			const char *meaning = explain_meaning(names[0], names[1]);
			const char *title = explain_title(names[0], names[1]);

			if (strcmp(title, names[0]) == 0 || title[0] < 'A' || title[0] > 'Z')
				fail_msg("%s has no title on path '%s'", names[0], names[1]);
			if (*meaning == '\0' || meaning[strlen(meaning) - 1] != '.')
				fail_msg("%s is not explained on path '%s'", names[0], names[1]);
			if (title[strlen(title) - 1] == '.')
				fail_msg("the title of %s on path '%s' is a sentence", names[0], names[1]);
		}
}

static void a_path_has_its_own_meaning(void **state)
{
	(void)state;
	assert_string_equal(
		explain_title("foreign-free", "traced-free"), "A task frees bytes that another task reserved");
	assert_string_not_equal(
		explain_title("foreign-free", "traced-free"), explain_title("foreign-free", "rollback"));
	assert_string_not_equal(explain_meaning("leak", "evicted"), explain_meaning("leak", "never-dropped"));
}

static void a_kind_of_a_newer_program_is_told_by_its_name(void **state)
{
	(void)state;
	assert_string_equal(explain_title("time-travel", "back"), "time-travel");
	assert_string_equal(explain_meaning("time-travel", "back"), "");
}

/* As the weights of the catalogue's rows have it: 9 to 4 of a silent clear, whose numbers are in no order. */
static void the_best_match_stands_first(void **state)
{
	static const unsigned silent[] = {54, 55, 17, 9, 10, 12};
	struct bug_match matches[BUGS_MATCHES_MAX];

	(void)state;
	assert_int_equal(bugs_explaining("leak", "silent-clear", matches), sizeof(silent) / sizeof(silent[0]));
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		assert_int_equal(matches[i].bug->number, silent[i]);
	assert_int_equal(bugs_explaining("foreign-free", "traced-free", matches), 2);
	assert_string_equal(matches[0].bug->slug, "whole-range-free");
	assert_string_equal(matches[1].bug->slug, "cow-cleanup-length");
	assert_int_equal(matches[0].applies, BUG_UNKNOWN);
	assert_int_equal(bugs_explaining("time-travel", "back", matches), 0);
	assert_int_equal(bugs_explaining("foreign-free", "back", matches), 0);
}

/* A sign without a path covers all of them. */
static void a_sign_covers_its_kind_and_path(void **state)
{
	static const struct bug_sign one = {.kind = FINDING_LEAK, .path = PATH_EVICTED};
	static const struct bug_sign any = {.kind = FINDING_LEAK, .path = PATH_COUNT};

	(void)state;
	assert_true(bug_sign_covers(&one, "leak", "evicted"));
	assert_false(bug_sign_covers(&one, "leak", "residue"));
	assert_false(bug_sign_covers(&one, "underflow", "evicted"));
	assert_true(bug_sign_covers(&any, "leak", "residue"));
	assert_false(bug_sign_covers(&any, "underflow", "residue"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_a_title_and_a_meaning),
		cmocka_unit_test(a_path_has_its_own_meaning),
		cmocka_unit_test(a_kind_of_a_newer_program_is_told_by_its_name),
		cmocka_unit_test(the_best_match_stands_first),
		cmocka_unit_test(a_sign_covers_its_kind_and_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
