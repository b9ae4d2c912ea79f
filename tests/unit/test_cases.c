/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs the accounting cases of tests/cases: each is a small trace and what it must come to, through the same path as
 * the program's. A case is a test of its own. With file names as arguments only these are run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <glob.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/replay.h"
#include "collector/limits_file.h"
#include "collector/source.h"
#include "tests/unit/case_file.h"
#include "tests/unit/case_outcome.h"
#include "tests/unit/samples_kept.h"

static bool is_about(const struct case_line *line, const char *what)
{
	return line->count > 0 && strcmp(line->words[0], what) == 0;
}

static bool is_finding(const struct case_line *line)
{
	return !is_about(line, "ledger") && !is_about(line, "what-if") && !is_about(line, "counts");
}

/* An expectation names only what it cares for; of a finding also its kind, path and certainty. */
static bool meets(const struct case_line *actual, const struct case_line *expected)
{
	bool of_finding = is_finding(actual);
	size_t keys = of_finding ? 3 : 1;

	if (expected->count < keys)
		return false;
	for (size_t i = 0; i < keys; i++)
		if (strcmp(actual->words[i], expected->words[i]) != 0)
			return false;
	for (size_t i = keys; i < expected->count; i++) {
		char *equals = strchr(expected->words[i], '=');
		char key[32];
		const char *value;

		if (equals == NULL || equals == expected->words[i])
			return false;
		snprintf(key, sizeof(key), "%.*s", (int)(equals - expected->words[i]), expected->words[i]);
		value = case_value(actual, keys, key);
		if (value == NULL || strcmp(value, equals + 1) != 0)
			return false;
	}
	return !of_finding || case_value(expected, keys, "times") != NULL ||
	       strcmp(case_value(actual, keys, "times"), "1") == 0;
}

/* What nobody expects in a case that does not say so: the model and the kernel agree, and the chains go on. */
static bool may_pass(const struct case_file *file, const struct case_line *actual)
{
	if (is_about(actual, "ledger") || is_about(actual, "what-if"))
		return true;
	if (!is_about(actual, "counts"))
		return false;
	for (size_t i = 0; i < file->line_count; i++)
		if (is_about(&file->lines[i], "counts"))
			return true;
	return strcmp(case_value(actual, 1, "contradictions"), "0") == 0 &&
	       strcmp(case_value(actual, 1, "chain-breaks"), "0") == 0;
}

static void match(struct case_file *file, struct case_line *actual)
{
	for (size_t i = 0; i < file->line_count && !actual->met; i++) {
		struct case_line *expected = &file->lines[i];

		if (!expected->met && meets(actual, expected))
			expected->met = actual->met = true;
	}
	if (!actual->met)
		actual->met = may_pass(file, actual);
}

/* Prints the words as one line. */
static void tell(const char *what, const struct case_line *line)
{
	printf("  %s:", what);
	for (size_t i = 0; i < line->count; i++)
		printf(" %s", line->words[i]);
	printf("\n");
}

static size_t compare(struct case_file *file, const struct case_outcome *outcome)
{
	char *text = case_outcome(outcome, file->severity);
	char *rest = NULL;
	size_t faults = 0;
	size_t findings = 0;

	for (char *at = strtok_r(text, "\n", &rest); at != NULL; at = strtok_r(NULL, "\n", &rest)) {
		struct case_line actual;

		case_split(&actual, at);
		findings += is_finding(&actual);
		match(file, &actual);
		faults += !actual.met;
		tell(actual.met ? "have" : "not expected", &actual);
	}
	for (size_t i = 0; i < file->line_count; i++) {
		struct case_line *expected = &file->lines[i];

		if (is_about(expected, "nothing") && expected->count == 1 && findings == 0)
			expected->met = true;
		faults += !expected->met;
		if (!expected->met)
			tell("MISSING", expected);
	}
	free(text);
	return faults;
}

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	(void)error;
	replay_take(context, events, count);
	return ERR_OK;
}

