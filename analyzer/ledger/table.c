/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger/table.h"

#include <stdlib.h>

#include "base/memory.h"

enum { BUCKETS_AT_FIRST = 64 };

/* Three odd multipliers spread small numbers over all bits; the fold brings the high ones down to the mask. */
static struct table_entry **bucket_of(const struct table *table, struct table_key key)
{
	uint64_t hash = key.a * 0x9e3779b97f4a7c15u + key.b * 0xc2b2ae3d27d4eb4fu + key.c * 0x165667b19e3779f9u;

	hash ^= hash >> 32;
	hash *= 0xd6e8feb86659fd93u;
	return &table->buckets[(hash ^ hash >> 32) & (table->bucket_count - 1)];
}

void table_init(struct table *table)
{
	*table = (struct table){.bucket_count = BUCKETS_AT_FIRST};
	table->buckets = memory_zeroed(table->bucket_count * sizeof(struct table_entry *));
}

void table_release(struct table *table)
{
	free(table->buckets);
	table->buckets = NULL;
}

void table_free_all(struct table *table)
{
	struct table_entry *next;

	for (struct table_entry *entry = table->oldest; entry != NULL; entry = next) {
		next = entry->younger;
		free(entry);
	}
	table_release(table);
}

struct table_entry *table_find(const struct table *table, struct table_key key)
{
	struct table_entry *entry = *bucket_of(table, key);

	while (entry != NULL && (entry->key.b != key.b || entry->key.a != key.a || entry->key.c != key.c))
		entry = entry->next;
	return entry;
}

static void link_into_bucket(struct table *table, struct table_entry *entry)
{
	struct table_entry **bucket = bucket_of(table, entry->key);

	entry->next = *bucket;
	*bucket = entry;
}

static void double_buckets(struct table *table)
{
	free(table->buckets);
	table->bucket_count *= 2;
	table->buckets = memory_zeroed(table->bucket_count * sizeof(struct table_entry *));
	for (struct table_entry *entry = table->oldest; entry != NULL; entry = entry->younger)
		link_into_bucket(table, entry);
}

void table_add(struct table *table, struct table_entry *entry)
{
	if (table->count >= table->bucket_count)
		double_buckets(table);
	link_into_bucket(table, entry);
	entry->younger = NULL;
	entry->older = table->youngest;
	if (table->youngest != NULL)
		table->youngest->younger = entry;
	else
		table->oldest = entry;
	table->youngest = entry;
	table->count++;
}

void table_remove(struct table *table, struct table_entry *entry)
{
	struct table_entry **at = bucket_of(table, entry->key);

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	if (entry->older != NULL)
		entry->older->younger = entry->younger;
	else
		table->oldest = entry->younger;
	if (entry->younger != NULL)
		entry->younger->older = entry->older;
	else
		table->youngest = entry->older;
	table->count--;
}
