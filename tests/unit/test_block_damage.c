/* SPDX-License-Identifier: GPL-2.0-only */
/* Event blocks that are not as they were made: refused in one line, and no bytes do harm, whatever their checksum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/block_make.h"

enum { EVENTS = 300 };

struct damage {
	struct block_coder *coder;
	struct block_decoder *decoder;
	struct event *events;
	struct block block;
	uint64_t sum;	  /* of all that was decoded, so that all of it is looked at */
	uint8_t *payload; /* a copy, of exactly its size */
};

static int make_block(void **state)
{
	struct damage *damage = memory_zeroed(sizeof(*damage));

	damage->coder = block_coder_new();
	damage->decoder = block_decoder_new();
	damage->events = make_events(5, MANNER_LIKELY, EVENTS);
	block_encode(damage->coder, damage->events, EVENTS, &damage->block);
	damage->payload = memory_resized(NULL, damage->block.payload_size, 1);
	memcpy(damage->payload, damage->block.payload, damage->block.payload_size);
	*state = damage;
	return 0;
}

static int free_block(void **state)
{
	struct damage *damage = *state;

	block_coder_free(damage->coder);
	block_decoder_free(damage->decoder);
	free(damage->events);
	free(damage->payload);
	free(damage);
	return 0;
}

static void assert_refused(struct damage *damage, const struct block *block, const char *why)
{
	struct error error = {ERR_OK, ""};

	assert_int_equal(block_decode_start(damage->decoder, block, &error), ERR_INPUT);
	assert_string_equal(error.text, why);
	assert_int_equal(block_columns(damage->decoder)->events, 0);
	assert_int_equal(block_decode(damage->decoder, BLOCK_ALL, &error), ERR_INPUT);
	assert_string_equal(error.text, "it was refused before");
	assert_null(block_columns(damage->decoder)->kind);
}

static uint64_t sum_of(const struct block_columns *columns)
{
	struct event event;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < columns->events; i++) {
		block_event(columns, i, &event);
		sum += event.time_ns ^ event.root ^ event.ino ^ event.start ^ event.len ^ event.bytes ^ event.type;
	}
	return sum;
}

/* Decoded, or refused with a line; the sanitizers see to the rest. True when it was decoded. */
static bool does_no_harm(struct damage *damage, const struct block *block)
{
	struct error error = {ERR_OK, ""};
	enum err err = block_decode_start(damage->decoder, block, &error);

	if (err == ERR_OK)
		err = block_decode(damage->decoder, BLOCK_ALL, &error);
	assert_true(err == ERR_OK || (err == ERR_INPUT && error.text[0] != '\0'));
	if (err == ERR_OK)
		damage->sum += sum_of(block_columns(damage->decoder));
	return err == ERR_OK;
}

static void test_every_changed_byte_is_refused(void **state)
{
	struct damage *damage = *state;
	struct block block = damage->block;

	block.payload = damage->payload;
	for (size_t i = 0; i < block.payload_size; i++) {
		damage->payload[i] ^= (uint8_t)(1U << i % 8);
		assert_refused(damage, &block, "its checksum is wrong");
		damage->payload[i] ^= (uint8_t)(1U << i % 8);
	}
	assert_true(does_no_harm(damage, &block));
}

static void test_every_shorter_one_is_refused(void **state)
{
	struct damage *damage = *state;
	struct block block = damage->block;

	for (size_t size = 0; size < damage->block.payload_size; size++) {
		void *part = memory_resized(NULL, size + 1, 1);

		memcpy(part, damage->payload, size);
		block.payload = part;
		block.payload_size = size;
		assert_refused(damage, &block, "its checksum is wrong");
		block = block_with(&damage->block, part, size);
		assert_int_not_equal(block_decode_start(damage->decoder, &block, NULL), ERR_OK);
		free(part);
	}
	block.payload = NULL;
	block.payload_size = 0;
	assert_refused(damage, &block, "its checksum is wrong");
}

static void test_bytes_behind_are_refused(void **state)
{
	struct damage *damage = *state;
	size_t size = damage->block.payload_size + 1;
	uint8_t *longer = memory_zeroed(size);
	struct block block;

	memcpy(longer, damage->payload, size - 1);
	block = block_with(&damage->block, longer, size);
	assert_refused(damage, &block, "its directory is damaged");
	free(longer);
}

/* Checksums keep off accidents; these were made to fit. */
static void test_changed_bytes_with_a_new_checksum_do_no_harm(void **state)
{
	static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x7f, 0x02};
	struct damage *damage = *state;
	size_t refused = 0;
	size_t tried = 0;

	for (size_t i = 0; i < damage->block.payload_size; i++)
		for (size_t j = 0; j < sizeof(changes); j++, tried++) {
			struct block block;

			damage->payload[i] ^= changes[j];
			block = block_with(&damage->block, damage->payload, damage->block.payload_size);
			refused += !does_no_harm(damage, &block);
			damage->payload[i] ^= changes[j];
		}
	print_message("%zu of %zu refused\n", refused, tried);
	assert_true(refused > 0 && refused < tried);
}

