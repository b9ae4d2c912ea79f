/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger/flight.h"

#include <stdlib.h>

#include "base/memory.h"

/* How many entries that a commit has passed over are looked behind. */
enum { DUE_LOOKS = 64 };

/* The entries of one amount, a queue: most extents of a busy trace have the same few sizes. */
struct flight_amount {
	struct table_entry entry;
	struct flight_entry *first;
	struct flight_entry *last;
};

void flight_init(struct flight *flight, struct claims *claims)
{
	*flight = (struct flight){.claims = claims};
	table_init(&flight->amounts);
}

void flight_release(struct flight *flight)
{
	flight_clear(flight);
	table_release(&flight->amounts);
}

static struct flight_amount *find_amount(const struct flight *flight, uint64_t bytes)
{
	return (struct flight_amount *)table_find(&flight->amounts, (struct table_key){.a = bytes});
}

struct flight_entry *flight_add(struct flight *flight, uint64_t bytes, struct claim *claim, uint64_t commits)
{
	struct flight_amount *amount = find_amount(flight, bytes);
	struct flight_entry *entry = memory_zeroed(sizeof(*entry));

	if (amount == NULL) {
		amount = memory_zeroed(sizeof(*amount));
		amount->entry.key.a = bytes;
		table_add(&flight->amounts, &amount->entry);
	}
	*entry = (struct flight_entry){.bytes = bytes,
		.claim = claim_keep(claim),
		.commits = commits,
		.older = flight->youngest,
		.amount = amount};
	if (flight->youngest != NULL)
		flight->youngest->younger = entry;
	else
		flight->oldest = entry;
	flight->youngest = entry;
	entry->older_equal = amount->last;
	if (amount->last != NULL)
		amount->last->younger_equal = entry;
	else
		amount->first = entry;
	amount->last = entry;
	flight->bytes += bytes;
	claim->in_flight = entry;
	return entry;
}

bool flight_has(const struct flight *flight, uint64_t bytes, bool finished_only)
{
	const struct flight_amount *amount = find_amount(flight, bytes);
	const struct flight_entry *entry = amount != NULL ? amount->first : NULL;

	while (finished_only && entry != NULL && !entry->claim->finished)
		entry = entry->younger_equal;
	return entry != NULL;
}

struct flight_entry *flight_oldest(const struct flight *flight, uint64_t bytes)
{
	const struct flight_amount *amount = find_amount(flight, bytes);

	return amount != NULL ? amount->first : NULL;
}

struct flight_entry *flight_of(const struct flight *flight, uint64_t bytes, uint64_t number)
{
	const struct flight_amount *amount = find_amount(flight, bytes);
	struct flight_entry *entry = amount != NULL ? amount->last : NULL;

	for (int steps = 16; entry != NULL && entry->claim->event.number != number; entry = entry->older_equal)
		if (--steps == 0)
			return NULL;
	return entry;
}

static void unlink_equal(struct flight *flight, struct flight_entry *entry)
{
	struct flight_amount *amount = entry->amount;

	if (entry->older_equal != NULL)
		entry->older_equal->younger_equal = entry->younger_equal;
	else
		amount->first = entry->younger_equal;
	if (entry->younger_equal != NULL)
		entry->younger_equal->older_equal = entry->older_equal;
	else
		amount->last = entry->older_equal;
	if (amount->first == NULL) {
		table_remove(&flight->amounts, &amount->entry);
		free(amount);
	}
}

void flight_remove(struct flight *flight, struct flight_entry *entry)
{
	unlink_equal(flight, entry);
	if (entry->older != NULL)
		entry->older->younger = entry->younger;
	else
		flight->oldest = entry->younger;
	if (entry->younger != NULL)
		entry->younger->older = entry->older;
	else
		flight->youngest = entry->older;
	flight->bytes -= entry->bytes;
	entry->claim->in_flight = NULL;
	claim_drop(flight->claims, entry->claim);
	free(entry);
}

struct flight_entry *flight_due(const struct flight *flight, uint64_t bytes, uint64_t commits)
{
	struct flight_entry *oldest = flight_oldest(flight, bytes);
	struct flight_entry *entry = oldest;
	struct flight_entry *possible = NULL;

	for (size_t looks = 0; looks < DUE_LOOKS && entry != NULL; looks++) {
		const struct claim *claim = entry->claim;

		if (claim->finished && claim->commits == commits)
			return entry;
		if (possible == NULL && (!claim->finished || claim->commits > commits))
			possible = entry;
		entry = entry->younger_equal;
	}
	return possible != NULL ? possible : oldest;
}

bool flight_drop(struct flight *flight, uint64_t bytes)
{
	struct flight_amount *amount = find_amount(flight, bytes);

	if (amount == NULL)
		return false;
	flight_remove(flight, amount->first);
	return true;
}

void flight_clear(struct flight *flight)
{
	while (flight->oldest != NULL)
		flight_remove(flight, flight->oldest);
}
