/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/block/skip.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"
#include "schema/block/block.h"

/*
 * Ten bits and seven hashes a key let 1 % through; a pair counts as two keys, as roots are few. More pairs than
 * LIST_MAX are not worth being sorted for a list.
 */
enum { LIST_MAX = 4096, CHECK_SIZE = 4, PAIR_BITS = 20, KEY_HASHES = 7, FILTER_MAX = 1 << 20 };
enum skip_form { SKIP_LIST, SKIP_FILTER };
enum filter_key { KEY_ROOT = 1, KEY_INO = 2, KEY_PAIR = 3 };

enum { SLOTS = 2 * BLOCK_EVENTS_MAX, RECENT = 256 };

struct pair {
	uint64_t root;
	uint64_t ino;
};

struct skip_coder {
	struct bytes_out out;
	size_t count;
	struct pair pairs[BLOCK_EVENTS_MAX];
	uint32_t slots[SLOTS]; /* index of the pair + 1; 0: free */
	uint32_t used[BLOCK_EVENTS_MAX];
	struct pair recent[RECENT]; /* most events have a pair that was there just before */
	bool is_recent[RECENT];
};

struct skip_coder *skip_coder_new(void)
{
	return memory_zeroed(sizeof(struct skip_coder));
}

void skip_coder_free(struct skip_coder *coder)
{
	if (coder == NULL)
		return;
	free(coder->out.data);
	free(coder);
}

