/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/traces_list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyzer/explain/words.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "schema/rows/csv.h"

/* Columns of the view trace_list. */
enum view_column {
	VIEW_ID,
	VIEW_NAME,
	VIEW_HOST,
	VIEW_STATUS,
	VIEW_SOURCE,
	VIEW_KERNEL,
	VIEW_CLOCK,
	VIEW_EVENTS,
	VIEW_FIRST_NS,
	VIEW_LAST_NS,
	VIEW_LOST_MARKS,
	VIEW_LOST_EVENTS,
	VIEW_FILE_BYTES,
	VIEW_BLOCK_BYTES,
	VIEW_ERRORS,
	VIEW_WARNINGS,
	VIEW_NOTES,
	VIEW_RECORDED_AT,
	VIEW_IMPORTED_AT,
	VIEW_SHA256,
	VIEW_COUNT
};

static const char *const view_columns[VIEW_COUNT] = {
	[VIEW_ID] = "id",
	[VIEW_NAME] = "name",
	[VIEW_HOST] = "host",
	[VIEW_STATUS] = "status",
	[VIEW_SOURCE] = "source",
	[VIEW_KERNEL] = "kernel",
	[VIEW_CLOCK] = "clock",
	[VIEW_EVENTS] = "events",
	[VIEW_FIRST_NS] = "first_ns",
	[VIEW_LAST_NS] = "last_ns",
	[VIEW_LOST_MARKS] = "lost_marks",
	[VIEW_LOST_EVENTS] = "lost_events",
	[VIEW_FILE_BYTES] = "file_bytes",
	[VIEW_BLOCK_BYTES] = "block_bytes",
	[VIEW_ERRORS] = "errors",
	[VIEW_WARNINGS] = "warnings",
	[VIEW_NOTES] = "notes",
	[VIEW_RECORDED_AT] = "recorded_at",
	[VIEW_IMPORTED_AT] = "imported_at",
	[VIEW_SHA256] = "sha256",
};

/* Columns for people. */
enum cell {
	CELL_ID,
	CELL_NAME,
	CELL_HOST,
	CELL_KERNEL,
	CELL_EVENTS,
	CELL_SPAN,
	CELL_SIZE,
	CELL_ERRORS,
	CELL_WARNINGS,
	CELL_NOTES,
	CELL_IMPORTED,
	CELL_COUNT
};

static const struct {
	const char *title;
	bool left; /* texts are; numbers stand at the right */
} cells[CELL_COUNT] = {
	[CELL_ID] = {"trace", false},
	[CELL_NAME] = {"name", true},
	[CELL_HOST] = {"host", true},
	[CELL_KERNEL] = {"kernel", true},
	[CELL_EVENTS] = {"events", false},
	[CELL_SPAN] = {"span", false},
	[CELL_SIZE] = {"KiB stored", false},
	[CELL_ERRORS] = {"errors", false},
	[CELL_WARNINGS] = {"warnings", false},
	[CELL_NOTES] = {"notes", false},
	[CELL_IMPORTED] = {"imported (UTC)", true},
};

struct line {
	char *cells[CELL_COUNT];
};

struct list {
	FILE *stream;
	struct csv csv;
	struct json json;
	struct line *lines; /* text: held until all widths are known */
	size_t count;
	size_t capacity;
};

static enum err begin(void *context, const char *const *names, size_t count, struct error *error)
{
	(void)context;
	(void)names;
	(void)count;
	(void)error;
	return ERR_OK;
}

static enum err begin_csv(void *context, const char *const *names, size_t count, struct error *error)
{
	struct list *list = context;

	(void)error;
	csv_names(&list->csv, names, count);
	return ERR_OK;
}

static enum err put_csv(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct list *list = context;

	(void)error;
	csv_values(&list->csv, values, count);
	return ERR_OK;
}

static enum err put_json(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct list *list = context;

	(void)error;
	json_object(&list->json, NULL);
	for (size_t i = 0; i < count; i++) {
		if (values[i].kind == ROW_NUMBER)
			json_signed(&list->json, view_columns[i], values[i].number);
		else
			json_text(&list->json, view_columns[i], values[i].kind == ROW_TEXT ? values[i].bytes : NULL);
	}
	json_object_end(&list->json);
	return ERR_OK;
}

static char *number_cell(const struct row_value *value)
{
	struct words words = words_number(value->kind == ROW_NUMBER ? (uint64_t)value->number : 0);

	return memory_text(words.text, strlen(words.text));
}

static char *text_cell(const struct row_value *value)
{
	return utf8_harmless(value->kind == ROW_TEXT ? value->bytes : "-");
}

/* A version of the kernel behind its release is for other places. */
static char *kernel_cell(const struct row_value *value)
{
	char *text = text_cell(value);

	text[strcspn(text, " ")] = '\0';
	return text;
}

static char *span_cell(const struct row_value *first, const struct row_value *last)
{
	uint64_t from = (uint64_t)first->number;
	uint64_t to = (uint64_t)last->number;
	struct words words = words_span(to > from ? to - from : 0);

	return memory_text(words.text, strlen(words.text));
}

static char *time_cell(const struct row_value *value)
{
	time_t seconds = (time_t)value->number;
	struct tm parts;
	char text[64];

	if (gmtime_r(&seconds, &parts) == NULL || strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &parts) == 0)
		return memory_text("-", 1);
	return memory_text(text, strlen(text));
}

