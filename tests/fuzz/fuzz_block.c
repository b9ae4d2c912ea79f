/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as a block. The first one says what the rest is: a payload (its row, its checksum and its word on the bytes
 * to skip by are made to fit), bytes to skip by (their check is made to fit), or events as they lie in memory. What can
 * be decoded is looked at, coded again, and must come back.
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"
#include "schema/block/block.h"
#include "schema/block/bytes.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum what { WHAT_PAYLOAD, WHAT_SKIP, WHAT_EVENTS, WHAT_COUNT };

struct pair {
	struct block_coder *coder;
	struct block_decoder *decoder;
};

static void use(const struct pair *pair, const struct event *events, size_t count)
{
	struct event event;
	struct block block;

	block_encode(pair->coder, events, count, &block);
	if (block_decode_start(pair->decoder, &block, NULL) != ERR_OK ||
		block_decode(pair->decoder, BLOCK_ALL, NULL) != ERR_OK)
		abort();
	for (size_t i = 0; i < count; i++) {
		const struct block_wish wish = {
			events[i].kind < EVENT_COUNT ? 1U << events[i].kind : 0,
			true,
			true,
			events[i].root,
			events[i].ino,
		};

		block_event(block_columns(pair->decoder), (uint32_t)i, &event);
		if (memcmp(&event, &events[i], offsetof(struct event, type) + 1) != 0)
			abort();
		if (!block_may_hold(block.skip, block.skip_size, &wish))
			abort();
	}
}

static bool fit_row(struct block *block, uint8_t *payload, size_t size)
{
	struct bytes_in in = {payload, payload + size};
	uint64_t skip = XXH3_64bits(NULL, 0);
	uint64_t numbers[4];

	if (bytes_get(&in, 1) == NULL)
		return false;
	for (int i = 0; i < 4; i++)
		if (!bytes_get_number(&in, &numbers[i]))
			return false;
	if (in.end - in.at < 8)
		return false;
	for (unsigned i = 0; i < 8; i++)
		payload[in.at - payload + i] = (uint8_t)(skip >> 8 * i);
	*block = (struct block){numbers[1], (uint32_t)numbers[0], numbers[2], numbers[2] + numbers[3], NULL, 0,
		XXH3_64bits(payload, size), payload, size};
	return true;
}

/* Some columns, then the rest. */
static void use_payload(const struct pair *pair, uint8_t *payload, size_t size)
{
	struct error error = {ERR_OK, ""};
	struct event *events;
	struct block block;

	if (!fit_row(&block, payload, size) || block_decode_start(pair->decoder, &block, &error) != ERR_OK)
		return;
	if (block_decode(pair->decoder, (uint32_t)block.checksum & BLOCK_ALL, &error) != ERR_OK ||
		block_decode(pair->decoder, BLOCK_ALL, &error) != ERR_OK) {
		if (error.code != ERR_INPUT || error.text[0] == '\0')
			abort();
		return;
	}
	events = memory_zeroed(block.events * sizeof(*events));
	for (uint32_t i = 0; i < block.events; i++)
		block_event(block_columns(pair->decoder), i, &events[i]);
	use(pair, events, block.events);
	free(events);
}

static void use_skip(uint8_t *skip, size_t size)
{
	uint32_t counts[EVENT_COUNT];
	struct block_wish wish = {0, true, true, 256, 257};
	uint32_t check;

	if (size >= sizeof(check)) {
		check = (uint32_t)XXH3_64bits(skip + sizeof(check), size - sizeof(check));
		for (unsigned i = 0; i < sizeof(check); i++)
			skip[i] = (uint8_t)(check >> 8 * i);
	}
	if (block_kind_counts(skip, size, counts))
		wish.kinds = counts[1];
	block_may_hold(skip, size, &wish);
	wish.has_root = false;
	block_may_hold(skip, size, &wish);
}

static void use_events(const struct pair *pair, const uint8_t *bytes, size_t size)
{
	size_t count = size / sizeof(struct event);
	struct event *events;

	if (count == 0)
		return;
	events = memory_zeroed(count * sizeof(*events));
	memcpy(events, bytes, count * sizeof(*events));
	for (size_t i = 1; i < count; i++)
		events[i].number = events[i - 1].number + 1;
	use(pair, events, count < BLOCK_EVENTS_MAX ? count : BLOCK_EVENTS_MAX);
	free(events);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct pair pair;
	uint8_t *copy;

	if (size == 0)
		return 0;
	if (pair.coder == NULL)
		pair = (struct pair){block_coder_new(), block_decoder_new()};
	copy = memory_resized(NULL, size, 1);
	memcpy(copy, data + 1, size - 1);
	if (data[0] % WHAT_COUNT == WHAT_PAYLOAD)
		use_payload(&pair, copy, size - 1);
	else if (data[0] % WHAT_COUNT == WHAT_SKIP)
		use_skip(copy, size - 1);
	else
		use_events(&pair, copy, size - 1);
	free(copy);
	return 0;
}
