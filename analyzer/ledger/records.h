/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * records - by its place on the disk, which release an extent came from, until the commit has accounted for it.
 *
 * The kernel's btrfs_qgroup_extent_record carries the bytes of one release (data_rsv) from the ordered extent, or from
 * fallocate, to the commit that drops them. It is known here by the events on that way, so only where they are
 * recorded: a table that is not in use costs nothing. Records of what was forgotten since are never found.
 */
#ifndef QGREPLAY_ANALYZER_LEDGER_RECORDS_H
#define QGREPLAY_ANALYZER_LEDGER_RECORDS_H

#include "analyzer/ledger/books.h"

struct record {
	struct table_entry entry; /* key: fs, bytenr */
	struct root *root;
	struct claim *claim; /* the release */
	uint64_t knowledge;  /* of the root, under which it was made */
	uint64_t start;	     /* in the file */
	uint64_t disk_bytes; /* its length on the disk, 0 for unknown */
	bool referenced;     /* its delayed ref was seen: the commit will account for it */
	bool doubtful;	     /* a second release went to the same place: the kernel keeps only one's bytes */
};

struct records {
	bool wanted; /* an event was seen that can use them */
	struct table table;
	struct claims *claims;
	size_t sweep_at;
};

void records_init(struct records *records, struct claims *claims);
void records_release(struct records *records);

/* The record of the extent at `bytenr` of a filesystem, or NULL. */
struct record *record_find(struct records *records, uint16_t fs, uint64_t bytenr);

/* What `claim` released goes to claim->bytenr, all of it, in the place of what was known of that. */
struct record *record_put(struct records *records, struct root *root, struct claim *claim);

void record_remove(struct records *records, struct record *record);

#endif
