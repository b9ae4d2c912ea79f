/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/export_findings.h"

#include <stdlib.h>

#include "base/json.h"
#include "schema/rows/csv.h"

static enum err no_columns(void *context, const char *const *names, size_t count, struct error *error)
{
	(void)context;
	(void)names;
	(void)count;
	(void)error;
	return ERR_OK;
}

static enum err put_names(void *context, const char *const *names, size_t count, struct error *error)
{
	(void)error;
	csv_names(context, names, count);
	return ERR_OK;
}

static enum err put_values(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct csv *csv = context;

	(void)error;
	csv_values(csv, values, count);
	return ferror(csv->stream) ? ERR_STOPPED : ERR_OK;
}

static enum err put_line(void *context, const struct row_value *values, size_t count, struct error *error)
{
	FILE *stream = context;

	(void)error;
	if (count > 0 && values[0].kind == ROW_TEXT)
		fprintf(stream, "%s\n", (const char *)values[0].bytes);
	return ferror(stream) ? ERR_STOPPED : ERR_OK;
}

enum err export_findings_csv(FILE *stream, struct store *store, uint64_t trace, struct error *error)
{
	struct csv csv = {.stream = stream};
	const struct store_query_sink sink = {put_names, put_values, &csv};

	return store_findings(store, trace, STORE_FINDINGS_COLUMNS, &sink, error);
}

enum err export_findings_jsonl(FILE *stream, struct store *store, uint64_t trace, struct error *error)
{
	const struct store_query_sink sink = {no_columns, put_line, stream};

	return store_findings(store, trace, STORE_FINDINGS_OBJECTS, &sink, error);
}

static void put_members(struct json *json, const struct row *row)
{
	const struct row_table_info *info = row_table_info(row->table);

	for (size_t i = 0; i < row->count && i < info->column_count; i++) {
		const struct row_value *value = &row->values[i];

		if (value->kind == ROW_NUMBER)
			json_signed(json, info->columns[i], value->number);
		else
			json_text(json, info->columns[i], value->kind == ROW_TEXT ? value->bytes : NULL);
	}
}

static enum err put_row(void *context, const struct row *row, struct error *error)
{
	(void)error;
	put_members(context, row);
	return ERR_OK;
}

static enum err put_object(void *context, const struct row *row, struct error *error)
{
	struct json *json = context;

	(void)error;
	json_object(json, NULL);
	put_members(json, row);
	json_object_end(json);
	return ERR_OK;
}

static enum err put_table(
	struct json *json, struct store *store, enum row_table table, uint64_t owner, struct error *error)
{
	const struct row_sink sink = {put_object, json};
	enum err err;

	json_array(json, row_table_info(table)->name);
	err = store_each(store, table, owner, &sink, error);
	json_array_end(json);
	return err;
}

static enum err put_replay(struct json *json, struct store *store, uint64_t replay, struct error *error)
{
	static const enum row_table tables[] = {ROW_UNPROVEN, ROW_FILESYSTEM, ROW_ROOT_LEDGER, ROW_LOG_LINE};
	const struct row_sink sink = {put_row, json};
	enum err err;

	json_object(json, "replay");
	json_number(json, "id", replay);
	err = store_each(store, ROW_REPLAY, replay, &sink, error);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && err == ERR_OK; i++)
		err = put_table(json, store, tables[i], replay, error);
	json_object_end(json);
	return err;
}

enum err export_facts(FILE *stream, struct store *store, uint64_t trace, struct error *error)
{
	struct json json;
	const struct row_sink sink = {put_row, &json};
	uint64_t *replays = NULL;
	size_t count = 0;
	enum err err = store_replay_ids(store, trace, &replays, &count, error);

	json_init(&json, stream, 3);
	json_object(&json, NULL);
	json_text(&json, "qgreplay", QGREPLAY_VERSION);
	json_number(&json, "format", 1);
	json_number(&json, "trace", trace);
	if (err == ERR_OK)
		err = store_each(store, ROW_TRACE, trace, &sink, error);
	if (err == ERR_OK)
		err = put_table(&json, store, ROW_EVENT_COUNT, trace, error);
	if (err == ERR_OK)
		err = put_table(&json, store, ROW_QGROUP, trace, error);
	if (err == ERR_OK && count > 0)
		err = put_replay(&json, store, replays[count - 1], error);
	json_object_end(&json);
	fputc('\n', stream);
	free(replays);
	return err;
}