static enum err put_line(void *context, const struct row_value *values, size_t count, struct error *error)
{
	const struct row_value kibibytes = {
		.kind = ROW_NUMBER, .number = (int64_t)(((uint64_t)values[VIEW_BLOCK_BYTES].number + 1023) / 1024)};
	struct list *list = context;
	struct line *line;

	(void)count;
	(void)error;
	list->lines = memory_grown(list->lines, &list->capacity, list->count + 1, sizeof(*list->lines));
	line = &list->lines[list->count++];
	line->cells[CELL_ID] = number_cell(&values[VIEW_ID]);
	line->cells[CELL_NAME] = text_cell(&values[VIEW_NAME]);
	line->cells[CELL_HOST] = text_cell(&values[VIEW_HOST]);
	line->cells[CELL_KERNEL] = kernel_cell(&values[VIEW_KERNEL]);
	line->cells[CELL_EVENTS] = number_cell(&values[VIEW_EVENTS]);
	line->cells[CELL_SPAN] = span_cell(&values[VIEW_FIRST_NS], &values[VIEW_LAST_NS]);
	line->cells[CELL_SIZE] = number_cell(&kibibytes);
	line->cells[CELL_ERRORS] = number_cell(&values[VIEW_ERRORS]);
	line->cells[CELL_WARNINGS] = number_cell(&values[VIEW_WARNINGS]);
	line->cells[CELL_NOTES] = number_cell(&values[VIEW_NOTES]);
	line->cells[CELL_IMPORTED] = time_cell(&values[VIEW_IMPORTED_AT]);
	return ERR_OK;
}

static void put_padded(FILE *stream, const char *text, size_t width, bool left, bool last)
{
	size_t columns = words_columns(text);
	int padding = width > columns ? (int)(width - columns) : 0;

	if (left)
		fprintf(stream, "%s%*s", text, last ? 0 : padding, "");
	else
		fprintf(stream, "%*s%s", padding, "", text);
	fputs(last ? "\n" : "  ", stream);
}

static void print_lines(const struct list *list)
{
	size_t widths[CELL_COUNT];

	for (size_t i = 0; i < CELL_COUNT; i++) {
		widths[i] = strlen(cells[i].title);
		for (size_t j = 0; j < list->count; j++) {
			size_t columns = words_columns(list->lines[j].cells[i]);

			widths[i] = columns > widths[i] ? columns : widths[i];
		}
	}
	for (size_t i = 0; i < CELL_COUNT; i++)
		put_padded(list->stream, cells[i].title, widths[i], cells[i].left, i + 1 == CELL_COUNT);
	for (size_t j = 0; j < list->count; j++)
		for (size_t i = 0; i < CELL_COUNT; i++)
			put_padded(
				list->stream, list->lines[j].cells[i], widths[i], cells[i].left, i + 1 == CELL_COUNT);
}

static enum err query(struct store *store, const struct store_query_sink *sink, struct error *error)
{
	char *sql = NULL;
	size_t size;
	FILE *stream = open_memstream(&sql, &size);
	enum err err;

	if (stream == NULL)
		abort();
	for (size_t i = 0; i < VIEW_COUNT; i++)
		fprintf(stream, "%s%s", i == 0 ? "SELECT " : ", ", view_columns[i]);
	fputs(" FROM trace_list ORDER BY id", stream);
	fclose(stream);
	err = store_query(store, sql, sink, error);
	free(sql);
	return err;
}

static enum err list_text(struct list *list, struct store *store, struct error *error)
{
	const struct store_query_sink sink = {begin, put_line, list};
	enum err err = query(store, &sink, error);

	if (err == ERR_OK && list->count == 0)
		fputs("The store holds no trace.\n", list->stream);
	else if (err == ERR_OK)
		print_lines(list);
	for (size_t j = 0; j < list->count; j++)
		for (size_t i = 0; i < CELL_COUNT; i++)
			free(list->lines[j].cells[i]);
	free(list->lines);
	return err;
}

static enum err list_json(struct list *list, struct store *store, struct error *error)
{
	const struct store_query_sink sink = {begin, put_json, list};
	enum err err;

	json_init(&list->json, list->stream, 2);
	json_object(&list->json, NULL);
	json_text(&list->json, "qgreplay", QGREPLAY_VERSION);
	json_number(&list->json, "format", 1);
	json_array(&list->json, "traces");
	err = query(store, &sink, error);
	json_array_end(&list->json);
	json_object_end(&list->json);
	fputc('\n', list->stream);
	return err;
}

/* Whole, or nothing; and a reader who takes its time must not keep a snapshot of the store open. */
enum err traces_list(FILE *stream, struct store *store, enum traces_format format, struct error *error)
{
	char *text = NULL;
	size_t size;
	FILE *held = open_memstream(&text, &size);
	struct list list = {.stream = held, .csv = {.stream = held}};
	const struct store_query_sink csv = {begin_csv, put_csv, &list};
	enum err err;

	if (held == NULL)
		abort();
	if (format == TRACES_TEXT)
		err = list_text(&list, store, error);
	else
		err = format == TRACES_CSV ? query(store, &csv, error) : list_json(&list, store, error);
	fclose(held);
	if (err == ERR_OK)
		fwrite(text, 1, size, stream);
	free(text);
	return err;
}