static void test_many_changes_at_once_do_no_harm(void **state)
{
	struct damage *damage = *state;
	struct seeded seeded = seeded_by(9);

	for (unsigned i = 0; i < 3000; i++) {
		size_t count = 1 + seeded_below(&seeded, 200);
		struct event *events = make_events(i, (enum manner)(i % MANNER_COUNT), count);
		struct block block;
		uint8_t *payload;

		block_encode(damage->coder, events, count, &block);
		payload = memory_resized(NULL, block.payload_size, 1);
		memcpy(payload, block.payload, block.payload_size);
		for (uint64_t j = 1 + seeded_below(&seeded, 4); j > 0; j--)
			payload[seeded_below(&seeded, block.payload_size)] = (uint8_t)seeded_next(&seeded);
		block = block_with(&block, payload, block.payload_size);
		does_no_harm(damage, &block);
		free(payload);
		free(events);
	}
}

/* The row is not under the checksum: what it says is held against what the payload says. */
static void test_a_row_that_says_otherwise_is_refused(void **state)
{
	static const char why[] = "its columns are not those that its row tells of";
	struct damage *damage = *state;
	struct block block = damage->block;
	uint8_t *skip;

	block.events++;
	assert_refused(damage, &block, why);
	block.events = 0;
	assert_refused(damage, &block, "it claims 0 events");
	block.events = BLOCK_EVENTS_MAX + 1;
	assert_refused(damage, &block, "it claims 65537 events");
	block = damage->block;
	block.first_seq++;
	assert_refused(damage, &block, why);
	block = damage->block;
	block.first_ns++;
	assert_refused(damage, &block, why);
	block = damage->block;
	block.last_ns++;
	assert_refused(damage, &block, why);
	block = damage->block;
	skip = memory_resized(NULL, block.skip_size, 1);
	memcpy(skip, block.skip, block.skip_size);
	skip[block.skip_size - 1] ^= 1;
	block.skip = skip;
	assert_refused(damage, &block, why);
	free(skip);
	assert_true(does_no_harm(damage, &damage->block));
}

static void test_of_a_later_format_is_said(void **state)
{
	struct damage *damage = *state;
	struct block block;

	damage->payload[0]++;
	block = block_with(&damage->block, damage->payload, damage->block.payload_size);
	assert_refused(damage, &block, "its format 2 is not known");
}

/* A damaged column is named, and the others stay readable. The last one, `type`, gets an unknown method of coding. */
static void test_a_damaged_column_is_named(void **state)
{
	const uint32_t type = BLOCK_BIT(BLOCK_TYPE);
	struct damage *damage = *state;
	struct event events[2] = {{.number = 1, .type = 1}, {.number = 2, .type = 1}};
	struct error error = {ERR_OK, ""};
	struct block block;
	uint8_t *last;

	block_encode(damage->coder, events, 2, &block);
	last = damage->payload + block.payload_size - 1;
	memcpy(damage->payload, block.payload, block.payload_size);
	assert_memory_equal(last - 3, "\1\0\0\1", 4); /* group 0, not predicted, all are the same: 1 */
	last[-1] = 77;
	block = block_with(&block, damage->payload, block.payload_size);
	assert_int_equal(block_decode_start(damage->decoder, &block, &error), ERR_OK);
	assert_int_equal(block_decode(damage->decoder, type, &error), ERR_INPUT);
	assert_string_equal(error.text, "its column 'type' is damaged");
	assert_null(block_columns(damage->decoder)->type);
	assert_int_equal(block_decode(damage->decoder, BLOCK_BIT(BLOCK_BYTES), NULL), ERR_INPUT);
	assert_int_equal(block_decode(damage->decoder, BLOCK_ALL & ~(type | BLOCK_BIT(BLOCK_BYTES)), NULL), ERR_OK);
	assert_non_null(block_columns(damage->decoder)->root);
	assert_null(block_columns(damage->decoder)->bytes);
}

/* Damaged bytes to skip by hold anything: for every change and every length. */
static void test_damaged_skip_holds_anything(void **state)
{
	const struct block_wish wish = {1U << EVENT_NONE, true, true, 1, 1};
	struct damage *damage = *state;
	size_t size = damage->block.skip_size;
	uint8_t *skip = memory_resized(NULL, size, 1);
	uint32_t counts[EVENT_COUNT];

	memcpy(skip, damage->block.skip, size);
	assert_false(block_may_hold(skip, size, &wish));
	for (size_t i = 0; i < size; i++) {
		skip[i] ^= (uint8_t)(1U << i % 8);
		assert_true(block_may_hold(skip, size, &wish));
		assert_false(block_kind_counts(skip, size, counts));
		skip[i] ^= (uint8_t)(1U << i % 8);
		assert_true(block_may_hold(skip, i, &wish));
		assert_false(block_kind_counts(skip, i, counts));
	}
	assert_true(block_may_hold(NULL, 0, &wish));
	free(skip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_changed_byte_is_refused, make_block, free_block),
		cmocka_unit_test_setup_teardown(test_every_shorter_one_is_refused, make_block, free_block),
		cmocka_unit_test_setup_teardown(test_bytes_behind_are_refused, make_block, free_block),
		cmocka_unit_test_setup_teardown(
			test_changed_bytes_with_a_new_checksum_do_no_harm, make_block, free_block),
		cmocka_unit_test_setup_teardown(test_many_changes_at_once_do_no_harm, make_block, free_block),
		cmocka_unit_test_setup_teardown(test_a_row_that_says_otherwise_is_refused, make_block, free_block),
		cmocka_unit_test_setup_teardown(test_of_a_later_format_is_said, make_block, free_block),
		cmocka_unit_test_setup_teardown(test_a_damaged_column_is_named, make_block, free_block),
		cmocka_unit_test_setup_teardown(test_damaged_skip_holds_anything, make_block, free_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
