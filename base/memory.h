/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory - allocation that cannot fail: out of memory ends the program with one line, by policy.
 *
 * It ends with an exit status of its own (2, trouble), so that the parent of a decoding child can tell this end from
 * others and say so; see cmd/sandbox.h.
 *
 * A size that comes from input is bounded by the caller before it gets here. What is returned is freed with free().
 */
#ifndef QGREPLAY_BASE_MEMORY_H
#define QGREPLAY_BASE_MEMORY_H

#include <stddef.h>

enum { MEMORY_EXIT_STATUS = 2 };

/* `memory`, which another library has allocated; the end, when it is NULL. */
void *memory_checked(void *memory);

/* `size` zeroed bytes (size 0 gives a pointer that can be freed). */
void *memory_zeroed(size_t size);

/* The same, aligned to a cache line: for pools of small structs that are looked at in any order. */
void *memory_aligned(size_t size);

/* An array of `count` elements of `size` bytes, moved from `old` (may be NULL); new bytes are not initialised. */
void *memory_resized(void *old, size_t count, size_t size);

/*
 * Room for at least `needed` elements of `size` bytes in the growing array `old` of `*capacity` elements: returns
 * `old` when it suffices, else a moved array with `*capacity` doubled as often as it takes.
 */
void *memory_grown(void *old, size_t *capacity, size_t needed, size_t size);

/* A copy of the `length` bytes at `text`, with a NUL behind them. */
char *memory_text(const char *text, size_t length);

#endif
