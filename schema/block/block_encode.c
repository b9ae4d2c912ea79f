/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"
#include "schema/block/layout.h"
#include "schema/block/skip.h"
#include "schema/block/stream.h"

/* One value in so many is looked at to choose a predictor. */
enum { SAMPLE_STEP = 5 };

struct block_coder {
	struct stream_coder *stream;
	struct skip_coder *skip;
	struct bytes_out columns;
	struct bytes_out payload;
	struct layout_groups groups;
	uint8_t kinds[BLOCK_EVENTS_MAX];
	uint32_t masks[BLOCK_COLUMN_COUNT]; /* groups that have the column */
	uint64_t values[BLOCK_EVENTS_MAX];
	uint64_t chained[BLOCK_EVENTS_MAX]; /* the residuals by chains */
	uint64_t residuals[BLOCK_EVENTS_MAX];
};

struct block_coder *block_coder_new(void)
{
	struct block_coder *coder = memory_zeroed(sizeof(*coder));

	coder->stream = stream_coder_new();
	layout_init(&coder->groups);
	coder->skip = skip_coder_new();
	return coder;
}

void block_coder_free(struct block_coder *coder)
{
	if (coder == NULL)
		return;
	stream_coder_free(coder->stream);
	skip_coder_free(coder->skip);
	free(coder->columns.data);
	free(coder->payload.data);
	free(coder);
}

/* Any bits of the members in a group of events, by column. */
static void find_masks(struct block_coder *coder, const struct event *events, size_t count)
{
	uint64_t bits[LAYOUT_GROUPS][BLOCK_COLUMN_COUNT] = {0};

	for (size_t i = 0; i < count; i++) {
		const struct event *event = &events[i];
		uint64_t *of = bits[layout_group(event->kind)];

		of[BLOCK_FS] |= event->fs;
		of[BLOCK_ROOT] |= event->root;
		of[BLOCK_INO] |= event->ino;
		of[BLOCK_START] |= event->start;
		of[BLOCK_LEN] |= event->len;
		of[BLOCK_BYTES] |= event->bytes;
		of[BLOCK_DIFF] |= (uint64_t)event->diff;
		of[BLOCK_FLAGS] |= event->flags;
		of[BLOCK_OP] |= event->op;
		of[BLOCK_TYPE] |= event->type;
	}
	for (unsigned column = 0; column < BLOCK_COLUMN_COUNT; column++) {
		coder->masks[column] = layout_columns[column].grouped ? 0 : 1;
		for (unsigned group = 0; group < LAYOUT_GROUPS; group++)
			coder->masks[column] |= (uint32_t)(bits[group][column] != 0) << group;
	}
}

#define GATHER(type)                                                                                                   \
	for (size_t i = 0; i < piece->count; i++)                                                                      \
	values[i] = *(const type *)(member + sizeof(struct event) * piece->order[i])

static void gather(
	const struct event *events, enum block_column column, const struct layout_piece *piece, uint64_t *values)
{
	const struct layout_column *info = &layout_columns[column];
	const uint8_t *member = (const uint8_t *)events + info->offset;

	if (info->width == sizeof(uint64_t)) {
		GATHER(uint64_t);
	} else if (info->width == sizeof(uint32_t)) {
		GATHER(uint32_t);
	} else if (info->width == sizeof(uint16_t)) {
		GATHER(uint16_t);
	} else {
		GATHER(uint8_t);
	}
}

static unsigned bits_of(uint64_t number)
{
	return 64 - (unsigned)__builtin_clzll(number | 1);
}

/* Bits of some of the numbers, as a measure of what all cost. */
static uint64_t cost_of(const uint64_t *values, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 1; i < count; i += SAMPLE_STEP)
		sum += bits_of(values[i]);
	return sum;
}

static uint64_t cost_of_differences(const uint64_t *values, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 1; i < count; i += SAMPLE_STEP)
		sum += bits_of(bytes_zigzag(values[i] - values[i - 1]));
	return sum;
}

static void differences(const uint64_t *values, size_t count, uint64_t *residuals)
{
	uint64_t last = 0;

	for (size_t i = 0; i < count; i++) {
		residuals[i] = bytes_zigzag(values[i] - last);
		last = values[i];
	}
}

