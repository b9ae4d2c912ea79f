/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/store/handle.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define LOCKED "is locked by another process, wait until that is done and do it again"

/* Failures that are told apart by the primary result code alone; what is said of the file. */
static const struct {
	enum err err;
	const char *text;
} faults[] = {
	[SQLITE_BUSY] = {ERR_SYSTEM, LOCKED},
	[SQLITE_PROTOCOL] = {ERR_SYSTEM, LOCKED},
	[SQLITE_LOCKED] = {ERR_SYSTEM, "is locked by another reader of this process, close that first"},
	[SQLITE_FULL] = {ERR_SYSTEM, "has no space left to grow, free some and do it again, nothing was changed"},
	[SQLITE_READONLY] = {ERR_SYSTEM, "cannot be written: it or its folder is read-only, see their permissions"},
	[SQLITE_NOMEM] = {ERR_SYSTEM, "needs more memory than there is"},
	[SQLITE_TOOBIG] = {ERR_LIMIT, "cannot hold a value that large"},
	[SQLITE_NOTADB] = {ERR_INPUT, "is no store: it is no SQLite database, name a store with --db"},
};

static enum err fault_from_table(const struct store *store, int primary, struct error *error)
{
	return error_set(error, faults[primary].err, "'%s' %s", store->name, faults[primary].text);
}

static bool lacks_space(int code, int failure)
{
	return failure == ENOSPC || failure == EDQUOT || code == SQLITE_IOERR_SHMSIZE;
}

/* A reader needs space for the index of the log, which lies beside the store; else only for what a query sorts. */
static enum err no_space(const struct store *store, int code, struct error *error)
{
	if (store->writable || code == SQLITE_IOERR_SHMSIZE)
		return fault_from_table(store, SQLITE_FULL, error);
	return error_set(error, ERR_SYSTEM,
		"no space is left for the temporary file of a query over '%s', set TMPDIR to a folder with more",
		store->name);
}

static enum err fault_of_system(const struct store *store, int code, struct error *error)
{
	int failure = sqlite3_system_errno(store->db);
	const char *reason = failure == 0 ? sqlite3_errstr(code) : strerror(failure);

	if (lacks_space(code, failure))
		return no_space(store, code, error);
	if ((code & 0xff) == SQLITE_CANTOPEN)
		return error_set(error, ERR_SYSTEM, "cannot open '%s': %s", store->name, reason);
	return error_set(error, ERR_SYSTEM, "cannot read or write '%s': %s, nothing was changed", store->name, reason);
}

enum err fault_of(const struct store *store, int code, struct error *error)
{
	int primary = code & 0xff;
	const char *said = sqlite3_errmsg(store->db);

	if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
		return fault_of_system(store, code, error);
	if (primary == SQLITE_FULL)
		return no_space(store, code, error);
	if (primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH)
		return error_set(error, ERR_INPUT, "its rows do not fit '%s': %s", store->name, said);
	if (primary == SQLITE_CORRUPT)
		return error_set(error, ERR_INPUT, "'%s' is damaged (%s), `sqlite3 %s .recover` may save the rest",
			store->name, said, store->name);
	if (primary == SQLITE_ERROR)
		return error_set(
			error, ERR_INPUT, "the tables of '%s' are not those of a store: %s", store->name, said);
	if ((size_t)primary < sizeof(faults) / sizeof(*faults) && faults[primary].text != NULL)
		return fault_from_table(store, primary, error);
	return error_set(error, ERR_SYSTEM, "cannot use '%s': %s", store->name, said);
}

enum err handle_execute(const struct store *store, const char *sql, struct error *error)
{
	int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? ERR_OK : fault_of(store, sqlite3_extended_errcode(store->db), error);
}

enum err handle_prepare(const struct store *store, const char *sql, sqlite3_stmt **prepared, struct error *error)
{
	int code = sqlite3_prepare_v3(store->db, sql, -1, 0, prepared, NULL);

	return code == SQLITE_OK ? ERR_OK : fault_of(store, code, error);
}

