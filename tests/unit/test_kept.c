/* SPDX-License-Identifier: GPL-2.0-only */
/* Results of real traces and of the model's: as rows and back they make the same reports. */
#include <glob.h>

#include "analyzer/kept/kept_record.h"
#include "tests/model/model.h"
#include "tests/unit/kept_rows.h"
#include "tests/unit/samples_kept.h"

static void expect_round_trip(const struct report_trace *trace, const struct replay_options *options)
{
	struct rows_kept rows = kept_rows_of(trace, options);
	struct error error = {0};
	struct kept *kept = NULL;

	if (kept_rows_load(&kept, &rows, &error) != ERR_OK)
		fail_msg("%s: %s", trace->name, error.text);
	kept_trace(kept)->id = trace->id;
	for (size_t i = 0; i < KEPT_ROWS_FORMATS; i++) {
		char *before = kept_rows_document(kept_rows_formats[i], trace);
		char *after = kept_rows_document(kept_rows_formats[i], kept_trace(kept));

		if (strcmp(before, after) != 0)
			print_error("%s as %s:\n%s\n---\n%s\n", trace->name, kept_rows_formats[i]->name, before, after);
		assert_string_equal(before, after);
		free(before);
		free(after);
	}
	kept_free(kept);
	rows_kept_release(&rows);
}

/* The log beside a trace of tests/traces/kernel, "b1-w1.dmesg" beside "b1-w1.dat.zst"; "" when there is none. */
static void find_log(const char *name, char *log, size_t size)
{
	size_t length = strlen(name) - (strstr(name, ".dat.zst") != NULL ? strlen(".dat.zst") : 0);

	snprintf(log, size, "%.*s.dmesg", (int)length, name);
	if (access(log, R_OK) != 0)
		*log = '\0';
}

