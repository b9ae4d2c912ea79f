/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * layout - how the payload of a block lies; what coder and decoder share.
 *
 *   payload := 1:byte EVENTS FIRST_SEQ FIRST_NS SPAN_NS skip:8 SIZE{columns} column{columns}
 *
 * `skip` is the XXH3 (64 bits, little-endian) of the skip bytes; columns are as many as enum block_column has, in its
 * order, each of its SIZE in bytes, and nothing follows them. Words in capitals are LEB128 numbers.
 *
 *   column := GROUPS predictor:byte{groups} stream
 *
 * Events are in groups by their kind: group 31 holds all kinds from 31 on. GROUPS are the bits of those that have the
 * column; in all others it is 0. Without any, nothing follows. The stream (stream.h) has the values group by group, in
 * a group in the order of the events, as what is left of them after prediction:
 *
 *   0  the value
 *   1  zigzag of the difference to the value before it in the group; to 0 for the first
 *
 *   2  of bytes only: zigzag of the difference to what the event's chain leads to expect. A chain is where
 *      layout_chain() finds it, of LAYOUT_CHAINS that expect 0 when the group begins; after a value, it expects the
 *      value plus the event's diff. So goes the counter in update_reserve, which is nearly always as expected
 *
 * Time, kind, cpu, pid and comm are as if all events were in group 0.
 */
#ifndef QGREPLAY_SCHEMA_BLOCK_LAYOUT_H
#define QGREPLAY_SCHEMA_BLOCK_LAYOUT_H

#include "schema/block/block.h"

enum { LAYOUT_VERSION = 1, LAYOUT_GROUPS = 32, LAYOUT_CHAINS = 1024 };

enum layout_predictor { PREDICT_NOTHING, PREDICT_LAST, PREDICT_CHAIN, PREDICT_COUNT };

struct layout_column {
	const char *name;
	uint8_t offset; /* of the member in struct event */
	uint8_t width;
	bool grouped;
	uint32_t needs; /* the columns without which this one cannot be decoded */
};

extern const struct layout_column layout_columns[BLOCK_COLUMN_COUNT];

/* Events sorted by group, in a group in their order. */
struct layout_groups {
	uint32_t starts[LAYOUT_GROUPS + 1]; /* in `order` */
	uint16_t order[BLOCK_EVENTS_MAX];
	uint16_t straight[BLOCK_EVENTS_MAX]; /* 0, 1, 2, ... */
};

static inline unsigned layout_group(uint8_t kind)
{
	return kind < LAYOUT_GROUPS - 1 ? kind : LAYOUT_GROUPS - 1;
}

/* The chain of a counter; that several share one is no harm. */
static inline size_t layout_chain(uint16_t fs, uint64_t root, uint8_t type)
{
	uint64_t key = root * UINT64_C(0x9e3779b97f4a7c15) + ((uint64_t)fs << 8 | type);

	return (size_t)((key * UINT64_C(0xbf58476d1ce4e5b9)) >> 54);
}

/* Once, before any events. */
void layout_init(struct layout_groups *groups);

/* Sorts events by their kinds. */
void layout_sort(struct layout_groups *groups, const uint8_t *kinds, size_t count);

/* The values of a stream in pieces: where they go, and how many. */
struct layout_piece {
	const uint16_t *order;
	size_t count;
};

/* The pieces of a column that has the groups `mask`; returns how many. */
size_t layout_pieces(const struct layout_groups *groups, enum block_column column, uint32_t mask, size_t events,
	struct layout_piece pieces[LAYOUT_GROUPS]);

#endif
