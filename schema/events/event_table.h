/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_table - the tables `event` and `gap`: the blocks of table event_block as rows, for SQL.
 *
 * They need no CREATE; they exist wherever they are registered, and read the tables event_block and name of "main".
 * What a query says of trace, seq, time_ns, root, ino and kind decides which blocks are read at all; of those, only the
 * columns that are used are decoded, and what needs no event reads none: a plain count, and the kinds by themselves.
 * Rows come in the order of trace and seq, or by kind where that is asked for, without being sorted.
 *
 * A damaged block fails the query with one line that says which; rows of other blocks stay readable, by seq, or all of
 * them with `damaged = 'skip'`, which passes over such blocks. What needs no event does not notice damaged ones. All
 * rows of one statement are of one moment, whatever others write meanwhile.
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_EVENT_TABLE_H
#define QGREPLAY_SCHEMA_EVENTS_EVENT_TABLE_H

#include "schema/events/sqlite_api.h"

/* Registers both tables with a connection, for as long as it is open. Returns a code of SQLite. */
int event_table_register(sqlite3 *database);

/*
 * Lets SQLite make both tables now, which it does otherwise when a query first names them: in its eyes that is a
 * CREATE, which an authorizer may refuse. Returns a code of SQLite.
 */
int event_table_connect(sqlite3 *database);

#endif
