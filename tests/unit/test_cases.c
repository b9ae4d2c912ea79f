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
#include "tests/unit/samples_kept.h"

struct outcome {
	const struct trace_info *info;
	const struct replay_result *result;
	const struct whatif *what_if;
};

static uint64_t root_of(const struct finding *finding)
{
	return finding->root;
}

static uint64_t ino_of(const struct finding *finding)
{
	return finding->ino;
}

static uint64_t bytes_of(const struct finding *finding)
{
	return finding->bytes;
}

static uint64_t start_of(const struct finding *finding)
{
	return finding->occurrences[0].start;
}

static uint64_t len_of(const struct finding *finding)
{
	return finding->occurrences[0].len;
}

static uint64_t have_of(const struct finding *finding)
{
	return finding->occurrences[0].have_bytes;
}

static uint64_t diff_of(const struct finding *finding)
{
	return (uint64_t)finding->occurrences[0].diff_bytes;
}

static uint64_t actor_of(const struct finding *finding)
{
	return (uint64_t)finding->occurrences[0].task.pid;
}

static uint64_t times_of(const struct finding *finding)
{
	return finding->occurrence_total;
}

static uint64_t consequences_of(const struct finding *finding, enum consequence_kind kind)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < finding->consequence_count; i++)
		if (finding->consequences[i].kind == kind)
			bytes += finding->consequences[i].bytes;
	return bytes;
}

/* Bytes of data that were written unreserved as a consequence. */
static uint64_t short_of(const struct finding *finding)
{
	return consequences_of(finding, CONSEQUENCE_SHORT_RELEASE);
}

/* Bytes that were reserved beyond a limit as a consequence. */
static uint64_t beyond_of(const struct finding *finding)
{
	return consequences_of(finding, CONSEQUENCE_BEYOND_LIMIT);
}

static const struct {
	const char *key;
	uint64_t (*value)(const struct finding *finding);
} numbers[] = {{"root", root_of}, {"ino", ino_of}, {"start", start_of}, {"len", len_of}, {"bytes", bytes_of},
	{"by", actor_of}, {"have", have_of}, {"diff", diff_of}, {"times", times_of}, {"short", short_of},
	{"beyond", beyond_of}};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static const char *or_dash(const char *name)
{
	return name[0] != '\0' ? name : "-";
}

/* The finding as a line of a case could say it. */
static void print_finding(FILE *out, const struct finding *finding, const struct trace_info *info)
{
	const struct occurrence *first = &finding->occurrences[0];

	fprintf(out, "%s %s %s", finding_kind_name(finding->kind), or_dash(finding_path_name(finding->path)),
		finding_certainty_name(finding->certainty));
	for (size_t i = 0; i < NUMBERS; i++)
		fprintf(out, " %s=%" PRId64, numbers[i].key, (int64_t)numbers[i].value(finding));
	fputs(" owner=", out);
	for (size_t i = 0; i < first->owner_count; i++)
		fprintf(out, "%s%d", i > 0 ? "," : "", (int)first->owners[i].task.pid);
	fprintf(out, " where=%s fsid=%s at=%" PRIu64 ".%06u\n", or_dash(finding_where_name(finding->where)),
		or_dash(names_text(info->fsids, finding->fs)), first->time_ns / 1000000000,
		(unsigned)(first->time_ns / 1000 % 1000000));
}

static void print_ledger(
	FILE *out, const struct root_totals *root, const struct fs_totals *fs, const struct trace_info *info)
{
	fprintf(out,
		"ledger root=%" PRIu64 " reserved=%" PRIu64 " released=%" PRIu64 " freed=%" PRIu64 " dropped=%" PRIu64
		" ranges=%" PRIu64 " flight=%" PRIu64 " counter=%" PRIu64 " outside=%" PRIu64 " leaked=%" PRIu64
		" underflow=%" PRIu64 " epochs=%" PRIu64 " fsid=%s\n",
		root->root, root->reserved_bytes, root->released_bytes, root->freed_bytes, root->dropped_bytes,
		root->end_ranges_bytes, root->end_flight_bytes, root->end_counter_bytes, root->end_unknown_bytes,
		root->leaked_bytes, root->underflow_bytes, fs->quota_epochs, or_dash(names_text(info->fsids, fs->fs)));
}

/* By how much the counter was off at worst, and for how long in bytes times seconds; what it should have come to. */
static void print_what_if(
	FILE *out, const struct whatif_root *root, const struct fs_totals *fs, const struct trace_info *info)
{
	if (root == NULL)
		return;
	fprintf(out,
		"what-if root=%" PRIu64 " peak=%" PRIu64 " end=%" PRIu64 " too-low=%" PRIu64 " too-high=%" PRIu64
		" low-area=%" PRIu64 " high-area=%" PRIu64 " twice=%" PRIu64 " fsid=%s\n",
		root->place.root, root->should_peak, root->should_end, root->too_low.bytes, root->too_high.bytes,
		root->too_low.byte_seconds, root->too_high.byte_seconds, root->told_twice,
		or_dash(names_text(info->fsids, fs->fs)));
}

static void print_counts(FILE *out, const struct replay_result *result)
{
	uint64_t unproven = 0;

	for (size_t kind = 0; kind < FINDING_KIND_COUNT; kind++)
		unproven += result->unproven.of[kind];
	fprintf(out,
		"counts contradictions=%" PRIu64 " chain-breaks=%" PRIu64 " exchanges=%" PRIu64 " lost=%" PRIu64
		" unproven=%" PRIu64 "\n",
		result->contradictions, result->chain_breaks, result->exchanges, result->lost_events, unproven);
}

static void print_root(
	FILE *out, const struct outcome *outcome, const struct root_totals *root, const struct fs_totals *fs)
{
	print_ledger(out, root, fs, outcome->info);
	print_what_if(out, whatif_of(outcome->what_if, root->place), fs, outcome->info);
}

/* Everything that an expectation can be about, one line each. */
static char *print_outcome(const struct outcome *outcome, enum finding_severity severity)
{
	const struct replay_result *result = outcome->result;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < result->finding_count; i++)
		if (result->findings[i].severity >= severity)
			print_finding(out, &result->findings[i], outcome->info);
	for (size_t i = 0; i < result->filesystem_count; i++)
		for (size_t k = 0; k < result->filesystems[i].root_count; k++)
			print_root(out, outcome, &result->filesystems[i].roots[k], &result->filesystems[i]);
	print_counts(out, result);
	fclose(out);
	return text;
}

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

static size_t compare(struct case_file *file, const struct outcome *outcome)
{
	char *text = print_outcome(outcome, file->severity);
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
static size_t judge(struct case_file *file, struct outcome *outcome, const struct samples_kept *samples)
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
	struct outcome outcome;
	size_t faults = 1;
	int fd = text_fd(file->text, file->trace_size);

	if (file->limits != NULL)
		read_limits(&limits, file, path);
	if (source_open(&source, fd, -1, path, &error) == ERR_OK && source_read(source, &sink, &error) == ERR_OK) {
		outcome = (struct outcome){source_info(source), replay_finish(replay), NULL};
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
