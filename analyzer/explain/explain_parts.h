/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * explain_parts - what the files of the explanation share: the finding being told, and phrases about it. Used by
 * explain*.c only.
 */
#ifndef QGREPLAY_ANALYZER_EXPLAIN_EXPLAIN_PARTS_H
#define QGREPLAY_ANALYZER_EXPLAIN_EXPLAIN_PARTS_H

#include <stdio.h>

#include "analyzer/explain/explain.h"

struct telling {
	FILE *stream;
	const struct finding *finding;
	const struct occurrence *first; /* of the finding, as explain_first() gives it */
	const struct names *comms;
};

/* One function for each kind: writes the sentences of explain_text(). */
void tell_foreign_free(const struct telling *telling);
void tell_underflow(const struct telling *telling);
void tell_leak(const struct telling *telling);
void tell_truncated_count(const struct telling *telling);
void tell_stale_free(const struct telling *telling);
void tell_commit_mismatch(const struct telling *telling);
void tell_meta_imbalance(const struct telling *telling);
void tell_limit_exceeded(const struct telling *telling);
void tell_unexplained(const struct telling *telling);
void tell_unreserved_write(const struct telling *telling);
void tell_quota_epoch(const struct telling *telling);
void tell_lost_events(const struct telling *telling);
void tell_missing_head(const struct telling *telling);
void tell_over_broad_rollback(const struct telling *telling);
void tell_garbage_type(const struct telling *telling);
void tell_log_mismatch(const struct telling *telling);

/* "root 256, inode 257, range [0, 4096)": as much of it as the first occurrence knows. */
void tell_place(const struct telling *telling);

/* "wl-151, which had reserved them at 19.831234": the owners of the first occurrence. */
void tell_owners(const struct telling *telling);

/* "; 3 more such frees of this inode follow, 16,384 bytes (16 KiB) in all", or nothing for a single occurrence. */
void tell_repetitions(const struct telling *telling, const char *one, const char *plural);

/* Whether the finding is about a counter of metadata, and the name that the kernel prints for its counter. */
bool telling_metadata(const struct telling *telling);
const char *telling_counter(const struct telling *telling);

/* Bytes of all consequences of a kind that the finding keeps. */
uint64_t telling_consequence(const struct telling *telling, enum consequence_kind kind);

#endif