enum err handle_step(const struct store *store, sqlite3_stmt *prepared, bool *more, struct error *error)
{
	int code = sqlite3_step(prepared);
	enum err err = ERR_OK;

	*more = code == SQLITE_ROW;
	if (code == SQLITE_ROW)
		return ERR_OK;
	if (code != SQLITE_DONE)
		err = fault_of(store, sqlite3_extended_errcode(store->db), error);
	sqlite3_reset(prepared);
	return err;
}

static enum err run_all(const struct store *store, sqlite3_stmt *prepared, struct error *error)
{
	bool more = true;
	enum err err = ERR_OK;

	while (err == ERR_OK && more)
		err = handle_step(store, prepared, &more, error);
	return err;
}

enum err handle_run(const struct store *store, enum statement statement, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	enum err err = handle_prepare(store, statement_info(statement)->sql, &prepared, error);

	if (err == ERR_OK)
		err = run_all(store, prepared, error);
	sqlite3_finalize(prepared);
	return err;
}

enum err handle_run_for(const struct store *store, enum statement statement, uint64_t number, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	enum err err = handle_prepare(store, statement_info(statement)->sql, &prepared, error);

	if (err == ERR_OK) {
		sqlite3_bind_int64(prepared, 1, (int64_t)number);
		err = run_all(store, prepared, error);
	}
	sqlite3_finalize(prepared);
	return err;
}

static enum err first_number(const struct store *store, sqlite3_stmt *prepared, uint64_t *result, struct error *error)
{
	bool more;
	enum err err = handle_step(store, prepared, &more, error);

	*result = err == ERR_OK && more ? (uint64_t)sqlite3_column_int64(prepared, 0) : 0;
	return err;
}

enum err handle_number(
	const struct store *store, enum statement statement, uint64_t number, uint64_t *result, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	enum err err = handle_prepare(store, statement_info(statement)->sql, &prepared, error);

	if (err == ERR_OK) {
		if (sqlite3_bind_parameter_count(prepared) > 0)
			sqlite3_bind_int64(prepared, 1, (int64_t)number);
		err = first_number(store, prepared, result, error);
	}
	sqlite3_finalize(prepared);
	return err;
}

enum err handle_number_of(
	const struct store *store, enum statement statement, const char *text, uint64_t *result, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	enum err err = handle_prepare(store, statement_info(statement)->sql, &prepared, error);

	if (err == ERR_OK) {
		sqlite3_bind_text(prepared, 1, text, -1, SQLITE_STATIC);
		err = first_number(store, prepared, result, error);
	}
	sqlite3_finalize(prepared);
	return err;
}

void handle_roll_back(const struct store *store)
{
	/* After some failures SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

void handle_checkpoint(const struct store *store)
{
	sqlite3_busy_timeout(store->db, 0);
	sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(store->db, (int)store->wait_ms);
}

void handle_value(sqlite3_stmt *prepared, int column, struct row_value *value)
{
	*value = (struct row_value){.kind = ROW_NULL};
	switch (sqlite3_column_type(prepared, column)) {
	case SQLITE_INTEGER:
		value->kind = ROW_NUMBER;
		value->number = sqlite3_column_int64(prepared, column);
		break;
	case SQLITE_BLOB:
		value->kind = ROW_BLOB;
		value->bytes = sqlite3_column_blob(prepared, column);
		value->size = (size_t)sqlite3_column_bytes(prepared, column);
		break;
	case SQLITE_FLOAT:
	case SQLITE_TEXT:
		value->kind = sqlite3_column_type(prepared, column) == SQLITE_FLOAT ? ROW_REAL : ROW_TEXT;
		value->bytes = sqlite3_column_text(prepared, column);
		value->size = (size_t)sqlite3_column_bytes(prepared, column);
		break;
	default:
		break;
	}
}

enum err handle_no_trace(const struct store *store, uint64_t trace, struct error *error)
{
	return error_set(error, ERR_USAGE, "there is no trace %" PRIu64 " in '%s', see `qgreplay traces --db %s`",
		trace, store->name, store->name);
}
