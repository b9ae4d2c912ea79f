/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>

#include "base/memory.h"
#include "schema/store/handle.h"

enum err store_find_trace(struct store *store, const char *sha256, uint64_t *id, struct error *error)
{
	return handle_number_of(store, STATEMENT_FIND_TRACE, sha256, id, error);
}

/* Collects the numbers that a statement gives; its parameter, where it has one, is `owner`. */
static enum err collect(const struct store *store, enum statement statement, uint64_t owner, uint64_t **ids,
	size_t *count, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	size_t capacity = 0;
	bool more = true;
	enum err err = handle_prepare(store, statement_info(statement)->sql, &prepared, error);

	*ids = NULL;
	*count = 0;
	if (err == ERR_OK && sqlite3_bind_parameter_count(prepared) > 0)
		sqlite3_bind_int64(prepared, 1, (int64_t)owner);
	while (err == ERR_OK && more) {
		err = handle_step(store, prepared, &more, error);
		if (err != ERR_OK || !more)
			break;
		*ids = memory_grown(*ids, &capacity, *count + 1, sizeof(**ids));
		(*ids)[(*count)++] = (uint64_t)sqlite3_column_int64(prepared, 0);
	}
	sqlite3_finalize(prepared);
	return err;
}

enum err store_trace_ids(struct store *store, uint64_t **ids, size_t *count, struct error *error)
{
	return collect(store, STATEMENT_TRACE_IDS, 0, ids, count, error);
}

enum err store_replay_ids(struct store *store, uint64_t trace, uint64_t **ids, size_t *count, struct error *error)
{
	uint64_t known;
	enum err err = handle_number(store, STATEMENT_TRACE_KNOWN, trace, &known, error);

	*ids = NULL;
	*count = 0;
	if (err == ERR_OK && known == 0)
		err = handle_no_trace(store, trace, error);
	if (err == ERR_OK)
		err = collect(store, STATEMENT_REPLAY_IDS, trace, ids, count, error);
	return err;
}

static enum err hand_out(const struct store *store, sqlite3_stmt *prepared, enum row_table table,
	const struct row_sink *sink, struct error *error)
{
	struct row row = {.table = table, .count = row_table_info(table)->column_count};
	bool more = true;
	enum err err = ERR_OK;

	while (err == ERR_OK && more) {
		err = handle_step(store, prepared, &more, error);
		if (err != ERR_OK)
			return error_wrap(error, "cannot read table '%s'", row_table_info(table)->name);
		if (!more)
			break;
		for (size_t i = 0; i < row.count; i++)
			handle_value(prepared, (int)i, &row.values[i]);
		err = row_put(sink, &row, error);
	}
	return err;
}

enum err store_each(
	struct store *store, enum row_table table, uint64_t owner, const struct row_sink *sink, struct error *error)
{
	char *sql = statement_select(table);
	sqlite3_stmt *prepared = NULL;
	enum err err = handle_prepare(store, sql, &prepared, error);

	if (err == ERR_OK) {
		sqlite3_bind_int64(prepared, 1, (int64_t)owner);
		err = hand_out(store, prepared, table, sink, error);
	}
	sqlite3_finalize(prepared);
	free(sql);
	return err;
}

enum err store_each_of_finding(struct store *store, enum row_table table, uint64_t replay, uint64_t finding,
	const struct row_sink *sink, struct error *error)
{
	char *sql = statement_select_finding(table);
	sqlite3_stmt *prepared = NULL;
	enum err err = handle_prepare(store, sql, &prepared, error);

	if (err == ERR_OK) {
		sqlite3_bind_int64(prepared, 1, (int64_t)replay);
		sqlite3_bind_int64(prepared, 2, (int64_t)finding);
		err = hand_out(store, prepared, table, sink, error);
	}
	sqlite3_finalize(prepared);
	free(sql);
	return err;
}

/* Numbers of events are what SQLite can count to; UINT64_MAX stands for the end. */
static int64_t bounded(uint64_t seq)
{
	return seq > INT64_MAX ? INT64_MAX : (int64_t)seq;
}

static enum err first_block(struct store *store, uint64_t trace, uint64_t seq, int64_t *first_seq, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	bool more;
	enum err err = handle_prepare(store, statement_info(STATEMENT_BLOCK_WITH)->sql, &prepared, error);

	*first_seq = 0;
	if (err == ERR_OK) {
		sqlite3_bind_int64(prepared, 1, (int64_t)trace);
		sqlite3_bind_int64(prepared, 2, bounded(seq));
		err = handle_step(store, prepared, &more, error);
		if (err == ERR_OK && more)
			*first_seq = sqlite3_column_int64(prepared, 0);
	}
	sqlite3_finalize(prepared);
	return err;
}

enum err store_each_block(struct store *store, uint64_t trace, const struct store_slice *slice,
	const struct row_sink *sink, struct error *error)
{
	char *sql;
	sqlite3_stmt *prepared = NULL;
	int64_t first_seq;
	enum err err;

	if (slice->first_seq > slice->last_seq)
		return ERR_OK;
	sql = statement_select_slice();
	err = first_block(store, trace, slice->first_seq, &first_seq, error);
	if (err == ERR_OK)
		err = handle_prepare(store, sql, &prepared, error);
	if (err == ERR_OK) {
		sqlite3_bind_int64(prepared, 1, (int64_t)trace);
		sqlite3_bind_int64(prepared, 2, first_seq);
		sqlite3_bind_int64(prepared, 3, bounded(slice->last_seq));
		err = hand_out(store, prepared, ROW_EVENT_BLOCK, sink, error);
	}
	sqlite3_finalize(prepared);
	free(sql);
	return err;
}

enum err store_snapshot(struct store *store, struct error *error)
{
	uint64_t objects;
	enum err err = handle_run(store, STATEMENT_BEGIN_READ, error);

	/* The moment is that of the first read, not of BEGIN. */
	if (err == ERR_OK)
		err = handle_number(store, STATEMENT_OBJECTS, 0, &objects, error);
	if (err != ERR_OK)
		handle_roll_back(store);
	return err;
}

void store_snapshot_end(struct store *store)
{
	handle_roll_back(store);
}
