/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"
#include "schema/block/layout.h"
#include "schema/block/stream.h"

struct block_decoder {
	struct stream_decoder *stream;
	struct block_columns columns;
	struct bytes_in bodies[BLOCK_COLUMN_COUNT];
	uint32_t asked; /* sets of columns */
	uint32_t decoded;
	void *memory[BLOCK_COLUMN_COUNT];
	bool sorted; /* groups are those of this block */
	struct layout_groups groups;
	uint64_t values[BLOCK_EVENTS_MAX];
};

struct block_decoder *block_decoder_new(void)
{
	struct block_decoder *decoder = memory_zeroed(sizeof(*decoder));

	decoder->stream = stream_decoder_new();
	layout_init(&decoder->groups);
	return decoder;
}

void block_decoder_free(struct block_decoder *decoder)
{
	if (decoder == NULL)
		return;
	stream_decoder_free(decoder->stream);
	for (unsigned i = 0; i < BLOCK_COLUMN_COUNT; i++)
		free(decoder->memory[i]);
	free(decoder);
}

/* What the payload says of itself must be what its row says. */
static bool header_agrees(struct bytes_in *in, const struct block *block)
{
	uint64_t skip = XXH3_64bits(block->skip, block->skip_size);
	uint64_t numbers[4];
	const uint8_t *check;

	for (unsigned i = 0; i < 4; i++)
		if (!bytes_get_number(in, &numbers[i]))
			return false;
	check = bytes_get(in, sizeof(skip));
	if (check == NULL)
		return false;
	for (unsigned i = 0; i < sizeof(skip); i++)
		if (check[i] != (uint8_t)(skip >> 8 * i))
			return false;
	return numbers[0] == block->events && numbers[1] == block->first_seq && numbers[2] == block->first_ns &&
	       numbers[3] == block->last_ns - block->first_ns;
}

static bool get_directory(struct block_decoder *decoder, struct bytes_in *in)
{
	uint64_t sizes[BLOCK_COLUMN_COUNT];

	for (unsigned i = 0; i < BLOCK_COLUMN_COUNT; i++)
		if (!bytes_get_number(in, &sizes[i]) || sizes[i] > SIZE_MAX)
			return false;
	for (unsigned i = 0; i < BLOCK_COLUMN_COUNT; i++) {
		const uint8_t *body = bytes_get(in, (size_t)sizes[i]);

		if (body == NULL)
			return false;
		decoder->bodies[i] = (struct bytes_in){body, body + sizes[i]};
	}
	return in->at == in->end;
}

enum err block_decode_start(struct block_decoder *decoder, const struct block *block, struct error *error)
{
	struct bytes_in in = {block->payload, block->payload};
	uint8_t version;

	decoder->asked = decoder->decoded = 0;
	decoder->sorted = false;
	decoder->columns = (struct block_columns){.events = 0};
	if (block->payload_size == 0 || XXH3_64bits(block->payload, block->payload_size) != block->checksum)
		return error_set(error, ERR_INPUT, "its checksum is wrong");
	in.end += block->payload_size;
	bytes_get_byte(&in, &version);
	if (version != LAYOUT_VERSION)
		return error_set(error, ERR_INPUT, "its format %u is not known", version);
	if (block->events == 0 || block->events > BLOCK_EVENTS_MAX)
		return error_set(error, ERR_INPUT, "it claims %" PRIu32 " events", block->events);
	if (!header_agrees(&in, block))
		return error_set(error, ERR_INPUT, "its columns are not those that its row tells of");
	if (!get_directory(decoder, &in))
		return error_set(error, ERR_INPUT, "its directory is damaged");
	decoder->columns.events = block->events;
	decoder->columns.first_seq = block->first_seq;
	return ERR_OK;
}

static void undo_differences(uint64_t *values, size_t count)
{
	uint64_t last = 0;

	for (size_t i = 0; i < count; i++) {
		last += bytes_unzigzag(values[i]);
		values[i] = last;
	}
}

