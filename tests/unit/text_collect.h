/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_collect - for tests: a text in memory, read in pieces of any size, and its events kept in an array.
 */
#ifndef QGREPLAY_TESTS_UNIT_TEXT_COLLECT_H
#define QGREPLAY_TESTS_UNIT_TEXT_COLLECT_H

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "collector/text.h"

struct collected {
	struct trace_info info;
	struct event *events;
	size_t count;
	size_t capacity;
};

struct text_piece {
	const char *text;
	size_t size, at, step;
};

static inline enum err piece_read(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	struct text_piece *piece = context;
	size_t left = piece->size - piece->at;

	(void)error;
	*got = left < piece->step ? left : piece->step;
	*got = *got < size ? *got : size;
	memcpy(buffer, piece->text + piece->at, *got);
	piece->at += *got;
	return ERR_OK;
}

static inline enum err keep_events(void *context, const struct event *events, size_t count, struct error *error)
{
	struct collected *collected = context;

	(void)error;
	collected->events = memory_grown(
		collected->events, &collected->capacity, collected->count + count, sizeof(*collected->events));
	memcpy(collected->events + collected->count, events, count * sizeof(*events));
	collected->count += count;
	return ERR_OK;
}

/* Reads `size` bytes of text in pieces of `step`. Ended by collected_release(). */
static inline enum err collect_bytes(struct collected *collected, const char *text, size_t size, size_t step)
{
	struct text_piece piece = {text, size, 0, step};
	struct bytes bytes = {piece_read, &piece};
	struct sink sink = {keep_events, collected};

	memset(collected, 0, sizeof(*collected));
	collected->info.comms = names_new(100);
	collected->info.fsids = names_new(100);
	collected->info.texts = names_new(100);
	return text_read(&bytes, &collected->info, &sink, NULL);
}

static inline enum err collect(struct collected *collected, const char *text)
{
	return collect_bytes(collected, text, strlen(text), SIZE_MAX);
}

static inline void collected_release(struct collected *collected)
{
	names_free(collected->info.comms);
	names_free(collected->info.fsids);
	names_free(collected->info.texts);
	free(collected->info.kernel);
	free(collected->info.clock);
	free(collected->events);
}

#endif
