/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hash - what identifies an input: the SHA-256 of its bytes.
 */
#ifndef QGREPLAY_COLLECTOR_HASH_H
#define QGREPLAY_COLLECTOR_HASH_H

#include <stddef.h>

#include "base/error.h"

enum { HASH_BYTES = 32, HASH_HEX = 64 };

/*
 * Puts the SHA-256 of all bytes of the file `fd`, as they are and not unpacked, into `hex` as lower-case hex digits.
 * The position of `fd` stays where it is; what cannot seek (a pipe) cannot be hashed. Errors: ERR_SYSTEM.
 */
enum err input_sha256(int fd, char hex[HASH_HEX + 1], struct error *error);

/* The SHA-256 of the `size` bytes at `bytes`. */
void hash_of_bytes(const void *bytes, size_t size, unsigned char digest[HASH_BYTES]);

#endif
