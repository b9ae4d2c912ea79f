/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_store - for tests: random events in a database, once as blocks, and once as rows of plain tables, event_plain
 * and gap_plain, with the columns of event and gap.
 */
#ifndef QGREPLAY_TESTS_UNIT_EVENT_STORE_H
#define QGREPLAY_TESTS_UNIT_EVENT_STORE_H

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/block/block.h"
#include "schema/events/event_table.h"
#include "schema/store/migrations.h"
#include "tests/unit/seeded.h"

enum { STORE_TRACES = 4, STORE_BLOCK_MAX = 120, STORE_NAMES = 5 };

static inline void must(sqlite3 *database, int code, const char *sql)
{
	if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
		fail_msg("%s: %s", sql, sqlite3_errmsg(database));
}

static inline void run_sql(sqlite3 *database, const char *sql)
{
	must(database, sqlite3_exec(database, sql, NULL, NULL, NULL), sql);
}

/* Edges of what a member can hold now and then, and else few values, so that conditions hit. */
static inline uint64_t some_number(struct seeded *seeded)
{
	static const uint64_t edges[] = {0, 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX, UINT64_MAX - 8};

	if (seeded_percent(seeded, 10))
		return edges[seeded_below(seeded, sizeof(edges) / sizeof(edges[0]))];
	return 255 + seeded_below(seeded, 6);
}

static inline void make_event(struct seeded *seeded, struct event *event, uint64_t number, uint64_t time_ns)
{
	static const uint8_t types[] = {0, 1, 2, EVENT_TYPE_GARBAGE, EVENT_TYPE_UNKNOWN};

	memset(event, 0, sizeof(*event));
	event->number = number;
	event->time_ns = time_ns;
	event->kind = (uint8_t)seeded_below(seeded, EVENT_COUNT);
	event->kind = seeded_percent(seeded, 40) ? EVENT_RESERVE_DATA : event->kind;
	event->kind = seeded_percent(seeded, 2) ? 200 : event->kind;
	event->root = some_number(seeded);
	event->ino = some_number(seeded);
	event->start = some_number(seeded);
	event->len = some_number(seeded);
	event->bytes = some_number(seeded);
	event->diff = (int64_t)some_number(seeded);
	event->comm = (uint32_t)seeded_below(seeded, STORE_NAMES + 2);
	event->pid = (int32_t)some_number(seeded);
	event->flags = (uint32_t)seeded_below(seeded, STORE_NAMES + 2);
	event->fs = (uint16_t)seeded_below(seeded, 4);
	event->cpu = (uint16_t)seeded_below(seeded, 4);
	event->op = (uint8_t)seeded_below(seeded, 6);
	event->type = types[seeded_below(seeded, sizeof(types))];
}

static inline sqlite3_stmt *prepare_sql(sqlite3 *database, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	must(database, sqlite3_prepare_v2(database, sql, -1, &statement, NULL), sql);
	return statement;
}

static inline void run_once(sqlite3 *database, sqlite3_stmt *statement)
{
	must(database, sqlite3_step(statement), sqlite3_sql(statement));
	must(database, sqlite3_reset(statement), sqlite3_sql(statement));
	sqlite3_clear_bindings(statement);
}

static inline void bind_member(sqlite3_stmt *statement, int place, const struct event *event, enum event_member member)
{
	if (event_kind_has((enum event_kind)event->kind, member))
		sqlite3_bind_int64(statement, place, (sqlite3_int64)event_get(event, member));
}

static inline void bind_name(sqlite3_stmt *statement, int place, const char *space, uint64_t number)
{
	char name[32];

	snprintf(name, sizeof(name), "%s %d", space, (int)number);
	if (number > 0 && number <= STORE_NAMES)
		sqlite3_bind_text(statement, place, name, -1, SQLITE_TRANSIENT);
}

