/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unpack - the two compressions that trace-cmd knows, one block at a time into memory of a known size.
 */
#ifndef QGREPLAY_COLLECTOR_UNPACK_H
#define QGREPLAY_COLLECTOR_UNPACK_H

#include <stdbool.h>

#include "collector/cursor.h"

enum unpack_method { UNPACK_NONE, UNPACK_ZLIB, UNPACK_ZSTD };

struct unpacker;

/* The method that trace-cmd calls `name`; false when it is none that we know. */
bool unpack_method_of(const char *name, enum unpack_method *method);

/* A new unpacker, which keeps its memory from block to block; freed by unpacker_free(), which accepts NULL. */
struct unpacker *unpacker_new(enum unpack_method method);
void unpacker_free(struct unpacker *unpacker);

/*
 * Unpacks `packed` into the `size` bytes at `to`. NULL when that gave exactly `size` bytes, else a few words of the
 * library on what is wrong, which stay valid.
 */
const char *unpack(struct unpacker *unpacker, struct span packed, unsigned char *to, size_t size);

#endif
