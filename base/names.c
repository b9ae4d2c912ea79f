/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { NAME_LENGTH_MAX = 4096, SLOTS_AT_FIRST = 64 };

struct name {
	char *text;
	size_t length;
	uint64_t hash;
};

struct names {
	struct name *all; /* number n is all[n - 1] */
	uint32_t count;
	size_t capacity;
	uint32_t limit;
	size_t bytes_left; /* of names to come */
	uint32_t *slots;   /* open addressing; 0 is free */
	size_t slot_count;
};

/* FNV-1a: names are short, and a table is bounded by its limit. */
static uint64_t hash_bytes(const unsigned char *bytes, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return hash;
}

struct names *names_new(uint32_t limit)
{
	struct names *names = memory_zeroed(sizeof(*names));

	names->limit = limit;
	names->bytes_left = SIZE_MAX;
	names->slot_count = SLOTS_AT_FIRST;
	names->slots = memory_zeroed(names->slot_count * sizeof(*names->slots));
	return names;
}

void names_free(struct names *names)
{
	if (names == NULL)
		return;
	for (uint32_t i = 0; i < names->count; i++)
		free(names->all[i].text);
	free(names->all);
	free(names->slots);
	free(names);
}

void names_limit_bytes(struct names *names, size_t bytes)
{
	size_t used = 0;

	for (uint32_t i = 0; i < names->count; i++)
		used += names->all[i].length;
	names->bytes_left = used < bytes ? bytes - used : 0;
}

static uint32_t *slot_of(const struct names *names, const void *bytes, size_t length, uint64_t hash)
{
	size_t at = hash & (names->slot_count - 1);

	while (names->slots[at] != 0) {
		const struct name *name = &names->all[names->slots[at] - 1];

		if (name->hash == hash && name->length == length && memcmp(name->text, bytes, length) == 0)
			break;
		at = (at + 1) & (names->slot_count - 1);
	}
	return &names->slots[at];
}

static void double_slots(struct names *names)
{
	free(names->slots);
	names->slot_count *= 2;
	names->slots = memory_zeroed(names->slot_count * sizeof(*names->slots));
	for (uint32_t i = 0; i < names->count; i++) {
		const struct name *name = &names->all[i];

		*slot_of(names, name->text, name->length, name->hash) = i + 1;
	}
}

uint32_t names_number(struct names *names, const void *bytes, size_t length)
{
	uint64_t hash;
	uint32_t *slot;

	if (length > NAME_LENGTH_MAX)
		length = NAME_LENGTH_MAX;
	hash = hash_bytes(bytes, length);
	slot = slot_of(names, bytes, length, hash);
	if (*slot != 0)
		return *slot;
	if (names->count >= names->limit || length > names->bytes_left)
		return 0;
	if ((size_t)names->count * 2 >= names->slot_count) {
		double_slots(names);
		slot = slot_of(names, bytes, length, hash);
	}
	names->all = memory_grown(names->all, &names->capacity, (size_t)names->count + 1, sizeof(*names->all));
	names->all[names->count] = (struct name){memory_text(bytes, length), length, hash};
	names->bytes_left -= length;
	*slot = ++names->count;
	return *slot;
}

const char *names_text(const struct names *names, uint32_t number)
{
	return number == 0 || number > names->count ? "" : names->all[number - 1].text;
}

uint32_t names_count(const struct names *names)
{
	return names->count;
}