/* A descriptor with a text, at its beginning. */
static int text_fd(const char *text, size_t size)
{
	int fd = memfd_create("case", MFD_CLOEXEC);

	assert_true(fd >= 0 && write(fd, text, size) == (ssize_t)size);
	assert_true(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void read_limits(struct limits *limits, const struct case_file *file, const char *path)
{
	struct error error = {ERR_OK, ""};
	int fd = text_fd(file->limits, file->limits_size);

	if (limits_file_read(limits, fd, path, &error) != ERR_OK)
		fail_msg("%s", error.text);
	close(fd);
}

/* A leak that healed is a note, and the counter was too high for a while. */
static bool has_mismatch(const struct replay_result *result)
{
	for (size_t i = 0; i < result->finding_count; i++)
		if (result->findings[i].severity == SEVERITY_ERROR || result->findings[i].kind == FINDING_LEAK)
			return true;
	return false;
}

/* Compares with what is expected; and without a mismatch the counters were as they should have been. */
static size_t judge(struct case_file *file, struct case_outcome *outcome, const struct samples_kept *samples)
{
	struct whatif *what_if = whatif_new(&outcome->result->what_if, NULL);
	size_t faults;

	whatif_take(what_if, samples->all, samples->count);
	whatif_finish(what_if, outcome->result->last_ns);
	outcome->what_if = what_if;
	faults = compare(file, outcome);
	if (whatif_differs(what_if) && !has_mismatch(outcome->result)) {
		printf("  a counter is said to be wrong, and nothing says why\n");
		faults++;
	}
	whatif_free(what_if);
	return faults;
}

static size_t replay_case(struct case_file *file, const char *path)
{
	struct limits limits = {0};
	struct samples_kept samples = {0};
	struct whatif_sink keep = {samples_keep, &samples};
	struct replay_options options = {
		.fresh = file->fresh, .limits = file->limits != NULL ? &limits : NULL, .samples = &keep};
	struct replay *replay = replay_new(&options);
	struct sink sink = {take, replay};
	struct source *source = NULL;
	struct error error = {ERR_OK, ""};
	struct case_outcome outcome;
	size_t faults = 1;
	int fd = text_fd(file->text, file->trace_size);

	if (file->limits != NULL)
		read_limits(&limits, file, path);
	if (source_open(&source, fd, -1, path, &error) == ERR_OK && source_read(source, &sink, &error) == ERR_OK) {
		outcome = (struct case_outcome){source_info(source), replay_finish(replay), NULL};
		faults = judge(file, &outcome, &samples);
		if (outcome.info->garbled_lines > 0 || outcome.info->skipped_events > 0)
			printf("  %" PRIu64 " lines cannot be read, %" PRIu64 " are of unknown events\n",
				outcome.info->garbled_lines, outcome.info->skipped_events);
		faults += outcome.info->garbled_lines > 0 || outcome.info->skipped_events > 0;
	} else {
		printf("  %s\n", error.text);
	}
	source_close(source);
	replay_free(replay);
	limits_release(&limits);
	free(samples.all);
	close(fd);
	return faults;
}

static void test_case(void **state)
{
	const char *path = *state;
	struct case_file file;
	const char *wrong = case_open(&file, path);
	size_t faults = 0;

	if (wrong == NULL)
		faults = replay_case(&file, path);
	case_release(&file);
	if (wrong != NULL)
		fail_msg("%s: %s", path, wrong);
	if (faults > 0)
		fail_msg("%s: %zu faults", path, faults);
}

int main(int argc, char **argv)
{
	struct CMUnitTest *tests;
	glob_t found = {.gl_pathc = (size_t)(argc - 1), .gl_pathv = argv + 1};
	int failed;

	if (argc < 2 && glob("tests/cases/*.txt", 0, NULL, &found) != 0) {
		printf("no case in tests/cases\n");
		return 1;
	}
	tests = memory_zeroed(found.gl_pathc * sizeof(*tests));
	for (size_t i = 0; i < found.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = found.gl_pathv[i], .test_func = test_case, .initial_state = found.gl_pathv[i]};
	failed = _cmocka_run_group_tests("cases", tests, found.gl_pathc, NULL, NULL);
	free(tests);
	if (argc < 2)
		globfree(&found);
	return failed;
}
