/* SPDX-License-Identifier: GPL-2.0-only */
/* Results of real traces and of the model's: as rows and back they make the same reports. */
#include <glob.h>

#include "analyzer/kept/kept_record.h"
#include "schema/rows/rows_file.h"
#include "schema/store/store.h"
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

/* A store in memory, so to say, with one trace and its replay. */
struct single {
	struct store *store;
	char name[32];
	struct store_loaded loaded;
	uint32_t finding;
};

static void single_open(struct single *single, const struct rows_kept *rows)
{
	static const struct store_options options = {STORE_CREATE, 0};
	const struct store_facts facts = {.name = "x", .now = 1};
	int fd = memfd_create("rows", MFD_CLOEXEC);
	struct rows_writer *writer = rows_writer_new(fd);
	int made;

	for (size_t i = 0; i < rows->count; i++)
		assert_int_equal(row_put(rows_writer_sink(writer), &rows->rows[i], NULL), ERR_OK);
	assert_int_equal(rows_writer_finish(writer, NULL), ERR_OK);
	rows_writer_free(writer);
	strcpy(single->name, "/tmp/test_kept.XXXXXX");
	made = mkstemp(single->name);
	assert_true(made >= 0);
	close(made);
	assert_int_equal(store_open(&single->store, single->name, &options, NULL), ERR_OK);
	assert_int_equal(store_load_trace(single->store, fd, &facts, &single->loaded, NULL), ERR_OK);
	close(fd);
}

static void single_close(struct single *single)
{
	store_close(single->store);
	unlink(single->name);
}

static enum err single_each(void *context, enum row_table table, const struct row_sink *sink, struct error *error)
{
	const struct single *single = context;

	assert_true(table != ROW_ROOT_LEDGER && table != ROW_SAMPLE && table != ROW_LOG_LINE);
	if (table >= ROW_FINDING && table <= ROW_EVIDENCE)
		return store_each_of_finding(single->store, table, single->loaded.replay, single->finding, sink, error);
	return store_each(single->store, table, single->loaded.replay, sink, error);
}

static char *finding_as_json(const struct report_trace *trace, uint32_t finding)
{
	const struct report_options options = {.version = "test", .filter = {.finding = finding}};
	const struct report_totals totals = {0};
	char *texts[2];
	size_t sizes[2];
	struct report_streams streams = {open_memstream(&texts[0], &sizes[0]), open_memstream(&texts[1], &sizes[1])};

	report_json.trace(&streams, &options, trace, &totals);
	fclose(streams.traces);
	fclose(streams.findings);
	free(texts[0]);
	return texts[1];
}

static size_t expect_each_alone(const struct report_trace *trace, const struct replay_options *options)
{
	struct rows_kept rows = kept_rows_of(trace, options);
	const struct row_source whole = {rows_kept_each, &rows};
	struct single single;
	const struct row_source part = {single_each, &single};
	size_t count = trace->result->finding_count;

	single_open(&single, &rows);
	for (single.finding = 1; single.finding <= count + 1; single.finding++) {
		struct kept *kept = NULL;
		char *wanted = finding_as_json(trace, single.finding);
		const struct replay_result *result;
		char *found;

		assert_int_equal(kept_load(&kept, &(struct kept_source){&whole, &part, single.finding}, NULL), ERR_OK);
		result = kept_trace(kept)->result;
		if (single.finding > count)
			assert_int_equal(result->finding_count, 0);
		else
			assert_int_equal(result->findings[0].id, single.finding);
		kept_trace(kept)->id = trace->id;
		found = finding_as_json(kept_trace(kept), single.finding);
		/* What stands before the first of a list is its own. */
		assert_string_equal(found + strspn(found, ",\n "), wanted + strspn(wanted, ",\n "));
		kept_free(kept);
		free(wanted);
		free(found);
	}
	single_close(&single);
	rows_kept_release(&rows);
	return count;
}

/* One finding without its siblings says what it says among them. */
static void a_finding_alone(void **state)
{
	glob_t found = {0};
	size_t findings = 0;

	(void)state;
	assert_int_equal(glob("tests/traces/kernel/*.dat.zst", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct kept_rows_trace opened;

		kept_rows_open(&opened, found.gl_pathv[i], NULL, NULL);
		assert_non_null(opened.pipeline);
		findings += expect_each_alone(pipeline_trace(opened.pipeline), &opened.input.replay);
		kept_rows_close(&opened);
	}
	globfree(&found);
	assert_true(findings > 10);
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
		cmocka_unit_test(a_finding_alone),
		cmocka_unit_test(model_traces),
		cmocka_unit_test(what_a_trace_says_at_length_is_cut),
		cmocka_unit_test(names_that_become_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
