/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * statements - every SQL statement that the store runs by itself, in one table, so that a test can ask SQLite of each
 * how it would go about it.
 *
 * Those that put rows into a table and read them back are made from the table of tables (schema/rows/rows.h): columns
 * are listed there once, and not again in an INSERT and a SELECT that would have to agree with it.
 */
#ifndef QGREPLAY_SCHEMA_STORE_STATEMENTS_H
#define QGREPLAY_SCHEMA_STORE_STATEMENTS_H

#include <stdbool.h>

#include "schema/rows/rows.h"

enum statement {
	STATEMENT_BEGIN_READ,
	STATEMENT_BEGIN_WRITE,
	STATEMENT_COMMIT,
	STATEMENT_DEFER_KEYS,
	STATEMENT_VERSION,
	STATEMENT_APPLICATION,
	STATEMENT_OBJECTS,
	STATEMENT_FIND_TRACE,
	STATEMENT_TRACE_KNOWN,
	STATEMENT_TRACE_IDS,
	STATEMENT_TRACE_RECORDED,
	STATEMENT_REPLAY_IDS,
	STATEMENT_NEXT_TRACE,
	STATEMENT_NEXT_REPLAY,
	STATEMENT_BLOCK_WITH,
	STATEMENT_HOST_ADD,
	STATEMENT_HOST_FIND,
	STATEMENT_SIGNATURE_SEEN,
	STATEMENT_SAMPLES_DROP,
	STATEMENT_TRACE_DELETE,
	STATEMENT_SIGNATURE_PRUNE,
	STATEMENT_HOST_PRUNE,
	STATEMENT_VACUUM,
	STATEMENT_SIGNATURE_TALLY_TAKE,
	STATEMENT_SIGNATURE_TALLY_ADD,
	STATEMENT_SIGNATURE_TALLY_PRUNE,
	STATEMENT_LISTED_DROP,
	STATEMENT_LISTED_FILL,
	STATEMENT_TALLY_DROP,
	STATEMENT_TALLY_FILL,
	STATEMENT_OUTCOME_PUT,
	STATEMENT_SIBLING_FILL,
	STATEMENT_SIGNATURE_CHANGE,
	STATEMENT_UPLOAD_WAITING,
	STATEMENT_UPLOAD_ADD,
	STATEMENT_UPLOAD_NEXT,
	STATEMENT_UPLOAD_CLAIM,
	STATEMENT_UPLOAD_END,
	STATEMENT_UPLOAD_GIVE_BACK,
	STATEMENT_UPLOAD_FILE,
	STATEMENT_UPLOAD_OF_FILE,
	STATEMENT_UPLOAD_LOAD,
	STATEMENT_FINDINGS,
	STATEMENT_FINDING_OBJECTS,
	STATEMENT_COUNT
};

struct statement_info {
	const char *sql;
	const char *scans; /* why it may look at every row of a table; NULL: it must not */
};

const struct statement_info *statement_info(enum statement statement);

/* Puts one row into the table: first its own id or that of its owner, ROW_REPLAY also its trace, then its columns. */
char *statement_insert(enum row_table table);

/* Reads the columns of the rows with that id or owner, in the table's order; ROW_TRACE with the host's name. */
char *statement_select(enum row_table table);

/* The same of the finding with number ?2; ROW_FINDING with its siblings behind it (store_each_of_finding()). */
char *statement_select_finding(enum row_table table);

/* The same of event blocks, those that begin at numbers from ?2 to ?3. */
char *statement_select_slice(void);

#endif
