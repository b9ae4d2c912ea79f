/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plain_table TRACE FILE - puts the events of a trace as rows into a plain table of a new SQLite file: what the store
 * is measured against. Fair to the peer: one prepared statement, one transaction, no index beside the row's own number,
 * numbers for names, decoding and inserting side by side on two threads, and the store's settings of durability.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/event.h"
#include "cmd/relay.h"
#include "collector/source.h"

static const char prepare[] =
	"PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	"CREATE TABLE event (seq INTEGER PRIMARY KEY, time_ns INTEGER, cpu INTEGER, pid INTEGER,"
	" comm INTEGER, kind INTEGER, fs INTEGER, root INTEGER, ino INTEGER, start INTEGER,"
	" len INTEGER, bytes INTEGER, diff INTEGER, flags INTEGER, op INTEGER, type INTEGER) STRICT;"
	"BEGIN";

struct table {
	sqlite3 *base;
	sqlite3_stmt *insert;
	uint64_t count;
};

static enum err put(struct table *table, const struct event *event, struct error *error)
{
	const int64_t values[] = {(int64_t)event->number, (int64_t)event->time_ns, event->cpu, event->pid, event->comm,
		event->kind, event->fs, (int64_t)event->root, (int64_t)event->ino, (int64_t)event->start,
		(int64_t)event->len, (int64_t)event->bytes, event->diff, event->flags, event->op, event->type};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		sqlite3_bind_int64(table->insert, (int)i + 1, values[i]);
	if (sqlite3_step(table->insert) != SQLITE_DONE || sqlite3_reset(table->insert) != SQLITE_OK)
		return error_set(error, ERR_SYSTEM, "cannot insert: %s", sqlite3_errmsg(table->base));
	table->count++;
	return ERR_OK;
}

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = put(context, &events[i], error);
	return err;
}

static enum err table_open(struct table *table, const char *name, struct error *error)
{
	if (sqlite3_open(name, &table->base) != SQLITE_OK ||
		sqlite3_exec(table->base, prepare, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_prepare_v2(table->base, "INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", -1,
			&table->insert, NULL) != SQLITE_OK)
		return error_set(error, ERR_SYSTEM, "cannot make '%s': %s", name, sqlite3_errmsg(table->base));
	return ERR_OK;
}

static enum err table_commit(struct table *table, struct error *error)
{
	if (sqlite3_exec(table->base, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) != SQLITE_OK)
		return error_set(error, ERR_SYSTEM, "cannot commit: %s", sqlite3_errmsg(table->base));
	return ERR_OK;
}

static enum err fill(struct table *table, const char *name, struct error *error)
{
	const struct sink sink = {take, table};
	struct source *source = NULL;
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	int spool = memfd_create("plain_table", MFD_CLOEXEC);
	enum err err = source_open(&source, fd, spool, name, error);

	if (err == ERR_OK) {
		struct relay *relay = relay_new(&sink);
		enum err inserted;

		err = source_read(source, relay_sink(relay), error);
		inserted = relay_finish(relay, err == ERR_OK ? error : NULL);
		err = err != ERR_OK ? err : inserted;
	}
	source_close(source);
	close(spool);
	close(fd);
	return err;
}

int main(int argc, char **argv)
{
	struct table table = {0};
	struct error error = {ERR_OK, ""};
	enum err err;

	if (argc != 3) {
		fputs("usage: plain_table TRACE FILE\n", stderr);
		return 2;
	}
	err = table_open(&table, argv[2], &error);
	if (err == ERR_OK)
		err = fill(&table, argv[1], &error);
	if (err == ERR_OK)
		err = table_commit(&table, &error);
	sqlite3_finalize(table.insert);
	sqlite3_close(table.base);
	if (err != ERR_OK) {
		fprintf(stderr, "plain_table: %s\n", error.text);
		return 2;
	}
	printf("%" PRIu64 " events\n", table.count);
	return 0;
}