static inline void put_plain(sqlite3 *database, sqlite3_stmt *insert, int64_t trace, const struct event *event)
{
	const enum event_member numbers[] = {EVENT_MEMBER_ROOT, EVENT_MEMBER_INO, EVENT_MEMBER_START, EVENT_MEMBER_LEN,
		EVENT_MEMBER_BYTES, EVENT_MEMBER_DIFF, EVENT_MEMBER_FLAGS, EVENT_MEMBER_OP};

	sqlite3_bind_int64(insert, 1, trace);
	sqlite3_bind_int64(insert, 2, (sqlite3_int64)event->number);
	sqlite3_bind_int64(insert, 3, (sqlite3_int64)event->time_ns);
	sqlite3_bind_int64(insert, 4, event->cpu);
	sqlite3_bind_int64(insert, 5, event->pid);
	bind_name(insert, 6, "task", event->comm);
	sqlite3_bind_text(insert, 7, event_kind_name((enum event_kind)event->kind), -1, SQLITE_STATIC);
	bind_name(insert, 8, "fsid", event->fs);
	for (int i = 0; i < 8; i++)
		bind_member(insert, 9 + i, event, numbers[i]);
	if (event_kind_has((enum event_kind)event->kind, EVENT_MEMBER_OP) && event_op_name(event) != NULL)
		sqlite3_bind_text(insert, 16, event_op_name(event), -1, SQLITE_STATIC);
	if (event_kind_has((enum event_kind)event->kind, EVENT_MEMBER_TYPE))
		sqlite3_bind_text(insert, 17, event_type_name(event), -1, SQLITE_STATIC);
	if (event->kind == EVENT_PRINT)
		bind_name(insert, 18, "text", event->flags);
	run_once(database, insert);
}

static inline void put_plain_gap(sqlite3 *database, sqlite3_stmt *insert, int64_t trace, const struct event *event)
{
	sqlite3_bind_int64(insert, 1, trace);
	sqlite3_bind_int64(insert, 2, (sqlite3_int64)event->number);
	sqlite3_bind_int64(insert, 3, event->cpu);
	sqlite3_bind_int64(insert, 4, (sqlite3_int64)event->time_ns);
	if (event->start != 0)
		sqlite3_bind_int64(insert, 5, (sqlite3_int64)event->start);
	if (event->bytes != 0)
		sqlite3_bind_int64(insert, 6, (sqlite3_int64)event->bytes);
	run_once(database, insert);
}

