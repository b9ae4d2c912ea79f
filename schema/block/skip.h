/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * skip - what a block holds, so small that it can be looked at for each block: how many events of each kind, and which
 * pairs of root and inode.
 *
 *   skip  := check:4 KINDS COUNT{kinds} form:byte pairs
 *   pairs := (form 0) ROOTS ( ROOT INODES INO{inodes} ){roots}
 *          | (form 1) SIZE filter:byte{size}
 *
 * `check` is the low half of the XXH3 of what follows it, little-endian. KINDS are the bits of the kinds below
 * EVENT_COUNT that occur. Form 0 lists all pairs, sorted: roots and inodes as differences to the one before. Form 1 is
 * a Bloom filter, in which each root, each inode, and each pair has 7 bits: see hash_of() and filter_place() in skip.c.
 * Events without a root or an inode count as 0. Words in capitals are LEB128 numbers.
 */
#ifndef QGREPLAY_SCHEMA_BLOCK_SKIP_H
#define QGREPLAY_SCHEMA_BLOCK_SKIP_H

#include "base/event.h"
#include "schema/block/bytes.h"

struct skip_coder;

struct skip_coder *skip_coder_new(void);
void skip_coder_free(struct skip_coder *coder);

/* The skip bytes of at most BLOCK_EVENTS_MAX events; the coder's until the next call. */
const struct bytes_out *skip_encode(struct skip_coder *coder, const struct event *events, size_t count);

#endif
