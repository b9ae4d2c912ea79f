/* SPDX-License-Identifier: GPL-2.0-only */
/* Results of real traces and of the model's: as rows and back they make the same reports, and no row does harm. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/kept/kept.h"
#include "analyzer/kept/kept_record.h"
#include "cmd/pipeline.h"
#include "cmd/side_files.h"
#include "tests/model/model.h"
#include "tests/unit/rows_kept.h"
#include "tests/unit/samples_kept.h"

static const struct report_format *const formats[] = {
	&report_json, &report_text, &report_mail, &report_sarif, &report_junit};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

static const char engine[] = "0.1-test";

static char *document(const struct report_format *format, const struct report_trace *trace)
{
	const struct report_options options = {.version = "test", .all = true, .fail_on = SEVERITY_NOTE};
	const struct report_totals totals = {0};
	char *texts[2];
	size_t sizes[2];
	struct report_streams streams = {open_memstream(&texts[0], &sizes[0]), open_memstream(&texts[1], &sizes[1])};
	char *whole;

	format->trace(&streams, &options, trace, &totals);
	fclose(streams.traces);
	fclose(streams.findings);
	whole = memory_zeroed(sizes[0] + sizes[1] + 2);
	memcpy(whole, texts[0], sizes[0]);
	whole[sizes[0]] = '\f';
	memcpy(whole + sizes[0] + 1, texts[1], sizes[1]);
	free(texts[0]);
	free(texts[1]);
	return whole;
}

/* What the process does that opened the file. */
static void fill_in(struct rows_kept *rows, const struct report_trace *trace)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct row_value *values = rows->rows[i].values;

		if (rows->rows[i].table == ROW_REPLAY)
			values[0] = (struct row_value){.kind = ROW_NUMBER, .number = 1};
		if (rows->rows[i].table != ROW_TRACE)
			continue;
		assert_int_equal(values[ROW_TRACE_NAME].kind, ROW_NULL);
		values[ROW_TRACE_NAME].kind = ROW_TEXT;
		values[ROW_TRACE_NAME].size = strlen(trace->name);
		values[ROW_TRACE_NAME].bytes = memory_text(trace->name, strlen(trace->name));
	}
}

static struct rows_kept rows_of(const struct report_trace *trace, const struct replay_options *options)
{
	struct rows_kept rows = {0};
	const struct row_sink sink = {rows_keep, &rows};

	assert_int_equal(kept_put_trace(trace, &sink, NULL), ERR_OK);
	assert_int_equal(kept_put(trace, options, engine, &sink, NULL), ERR_OK);
	fill_in(&rows, trace);
	rows_kept_order(&rows);
	return rows;
}

static enum err load(struct kept **kept, struct rows_kept *rows, struct error *error)
{
	const struct row_source source = {rows_kept_each, rows};

	return kept_load(kept, &(struct kept_source){&source, &source}, error);
}

static void expect_round_trip(const struct report_trace *trace, const struct replay_options *options)
{
	struct rows_kept rows = rows_of(trace, options);
	struct error error = {0};
	struct kept *kept = NULL;

	if (load(&kept, &rows, &error) != ERR_OK)
		fail_msg("%s: %s", trace->name, error.text);
	kept_trace(kept)->id = trace->id;
	for (size_t i = 0; i < FORMATS; i++) {
		char *before = document(formats[i], trace);
		char *after = document(formats[i], kept_trace(kept));

		if (strcmp(before, after) != 0)
			print_error("%s as %s:\n%s\n---\n%s\n", trace->name, formats[i]->name, before, after);
		assert_string_equal(before, after);
		free(before);
		free(after);
	}
	kept_free(kept);
	rows_kept_release(&rows);
}

/* A trace file with the files beside it. */
struct opened {
	struct pipeline_input input;
	struct side_files side;
	struct pipeline *pipeline; /* NULL: it cannot be read */
};

static void open_trace(struct opened *opened, const char *name, const char *limits, const char *log)
{
	*opened = (struct opened){.input = {.id = 1, .name = name}};
	opened->input.fd = open(name, O_RDONLY | O_CLOEXEC);
	opened->input.spool_fd = memfd_create("spool", MFD_CLOEXEC);
	opened->input.samples_fd = memfd_create("samples", MFD_CLOEXEC);
	assert_true(opened->input.fd >= 0);
	assert_int_equal(side_files_open(&opened->side, limits, log, NULL), ERR_OK);
	assert_int_equal(side_files_read(&opened->side, &opened->input.replay, NULL), ERR_OK);
	if (pipeline_run(&opened->pipeline, &opened->input, NULL) == ERR_OK)
		assert_int_equal(pipeline_draw(opened->pipeline, NULL, true, NULL), ERR_OK);
}