static inline void put_block(
	sqlite3 *database, struct block_coder *coder, int64_t trace, const struct event *events, size_t count)
{
	sqlite3_stmt *insert = prepare_sql(database,
		"INSERT INTO event_block (trace, first_seq, events, first_ns, last_ns, skip, checksum, payload) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	struct block block;

	block_encode(coder, events, count, &block);
	sqlite3_bind_int64(insert, 1, trace);
	sqlite3_bind_int64(insert, 2, (sqlite3_int64)block.first_seq);
	sqlite3_bind_int64(insert, 3, block.events);
	sqlite3_bind_int64(insert, 4, (sqlite3_int64)block.first_ns);
	sqlite3_bind_int64(insert, 5, (sqlite3_int64)block.last_ns);
	sqlite3_bind_blob64(insert, 6, block.skip, block.skip_size, SQLITE_STATIC);
	sqlite3_bind_int64(insert, 7, (sqlite3_int64)block.checksum);
	sqlite3_bind_blob64(insert, 8, block.payload, block.payload_size, SQLITE_STATIC);
	run_once(database, insert);
	sqlite3_finalize(insert);
}

static inline void fill_trace(sqlite3 *database, struct seeded *seeded, int64_t trace, size_t blocks)
{
	static const char *const spaces[] = {"task", "fsid", "text"};
	sqlite3_stmt *event_insert = prepare_sql(
		database, "INSERT INTO event_plain VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	sqlite3_stmt *gap_insert = prepare_sql(database, "INSERT INTO gap_plain VALUES (?, ?, ?, ?, ?, ?)");
	sqlite3_stmt *name_insert = prepare_sql(database, "INSERT INTO name VALUES (?, ?, ?, ?)");
	struct block_coder *coder = block_coder_new();
	struct event events[STORE_BLOCK_MAX];
	uint64_t number = 1;
	uint64_t time_ns = seeded_percent(seeded, 30) ? (uint64_t)INT64_MAX - 2000 : 1000;

	for (size_t i = 0; i < blocks; i++) {
		size_t count = 1 + seeded_below(seeded, STORE_BLOCK_MAX);

		for (size_t j = 0; j < count; j++) {
			time_ns += seeded_below(seeded, 20);
			make_event(seeded, &events[j], number++, time_ns - seeded_below(seeded, 10));
			if (events[j].kind == EVENT_LOST)
				put_plain_gap(database, gap_insert, trace, &events[j]);
			else if (events[j].kind < EVENT_COUNT)
				put_plain(database, event_insert, trace, &events[j]);
		}
		put_block(database, coder, trace, events, count);
	}
	for (int i = 0; i < 3 * STORE_NAMES; i++) {
		sqlite3_bind_int64(name_insert, 1, trace);
		sqlite3_bind_text(name_insert, 2, spaces[i % 3], -1, SQLITE_STATIC);
		sqlite3_bind_int64(name_insert, 3, 1 + i / 3);
		bind_name(name_insert, 4, spaces[i % 3], (uint64_t)(1 + i / 3));
		run_once(database, name_insert);
	}
	sqlite3_finalize(event_insert);
	sqlite3_finalize(gap_insert);
	sqlite3_finalize(name_insert);
	block_coder_free(coder);
}

/* An open database with `traces` random traces, at most STORE_TRACES, and both virtual tables. */
static inline sqlite3 *store_of_events(const char *name, struct seeded *seeded, int64_t traces)
{
	static const int64_t ids[STORE_TRACES] = {1, 3, 4, 7};
	sqlite3 *database = NULL;

	if (sqlite3_open(name, &database) != SQLITE_OK)
		fail_msg("cannot open %s", name);
	sqlite3_extended_result_codes(database, 1);
	run_sql(database, migrations[0].sql);
	run_sql(database,
		"CREATE TABLE event_plain (trace INTEGER, seq INTEGER, time_ns INTEGER, cpu INTEGER, pid INTEGER, "
		"comm TEXT, kind TEXT, fsid TEXT, root INTEGER, ino INTEGER, start INTEGER, len INTEGER, "
		"bytes INTEGER, diff INTEGER, flags INTEGER, op, type TEXT, text TEXT);"
		"CREATE TABLE gap_plain (trace INTEGER, seq INTEGER, cpu INTEGER, time_ns INTEGER, since_ns INTEGER, "
		"events INTEGER)");
	must(database, event_table_register(database), "register");
	for (int64_t i = 0; i < traces; i++)
		fill_trace(database, seeded, ids[i], seeded_below(seeded, 8));
	return database;
}

/* The rows of a query, each as one text; freed by rows_release(). */
struct rows {
	char **rows;
	size_t count;
	int code; /* how it ended: SQLITE_DONE, or what went wrong */
};

static inline struct rows rows_of(sqlite3 *database, const char *sql, size_t limit)
{
	struct rows rows = {.code = SQLITE_OK};
	sqlite3_stmt *statement = NULL;
	size_t capacity = 0;

	rows.code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
	while (rows.code == SQLITE_OK || rows.code == SQLITE_ROW) {
		char *text = NULL;
		size_t size = 0;
		FILE *stream;

		rows.code = sqlite3_step(statement);
		if (rows.code != SQLITE_ROW || rows.count == limit)
			break;
		stream = open_memstream(&text, &size);
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			int type = sqlite3_column_type(statement, i);

			fprintf(stream, "|%d:%s", type,
				type == SQLITE_NULL ? "" : (const char *)sqlite3_column_text(statement, i));
		}
		fclose(stream);
		if (rows.count == capacity) {
			capacity = 2 * capacity + 16;
			rows.rows = realloc(rows.rows, capacity * sizeof(*rows.rows));
		}
		rows.rows[rows.count++] = text;
	}
	sqlite3_finalize(statement);
	return rows;
}

static inline void rows_release(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->rows[i]);
	free(rows->rows);
}

static inline int compare_rows(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

#endif
