/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_kept - rows of the store, changed in any way, read back and reported. What may not be, besides what the
 * sanitizers see: an error without a text, or one that blames anything but the rows.
 *
 * The input is a list of changes to sound rows, of ten bytes each: which row, which of its values, what kind of value
 * it becomes, and the value.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/kept/kept.h"
#include "tests/unit/finding_story.h"
#include "tests/unit/rows_kept.h"

enum { CHANGE = 10, TEXT = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct report_format *const formats[] = {
	&report_json, &report_text, &report_mail, &report_sarif, &report_junit};

static struct rows_kept sound;

static void check(bool right)
{
	if (!right)
		abort();
}

/* The classic finding, with a statement of the log that agrees and a curve of two points. */
static void make_rows(void)
{
	static struct klog_line line = {.kind = KLOG_UNDERFLOW, .line = 1, .timed = true, .qgid = 256, .device = "sda"};
	static struct klog klog = {.lines = &line, .count = 1};
	static struct klog_match match = {&line, KLOG_AGREES, false, 1, 1, {1}, 1};
	static struct whatif_place place = {1, 256};
	struct whatif_root curve = {.place = place, .differs = true, .point_count = 2};
	const struct row_sink sink = {rows_keep, &sound};
	struct report_trace trace = {.name = "fuzz", .source = "text", .kernel = "6.1.0", .clock = "local"};
	struct whatif *what_if;
	struct story story;

	story_init(&story);
	story.root.place = 1;
	story.result.log = &klog;
	story.result.join = (struct klog_join){&match, 1, {[KLOG_AGREES] = 1}};
	story.result.what_if = (struct whatif_plan){.places = &place, .place_count = 1};
	curve.points = memory_zeroed(2 * sizeof(*curve.points));
	what_if = whatif_new(&story.result.what_if, NULL);
	whatif_restore(what_if, 1, &curve);
	trace.comms = story.comms;
	trace.fsids = story.fsids;
	trace.result = &story.result;
	trace.what_if = what_if;
	check(kept_put_trace(&trace, &sink, NULL) == ERR_OK && kept_put(&trace, NULL, "0.1", &sink, NULL) == ERR_OK);
	sound.rows[0].values[ROW_TRACE_NAME] = (struct row_value){.kind = ROW_TEXT, .bytes = "fuzz", .size = 4};
	rows_kept_order(&sound);
	whatif_free(what_if);
	story.result.join = (struct klog_join){0};
	story_release(&story);
}

static void change(struct rows_kept *rows, const uint8_t *bytes, char *text)
{
	struct row *row = &rows->rows[bytes[0] % rows->count];
	const struct row *other = &rows->rows[bytes[2] % rows->count];
	size_t column = bytes[1] / TEXT % row->count;
	struct row_value *value = &row->values[column];
	int64_t number;

	memcpy(&number, bytes + 2, sizeof(number));
	switch (bytes[1] % TEXT) {
	case 0:
		*value = (struct row_value){.kind = ROW_NULL};
		break;
	case 1:
		*value = (struct row_value){.kind = ROW_NUMBER, .number = number};
		break;
	case 2:
		memcpy(text, bytes + 2, 8);
		*value = (struct row_value){.kind = ROW_TEXT, .bytes = text, .size = strlen(text)};
		break;
	default:
		*value = other->values[column % other->count];
		break;
	}
}

static void report(const struct report_trace *trace)
{
	static const struct report_options options = {.version = "0.1", .all = true};
	static const struct report_totals totals;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char *text = NULL;
		size_t size;
		FILE *stream = open_memstream(&text, &size);
		const struct report_streams streams = {stream, stream};

		check(stream != NULL);
		formats[i]->trace(&streams, &options, trace, &totals);
		fclose(stream);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = size / CHANGE;
	struct error error = {ERR_OK, ""};
	struct kept *kept = NULL;
	struct rows_kept rows;
	struct row_source source;
	char(*texts)[9];

	if (sound.count == 0)
		make_rows();
	rows = sound;
	rows.rows = memory_resized(NULL, sound.count, sizeof(*rows.rows));
	memcpy(rows.rows, sound.rows, sound.count * sizeof(*rows.rows));
	texts = memory_zeroed(count * sizeof(*texts));
	for (size_t i = 0; i < count; i++)
		change(&rows, data + i * CHANGE, texts[i]);
	source = (struct row_source){rows_kept_each, &rows};
	if (kept_load(&kept, &(struct kept_source){&source, &source, 0}, &error) == ERR_OK)
		report(kept_trace(kept));
	else
		check(error.code == ERR_INPUT && error.text[0] != '\0' && strchr(error.text, '\n') == NULL);
	kept_free(kept);
	free(texts);
	free(rows.rows);
	return 0;
}
