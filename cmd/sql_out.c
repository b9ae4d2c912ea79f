/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/sql_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "schema/rows/csv.h"

/* What is held to learn widths; and beyond what width a single long value does not push all others aside. */
enum { HELD_ROWS_MAX = 1000, HELD_BYTES_MAX = 1024 * 1024, WIDTH_MAX = 60, GAP = 2 };

struct form {
	const char *name;
	void (*begin)(struct sql_out *out);
	void (*row)(struct sql_out *out, const struct row_value *values);
	void (*end)(struct sql_out *out);
};

struct sql_out {
	FILE *stream;
	const struct form *form;
	struct csv csv;
	struct json json;
	char **names;
	size_t count;
	/* text */
	char **held; /* cells, row by row; NULL once widths are settled */
	size_t held_rows;
	size_t held_bytes;
	size_t held_capacity;
	size_t *widths;
	bool *texts;   /* columns that hold anything but numbers: they stand at the left */
	size_t blanks; /* before what follows on the line */
	bool settled;
};

/* The value as text, to be freed. */
static char *text_of(const struct row_value *value)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = value->bytes;
	char *text = NULL;

	if (value->kind == ROW_NUMBER) {
		if (asprintf(&text, "%" PRId64, value->number) < 0)
			abort();
		return text;
	}
	if (value->kind != ROW_BLOB)
		return memory_text(value->kind == ROW_NULL ? "" : value->bytes, value->size);
	text = memory_zeroed(2 * value->size + 1);
	for (size_t i = 0; i < value->size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return text;
}

static size_t width_of(const char *text)
{
	size_t width = 0;

	while (*text != '\0') {
		text += utf8_length(text);
		width++;
	}
	return width;
}

/* Blanks wait until something follows them on the line. */
static void put_cell(struct sql_out *out, size_t column, const char *text)
{
	size_t width = width_of(text);
	size_t blanks = width < out->widths[column] ? out->widths[column] - width : 0;

	out->blanks += out->texts[column] ? 0 : blanks;
	if (*text != '\0') {
		fprintf(out->stream, "%*s%s", (int)out->blanks, "", text);
		out->blanks = 0;
	}
	out->blanks += GAP + (out->texts[column] ? blanks : 0);
	if (column + 1 < out->count)
		return;
	fputc('\n', out->stream);
	out->blanks = 0;
}

/* Writes the head and what was held. */
static void settle(struct sql_out *out)
{
	out->settled = true;
	for (size_t i = 0; i < out->count; i++) {
		char *name = utf8_harmless(out->names[i]);
		size_t width = width_of(name);

		out->widths[i] = width > out->widths[i] ? width : out->widths[i];
		put_cell(out, i, name);
		free(name);
	}
	for (size_t i = 0; i < out->held_rows * out->count; i++) {
		put_cell(out, i % out->count, out->held[i]);
		free(out->held[i]);
	}
	free(out->held);
	out->held = NULL;
	out->held_rows = 0;
}

static void text_begin(struct sql_out *out)
{
	out->widths = memory_zeroed(out->count * sizeof(*out->widths));
	out->texts = memory_zeroed(out->count * sizeof(*out->texts));
}

static void hold(struct sql_out *out, size_t column, const struct row_value *value, char *text)
{
	size_t width = width_of(text);

	out->held[out->held_rows * out->count + column] = text;
	out->held_bytes += strlen(text);
	if (value->kind == ROW_TEXT || value->kind == ROW_BLOB)
		out->texts[column] = true;
	width = width < WIDTH_MAX ? width : WIDTH_MAX;
	out->widths[column] = width > out->widths[column] ? width : out->widths[column];
}

static void text_row(struct sql_out *out, const struct row_value *values)
{
	if (!out->settled)
		out->held = memory_grown(
			out->held, &out->held_capacity, (out->held_rows + 1) * out->count, sizeof(*out->held));
	for (size_t i = 0; i < out->count; i++) {
		char *text = text_of(&values[i]);

		utf8_make_harmless(text);
		if (!out->settled) {
			hold(out, i, &values[i], text);
			continue;
		}
		put_cell(out, i, text);
		free(text);
	}
	out->held_rows += out->settled ? 0 : 1;
	if (!out->settled && (out->held_rows == HELD_ROWS_MAX || out->held_bytes > HELD_BYTES_MAX))
		settle(out);
}

static void text_end(struct sql_out *out)
{
	if (!out->settled)
		settle(out);
}

