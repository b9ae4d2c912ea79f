/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stream - a run of numbers as few bytes: the cheapest of one value for all, a dictionary, and a base with as many
 * planes of bytes as the greatest needs. How many there are, the reader knows.
 *
 *   stream := 0 VALUE                                 all are VALUE
 *           | 1 BASE width:byte plane{width}          BASE + sum of plane[i] << 8i; width 1 to 8
 *           | 2 COUNT ENTRY{COUNT} plane{1 or 2}      planes of the index; two when COUNT > 256; COUNT 1 to 65536.
 *                                                     An entry is the zigzag of its difference to the one before
 *   plane  := 0 byte | 1 bytes{n} | 2 SIZE frame      all are this byte; as they are; a zstd frame of n bytes
 *
 * Words in capitals are LEB128 numbers. All arithmetic is modulo 2^64.
 */
#ifndef QGREPLAY_SCHEMA_BLOCK_STREAM_H
#define QGREPLAY_SCHEMA_BLOCK_STREAM_H

#include "schema/block/bytes.h"

enum { STREAM_VALUES_MAX = 65536 };

struct stream_coder;
struct stream_coder *stream_coder_new(void);
void stream_coder_free(struct stream_coder *coder);

/* Appends `count` (1 to STREAM_VALUES_MAX) values to `out`. */
void stream_encode(struct stream_coder *coder, const uint64_t *values, size_t count, struct bytes_out *out);

struct stream_decoder;
struct stream_decoder *stream_decoder_new(void);
void stream_decoder_free(struct stream_decoder *decoder);

/* Reads `count` (1 to STREAM_VALUES_MAX) values off `in`; false when the bytes are damaged. */
bool stream_decode(struct stream_decoder *decoder, struct bytes_in *in, uint64_t *values, size_t count);

#endif
