/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store_fixture - for tests: a folder for stores, files of rows that look like those of a decoding process, and what
 * SQLite itself says of a store.
 */
#ifndef QGREPLAY_TESTS_STORE_FIXTURE_H
#define QGREPLAY_TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "schema/rows/rows_file.h"
#include "schema/store/store.h"

struct fixture {
	char folder[64];
	char db[96];
};

static inline int fixture_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->folder, "/tmp/test_store.XXXXXX");
	if (mkdtemp(fixture->folder) == NULL)
		return -1;
	snprintf(fixture->db, sizeof(fixture->db), "%s/x.db", fixture->folder);
	*state = fixture;
	return 0;
}

static inline int fixture_down(void **state)
{
	struct fixture *fixture = *state;
	char command[100];
	int code;

	snprintf(command, sizeof(command), "rm -rf '%s'", fixture->folder);
	code = system(command);
	free(fixture);
	return code;
}

static inline bool is_one_of(const char *name, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strcmp(name, *list) == 0)
			return true;
	}
	return false;
}

/* What a column holds, by its name: the .sql says the same, and the store would refuse other values. */
static inline enum row_value_kind kind_of_column(enum row_table table, const char *name)
{
	static const char *const texts[] = {"sha256", "name", "host", "status", "source", "kernel", "clock", "kind",
		"space", "engine", "fsid", "severity", "certainty", "path", "signature", "headline", "role",
		"consequence", "verdict", "device", "findings", NULL};
	static const char *const blobs[] = {"skip", "payload", NULL};

	if (is_one_of(name, blobs))
		return ROW_BLOB;
	return is_one_of(name, texts) || (table == ROW_FINDING && strcmp(name, "place") == 0) ? ROW_TEXT : ROW_NUMBER;
}

static char fixture_text[32];
static unsigned char fixture_blob[60000];

/* A row whose every value comes from `n`, so that rows with different `n` have different keys. */
static inline void make_row(struct row *row, enum row_table table, unsigned n)
{
	const struct row_table_info *info = row_table_info(table);

	snprintf(fixture_text, sizeof(fixture_text), "text %u", n);
	for (size_t i = 0; i < sizeof(fixture_blob) && table == ROW_EVENT_BLOCK; i++)
		fixture_blob[i] = (unsigned char)((i + n) * 2654435761u >> 13);
	row_begin(row, table);
	for (size_t i = 0; i < info->column_count; i++) {
		enum row_value_kind kind = kind_of_column(table, info->columns[i]);

		if (kind == ROW_TEXT)
			row_add_text(row, fixture_text);
		else if (kind == ROW_BLOB)
			row_add_blob(row, fixture_blob, sizeof(fixture_blob) - n);
		else
			row_add_number(row, n);
	}
}

struct spool {
	int fd;
	struct rows_writer *writer;
};

static inline struct spool spool_begin(void)
{
	struct spool spool = {.fd = memfd_create("rows", MFD_CLOEXEC)};

	spool.writer = rows_writer_new(spool.fd);
	return spool;
}

static inline void spool_put(struct spool *spool, const struct row *row)
{
	assert_int_equal(row_put(rows_writer_sink(spool->writer), row, NULL), ERR_OK);
}

static inline void spool_row(struct spool *spool, enum row_table table, unsigned n)
{
	struct row row;

	make_row(&row, table, n);
	spool_put(spool, &row);
}

static inline int spool_end(struct spool *spool)
{
	assert_int_equal(rows_writer_finish(spool->writer, NULL), ERR_OK);
	rows_writer_free(spool->writer);
	lseek(spool->fd, 0, SEEK_SET);
	return spool->fd;
}

/* A trace of so many blocks of ten events, 60 KB each, and `rows` rows of each other table. */
static inline int spool_of_trace(unsigned blocks, unsigned rows)
{
	struct spool spool = spool_begin();
	struct row row;

	for (unsigned i = 0; i < blocks; i++) {
		make_row(&row, ROW_EVENT_BLOCK, i);
		row.values[ROW_BLOCK_FIRST_SEQ].number = 1 + 10 * (int64_t)i;
		row.values[ROW_BLOCK_EVENTS].number = 10;
		spool_put(&spool, &row);
	}
	for (enum row_table table = 0; table < ROW_TABLE_COUNT; table++) {
		unsigned count = table == ROW_TRACE || table == ROW_REPLAY ? 1 : rows;

		for (unsigned n = 1; n <= count && table != ROW_EVENT_BLOCK; n++)
			spool_row(&spool, table, n);
	}
	return spool_end(&spool);
}

/* Opens and must succeed; the line of trouble is shown when it does not. */
static inline struct store *must_open(const char *name, enum store_mode mode)
{
	const struct store_options options = {mode, 0};
	struct store *store;
	struct error error = {.code = ERR_OK};

	if (store_open(&store, name, &options, &error) != ERR_OK)
		fail_msg("%s", error.text);
	return store;
}

static inline struct store_facts facts_of(const char *sha256)
{
	return (struct store_facts){.sha256 = sha256, .name = "x.dat", .host = "anna", .file_bytes = 7, .now = 1000};
}

static inline uint64_t must_load(struct store *store, int fd, const struct store_facts *facts)
{
	struct store_loaded loaded;
	struct error error = {.code = ERR_OK};

	if (store_load_trace(store, fd, facts, &loaded, &error) != ERR_OK)
		fail_msg("%s", error.text);
	close(fd);
	return loaded.trace;
}

static inline int first_text(void *context, int count, char **values, char **names)
{
	(void)count;
	(void)names;
	snprintf(context, 200, "%s", values[0] == NULL ? "NULL" : values[0]);
	return 0;
}

/* The first value of the last row of what `sql` gives, by SQLite alone. */
static inline const char *ask(const char *name, const char *sql)
{
	static char answer[200];
	sqlite3 *db;
	char *trouble = NULL;

	answer[0] = '\0';
	assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), SQLITE_OK);
	sqlite3_busy_timeout(db, 10000);
	if (sqlite3_exec(db, sql, first_text, answer, &trouble) != SQLITE_OK)
		snprintf(answer, sizeof(answer), "%s", trouble);
	sqlite3_free(trouble);
	sqlite3_close(db);
	return answer;
}

static inline long ask_number(const char *name, const char *sql)
{
	return strtol(ask(name, sql), NULL, 10);
}

static inline void must_be_sound(const char *name)
{
	assert_string_equal(ask(name, "PRAGMA integrity_check"), "ok");
	assert_string_equal(ask(name, "PRAGMA foreign_key_check"), "");
}

static inline enum err count_row(void *context, const struct row *row, struct error *error)
{
	(void)row;
	(void)error;
	++*(unsigned *)context;
	return ERR_OK;
}

static inline unsigned count_rows(struct store *store, enum row_table table, uint64_t owner)
{
	unsigned count = 0;
	struct row_sink sink = {count_row, &count};

	assert_int_equal(store_each(store, table, owner, &sink, NULL), ERR_OK);
	return count;
}

#endif
