/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows from a confined process into the tables. They may be anything: their number and order are checked here, their
 * types, keys and what must not be missing by SQLite (STRICT, NOT NULL, foreign keys).
 *
 * Blocks come while the trace is being read, and the row of the trace only when it has been: its id is given out
 * before, and foreign keys are looked at on commit.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/rows/rows_file.h"
#include "schema/store/handle.h"

struct load {
	struct store *store;
	const struct store_facts *facts;
	uint64_t trace;
	uint64_t replay;
	uint64_t seen_at;  /* seconds since 1970: when findings were seen */
	bool trace_is_old; /* only a replay is loaded */
	bool has_trace;	   /* its row is in, or was there before */
	bool has_replay;
	sqlite3_stmt *inserts[ROW_TABLE_COUNT];
	sqlite3_stmt *signature;
};

static enum err do_not_fit(const struct load *load, const struct row *row, const char *why, struct error *error)
{
	return error_set(error, ERR_INPUT, "its rows do not fit '%s': one of table '%s' %s", load->store->name,
		row_table_info(row->table)->name, why);
}

static enum err check(const struct load *load, const struct row *row, struct error *error)
{
	const struct row_table_info *info;

	if ((size_t)row->table >= ROW_TABLE_COUNT)
		return error_set(error, ERR_INPUT, "its rows do not fit '%s': there is no table %d", load->store->name,
			(int)row->table);
	info = row_table_info(row->table);
	if (row->count != info->column_count)
		return do_not_fit(load, row, "has too few or too many columns", error);
	if (row->table == ROW_TRACE && load->has_trace)
		return do_not_fit(load, row, "is one too many", error);
	if (row->table == ROW_REPLAY && load->has_replay)
		return do_not_fit(load, row, "is one too many", error);
	if (load->trace_is_old && info->owner == ROW_OF_TRACE)
		return do_not_fit(load, row, "belongs to a trace that is there already", error);
	return ERR_OK;
}

/* Text reaches terminals, mails and pages: what its writer should have made harmless is made so here again. */
static void bind_text(sqlite3_stmt *insert, int place, const struct row_value *value)
{
	const char *text = value->bytes;
	bool plain = true;
	char *harmless;

	for (size_t i = 0; i < value->size && plain; i++)
		plain = text[i] >= 0x20 && text[i] < 0x7f;
	if (plain) {
		sqlite3_bind_text64(insert, place, text, value->size, SQLITE_STATIC, SQLITE_UTF8);
		return;
	}
	harmless = utf8_harmless(text);
	sqlite3_bind_text64(insert, place, harmless, strlen(harmless), free, SQLITE_UTF8);
}

/* A value that is too large for SQLite stays NULL, which no column of ours takes that could be so large. */
static void bind(sqlite3_stmt *insert, int place, const struct row_value *value)
{
	switch (value->kind) {
	case ROW_NUMBER:
		sqlite3_bind_int64(insert, place, value->number);
		break;
	case ROW_TEXT:
		bind_text(insert, place, value);
		break;
	case ROW_BLOB:
		sqlite3_bind_blob64(insert, place, value->size == 0 ? "" : value->bytes, value->size, SQLITE_STATIC);
		break;
	case ROW_REAL: /* no column of ours is one */
	case ROW_NULL:
		sqlite3_bind_null(insert, place);
		break;
	}
}

static enum err put_signature(struct load *load, const struct row *row, struct error *error)
{
	static const char *const wanted[] = {"signature", "kind", "path"};
	bool more;
	enum err err = ERR_OK;

	if (load->signature == NULL)
		err = handle_prepare(
			load->store, statement_info(STATEMENT_SIGNATURE_SEEN)->sql, &load->signature, error);
	if (err != ERR_OK)
		return err;
	for (int i = 0; i < 3; i++)
		bind(load->signature, i + 1, &row->values[row_column(ROW_FINDING, wanted[i])]);
	sqlite3_bind_int64(load->signature, 4, (int64_t)load->seen_at);
	return handle_step(load->store, load->signature, &more, error);
}

static enum err insert_of(struct load *load, enum row_table table, sqlite3_stmt **insert, struct error *error)
{
	char *sql;
	enum err err = ERR_OK;

