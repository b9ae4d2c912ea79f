/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *memory_checked(void *memory)
{
	if (memory == NULL) {
		fputs("qgreplay: out of memory\n", stderr);
		_Exit(MEMORY_EXIT_STATUS);
	}
	return memory;
}

void *memory_zeroed(size_t size)
{
	return memory_checked(calloc(1, size != 0 ? size : 1));
}

void *memory_aligned(size_t size)
{
	enum { CACHE_LINE = 64 };
	size_t rounded = (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	void *memory = memory_checked(rounded >= size ? aligned_alloc(CACHE_LINE, rounded) : NULL);

	memset(memory, 0, rounded);
	return memory;
}

void *memory_resized(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return memory_checked(NULL);
	return memory_checked(realloc(old, bytes != 0 ? bytes : 1));
}

void *memory_grown(void *old, size_t *capacity, size_t needed, size_t size)
{
	size_t wanted = *capacity != 0 ? *capacity : 16;

	if (needed <= *capacity)
		return old;
	while (wanted < needed)
		wanted = wanted > SIZE_MAX / 2 ? needed : wanted * 2;
	old = memory_resized(old, wanted, size);
	*capacity = wanted;
	return old;
}

char *memory_text(const char *text, size_t length)
{
	char *copy = memory_checked(malloc(length + 1));

	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}
