/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger/records.h"

#include <stdlib.h>

#include "base/memory.h"

enum { SWEEP_AT_FIRST = 4096 };

void records_init(struct records *records, struct claims *claims)
{
	*records = (struct records){.claims = claims, .sweep_at = SWEEP_AT_FIRST};
	table_init(&records->table);
}

void records_release(struct records *records)
{
	while (records->table.oldest != NULL)
		record_remove(records, (struct record *)records->table.oldest);
	table_release(&records->table);
}

/* The bytes are still on their way, by all that is known. */
static bool is_alive(const struct record *record)
{
	const struct root *root = record->root;

	return record->knowledge == root->knowledge && record->claim->in_flight != NULL;
}

struct record *record_find(struct records *records, uint16_t fs, uint64_t bytenr)
{
	struct table_key key = {.a = fs, .b = bytenr};
	struct record *record = (struct record *)table_find(&records->table, key);

	if (record == NULL || is_alive(record))
		return record;
	record_remove(records, record);
	return NULL;
}

/* Extents whose bytes left in another way than by their commit have no event that ends their record. */
static void sweep(struct records *records)
{
	struct table_entry *next;

	for (struct table_entry *entry = records->table.oldest; entry != NULL; entry = next) {
		next = entry->younger;
		if (!is_alive((struct record *)entry))
			record_remove(records, (struct record *)entry);
	}
	records->sweep_at = records->table.count * 2 > SWEEP_AT_FIRST ? records->table.count * 2 : SWEEP_AT_FIRST;
}

struct record *record_put(struct records *records, struct root *root, struct claim *claim)
{
	struct record *known = record_find(records, claim->event.fs, claim->bytenr);
	struct record *record;
	bool doubtful = known != NULL && known->referenced;

	if (known != NULL)
		record_remove(records, known);
	if (records->table.count >= records->sweep_at)
		sweep(records);
	record = memory_zeroed(sizeof(*record));
	record->entry.key = (struct table_key){.a = claim->event.fs, .b = claim->bytenr};
	record->root = root;
	record->claim = claim_keep(claim);
	record->knowledge = root->knowledge;
	record->start = claim->event.start;
	record->disk_bytes = claim->ordered && !claim->compressed ? claim->event.len : 0;
	record->doubtful = doubtful;
	table_add(&records->table, &record->entry);
	return record;
}

void record_remove(struct records *records, struct record *record)
{
	table_remove(&records->table, &record->entry);
	claim_drop(records->claims, record->claim);
	free(record);
}