/* All that a chain is made of has been decoded, see `needs` in layout.c. */
static void undo_chains(const struct block_decoder *decoder, const struct layout_piece *piece, uint64_t *values)
{
	uint64_t expected[LAYOUT_CHAINS] = {0};
	const uint16_t *fs = decoder->memory[BLOCK_FS];
	const uint64_t *root = decoder->memory[BLOCK_ROOT];
	const uint64_t *diff = decoder->memory[BLOCK_DIFF];
	const uint8_t *type = decoder->memory[BLOCK_TYPE];

	for (size_t i = 0; i < piece->count; i++) {
		uint16_t event = piece->order[i];
		uint64_t *next = &expected[layout_chain(fs[event], root[event], type[event])];

		values[i] = bytes_unzigzag(values[i]) + *next;
		*next = values[i] + diff[event];
	}
}

#define SCATTER(type)                                                                                                  \
	for (size_t i = 0; i < piece->count; i++)                                                                      \
	((type *)memory)[piece->order[i]] = (type)values[i]

static void scatter(void *memory, uint8_t width, const struct layout_piece *piece, const uint64_t *values)
{
	if (width == sizeof(uint64_t)) {
		SCATTER(uint64_t);
	} else if (width == sizeof(uint32_t)) {
		SCATTER(uint32_t);
	} else if (width == sizeof(uint16_t)) {
		SCATTER(uint16_t);
	} else {
		SCATTER(uint8_t);
	}
}

static bool get_values(struct block_decoder *decoder, enum block_column column, struct bytes_in *in,
	const struct layout_piece *pieces, size_t piece_count)
{
	const uint8_t *predictors = bytes_get(in, piece_count);
	size_t count = 0;
	uint64_t *values = decoder->values;

	if (predictors == NULL)
		return false;
	for (size_t i = 0; i < piece_count; i++) {
		count += pieces[i].count;
		if (predictors[i] > (column == BLOCK_BYTES ? PREDICT_CHAIN : PREDICT_LAST))
			return false;
	}
	if (count == 0 || !stream_decode(decoder->stream, in, values, count))
		return false;
	for (size_t i = 0; i < piece_count; i++) {
		if (predictors[i] == PREDICT_LAST)
			undo_differences(values, pieces[i].count);
		else if (predictors[i] == PREDICT_CHAIN)
			undo_chains(decoder, &pieces[i], values);
		values += pieces[i].count;
	}
	return true;
}

static bool get_column(struct block_decoder *decoder, enum block_column column)
{
	const struct layout_column *info = &layout_columns[column];
	struct layout_piece pieces[LAYOUT_GROUPS];
	struct bytes_in in = decoder->bodies[column];
	const uint64_t *values = decoder->values;
	size_t piece_count;
	uint64_t mask;

	if (!bytes_get_number(&in, &mask) || mask > UINT32_MAX || (!info->grouped && mask != 1))
		return false;
	piece_count = layout_pieces(&decoder->groups, column, (uint32_t)mask, decoder->columns.events, pieces);
	if (decoder->memory[column] == NULL)
		decoder->memory[column] = memory_resized(NULL, BLOCK_EVENTS_MAX, info->width);
	if (info->grouped)
		memset(decoder->memory[column], 0, (size_t)decoder->columns.events * info->width);
	if (piece_count == 0)
		return in.at == in.end;
	if (!get_values(decoder, column, &in, pieces, piece_count) || in.at != in.end)
		return false;
	for (size_t i = 0; i < piece_count; i++) {
		scatter(decoder->memory[column], info->width, &pieces[i], values);
		values += pieces[i].count;
	}
	return true;
}

