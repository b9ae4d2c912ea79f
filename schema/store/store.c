/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/store/store.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "schema/events/event_table.h"
#include "schema/store/handle.h"
#include "schema/store/migrations.h"

/* What no query and no hostile row may exceed; the largest value of ours is a block's payload, some 100 KB. */
enum {
	VALUE_BYTES_MAX = 16 * 1024 * 1024,
	QUERY_BYTES_MAX = 1024 * 1024,
	STATEMENT_UNDO_BYTES = 4 * 1024 * 1024,
	LIST_MS = 5000
};

/*
 * A block's payload, some 60 KB, takes whole pages: larger ones waste half of their size with each, and in the empty
 * tables of a store of one short trace; smaller ones take longer to write. An incremental vacuum needs to be asked for
 * before the first table. Neither does anything to a database that has tables.
 */
static const char *const shape = "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL";

static const char *const log_mode = "PRAGMA journal_mode = WAL";

/*
 * synchronous FULL: what was reported as imported survives a power cut. A small cache: what is written once and in
 * order gains nothing by waiting in memory. Deleted bytes are overwritten only where it costs no writing.
 */
static const char *const manners = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096; "
				   "PRAGMA journal_size_limit = 1048576; PRAGMA cell_size_check = ON; "
				   "PRAGMA secure_delete = FAST";

static const char *const reading_manners =
	"PRAGMA query_only = ON; PRAGMA cache_size = -4096; PRAGMA cell_size_check = ON";

/* Names such as "file:x" and ":memory:" mean something else to SQLite; what begins with a slash or dot does not. */
static char *path_of(const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s%s", name[0] == '/' ? "" : "./", name) < 0)
		abort();
	return path;
}

/* SQLite tries twice to make a file, and tells why the second try failed, which looked for one to read. */
static enum err inspect_folder(const char *name, struct error *error)
{
	const char *slash = strrchr(name, '/');
	char *folder = slash == NULL ? memory_text(".", 1) : memory_text(name, (size_t)(slash - name) + 1);
	int failure = access(folder, W_OK | X_OK) == 0 ? 0 : errno;

	free(folder);
	return failure == 0
		       ? ERR_OK
		       : error_set(error, ERR_SYSTEM, "cannot make '%s': its folder says: %s", name, strerror(failure));
}

static enum err inspect(const char *name, enum store_mode mode, struct error *error)
{
	struct stat status;

	if (*name == '\0')
		return error_set(error, ERR_USAGE, "the name of the store is empty, name a file with --db");
	if (stat(name, &status) != 0 && errno == ENOENT)
		return mode == STORE_CREATE
			       ? inspect_folder(name, error)
			       : error_set(error, ERR_USAGE,
					 "there is no store '%s', `qgreplay import --db %s TRACE` makes one", name,
					 name);
	if (stat(name, &status) != 0)
		return error_set(error, ERR_SYSTEM, "cannot open '%s': %s", name, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return error_set(error, ERR_INPUT, "'%s' is a folder and no store, name a file in it with --db", name);
	if (!S_ISREG(status.st_mode))
		return error_set(error, ERR_INPUT, "'%s' is no regular file, name another one with --db", name);
	return ERR_OK;
}

/*
 * Nobody asks SQLite how much memory it uses, and counting it takes a lock that all threads share. What it takes to
 * undo one statement goes into a file only when it is large: each load fills tables with many indexes, and a process
 * that is killed between making such a file and unlinking it would leave it behind.
 */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, STATEMENT_UNDO_BYTES);
}

/* Whoever made the database may have put anything into it: what is in it runs no code, but for views that read. */
static enum err open_database(struct store *store, const char *path, int flags, struct error *error)
{
	int code = sqlite3_open_v2(path, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (store->db == NULL)
		return error_set(error, ERR_SYSTEM, "out of memory while opening '%s'", store->name);
	if (code != SQLITE_OK)
		return fault_of(store, code, error);
	sqlite3_busy_timeout(store->db, (int)store->wait_ms);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
	sqlite3_limit(store->db, SQLITE_LIMIT_SQL_LENGTH, QUERY_BYTES_MAX);
	sqlite3_limit(store->db, SQLITE_LIMIT_ATTACHED, 0);
	code = event_table_register(store->db);
	return code == SQLITE_OK ? ERR_OK : fault_of(store, code, error);
}

/* SQLite does not wait for the lock that a change of the journal mode needs; two who create at once meet there. */
static enum err enter_log_mode(const struct store *store, struct error *error)
{
	uint64_t end_ms = clock_ms() + store->wait_ms;
	int code;

	while ((code = sqlite3_exec(store->db, log_mode, NULL, NULL, NULL)) != SQLITE_OK) {
		if ((code & 0xff) != SQLITE_BUSY || clock_ms() >= end_ms)
			return fault_of(store, sqlite3_extended_errcode(store->db), error);
		usleep(2000);
	}
	return ERR_OK;
}

static enum err bring_up(struct store *store, const struct migrations_state *state, struct error *error)
{
	enum err err = state->empty ? handle_execute(store, shape, error) : ERR_OK;