static uint64_t mixed(uint64_t number)
{
	number = (number ^ number >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	number = (number ^ number >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return number ^ number >> 32;
}

static uint64_t hash_of(uint64_t root, uint64_t ino, enum filter_key key)
{
	return mixed(mixed(root + (uint64_t)key) ^ ino);
}

static void add_pair(struct skip_coder *coder, uint64_t root, uint64_t ino)
{
	uint64_t hash = hash_of(root, ino, KEY_PAIR);
	size_t recent = hash % RECENT;
	size_t slot = (hash >> 32) % SLOTS;

	if (coder->is_recent[recent] && coder->recent[recent].root == root && coder->recent[recent].ino == ino)
		return;
	coder->is_recent[recent] = true;
	coder->recent[recent] = (struct pair){root, ino};
	while (coder->slots[slot] != 0) {
		const struct pair *pair = &coder->pairs[coder->slots[slot] - 1];

		if (pair->root == root && pair->ino == ino)
			return;
		slot = (slot + 1) % SLOTS;
	}
	coder->used[coder->count] = (uint32_t)slot;
	coder->pairs[coder->count++] = (struct pair){root, ino};
	coder->slots[slot] = (uint32_t)coder->count;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *one = a;
	const struct pair *two = b;

	if (one->root != two->root)
		return one->root < two->root ? -1 : 1;
	return (one->ino > two->ino) - (one->ino < two->ino);
}

static void put_counts(struct bytes_out *out, const struct event *events, size_t count)
{
	uint32_t counts[UINT8_MAX + 1] = {0};
	uint64_t kinds = 0;

	for (size_t i = 0; i < count; i++)
		counts[events[i].kind]++;
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		kinds |= (uint64_t)(counts[i] > 0) << i;
	bytes_put_number(out, kinds);
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		if (counts[i] > 0)
			bytes_put_number(out, counts[i]);
}

/* The pairs of one root, from `first` on; returns where the next begins. */
static size_t put_root(struct bytes_out *out, const struct pair *pairs, size_t first, size_t count)
{
	size_t end = first + 1;
	uint64_t last = 0;

	while (end < count && pairs[end].root == pairs[first].root)
		end++;
	bytes_put_number(out, pairs[first].root - (first > 0 ? pairs[first - 1].root : 0));
	bytes_put_number(out, end - first);
	for (size_t i = first; i < end; i++) {
		bytes_put_number(out, pairs[i].ino - last);
		last = pairs[i].ino;
	}
	return end;
}

/* False, and nothing is put, when it gets longer than `limit` bytes. */
static bool put_list(struct skip_coder *coder, size_t limit)
{
	struct bytes_out *out = &coder->out;
	size_t before = out->size;
	uint64_t roots = 0;
	size_t at = 0;

	if (coder->count > LIST_MAX)
		return false;
	qsort(coder->pairs, coder->count, sizeof(*coder->pairs), compare_pairs);
	for (size_t i = 0; i < coder->count; i++)
		roots += i == 0 || coder->pairs[i].root != coder->pairs[i - 1].root;
	bytes_put_byte(out, SKIP_LIST);
	bytes_put_number(out, roots);
	while (at < coder->count && out->size - before <= limit)
		at = put_root(out, coder->pairs, at, coder->count);
	if (out->size - before <= limit)
		return true;
	out->size = before;
	return false;
}

/* Which bit of a filter of `size` bytes the key has at `step`. */
static size_t filter_place(uint64_t hash, unsigned step, size_t size)
{
	uint64_t at = hash + step * (hash << 32 | hash >> 32 | 1);

	return (size_t)((at >> 32) * (size * 8) >> 32);
}

static void add_key(uint8_t *filter, size_t size, uint64_t hash)
{
	for (unsigned step = 0; step < KEY_HASHES; step++) {
		size_t place = filter_place(hash, step, size);

		filter[place / 8] |= (uint8_t)(1U << place % 8);
	}
}

static void put_filter(struct skip_coder *coder, size_t size)
{
	uint8_t *filter;

	bytes_put_byte(&coder->out, SKIP_FILTER);
	bytes_put_number(&coder->out, size);
	filter = bytes_room(&coder->out, size);
	memset(filter, 0, size);
	for (size_t i = 0; i < coder->count; i++) {
		const struct pair *pair = &coder->pairs[i];

		add_key(filter, size, hash_of(pair->root, 0, KEY_ROOT));
		add_key(filter, size, hash_of(0, pair->ino, KEY_INO));
		add_key(filter, size, hash_of(pair->root, pair->ino, KEY_PAIR));
	}
	bytes_took(&coder->out, size);
}

static uint32_t check_of(const uint8_t *skip, size_t size)
{
	return (uint32_t)XXH3_64bits(skip + CHECK_SIZE, size - CHECK_SIZE);
}

static void put_little_endian(uint8_t *bytes, uint32_t number)
{
	for (unsigned i = 0; i < CHECK_SIZE; i++)
		bytes[i] = (uint8_t)(number >> 8 * i);
}

const struct bytes_out *skip_encode(struct skip_coder *coder, const struct event *events, size_t count)
{
	struct bytes_out *out = &coder->out;
	size_t filter_size;

	for (size_t i = 0; i < coder->count; i++)
		coder->slots[coder->used[i]] = 0;
	memset(coder->is_recent, 0, sizeof(coder->is_recent));
	coder->count = 0;
	for (size_t i = 0; i < count; i++)
		add_pair(coder, events[i].root, events[i].ino);
	out->size = 0;
	bytes_took(out, (size_t)(bytes_room(out, CHECK_SIZE) - out->data) + CHECK_SIZE);
	put_counts(out, events, count);
	filter_size = coder->count * PAIR_BITS / 8 + 8;
	if (!put_list(coder, filter_size))
		put_filter(coder, filter_size);
	put_little_endian(out->data, check_of(out->data, out->size));
	return out;
}

/* The counts, which stand in front; false when the bytes are damaged. */
static bool get_counts(struct bytes_in *in, const void *skip, size_t size, uint32_t counts[EVENT_COUNT])
{
	uint64_t kinds;
	uint64_t count;
	uint8_t check[CHECK_SIZE];

	memset(counts, 0, EVENT_COUNT * sizeof(*counts));
	if (skip == NULL || size < CHECK_SIZE)
		return false;
	put_little_endian(check, check_of(skip, size));
	in->at = (const uint8_t *)skip + CHECK_SIZE;
	in->end = (const uint8_t *)skip + size;
	if (memcmp(check, skip, CHECK_SIZE) != 0 || !bytes_get_number(in, &kinds) || kinds >> EVENT_COUNT != 0)
		return false;
	for (unsigned i = 0; i < EVENT_COUNT; i++) {
		if (!(kinds >> i & 1))
			continue;
		if (!bytes_get_number(in, &count) || count > BLOCK_EVENTS_MAX)
			return false;
		counts[i] = (uint32_t)count;
	}
	return true;
}

static bool pair_suits(const struct block_wish *wish, uint64_t root, uint64_t ino)
{
	return (!wish->has_root || wish->root == root) && (!wish->has_ino || wish->ino == ino);
}

static bool list_may_hold(struct bytes_in *in, const struct block_wish *wish)
{
	uint64_t roots;
	uint64_t inodes;
	uint64_t step;
	uint64_t root = 0;

	if (!bytes_get_number(in, &roots))
		return true;
	for (uint64_t i = 0; i < roots; i++) {
		uint64_t ino = 0;

		if (!bytes_get_number(in, &step) || !bytes_get_number(in, &inodes))
			return true;
		root += step;
		for (uint64_t j = 0; j < inodes; j++) {
			if (!bytes_get_number(in, &step))
				return true;
			ino += step;
			if (pair_suits(wish, root, ino))
				return true;
		}
	}
	return false;
}

static bool filter_may_hold(struct bytes_in *in, const struct block_wish *wish)
{
	const uint8_t *filter;
	uint64_t hash;
	uint64_t size;

	if (!bytes_get_number(in, &size) || size == 0 || size != (uint64_t)(in->end - in->at) || size > FILTER_MAX)
		return true;
	filter = in->at;
	if (wish->has_root && wish->has_ino)
		hash = hash_of(wish->root, wish->ino, KEY_PAIR);
	else
		hash = wish->has_root ? hash_of(wish->root, 0, KEY_ROOT) : hash_of(0, wish->ino, KEY_INO);
	for (unsigned step = 0; step < KEY_HASHES; step++) {
		size_t place = filter_place(hash, step, (size_t)size);

		if (!(filter[place / 8] >> place % 8 & 1))
			return false;
	}
	return true;
}

bool block_may_hold(const void *skip, size_t size, const struct block_wish *wish)
{
	uint32_t counts[EVENT_COUNT];
	bool has_kind = wish->kinds == 0;
	struct bytes_in in;
	uint8_t form;

	if (!get_counts(&in, skip, size, counts))
		return true;
	for (unsigned i = 0; i < EVENT_COUNT; i++)
		has_kind = has_kind || (counts[i] > 0 && wish->kinds >> i & 1);
	if (!has_kind)
		return false;
	if ((!wish->has_root && !wish->has_ino) || !bytes_get_byte(&in, &form))
		return true;
	if (form == SKIP_LIST)
		return list_may_hold(&in, wish);
	return form != SKIP_FILTER || filter_may_hold(&in, wish);
}

bool block_kind_counts(const void *skip, size_t size, uint32_t counts[EVENT_COUNT])
{
	struct bytes_in in;

	return get_counts(&in, skip, size, counts);
}
