/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flight - the second ledger: bytes of one root that were released to an ordered extent (or a prealloc extent) and
 * wait for a commit to drop them.
 *
 * The kernel's drop names an amount and no inode, one drop for each ordered extent, so entries are found by amount,
 * the oldest first (btrfs_qgroup_account_extents; before 5.1 at run_one_delayed_ref).
 */
#ifndef QGREPLAY_ANALYZER_LEDGER_FLIGHT_H
#define QGREPLAY_ANALYZER_LEDGER_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/ledger/claim.h"
#include "analyzer/ledger/table.h"

struct flight_amount;

struct flight_entry {
	uint64_t bytes;
	struct claim *claim; /* the release */
	uint64_t commits;    /* of the root, seen when it was released */
	struct flight_entry *older;
	struct flight_entry *younger;
	struct flight_entry *older_equal; /* the neighbours of the same amount */
	struct flight_entry *younger_equal;
	struct flight_amount *amount;
};

struct flight {
	struct flight_entry *oldest;
	struct flight_entry *youngest;
	uint64_t bytes;
	struct table amounts;
	struct claims *claims;
};

void flight_init(struct flight *flight, struct claims *claims);
void flight_release(struct flight *flight);

/*
 * Adds `bytes` above 0, released by `claim` (a reference is taken), which knows its entry until that is removed. The
 * entry stays the ledger's.
 */
struct flight_entry *flight_add(struct flight *flight, uint64_t bytes, struct claim *claim, uint64_t commits);

/* Whether there is an entry of exactly `bytes`; `finished_only` asks for one whose ordered extent is gone. */
bool flight_has(const struct flight *flight, uint64_t bytes, bool finished_only);

/* The oldest entry of exactly `bytes`, or NULL. */
struct flight_entry *flight_oldest(const struct flight *flight, uint64_t bytes);

/* The entry of exactly `bytes` that the event of this number released lately, or NULL. */
struct flight_entry *flight_of(const struct flight *flight, uint64_t bytes, uint64_t number);

/*
 * The entry of exactly `bytes` that a commit drops, after `commits` earlier ones: the oldest whose ordered extent ended
 * between the last of them and this; else the oldest that no earlier one should have dropped; else the oldest of all.
 * NULL when there is none.
 */
struct flight_entry *flight_due(const struct flight *flight, uint64_t bytes, uint64_t commits);

/* Removes the oldest entry of exactly `bytes`; false when there is none. */
bool flight_drop(struct flight *flight, uint64_t bytes);

/* Removes this entry. */
void flight_remove(struct flight *flight, struct flight_entry *entry);

/* Removes everything. */
void flight_clear(struct flight *flight);

#endif
