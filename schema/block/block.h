/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block - some thousands of events as columns: small, checked, and quick to read in part.
 *
 * Pure: bytes in, bytes out. Each member of the event struct is a column, coded by itself, so that a reader who wants
 * two columns pays for two. Every event comes back bit for bit, also such as no kernel makes. What is decoded may come
 * from anywhere: no bytes bring the decoder down, and memory is bounded by BLOCK_EVENTS_MAX.
 *
 * How the bytes lie, for other programs: layout.h has the payload, stream.h what its columns are made of, skip.h the
 * bytes to skip by.
 */
#ifndef QGREPLAY_SCHEMA_BLOCK_BLOCK_H
#define QGREPLAY_SCHEMA_BLOCK_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/event.h"

enum { BLOCK_EVENTS = 16384, BLOCK_EVENTS_MAX = 65536 };

enum block_column {
	BLOCK_TIME,
	BLOCK_KIND,
	BLOCK_CPU,
	BLOCK_PID,
	BLOCK_COMM,
	BLOCK_FS,
	BLOCK_ROOT,
	BLOCK_INO,
	BLOCK_START,
	BLOCK_LEN,
	BLOCK_BYTES,
	BLOCK_DIFF,
	BLOCK_FLAGS,
	BLOCK_OP,
	BLOCK_TYPE,
	BLOCK_COLUMN_COUNT
};

/* The columns as a set of bits. */
#define BLOCK_BIT(column) (UINT32_C(1) << (column))
#define BLOCK_ALL (BLOCK_BIT(BLOCK_COLUMN_COUNT) - 1)

/* What a block holds, without its events; the members of the store's row. */
struct block {
	uint64_t first_seq;
	uint32_t events; /* all kinds, EVENT_LOST too */
	uint64_t first_ns;
	uint64_t last_ns;
	const void *skip; /* see block_may_hold() */
	size_t skip_size;
	uint64_t checksum; /* of the payload */
	const void *payload;
	size_t payload_size;
};

struct block_coder;

/* Keeps memory from block to block. Used by one thread. Freed by block_coder_free(), which accepts NULL. */
struct block_coder *block_coder_new(void);
void block_coder_free(struct block_coder *coder);

/*
 * Codes `count` events (1 to BLOCK_EVENTS_MAX), whose numbers follow each other without a hole. What `block` points to
 * belongs to the coder until the next call.
 */
void block_encode(struct block_coder *coder, const struct event *events, size_t count, struct block *block);

/* Decoded columns; of those that were asked for, `events` elements each. */
struct block_columns {
	uint32_t events;
	uint64_t first_seq;
	const uint64_t *time_ns;
	const uint64_t *root;
	const uint64_t *ino;
	const uint64_t *start;
	const uint64_t *len;
	const uint64_t *bytes;
	const int64_t *diff;
	const uint32_t *comm;
	const int32_t *pid;
	const uint32_t *flags;
	const uint16_t *fs;
	const uint16_t *cpu;
	const uint8_t *kind;
	const uint8_t *op;
	const uint8_t *type;
};

struct block_decoder;

struct block_decoder *block_decoder_new(void);
void block_decoder_free(struct block_decoder *decoder);

/*
 * Starts on a block: checks its checksum and its directory. What `block` points to must stay until the next call.
 * Errors: ERR_INPUT, such as "its checksum is wrong"; which trace and block it is, the caller puts in front.
 */
enum err block_decode_start(struct block_decoder *decoder, const struct block *block, struct error *error);

/* Decodes those of `wanted` that are not decoded yet. Errors: ERR_INPUT. */
enum err block_decode(struct block_decoder *decoder, uint32_t wanted, struct error *error);

/* What has been decoded; pointers to columns that were not asked for are NULL. Valid until the next start. */
const struct block_columns *block_columns(const struct block_decoder *decoder);

/* Puts event `index` together; all columns must have been decoded. */
void block_event(const struct block_columns *columns, uint32_t index, struct event *event);

/* What a reader looks for. What is not set does not restrict. */
struct block_wish {
	uint32_t kinds; /* bits of enum event_kind; 0: all */
	bool has_root;
	bool has_ino;
	uint64_t root;
	uint64_t ino;
};

/*
 * Whether a block with this `skip` may hold such an event: false only when it surely does not. Damaged bytes hold
 * anything.
 */
bool block_may_hold(const void *skip, size_t size, const struct block_wish *wish);

/* How many events of each kind the block holds, by enum event_kind; false when `skip` is damaged. */
bool block_kind_counts(const void *skip, size_t size, uint32_t counts[EVENT_COUNT]);

#endif