static void csv_begin(struct sql_out *out)
{
	out->csv = (struct csv){.stream = out->stream};
	for (size_t i = 0; i < out->count; i++)
		csv_text(&out->csv, out->names[i]);
	csv_end(&out->csv);
}

static void csv_row(struct sql_out *out, const struct row_value *values)
{
	for (size_t i = 0; i < out->count; i++) {
		char *text = values[i].kind == ROW_NULL || values[i].kind == ROW_NUMBER ? NULL : text_of(&values[i]);

		if (values[i].kind == ROW_NUMBER)
			csv_signed(&out->csv, values[i].number);
		else
			csv_text(&out->csv, text);
		free(text);
	}
	csv_end(&out->csv);
}

/* Infinite, which JSON cannot say, is no number there. */
static void put_json(struct sql_out *out, const char *name, const struct row_value *value)
{
	char *text;

	if (value->kind == ROW_NUMBER) {
		json_signed(&out->json, name, value->number);
		return;
	}
	text = value->kind == ROW_NULL ? NULL : text_of(value);
	if (value->kind != ROW_REAL)
		json_text(&out->json, name, text);
	else if (strpbrk(text, "Ii") == NULL)
		json_decimal(&out->json, name, text);
	else
		json_null(&out->json, name);
	free(text);
}

static void put_object(struct sql_out *out, const struct row_value *values)
{
	json_object(&out->json, NULL);
	for (size_t i = 0; i < out->count; i++)
		put_json(out, out->names[i], &values[i]);
	json_object_end(&out->json);
}

static void json_begin(struct sql_out *out)
{
	json_init(&out->json, out->stream, 1);
	json_array(&out->json, NULL);
}

static void json_end(struct sql_out *out)
{
	json_array_end(&out->json);
	fputc('\n', out->stream);
}

static void lines_begin(struct sql_out *out)
{
	(void)out;
}

static void lines_row(struct sql_out *out, const struct row_value *values)
{
	json_init(&out->json, out->stream, 0);
	put_object(out, values);
	fputc('\n', out->stream);
}

static void nothing_to_end(struct sql_out *out)
{
	(void)out;
}

static const struct form forms[] = {
	{"text", text_begin, text_row, text_end},
	{"csv", csv_begin, csv_row, nothing_to_end},
	{"json", json_begin, put_object, json_end},
	{"jsonl", lines_begin, lines_row, nothing_to_end},
};

static const struct form *form_named(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
	return NULL;
}

struct sql_out *sql_out_new(FILE *stream, const char *format)
{
	const struct form *form = form_named(format);
	struct sql_out *out;

	if (form == NULL)
		return NULL;
	out = memory_zeroed(sizeof(*out));
	out->stream = stream;
	out->form = form;
	return out;
}

void sql_out_free(struct sql_out *out)
{
	if (out == NULL)
		return;
	for (size_t i = 0; i < out->held_rows * out->count; i++)
		free(out->held[i]);
	free(out->held);
	for (size_t i = 0; i < out->count; i++)
		free(out->names[i]);
	free(out->names);
	free(out->widths);
	free(out->texts);
	free(out);
}

static bool is_taken(const struct sql_out *out, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(out->names[i], name) == 0)
			return true;
	return false;
}

/* A name of its own for each column: keys of JSON must differ. */
static char *own_name(const struct sql_out *out, size_t column, const char *name)
{
	char *own = memory_text(name, strlen(name));

	for (unsigned i = 2; is_taken(out, column, own); i++) {
		free(own);
		if (asprintf(&own, "%s:%u", name, i) < 0)
			abort();
	}
	return own;
}

static enum err take_columns(void *context, const char *const *names, size_t count, struct error *error)
{
	struct sql_out *out = context;

	(void)error;
	out->names = memory_zeroed(count * sizeof(*out->names));
	for (size_t i = 0; i < count; i++)
		out->names[i] = own_name(out, i, names[i]);
	out->count = count;
	out->form->begin(out);
	return ERR_OK;
}

static enum err take_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct sql_out *out = context;

	(void)count;
	out->form->row(out, values);
	return ferror(out->stream) ? error_set(error, ERR_STOPPED, "nobody reads on") : ERR_OK;
}

struct store_query_sink sql_out_sink(struct sql_out *out)
{
	return (struct store_query_sink){.columns = take_columns, .row = take_row, .context = out};
}

void sql_out_end(struct sql_out *out)
{
	out->form->end(out);
}
