/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packed_out - a stream that packs what is written, as gzip or zstd, or leaves it as it is.
 */
#ifndef QGREPLAY_CMD_PACKED_OUT_H
#define QGREPLAY_CMD_PACKED_OUT_H

#include <stdio.h>

#include "base/error.h"

enum packed_out_kind { PACKED_OUT_PLAIN, PACKED_OUT_GZIP, PACKED_OUT_ZSTD };

/* What the ending of a file's name asks for: ".gz", ".zst", or anything else. */
enum packed_out_kind packed_out_kind_of(const char *name);

/* A stream to `fd`, which stays the caller's, to be ended by packed_out_close(). Errors: ERR_SYSTEM. */
enum err packed_out_open(FILE **stream, int fd, enum packed_out_kind kind, struct error *error);

/* Writes what is left. Accepts NULL. Errors: ERR_SYSTEM, also for a write that failed before; `name` is for the text.
 */
enum err packed_out_close(FILE *stream, const char *name, struct error *error);

#endif
