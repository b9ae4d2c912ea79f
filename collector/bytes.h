/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bytes - a stream of bytes to read from, whoever is behind it: a descriptor, an unpacker, a test's memory.
 */
#ifndef QGREPLAY_COLLECTOR_BYTES_H
#define QGREPLAY_COLLECTOR_BYTES_H

#include <stddef.h>

#include "base/error.h"

/* read() puts 1 to `size` bytes into `buffer` and their number into `*got`; 0 means that the stream has ended. */
struct bytes {
	enum err (*read)(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error);
	void *context;
};

#endif
