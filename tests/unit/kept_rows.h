/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kept_rows - for tests: traces that are read from files, their results as rows, and back.
 */
#ifndef QGREPLAY_TESTS_KEPT_ROWS_H
#define QGREPLAY_TESTS_KEPT_ROWS_H

#include <fcntl.h>
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
#include "cmd/pipeline.h"
#include "cmd/side_files.h"
#include "tests/unit/rows_kept.h"

static const struct report_format *const kept_rows_formats[] = {
	&report_json, &report_text, &report_mail, &report_sarif, &report_junit};

enum { KEPT_ROWS_FORMATS = sizeof(kept_rows_formats) / sizeof(kept_rows_formats[0]) };

static inline char *kept_rows_document(const struct report_format *format, const struct report_trace *trace)
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
static inline void kept_rows_fill_in(struct rows_kept *rows, const struct report_trace *trace)
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

static inline struct rows_kept kept_rows_of(const struct report_trace *trace, const struct replay_options *options)
{
	struct rows_kept rows = {0};
	const struct row_sink sink = {rows_keep, &rows};

	assert_int_equal(kept_put_trace(trace, &sink, NULL), ERR_OK);
	assert_int_equal(kept_put(trace, options, "0.1-test", &sink, NULL), ERR_OK);
	kept_rows_fill_in(&rows, trace);
	rows_kept_order(&rows);
	return rows;
}

static inline enum err kept_rows_load(struct kept **kept, struct rows_kept *rows, struct error *error)
{
	const struct row_source source = {rows_kept_each, rows};

	return kept_load(kept, &(struct kept_source){&source, &source, 0}, error);
}

/* A trace file with the files beside it. */
struct kept_rows_trace {
	struct pipeline_input input;
	struct side_files side;
	struct pipeline *pipeline; /* NULL: it cannot be read */
};

static inline void kept_rows_open(struct kept_rows_trace *opened, const char *name, const char *limits, const char *log)
{
	*opened = (struct kept_rows_trace){.input = {.id = 1, .name = name}};
	opened->input.fd = open(name, O_RDONLY | O_CLOEXEC);
	opened->input.spool_fd = memfd_create("spool", MFD_CLOEXEC);
	opened->input.samples_fd = memfd_create("samples", MFD_CLOEXEC);
	assert_true(opened->input.fd >= 0);
	assert_int_equal(side_files_open(&opened->side, limits, log, NULL), ERR_OK);
	assert_int_equal(side_files_read(&opened->side, &opened->input.replay, NULL), ERR_OK);
	if (pipeline_run(&opened->pipeline, &opened->input, NULL) == ERR_OK)
		assert_int_equal(pipeline_draw(opened->pipeline, NULL, true, NULL), ERR_OK);
}

static inline void kept_rows_close(struct kept_rows_trace *opened)
{
	pipeline_free(opened->pipeline);
	side_files_release(&opened->side);
	side_files_close(&opened->side);
	close(opened->input.fd);
	close(opened->input.spool_fd);
	close(opened->input.samples_fd);
}

#endif
