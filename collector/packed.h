/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packed - gzip and zstd files as the stream of bytes that was packed.
 *
 * Members (gzip) and frames (zstd) that follow each other are one stream, frames to be skipped are skipped, zeros
 * behind the last gzip member are padding. Memory is bounded whatever the data claim: a zstd window of more than
 * 128 MiB is refused, and so is more than PACKED_LIMIT of output.
 */
#ifndef QGREPLAY_COLLECTOR_PACKED_H
#define QGREPLAY_COLLECTOR_PACKED_H

#include <stdint.h>

#include "collector/bytes.h"

enum packed_kind { PACKED_NONE, PACKED_GZIP, PACKED_ZSTD };

#define PACKED_LIMIT ((uint64_t)64 << 30)

struct packed;

/* How the `size` bytes at `data`, a beginning, are packed: by magic number (RFC 1952, RFC 8878). */
enum packed_kind packed_recognised(const unsigned char *data, size_t size);

/* Unpacks what `bytes` gives, which is copied. Errors: ERR_SYSTEM when the library cannot start. */
enum err packed_open(struct packed **packed, enum packed_kind kind, const struct bytes *bytes, struct error *error);

/*
 * The read() of struct bytes, with a struct packed as context. Errors: ERR_INPUT when the data are damaged or end early
 * (names the place in the packed data), ERR_LIMIT, those of the stream below.
 */
enum err packed_read(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error);

/* Accepts NULL. */
void packed_close(struct packed *packed);

#endif
