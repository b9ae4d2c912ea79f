/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * extension - the tables event and gap for programs that load extensions, such as the sqlite3 shell:
 *
 *     .load /usr/local/lib/qgreplay/qgreplay_events
 *
 * SQLite makes the name of the entry point from the letters of the file's name.
 */
#include <sqlite3ext.h>

#include "schema/events/event_table.h"

SQLITE_EXTENSION_INIT1

__attribute__((visibility("default"))) int sqlite3_qgreplayevents_init(
	sqlite3 *database, char **message, const sqlite3_api_routines *api);

int sqlite3_qgreplayevents_init(sqlite3 *database, char **message, const sqlite3_api_routines *api)
{
	SQLITE_EXTENSION_INIT2(api);
	(void)message;
	return event_table_register(database);
}
