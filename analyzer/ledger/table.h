/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table - a hash table of the caller's structs, found by a key of three numbers.
 *
 * Intrusive: a struct that lives in a table begins with a struct table_entry. The table never owns what it holds.
 */
#ifndef QGREPLAY_ANALYZER_LEDGER_TABLE_H
#define QGREPLAY_ANALYZER_LEDGER_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_key {
	uint64_t a;
	uint64_t b;
	uint64_t c;
};

struct table_entry {
	struct table_key key;
	struct table_entry *next;  /* in the same bucket */
	struct table_entry *older; /* in the order of insertion */
	struct table_entry *younger;
};

struct table {
	struct table_entry **buckets;
	size_t bucket_count; /* a power of two */
	size_t count;
	struct table_entry *oldest;
	struct table_entry *youngest;
};

/* An empty table; table_release() frees its buckets, not its entries. */
void table_init(struct table *table);
void table_release(struct table *table);

/* Frees the entries with free(), and the buckets: for entries that own nothing themselves. */
void table_free_all(struct table *table);

/* The entry with this key, or NULL. */
struct table_entry *table_find(const struct table *table, struct table_key key);

/* Adds an entry whose key is set and not yet there. */
void table_add(struct table *table, struct table_entry *entry);

/* Takes an entry out. It is in the table. */
void table_remove(struct table *table, struct table_entry *entry);

#endif
