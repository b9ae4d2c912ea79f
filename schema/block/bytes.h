/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bytes - the bytes of a block as they grow, and as they are read with bounds; numbers in 7-bit groups (LEB128).
 */
#ifndef QGREPLAY_SCHEMA_BLOCK_BYTES_H
#define QGREPLAY_SCHEMA_BLOCK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Grows; {NULL, 0, 0} is empty. Released by free(out.data). */
struct bytes_out {
	uint8_t *data;
	size_t size;
	size_t capacity;
};

/* Room for `size` more bytes, which are not counted before bytes_took() says how many were used. */
uint8_t *bytes_room(struct bytes_out *out, size_t size);
void bytes_took(struct bytes_out *out, size_t size);

void bytes_put(struct bytes_out *out, const void *bytes, size_t size);
void bytes_put_byte(struct bytes_out *out, uint8_t byte);
void bytes_put_number(struct bytes_out *out, uint64_t number);

/* The bytes from `at` to `end`. What fails leaves `at` anywhere within. */
struct bytes_in {
	const uint8_t *at;
	const uint8_t *end;
};

/* The next `size` bytes, or NULL when there are fewer. */
const uint8_t *bytes_get(struct bytes_in *in, size_t size);
bool bytes_get_byte(struct bytes_in *in, uint8_t *byte);
/* False when it ends early, or has more than 64 bits. */
bool bytes_get_number(struct bytes_in *in, uint64_t *number);

/* Signed numbers as unsigned ones, small when the amount is small. */
static inline uint64_t bytes_zigzag(uint64_t number)
{
	return (number << 1) ^ (0 - (number >> 63));
}

static inline uint64_t bytes_unzigzag(uint64_t number)
{
	return (number >> 1) ^ (0 - (number & 1));
}

#endif