	if (load->inserts[table] == NULL) {
		sql = statement_insert(table);
		err = handle_prepare(load->store, sql, &load->inserts[table], error);
		free(sql);
	}
	*insert = load->inserts[table];
	return err;
}

static enum err put_values(struct load *load, const struct row *row, struct error *error)
{
	enum row_owner owner = row_table_info(row->table)->owner;
	sqlite3_stmt *insert;
	int place = 1;
	bool more;
	enum err err = insert_of(load, row->table, &insert, error);

	if (err != ERR_OK)
		return err;
	if (row->table == ROW_REPLAY || owner == ROW_OF_REPLAY)
		sqlite3_bind_int64(insert, place++, (int64_t)load->replay);
	if (row->table == ROW_REPLAY || row->table == ROW_TRACE || owner == ROW_OF_TRACE)
		sqlite3_bind_int64(insert, place++, (int64_t)load->trace);
	for (size_t i = 0; i < row->count; i++)
		bind(insert, place++, &row->values[i]);
	err = handle_step(load->store, insert, &more, error);
	/* The values are the row's own, and end with it. */
	sqlite3_clear_bindings(insert);
	return err;
}

static struct row_value number_value(uint64_t number)
{
	return (struct row_value){.kind = ROW_NUMBER, .number = (int64_t)number};
}

static struct row_value text_value(const char *text)
{
	if (text == NULL)
		return (struct row_value){.kind = ROW_NULL};
	return (struct row_value){.kind = ROW_TEXT, .bytes = text, .size = strlen(text)};
}

static enum err find_host(struct load *load, struct row_value *id, struct error *error)
{
	char *name = utf8_harmless(load->facts->host);
	uint64_t number = 0;
	enum err err = handle_number_of(load->store, STATEMENT_HOST_ADD, name, &number, error);

	if (err == ERR_OK)
		err = handle_number_of(load->store, STATEMENT_HOST_FIND, name, &number, error);
	*id = number_value(number);
	free(name);
	return err;
}

static enum err put_trace(struct load *load, const struct row *given, struct error *error)
{
	const struct store_facts *facts = load->facts;
	struct row row = *given;
	enum err err = ERR_OK;

	row.values[ROW_TRACE_SHA256] = text_value(facts->sha256);
	row.values[ROW_TRACE_NAME] = text_value(facts->name);
	row.values[ROW_TRACE_HOST] = text_value(NULL);
	row.values[ROW_TRACE_FILE_BYTES] = number_value(facts->file_bytes);
	row.values[ROW_TRACE_RECORDED_AT] =
		facts->recorded_at == 0 ? text_value(NULL) : number_value(facts->recorded_at);
	row.values[ROW_TRACE_IMPORTED_AT] = number_value(facts->now);
	if (facts->host != NULL)
		err = find_host(load, &row.values[ROW_TRACE_HOST], error);
	load->has_trace = true;
	return err == ERR_OK ? put_values(load, &row, error) : err;
}

static enum err put_replay(struct load *load, const struct row *given, struct error *error)
{
	struct row row = *given;

	row.values[row_column(ROW_REPLAY, "made_at")] = number_value(load->facts->now);
	load->has_replay = true;
	return put_values(load, &row, error);
}

static enum err put(void *context, const struct row *row, struct error *error)
{
	struct load *load = context;
	enum err err = check(load, row, error);

	if (err != ERR_OK)
		return err;
	if (row->table == ROW_TRACE)
		return put_trace(load, row, error);
	if (row->table == ROW_REPLAY)
		return put_replay(load, row, error);
	if (row->table == ROW_FINDING)
		err = put_signature(load, row, error);
	return err == ERR_OK ? put_values(load, row, error) : err;
}

static void load_release(struct load *load)
{
	for (size_t i = 0; i < ROW_TABLE_COUNT; i++)
		sqlite3_finalize(load->inserts[i]);
	sqlite3_finalize(load->signature);
}

