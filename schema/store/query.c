/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queries of others, which may come from anywhere: what runs is one statement, of which SQLite says itself that it
 * writes nothing, and an authorizer lets it read tables and call functions, and do nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schema/events/event_table.h"
#include "schema/store/handle.h"

/* Functions that reach out of the database, or into the library. */
static const char *const forbidden[] = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"};

static int permit(
	void *context, int action, const char *first, const char *second, const char *database, const char *by)
{
	(void)context;
	(void)first;
	(void)database;
	(void)by;
	if (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE)
		return SQLITE_OK;
	if (action != SQLITE_FUNCTION)
		return SQLITE_DENY;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
		if (sqlite3_stricmp(second, forbidden[i]) == 0)
			return SQLITE_DENY;
	}
	return SQLITE_OK;
}

/* What is wrong with the query is for its author; what is wrong with the file is told as everywhere. */
static enum err fault_of_query(const struct store *store, struct error *error)
{
	int code = sqlite3_extended_errcode(store->db);
	int primary = code & 0xff;

	if (primary == SQLITE_AUTH)
		return error_set(
			error, ERR_USAGE, "only queries that read are run here: %s", sqlite3_errmsg(store->db));
	if (primary == SQLITE_ERROR || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH ||
		primary == SQLITE_RANGE || primary == SQLITE_CONSTRAINT)
		return error_set(error, ERR_USAGE, "%s", sqlite3_errmsg(store->db));
	if (code == SQLITE_CORRUPT_VTAB)
		return error_set(error, ERR_INPUT, "'%s': %s", store->name, sqlite3_errmsg(store->db));
	return fault_of(store, code, error);
}

/* Whether anything but blanks and comments follows: it is prepared, and never run. */
static bool has_more(const struct store *store, const char *rest)
{
	sqlite3_stmt *prepared = NULL;
	int code = sqlite3_prepare_v3(store->db, rest, -1, 0, &prepared, NULL);
	bool more = code != SQLITE_OK || prepared != NULL;

	sqlite3_finalize(prepared);
	return more;
}

static enum err prepare_query(const struct store *store, const char *sql, sqlite3_stmt **prepared, struct error *error)
{
	const char *rest = "";

	if (sqlite3_prepare_v3(store->db, sql, -1, 0, prepared, &rest) != SQLITE_OK)
		return fault_of_query(store, error);
	if (*prepared == NULL)
		return error_set(error, ERR_USAGE, "there is no query, try 'SELECT * FROM trace'");
	if (!sqlite3_stmt_readonly(*prepared))
		return error_set(error, ERR_USAGE, "only queries that read are run here");
	if (has_more(store, rest))
		return error_set(error, ERR_USAGE, "one query at a time, what follows the first ';' is a second one");
	return ERR_OK;
}

static enum err hand_columns(sqlite3_stmt *prepared, const struct store_query_sink *sink, struct error *error)
{
	int count = sqlite3_column_count(prepared);
	const char **names = memory_zeroed((size_t)count * sizeof(*names));
	enum err err;

	for (int i = 0; i < count; i++)
		names[i] = sqlite3_column_name(prepared, i);
	err = sink->columns(sink->context, names, (size_t)count, error);
	free(names);
	return err;
}

static enum err hand_rows(
	const struct store *store, sqlite3_stmt *prepared, const struct store_query_sink *sink, struct error *error)
{
	int count = sqlite3_column_count(prepared);
	struct row_value *values = memory_zeroed((size_t)count * sizeof(*values));
	enum err err = ERR_OK;
	int code;

	while (err == ERR_OK && (code = sqlite3_step(prepared)) != SQLITE_DONE) {
		if (code != SQLITE_ROW) {
			err = fault_of_query(store, error);
			break;
		}
		for (int i = 0; i < count; i++)
			handle_value(prepared, i, &values[i]);
		err = sink->row(sink->context, values, (size_t)count, error);
	}
	free(values);
	return err;
}

/* With `trace`, its id is what ?1 stands for. */
static enum err run_query(struct store *store, const char *sql, const uint64_t *trace,
	const struct store_query_sink *sink, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	enum err err;

	if (event_table_connect(store->db) != SQLITE_OK)
		return fault_of_query(store, error);
	sqlite3_set_authorizer(store->db, permit, NULL);
	err = prepare_query(store, sql, &prepared, error);
	if (err == ERR_OK && trace != NULL && sqlite3_bind_int64(prepared, 1, (int64_t)*trace) != SQLITE_OK)
		err = fault_of_query(store, error);
	if (err == ERR_OK)
		err = hand_columns(prepared, sink, error);
	if (err == ERR_OK)
		err = hand_rows(store, prepared, sink, error);
	sqlite3_finalize(prepared);
	sqlite3_set_authorizer(store->db, NULL, NULL);
	return err;
}

enum err store_query(struct store *store, const char *sql, const struct store_query_sink *sink, struct error *error)
{
	return run_query(store, sql, NULL, sink, error);
}

enum err store_findings(struct store *store, uint64_t trace, enum store_findings_form form,
	const struct store_query_sink *sink, struct error *error)
{
	enum statement statement = form == STORE_FINDINGS_COLUMNS ? STATEMENT_FINDINGS : STATEMENT_FINDING_OBJECTS;

	return run_query(store, statement_info(statement)->sql, &trace, sink, error);
}
