/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/events/event_texts.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

/* Longer texts are not kept: a store may hold anything. */
enum { SLOTS = 1024, LENGTH_MAX = 4096 };

struct slot {
	int64_t trace;
	uint32_t number; /* 0: free */
	int length;
	char *text; /* NULL: there is none */
};

struct event_texts {
	sqlite3 *database;
	sqlite3_stmt *lookup;
	struct slot slots[ROW_SPACES][SLOTS];
};

struct event_texts *event_texts_new(sqlite3 *database)
{
	struct event_texts *texts = memory_zeroed(sizeof(*texts));

	texts->database = database;
	return texts;
}

static void empty(struct slot *slot)
{
	free(slot->text);
	*slot = (struct slot){0};
}

void event_texts_free(struct event_texts *texts)
{
	if (texts == NULL)
		return;
	for (int space = 0; space < ROW_SPACES; space++)
		for (int i = 0; i < SLOTS; i++)
			empty(&texts->slots[space][i]);
	sqlite3_finalize(texts->lookup);
	free(texts);
}

/* SQLITE_ROW, SQLITE_DONE, or what went wrong. */
static int look_up(struct event_texts *texts, int64_t trace, enum row_space space, uint32_t number)
{
	int code = SQLITE_OK;

	if (texts->lookup == NULL)
		code = sqlite3_prepare_v3(texts->database,
			"SELECT name FROM main.name WHERE trace = ?1 AND space = ?2 AND number = ?3", -1,
			SQLITE_PREPARE_PERSISTENT, &texts->lookup, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(texts->lookup, 1, trace);
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(texts->lookup, 2, row_space_word(space), -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(texts->lookup, 3, number);
	return code == SQLITE_OK ? sqlite3_step(texts->lookup) : code;
}

static void keep(struct slot *slot, sqlite3_stmt *lookup, bool found)
{
	const char *text = found ? (const char *)sqlite3_column_text(lookup, 0) : NULL;

	if (text == NULL)
		return;
	slot->length = sqlite3_column_bytes(lookup, 0);
	slot->text = memory_text(text, (size_t)slot->length);
}

int event_texts_result(
	struct event_texts *texts, sqlite3_context *context, int64_t trace, enum row_space space, uint32_t number)
{
	struct slot *slot = &texts->slots[space][number % SLOTS];
	int code;

	if (number == 0)
		return SQLITE_OK;
	if (slot->number != number || slot->trace != trace) {
		code = look_up(texts, trace, space, number);
		if (code != SQLITE_ROW && code != SQLITE_DONE) {
			sqlite3_reset(texts->lookup);
			return code;
		}
		if (code == SQLITE_ROW && sqlite3_column_bytes(texts->lookup, 0) > LENGTH_MAX) {
			sqlite3_result_value(context, sqlite3_column_value(texts->lookup, 0));
			return sqlite3_reset(texts->lookup);
		}
		empty(slot);
		keep(slot, texts->lookup, code == SQLITE_ROW);
		slot->trace = trace;
		slot->number = number;
		sqlite3_reset(texts->lookup);
	}
	if (slot->text != NULL)
		sqlite3_result_text(context, slot->text, slot->length, SQLITE_TRANSIENT);
	return SQLITE_OK;
}