static void show(struct block_decoder *decoder)
{
	void *shown[BLOCK_COLUMN_COUNT];

	for (unsigned i = 0; i < BLOCK_COLUMN_COUNT; i++)
		shown[i] = decoder->asked & decoder->decoded & BLOCK_BIT(i) ? decoder->memory[i] : NULL;
	decoder->columns = (struct block_columns){
		.events = decoder->columns.events,
		.first_seq = decoder->columns.first_seq,
		.time_ns = shown[BLOCK_TIME],
		.root = shown[BLOCK_ROOT],
		.ino = shown[BLOCK_INO],
		.start = shown[BLOCK_START],
		.len = shown[BLOCK_LEN],
		.bytes = shown[BLOCK_BYTES],
		.diff = shown[BLOCK_DIFF],
		.comm = shown[BLOCK_COMM],
		.pid = shown[BLOCK_PID],
		.flags = shown[BLOCK_FLAGS],
		.fs = shown[BLOCK_FS],
		.cpu = shown[BLOCK_CPU],
		.kind = shown[BLOCK_KIND],
		.op = shown[BLOCK_OP],
		.type = shown[BLOCK_TYPE],
	};
}

/* In this order, a column comes behind those that it needs. */
static const enum block_column decoding_order[BLOCK_COLUMN_COUNT] = {BLOCK_KIND, BLOCK_TIME, BLOCK_CPU, BLOCK_PID,
	BLOCK_COMM, BLOCK_FS, BLOCK_ROOT, BLOCK_INO, BLOCK_START, BLOCK_LEN, BLOCK_DIFF, BLOCK_FLAGS, BLOCK_OP,
	BLOCK_TYPE, BLOCK_BYTES};

static enum err decode_column(struct block_decoder *decoder, enum block_column column, struct error *error)
{
	/* Who wants but the kinds has no use for groups. */
	if (layout_columns[column].grouped && !decoder->sorted) {
		layout_sort(&decoder->groups, decoder->memory[BLOCK_KIND], decoder->columns.events);
		decoder->sorted = true;
	}
	if (!get_column(decoder, column))
		return error_set(error, ERR_INPUT, "its column '%s' is damaged", layout_columns[column].name);
	decoder->decoded |= BLOCK_BIT(column);
	return ERR_OK;
}

enum err block_decode(struct block_decoder *decoder, uint32_t wanted, struct error *error)
{
	uint32_t missing = wanted & BLOCK_ALL;
	enum err err = ERR_OK;

	if (decoder->columns.events == 0)
		return error_set(error, ERR_INPUT, "it was refused before");
	for (unsigned i = 0; i < BLOCK_COLUMN_COUNT; i++)
		if (wanted & BLOCK_BIT(i))
			missing |= layout_columns[i].needs;
	missing &= ~decoder->decoded;
	decoder->asked |= wanted;
	for (unsigned i = 0; i < BLOCK_COLUMN_COUNT && err == ERR_OK; i++)
		if (missing & BLOCK_BIT(decoding_order[i]))
			err = decode_column(decoder, decoding_order[i], error);
	show(decoder);
	return err;
}

const struct block_columns *block_columns(const struct block_decoder *decoder)
{
	return &decoder->columns;
}

void block_event(const struct block_columns *columns, uint32_t index, struct event *event)
{
	/* Every byte of the struct, so that events can be compared and hashed as bytes. */
	memset(event, 0, sizeof(*event));
	event->number = columns->first_seq + index;
	event->time_ns = columns->time_ns[index];
	event->root = columns->root[index];
	event->ino = columns->ino[index];
	event->start = columns->start[index];
	event->len = columns->len[index];
	event->bytes = columns->bytes[index];
	event->diff = columns->diff[index];
	event->comm = columns->comm[index];
	event->pid = columns->pid[index];
	event->flags = columns->flags[index];
	event->fs = columns->fs[index];
	event->cpu = columns->cpu[index];
	event->kind = columns->kind[index];
	event->op = columns->op[index];
	event->type = columns->type[index];
}