/* What lists are read from: made again for this trace, and taken out of the sums before that. */
static enum err derive(const struct load *load, struct error *error)
{
	static const enum statement steps[] = {STATEMENT_SIGNATURE_TALLY_TAKE, STATEMENT_LISTED_DROP,
		STATEMENT_TALLY_DROP, STATEMENT_LISTED_FILL, STATEMENT_TALLY_FILL, STATEMENT_OUTCOME_PUT,
		STATEMENT_SIGNATURE_TALLY_ADD, STATEMENT_SIBLING_FILL};
	enum err err = ERR_OK;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && err == ERR_OK; i++)
		err = handle_run_for(load->store, steps[i], load->trace, error);
	if (err == ERR_OK && load->trace_is_old)
		err = handle_run(load->store, STATEMENT_SIGNATURE_TALLY_PRUNE, error);
	return err;
}

/* Within the transaction: all rows, and then whether they are complete. */
static enum err load_rows(struct load *load, int fd, struct error *error)
{
	struct row_sink sink = {put, load};
	enum err err = handle_number(load->store, STATEMENT_NEXT_REPLAY, 0, &load->replay, error);

	if (err == ERR_OK)
		err = handle_run(load->store, STATEMENT_DEFER_KEYS, error);
	if (err == ERR_OK)
		err = rows_file_read(fd, &sink, error);
	if (err == ERR_OK && !load->has_trace)
		err = error_set(
			error, ERR_INPUT, "its rows do not fit '%s': none is of the trace itself", load->store->name);
	load_release(load);
	if (err == ERR_OK)
		err = derive(load, error);
	if (err == ERR_OK)
		err = handle_run(load->store, STATEMENT_COMMIT, error);
	return err;
}

enum err store_load_trace(
	struct store *store, int fd, const struct store_facts *facts, struct store_loaded *loaded, struct error *error)
{
	struct load load = {
		.store = store, .facts = facts, .seen_at = facts->recorded_at == 0 ? facts->now : facts->recorded_at};
	enum err err = handle_run(store, STATEMENT_BEGIN_WRITE, error);

	*loaded = (struct store_loaded){0};
	if (err == ERR_OK && facts->sha256 != NULL)
		err = store_find_trace(store, facts->sha256, &loaded->trace, error);
	loaded->known = loaded->trace != 0;
	if (err == ERR_OK && !loaded->known)
		err = handle_number(store, STATEMENT_NEXT_TRACE, 0, &load.trace, error);
	if (err == ERR_OK && !loaded->known)
		err = load_rows(&load, fd, error);
	handle_roll_back(store);
	if (err != ERR_OK)
		return error_wrap(error, "cannot keep '%s'", facts->name);
	if (loaded->known)
		return ERR_OK;
	loaded->trace = load.trace;
	loaded->replay = load.has_replay ? load.replay : 0;
	handle_checkpoint(store);
	return ERR_OK;
}

enum err store_load_replay(struct store *store, int fd, uint64_t trace, const struct store_facts *facts,
	struct store_loaded *loaded, struct error *error)
{
	struct load load = {.store = store, .facts = facts, .trace = trace, .trace_is_old = true, .has_trace = true};
	uint64_t known = 0;
	enum err err = handle_run(store, STATEMENT_BEGIN_WRITE, error);

	*loaded = (struct store_loaded){.trace = trace};
	if (err == ERR_OK)
		err = handle_number(store, STATEMENT_TRACE_KNOWN, trace, &known, error);
	if (err == ERR_OK && known == 0)
		err = handle_no_trace(store, trace, error);
	if (err == ERR_OK)
		err = handle_number(store, STATEMENT_TRACE_RECORDED, trace, &load.seen_at, error);
	if (load.seen_at == 0)
		load.seen_at = facts->now;
	/* Findings of earlier replays tell what came and went; their curves are large, and nobody draws them. */
	if (err == ERR_OK)
		err = handle_run_for(store, STATEMENT_SAMPLES_DROP, trace, error);
	if (err == ERR_OK)
		err = load_rows(&load, fd, error);
	handle_roll_back(store);
	if (err != ERR_OK)
		return error_wrap(error, "cannot keep a replay of trace %" PRIu64, trace);
	loaded->replay = load.has_replay ? load.replay : 0;
	handle_checkpoint(store);
	return ERR_OK;
}