static void follow_chains(struct block_coder *coder, const struct event *events, const struct layout_piece *piece)
{
	uint64_t expected[LAYOUT_CHAINS] = {0};

	for (size_t i = 0; i < piece->count; i++) {
		const struct event *event = &events[piece->order[i]];
		uint64_t *next = &expected[layout_chain(event->fs, event->root, event->type)];

		coder->chained[i] = bytes_zigzag(coder->values[i] - *next);
		*next = coder->values[i] + (uint64_t)event->diff;
	}
}

/* Turns the values of a piece into the residuals of what predicts them best. */
static enum layout_predictor predict(struct block_coder *coder, const struct event *events, enum block_column column,
	const struct layout_piece *piece, uint64_t *residuals)
{
	uint64_t of_values = cost_of(coder->values, piece->count);
	uint64_t of_differences = cost_of_differences(coder->values, piece->count);
	uint64_t least = of_values < of_differences ? of_values : of_differences;

	/* Chains are costly to follow, and most columns have none. */
	if (column == BLOCK_BYTES && least > 0) {
		follow_chains(coder, events, piece);
		if (cost_of(coder->chained, piece->count) < least) {
			memcpy(residuals, coder->chained, piece->count * sizeof(*residuals));
			return PREDICT_CHAIN;
		}
	}
	if (of_differences < of_values) {
		differences(coder->values, piece->count, residuals);
		return PREDICT_LAST;
	}
	memcpy(residuals, coder->values, piece->count * sizeof(*residuals));
	return PREDICT_NOTHING;
}

static void put_column(struct block_coder *coder, const struct event *events, enum block_column column, size_t count)
{
	struct layout_piece pieces[LAYOUT_GROUPS];
	size_t piece_count = layout_pieces(&coder->groups, column, coder->masks[column], count, pieces);
	size_t at = 0;

	bytes_put_number(&coder->columns, coder->masks[column]);
	if (piece_count == 0)
		return;
	for (size_t i = 0; i < piece_count; i++) {
		gather(events, column, &pieces[i], coder->values);
		bytes_put_byte(
			&coder->columns, (uint8_t)predict(coder, events, column, &pieces[i], coder->residuals + at));
		at += pieces[i].count;
	}
	stream_encode(coder->stream, coder->residuals, at, &coder->columns);
}

static void put_header(struct bytes_out *out, const struct block *block)
{
	uint64_t skip = XXH3_64bits(block->skip, block->skip_size);

	out->size = 0;
	bytes_put_byte(out, LAYOUT_VERSION);
	bytes_put_number(out, block->events);
	bytes_put_number(out, block->first_seq);
	bytes_put_number(out, block->first_ns);
	bytes_put_number(out, block->last_ns - block->first_ns);
	for (unsigned i = 0; i < sizeof(skip); i++)
		bytes_put_byte(out, (uint8_t)(skip >> 8 * i));
}

static void describe(struct block_coder *coder, const struct event *events, size_t count, struct block *block)
{
	const struct bytes_out *skip = skip_encode(coder->skip, events, count);

	*block = (struct block){
		.first_seq = events[0].number,
		.events = (uint32_t)count,
		.first_ns = events[0].time_ns,
		.last_ns = events[0].time_ns,
		.skip = skip->data,
		.skip_size = skip->size,
	};
	for (size_t i = 0; i < count; i++) {
		block->first_ns = events[i].time_ns < block->first_ns ? events[i].time_ns : block->first_ns;
		block->last_ns = events[i].time_ns > block->last_ns ? events[i].time_ns : block->last_ns;
		coder->kinds[i] = events[i].kind;
	}
}

void block_encode(struct block_coder *coder, const struct event *events, size_t count, struct block *block)
{
	size_t before;

	describe(coder, events, count, block);
	layout_sort(&coder->groups, coder->kinds, count);
	find_masks(coder, events, count);
	put_header(&coder->payload, block);
	coder->columns.size = 0;
	for (unsigned column = 0; column < BLOCK_COLUMN_COUNT; column++) {
		before = coder->columns.size;
		put_column(coder, events, column, count);
		bytes_put_number(&coder->payload, coder->columns.size - before);
	}
	bytes_put(&coder->payload, coder->columns.data, coder->columns.size);
	block->payload = coder->payload.data;
	block->payload_size = coder->payload.size;
	block->checksum = XXH3_64bits(block->payload, block->payload_size);
}
