/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sqlite_api - SQLite for code that runs in two places: linked into the program, and as an extension that a program
 * loads which brings an SQLite of its own (QGREPLAY_EXTENSION); there every call goes through that program's table.
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_SQLITE_API_H
#define QGREPLAY_SCHEMA_EVENTS_SQLITE_API_H

#ifdef QGREPLAY_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif

#endif
