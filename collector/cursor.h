/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cursor - reads numbers and texts of either byte order from memory, and cannot leave it.
 *
 * Failure sticks: what lies beyond the end reads as 0 and sets `failed`, so that a run of reads needs one check behind
 * it. No count or size that was read may be used before that check.
 */
#ifndef QGREPLAY_COLLECTOR_CURSOR_H
#define QGREPLAY_COLLECTOR_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes of somebody else's. */
struct span {
	const unsigned char *data;
	size_t size;
};

struct cursor {
	const unsigned char *data;
	size_t size;
	size_t at;
	bool big_endian;
	bool failed;
};

/* The unsigned number in the `size` bytes (1, 2, 4 or 8; anything else gives 0) at `data`, which may be unaligned. */
static inline uint64_t cursor_peek(const unsigned char *data, unsigned size, bool big_endian)
{
	bool swap = big_endian == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	switch (size) {
	case 1:
		return data[0];
	case 2:
		memcpy(&two, data, sizeof(two));
		return swap ? __builtin_bswap16(two) : two;
	case 4:
		memcpy(&four, data, sizeof(four));
		return swap ? __builtin_bswap32(four) : four;
	case 8:
		memcpy(&eight, data, sizeof(eight));
		return swap ? __builtin_bswap64(eight) : eight;
	default:
		return 0;
	}
}

/* How many bytes are left; 0 after a failure. */
size_t cursor_left(const struct cursor *cursor);

/* The next `count` bytes, or NULL when there are fewer. */
const unsigned char *cursor_bytes(struct cursor *cursor, uint64_t count);

/* The next number of `size` bytes (1, 2, 4 or 8). */
uint64_t cursor_number(struct cursor *cursor, unsigned size);

/* The next text up to its NUL, which is within the memory, or NULL when there is none. */
const char *cursor_text(struct cursor *cursor);

/* The next `count` bytes as a cursor of their own; a failed one when there are fewer. */
struct cursor cursor_part(struct cursor *cursor, uint64_t count);

#endif