static void bundled_traces(void **state)
{
	static const char *const patterns[] = {"tests/traces/*.dat.zst", "tests/traces/kernel/*.dat.zst",
		"tests/traces/live/*.txt.zst", "tests/traces/text/*.txt", "tests/traces/text/*.gz"};
	glob_t found = {0};
	size_t read = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		assert_int_equal(glob(patterns[i], i == 0 ? 0 : GLOB_APPEND, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = found.gl_pathv[i];
		const char *limits = strstr(name, "live/limits") != NULL ? "tests/traces/live/limits.show" : NULL;
		char log[256];
		struct kept_rows_trace opened;

		find_log(name, log, sizeof(log));
		kept_rows_open(&opened, name, limits, *log != '\0' ? log : NULL);
		if (opened.pipeline != NULL)
			expect_round_trip(pipeline_trace(opened.pipeline), &opened.input.replay);
		read += opened.pipeline != NULL;
		kept_rows_close(&opened);
	}
	assert_true(read > 20);
	globfree(&found);
}

static struct names *names_of_model(void)
{
	struct names *names = names_new(100);

	for (uint32_t i = 1; i < 100; i++) {
		const char *name = model_comm_name(i);

		if (name == NULL || names_number(names, name, strlen(name)) != i)
			break;
	}
	return names;
}

static void model_traces(void **state)
{
	enum { SEEDS = 20 };
	struct names *comms = names_of_model();
	struct names *fsids = names_new(2);
	size_t findings = 0;

	(void)state;
	names_number(fsids, "11111111-1111-1111-1111-111111111111", 36);
	names_number(fsids, "22222222-2222-2222-2222-222222222222", 36);
	for (uint64_t seed = 1; seed <= SEEDS * MODEL_BUGS; seed++) {
		const struct model_setup setup = model_setup_of(seed, (enum model_bug)(seed % MODEL_BUGS));
		struct samples_kept samples = {0};
		const struct whatif_sink sink = {samples_keep, &samples};
		const struct replay_options options = {.samples = &sink};
		struct replay *replay = replay_new(&options);
		struct report_trace trace = {
			.id = 1, .name = "model", .source = "text", .comms = comms, .fsids = fsids};
		struct whatif *what_if;
		struct model_run run;

		model_run(&run, &setup);
		replay_take(replay, run.events, run.event_count);
		trace.result = replay_finish(replay);
		trace.what_if = what_if = whatif_new(&trace.result->what_if, NULL);
		whatif_take(what_if, samples.all, samples.count);
		whatif_finish(what_if, trace.result->last_ns);
		findings += trace.result->finding_count;
		expect_round_trip(&trace, &options);
		whatif_free(what_if);
		replay_free(replay);
		free(samples.all);
		model_run_release(&run);
	}
	assert_true(findings > SEEDS);
	names_free(comms);
	names_free(fsids);
}

static void what_a_trace_says_at_length_is_cut(void **state)
{
	enum { LENGTH = 300001 };
	char *kernel = memory_zeroed(LENGTH + 1);
	struct kept_rows_trace opened;
	struct report_trace trace;
	struct rows_kept rows;
	struct kept *kept = NULL;

	(void)state;
	/* "6", and then characters of two bytes. */
	for (size_t i = 0; i < LENGTH; i++)
		kernel[i] = i == 0 ? '6' : i % 2 == 1 ? '\xc3' : '\xa4';
	kept_rows_open(&opened, "tests/traces/classic.dat.zst", NULL, NULL);
	trace = *pipeline_trace(opened.pipeline);
	trace.kernel = kernel;
	rows = kept_rows_of(&trace, NULL);
	assert_int_equal(kept_rows_load(&kept, &rows, NULL), ERR_OK);
	/* 4096 bytes would end within a character. */
	assert_int_equal(strlen(kept_trace(kept)->kernel), 4095);
	assert_memory_equal(kept_trace(kept)->kernel, kernel, 4095);
	kept_free(kept);
	rows_kept_release(&rows);
	kept_rows_close(&opened);
	free(kernel);
}

/* Names that differ in bytes that are not kept stay two tasks. */
static void names_that_become_one(void **state)
{
	struct names *comms = names_new(10);
	struct kept_rows_trace opened;
	struct report_trace trace;
	struct rows_kept rows;
	struct kept *kept = NULL;
	const struct replay_result *result;

	(void)state;
	kept_rows_open(&opened, "tests/traces/classic.dat.zst", NULL, NULL);
	trace = *pipeline_trace(opened.pipeline);
	for (uint32_t i = 1; i <= names_count(trace.comms); i++) {
		char name[] = {'w', (char)(0x80 + i), '\0'};

		assert_int_equal(names_number(comms, name, 2), i <= 10 ? i : 0);
	}
	trace.comms = comms;
	rows = kept_rows_of(&trace, NULL);
	for (size_t i = 0; i < rows.count; i++)
		for (size_t j = 0; j < rows.rows[i].count; j++)
			if (strcmp(row_table_info(rows.rows[i].table)->columns[j], "comm") == 0)
				rows.rows[i].values[j].number = rows.rows[i].values[j].number % 11;
	assert_int_equal(kept_rows_load(&kept, &rows, NULL), ERR_OK);
	result = kept_trace(kept)->result;
	assert_true(result->finding_count > 0);
	for (size_t i = 0; i < result->finding_count; i++)
		assert_string_equal(
			names_text(kept_trace(kept)->comms, result->findings[i].occurrences[0].task.comm), "w?");
	kept_free(kept);
	rows_kept_release(&rows);
	kept_rows_close(&opened);
	names_free(comms);
}

static void columns_are_those_of_the_tables(void **state)
{
	(void)state;
	for (int table = 0; table < ROW_TABLE_COUNT; table++) {
		const struct row_table_info *info = row_table_info((enum row_table)table);
		const struct mapping *mapping = kept_record_mapping((enum row_table)table);

		if (table == ROW_EVENT_BLOCK || table == ROW_QGROUP) {
			assert_null(mapping);
			continue;
		}
		assert_int_equal(mapping->table, table);
		assert_int_equal(mapping->count, info->column_count);
		for (size_t i = 0; i < mapping->count; i++)
			assert_string_equal(mapping->members[i].column, info->columns[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_those_of_the_tables),
		cmocka_unit_test(bundled_traces),
		cmocka_unit_test(model_traces),
		cmocka_unit_test(what_a_trace_says_at_length_is_cut),
		cmocka_unit_test(names_that_become_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
