/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block_make - for tests: events to put into blocks, and blocks changed by hand.
 */
#ifndef QGREPLAY_TESTS_UNIT_BLOCK_MAKE_H
#define QGREPLAY_TESTS_UNIT_BLOCK_MAKE_H

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"
#include "schema/block/block.h"
#include "tests/unit/seeded.h"

/* Any bits everywhere, the padding of the struct excepted. */
static inline void make_garbage(struct seeded *seeded, struct event *event)
{
	event->time_ns = seeded_next(seeded);
	event->root = seeded_next(seeded);
	event->ino = seeded_next(seeded);
	event->start = seeded_next(seeded);
	event->len = seeded_next(seeded);
	event->bytes = seeded_next(seeded);
	event->diff = (int64_t)seeded_next(seeded);
	event->comm = (uint32_t)seeded_next(seeded);
	event->pid = (int32_t)(uint32_t)seeded_next(seeded);
	event->flags = (uint32_t)seeded_next(seeded);
	event->fs = (uint16_t)seeded_next(seeded);
	event->cpu = (uint16_t)seeded_next(seeded);
	event->kind = (uint8_t)seeded_next(seeded);
	event->op = (uint8_t)seeded_next(seeded);
	event->type = (uint8_t)seeded_next(seeded);
}

/* What a kernel might say: few roots and tasks, a counter that goes on, offsets that follow each other. */
static inline void make_likely(struct seeded *seeded, const struct event *before, struct event *event)
{
	event->time_ns = before->time_ns + seeded_below(seeded, 5000);
	event->kind = (uint8_t)(1 + seeded_below(seeded, EVENT_COUNT - 1));
	event->root = 256 + seeded_below(seeded, 3);
	event->ino = event->kind == EVENT_UPDATE_RESERVE ? 0 : 257 + seeded_below(seeded, 40);
	event->start = seeded_percent(seeded, 70) ? before->start + before->len : 4096 * seeded_below(seeded, 1000);
	event->len = 4096 * (1 + seeded_below(seeded, 16));
	event->bytes = before->bytes + (uint64_t)before->diff;
	event->diff = (int64_t)seeded_below(seeded, 65536) - 32768;
	event->pid = (int32_t)(1000 + seeded_below(seeded, 5));
	event->comm = (uint32_t)event->pid - 999;
	event->fs = 1;
	event->cpu = (uint16_t)seeded_below(seeded, 4);
	event->type = (uint8_t)seeded_below(seeded, 3);
}

/* As make_garbage(), but each member of each event is most often 0: kinds that have a column in one event only. */
static inline void make_sparse(struct seeded *seeded, struct event *event)
{
	struct event other;

	memset(&other, 0, sizeof(other));
	make_garbage(seeded, &other);
	event->kind = (uint8_t)seeded_below(seeded, EVENT_COUNT + 8);
	event->time_ns = seeded_percent(seeded, 50) ? other.time_ns : 0;
	event->root = seeded_percent(seeded, 1) ? other.root : 0;
	event->bytes = seeded_percent(seeded, 1) ? other.bytes : 0;
	event->diff = seeded_percent(seeded, 1) ? other.diff : 0;
	event->type = seeded_percent(seeded, 1) ? other.type : 0;
	event->pid = seeded_percent(seeded, 1) ? other.pid : 0;
}

enum manner { MANNER_GARBAGE, MANNER_LIKELY, MANNER_SPARSE, MANNER_COUNT };

/* `count` events numbered from any number; freed by the caller. */
static inline struct event *make_events(uint64_t seed, enum manner manner, size_t count)
{
	static const struct event none;
	struct event *events = memory_zeroed(count * sizeof(*events));
	struct seeded seeded = seeded_by(seed);
	uint64_t first = seeded_percent(&seeded, 50) ? 1 : seeded_next(&seeded);

	for (size_t i = 0; i < count; i++) {
		events[i].number = first + i;
		if (manner == MANNER_GARBAGE)
			make_garbage(&seeded, &events[i]);
		else if (manner == MANNER_LIKELY)
			make_likely(&seeded, i > 0 ? &events[i - 1] : &none, &events[i]);
		else
			make_sparse(&seeded, &events[i]);
	}
	return events;
}

/* A payload of its own to change; its checksum is made to fit. */
static inline struct block block_with(const struct block *block, void *payload, size_t size)
{
	struct block changed = *block;

	changed.payload = payload;
	changed.payload_size = size;
	changed.checksum = XXH3_64bits(payload, size);
	return changed;
}

#endif