	if (err == ERR_OK)
		err = enter_log_mode(store, error);
	if (err == ERR_OK)
		err = handle_execute(store, manners, error);
	if (err == ERR_OK && state->version < migrations_count) {
		err = migrations_apply(store, error);
		handle_checkpoint(store);
	}
	return err;
}

static enum err open_to_write(struct store *store, enum store_mode mode, struct error *error)
{
	struct migrations_state state = {0};
	int flags = SQLITE_OPEN_READWRITE | (mode == STORE_CREATE ? SQLITE_OPEN_CREATE : 0);
	enum err err = open_database(store, store->path, flags, error);

	if (err == ERR_OK)
		err = migrations_look(store, &state, error);
	if (err == ERR_OK)
		err = migrations_judge(store, &state, mode == STORE_CREATE || !state.empty, error);
	if (err == ERR_OK && sqlite3_db_readonly(store->db, "main") == 1)
		err = fault_of(store, SQLITE_READONLY, error);
	return err == ERR_OK ? bring_up(store, &state, error) : err;
}

/* Reads the first page, and so the log as well, where there is one. */
static enum err look_to_read(struct store *store, const char *path, int flags, struct error *error)
{
	struct migrations_state state = {0};
	enum err err = open_database(store, path, flags | SQLITE_OPEN_READONLY, error);

	if (err == ERR_OK)
		err = migrations_look(store, &state, error);
	if (err == ERR_OK)
		err = migrations_judge(store, &state, false, error);
	if (err == ERR_OK)
		err = handle_execute(store, reading_manners, error);
	return err;
}

/* The path as a URI that tells SQLite that nobody writes: it does without the log and its index then. */
static char *immutable_uri(const char *path)
{
	char *uri = NULL;
	size_t size;
	FILE *text = open_memstream(&uri, &size);

	if (text == NULL)
		abort();
	fputs("file:", text);
	for (; *path != '\0'; path++)
		fprintf(text, strchr("%?#", *path) == NULL ? "%c" : "%%%02x", (unsigned char)*path);
	fputs("?immutable=1", text);
	fclose(text);
	return uri;
}

/* The size of the log beside the database; -1 when there is none. */
static int64_t log_bytes(const struct store *store)
{
	struct stat status;
	char *log = NULL;
	bool found;

	if (asprintf(&log, "%s-wal", store->path) < 0)
		abort();
	found = stat(log, &status) == 0;
	free(log);
	return found ? (int64_t)status.st_size : -1;
}

/*
 * Even a reader keeps an index beside the log of the writers, and where it can have none, SQLite refuses to read at
 * all. Where the log is empty and there is no index, nobody writes, or could.
 */
static enum err look_without_log(struct store *store, struct error *error)
{
	char *uri;
	enum err err;

	if (log_bytes(store) > 0)
		return error_set(error, ERR_SYSTEM,
			"the last changes of '%s' are in '%s-wal', and cannot be read where nothing can be written, "
			"copy both to a "
			"folder of your own",
			store->name, store->name);
	uri = immutable_uri(store->path);
	sqlite3_close(store->db);
	store->db = NULL;
	store->made_log = false;
	err = look_to_read(store, uri, SQLITE_OPEN_URI, error);
	free(uri);
	return err;
}

/* Asks again for what failed, because what was done since has changed what SQLite says of it. */
static bool lacks_log(const struct store *store)
{
	int primary = sqlite3_exec(store->db, statement_info(STATEMENT_OBJECTS)->sql, NULL, NULL, NULL) & 0xff;

	return primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY;
}

static enum err open_to_read(struct store *store, struct error *error)
{
	struct error first = {.code = ERR_OK};
	enum err err;

	store->made_log = log_bytes(store) < 0;
	err = look_to_read(store, store->path, 0, &first);
	if (err == ERR_OK)
		return ERR_OK;
	if (access(store->path, R_OK) == 0 && lacks_log(store))
		return look_without_log(store, error);
	return error_set(error, err, "%s", first.text);
}

enum err store_open(struct store **store, const char *name, const struct store_options *options, struct error *error)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct store *opened;
	enum err err;

	*store = NULL;
	pthread_once(&once, configure);
	err = inspect(name, options->mode, error);
	if (err != ERR_OK)
		return err;
	opened = memory_zeroed(sizeof(*opened));
	opened->name = memory_text(name, strlen(name));
	opened->path = path_of(name);
	opened->wait_ms = options->wait_ms == 0 ? STORE_WAIT_MS : options->wait_ms;
	if (opened->wait_ms > INT_MAX)
		opened->wait_ms = INT_MAX;
	opened->list_ms = LIST_MS;
	opened->writable = options->mode != STORE_READ;
	err = opened->writable ? open_to_write(opened, options->mode, error) : open_to_read(opened, error);
	if (err == ERR_OK)
		*store = opened;
	else
		store_close(opened);
	return err;
}

/* Only who may write removes the empty log and its index on closing, and only when nobody else has the database open.
 */
static void remove_log(const struct store *store)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(store->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
		sqlite3_exec(db, statement_info(STATEMENT_OBJECTS)->sql, NULL, NULL, NULL);
	sqlite3_close(db);
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	sqlite3_close(store->db);
	if (store->made_log && log_bytes(store) == 0)
		remove_log(store);
	free(store->path);
	free(store->name);
	free(store);
}
