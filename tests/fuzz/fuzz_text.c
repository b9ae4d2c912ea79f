/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_text - the text reader on any bytes. What it may not do, besides what the sanitizers see: number events with
 * gaps, give out a kind, a name or a filesystem that does not exist, or read differently in other pieces.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/text_collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
	if (!right)
		abort();
}

static void check_events(const struct collected *collected)
{
	for (size_t i = 0; i < collected->count; i++) {
		const struct event *event = &collected->events[i];
		char text[512];

		check(event->number == i + 1);
		check(event->kind > EVENT_NONE && event->kind < EVENT_COUNT);
		check(event->comm <= names_count(collected->info.comms));
		check(event->fs <= names_count(collected->info.fsids));
		check(event->kind != EVENT_PRINT || event->flags <= names_count(collected->info.texts));
		event_text(event, text, sizeof(text));
	}
}

static bool is_same(const struct event *a, const struct event *b)
{
	return a->number == b->number && a->kind == b->kind && a->cpu == b->cpu && a->time_ns == b->time_ns &&
	       a->root == b->root && a->ino == b->ino && a->start == b->start && a->len == b->len &&
	       a->bytes == b->bytes && a->diff == b->diff && a->comm == b->comm && a->pid == b->pid &&
	       a->flags == b->flags && a->fs == b->fs && a->op == b->op && a->type == b->type;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct collected whole, pieces;
	char *text = malloc(size + 1);
	enum err result;

	memcpy(text, data, size);
	text_recognised(data, size);
	result = collect_bytes(&whole, text, size, SIZE_MAX);
	check(result == ERR_OK || result == ERR_INPUT);
	check_events(&whole);
	check(collect_bytes(&pieces, text, size, size > 0 ? data[0] % 64 + 1u : 1) == result);
	check(pieces.count == whole.count);
	check(pieces.info.garbled_lines == whole.info.garbled_lines);
	for (size_t i = 0; i < whole.count; i++)
		check(is_same(&whole.events[i], &pieces.events[i]));
	collected_release(&pieces);
	collected_release(&whole);
	free(text);
	return 0;
}
