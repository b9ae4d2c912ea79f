/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * handle - what the files of the store share: the open database, statements that run on it, transactions, and how
 * failures of SQLite become lines for people. For schema/store alone.
 */
#ifndef QGREPLAY_SCHEMA_STORE_HANDLE_H
#define QGREPLAY_SCHEMA_STORE_HANDLE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "schema/store/statements.h"
#include "schema/store/store.h"

struct store {
	sqlite3 *db;
	char *name; /* as it was given: for people */
	char *path; /* the same, so that SQLite takes it for nothing but a path */
	uint32_t wait_ms;
	uint32_t list_ms; /* see store_list_within() */
	bool writable;
	bool made_log; /* a reader that found no log beside the database: SQLite makes an empty one */
};

/*
 * What `code` of SQLite means, as one line that names the file and the remedy. It must be the result of the last call
 * on the database.
 */
enum err fault_of(const struct store *store, int code, struct error *error);

/* Runs statements of ours that take and give nothing: settings, and migrations. */
enum err handle_execute(const struct store *store, const char *sql, struct error *error);

/* Prepares `sql`, which is one of ours: a failure means that the tables are not ours. `*prepared` is to be finalised.
 */
enum err handle_prepare(const struct store *store, const char *sql, sqlite3_stmt **prepared, struct error *error);

/*
 * Steps to the next row: `*more` says whether there is one. After the last one, and after a failure, the statement is
 * ready to be bound again.
 */
enum err handle_step(const struct store *store, sqlite3_stmt *prepared, bool *more, struct error *error);

/* Runs a statement that gives no rows, or whose rows say nothing of interest. */
enum err handle_run(const struct store *store, enum statement statement, struct error *error);

/* The same, with a number as its only parameter. */
enum err handle_run_for(const struct store *store, enum statement statement, uint64_t number, struct error *error);

/*
 * The number that a statement gives, whose parameters are `number` and `text` where it has them; 0 when it gives no
 * row, or NULL.
 */
enum err handle_number(
	const struct store *store, enum statement statement, uint64_t number, uint64_t *result, struct error *error);
enum err handle_number_of(
	const struct store *store, enum statement statement, const char *text, uint64_t *result, struct error *error);

/* Ends the transaction without a trace of it, if there is one. What else failed stays in its struct error. */
void handle_roll_back(const struct store *store);

/*
 * Moves what was committed from the log into the database, and gives the log's space back, as far as no reader needs
 * it: who has to wait for that is the next writer, not this one. Nothing is lost when it fails.
 */
void handle_checkpoint(const struct store *store);

/* The value of a column of the present row, valid until the next step. Fractions come as text. */
void handle_value(sqlite3_stmt *prepared, int column, struct row_value *value);

/* ERR_USAGE: there is no such trace. */
enum err handle_no_trace(const struct store *store, uint64_t trace, struct error *error);

#endif