static void close_trace(struct opened *opened)
{
	pipeline_free(opened->pipeline);
	side_files_release(&opened->side);
	side_files_close(&opened->side);
	close(opened->input.fd);
	close(opened->input.spool_fd);
	close(opened->input.samples_fd);
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
		struct opened opened;

		find_log(name, log, sizeof(log));
		open_trace(&opened, name, limits, *log != '\0' ? log : NULL);
		if (opened.pipeline != NULL)
			expect_round_trip(pipeline_trace(opened.pipeline), &opened.input.replay);
		read += opened.pipeline != NULL;
		close_trace(&opened);
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

/* Whatever a row holds: an error of one line, or reports. */
static void expect_no_harm(struct rows_kept *rows, size_t tally[2])
{
	struct error error = {0};
	struct kept *kept = NULL;
	enum err err = load(&kept, rows, &error);

	tally[err == ERR_OK]++;
	if (err != ERR_OK) {
		assert_int_equal(err, ERR_INPUT);
		assert_true(strlen(error.text) > 10);
		return;
	}
	for (size_t i = 0; i < FORMATS; i++)
		free(document(formats[i], kept_trace(kept)));
	kept_free(kept);
}

static const struct row_value hostile[] = {
	{.kind = ROW_NULL},
	{.kind = ROW_NUMBER, .number = 0},
	{.kind = ROW_NUMBER, .number = 1},
	{.kind = ROW_NUMBER, .number = -1},
	{.kind = ROW_NUMBER, .number = INT64_MIN},
	{.kind = ROW_NUMBER, .number = INT64_MAX},
	{.kind = ROW_NUMBER, .number = UINT32_MAX},
	{.kind = ROW_NUMBER, .number = 256},
	{.kind = ROW_TEXT, .bytes = "", .size = 0},
	{.kind = ROW_TEXT, .bytes = "4294967296 1", .size = 12},
	{.kind = ROW_TEXT, .bytes = "leak\0", .size = 5},
	{.kind = ROW_TEXT, .bytes = "\x1b[2J\xff%n", .size = 7},
	{.kind = ROW_BLOB, .bytes = "leak", .size = 4},
};

/* The first rows of each table, and some of the others. */
static bool is_tried(const struct rows_kept *rows, size_t i)
{
	return i < 2 || rows->rows[i].table != rows->rows[i - 2].table || i % 97 == 0;
}

static void hostile_values(void **state)
{
	struct rows_kept rows;
	struct opened opened;
	size_t tally[2] = {0, 0};

	(void)state;
	open_trace(&opened, "tests/traces/kernel/b1-w1.dat.zst", NULL, "tests/traces/kernel/b1-w1.dmesg");
	rows = rows_of(pipeline_trace(opened.pipeline), NULL);
	for (size_t i = 0; i < rows.count; i++) {
		for (size_t j = 0; is_tried(&rows, i) && j < rows.rows[i].count; j++) {
			const struct row_value saved = rows.rows[i].values[j];

			for (size_t k = 0; k < sizeof(hostile) / sizeof(hostile[0]); k++) {
				rows.rows[i].values[j] = hostile[k];
				expect_no_harm(&rows, tally);
			}
			rows.rows[i].values[j] = saved;
		}
	}
	assert_true(tally[0] > 1000 && tally[1] > 100);
	rows_kept_release(&rows);
	close_trace(&opened);
}

/* A row too few, and a row twice, of every table. */
static void missing_and_repeated_rows(void **state)
{
	struct rows_kept rows;
	struct opened opened;
	size_t tally[2] = {0, 0};

	(void)state;
	open_trace(&opened, "tests/traces/kernel/b1-w1.dat.zst", NULL, "tests/traces/kernel/b1-w1.dmesg");
	rows = rows_of(pipeline_trace(opened.pipeline), NULL);
	for (size_t i = 0; i + 1 < rows.count; i++) {
		const struct row saved = rows.rows[i];

		if (!is_tried(&rows, i))
			continue;
		rows.rows[i].table = ROW_QGROUP;
		expect_no_harm(&rows, tally);
		rows.rows[i] = rows.rows[i + 1];
		expect_no_harm(&rows, tally);
		rows.rows[i] = saved;
		rows.rows[i].count--;
		expect_no_harm(&rows, tally);
		rows.rows[i] = saved;
	}
	assert_true(tally[0] > 10);
	rows_kept_release(&rows);
	close_trace(&opened);
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
		cmocka_unit_test(hostile_values),
		cmocka_unit_test(missing_and_repeated_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
