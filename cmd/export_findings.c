/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/export_findings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "cmd/csv.h"

/* The trace's number is put in: a query of ours takes no values. */
static const char csv_query[] =
	"SELECT r.trace, f.number, f.kind, f.severity, f.certainty, f.path, f.place, f.signature, f.filesystem,"
	" n.name AS fsid, f.root, f.ino, f.bytes, f.healed, f.occurrences, f.consequences, f.headline"
	" FROM current_replay r JOIN finding f ON f.replay = r.replay"
	" LEFT JOIN name n ON n.trace = r.trace AND n.space = 'fsid' AND n.number = f.filesystem"
	" WHERE r.trace = %" PRIu64 " ORDER BY f.number";

/* Keys are the columns' names; `mismatches` are the rows of the table occurrence. */
static const char jsonl_query[] =
	"SELECT json_object('trace', r.trace, 'number', f.number, 'kind', f.kind, 'severity', f.severity,"
	" 'certainty', f.certainty, 'path', f.path, 'place', f.place, 'signature', f.signature,"
	" 'filesystem', f.filesystem, 'fsid', n.name, 'root', f.root, 'ino', f.ino, 'bytes', f.bytes,"
	" 'healed', f.healed, 'occurrences', f.occurrences, 'consequences', f.consequences, 'headline', f.headline,"
	" 'mismatches', json((SELECT json_group_array(json_object('number', o.number, 'time_ns', o.time_ns,"
	"  'root', o.root, 'ino', o.ino, 'start', o.start, 'len', o.len, 'bytes', o.bytes,"
	"  'have_bytes', o.have_bytes, 'diff_bytes', o.diff_bytes, 'pid', o.pid, 'comm', c.name,"
	"  'owners', json((SELECT json_group_array(json_object('pid', w.pid, 'comm', d.name, 'bytes', w.bytes,"
	"   'start', w.start, 'len', w.len, 'time_ns', w.time_ns))"
	"   FROM owner w LEFT JOIN name d ON d.trace = r.trace AND d.space = 'task' AND d.number = w.comm"
	"   WHERE w.replay = f.replay AND w.finding = f.number AND w.occurrence = o.number))))"
	"  FROM occurrence o LEFT JOIN name c ON c.trace = r.trace AND c.space = 'task' AND c.number = o.comm"
	"  WHERE o.replay = f.replay AND o.finding = f.number)),"
	" 'evidence', json((SELECT json_group_array(json_object('role', e.role, 'consequence', e.consequence,"
	"  'occurrence', e.occurrence, 'seq', e.seq, 'time_ns', e.time_ns, 'pid', e.pid, 'kind', e.kind))"
	"  FROM evidence e WHERE e.replay = f.replay AND e.finding = f.number)))"
	" FROM current_replay r JOIN finding f ON f.replay = r.replay"
	" LEFT JOIN name n ON n.trace = r.trace AND n.space = 'fsid' AND n.number = f.filesystem"
	" WHERE r.trace = %" PRIu64 " ORDER BY f.number";

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
	struct csv *csv = context;

	(void)error;
	for (size_t i = 0; i < count; i++)
		csv_text(csv, names[i]);
	csv_end(csv);
	return ERR_OK;
}

static enum err put_values(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct csv *csv = context;

	(void)error;
	for (size_t i = 0; i < count; i++) {
		if (values[i].kind == ROW_NUMBER)
			csv_signed(csv, values[i].number);
		else
			csv_text(csv, values[i].kind == ROW_TEXT ? values[i].bytes : NULL);
	}
	csv_end(csv);
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
	struct csv csv = {stream, false};
	const struct store_query_sink sink = {put_names, put_values, &csv};
	char query[sizeof(csv_query) + 32];

	snprintf(query, sizeof(query), csv_query, trace);
	return store_query(store, query, &sink, error);
}

enum err export_findings_jsonl(FILE *stream, struct store *store, uint64_t trace, struct error *error)
{
	const struct store_query_sink sink = {no_columns, put_line, stream};
	char query[sizeof(jsonl_query) + 32];

	snprintf(query, sizeof(query), jsonl_query, trace);
	return store_query(store, query, &sink, error);
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
