/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict - single mismatches as the rules find them, revocable until the end, then grouped into findings.
 */
#ifndef QGREPLAY_ANALYZER_LEDGER_VERDICT_H
#define QGREPLAY_ANALYZER_LEDGER_VERDICT_H

#include "analyzer/finding.h"
#include "analyzer/ledger/claim.h"
#include "analyzer/ledger/table.h"

/* What makes two mismatches one finding. */
struct verdict_group_key {
	enum finding_kind kind;
	enum finding_path path;
	enum leak_where where;
	uint16_t fs;
	uint64_t root;
	uint64_t ino;
};

/* Bytes that a mismatched free took, and that are not missing any more from an event on, or are again. */
struct verdict_return {
	uint64_t number;
	uint64_t time_ns;
	uint64_t bytes;
	bool again;
};

/* Owners of one mismatch that are told by name. */
enum { VERDICT_OWNERS_KEPT = 256 };

struct verdict {
	struct verdict_group_key key;
	enum finding_certainty certainty;
	bool revoked;
	uint64_t number;	/* of the event that did it */
	uint64_t found_ns;	/* when it was concluded, which may be long after it happened */
	bool relies_on_evicts;	/* foreign free: only a look at all evictions excludes that it was one */
	bool relies_on_ordered; /* the same of ordered extents, for a free before a NOCOW or PREALLOC one */
	uint64_t healed_bytes;
	struct occurrence occurrence; /* owns its owners */
	struct evidence *evidence;
	size_t evidence_count;
	struct consequence *consequences;
	size_t consequence_count;
	struct verdict_return *returned;
	size_t returned_count;
	size_t returned_capacity;
};

struct verdicts {
	struct verdict **all; /* in the order in which they were made */
	size_t count;
	size_t capacity;
	struct table tallies; /* how many mismatches each group has */
	uint64_t now_ns;      /* time of the event that is being replayed */
};

void verdicts_init(struct verdicts *verdicts);
void verdicts_release(struct verdicts *verdicts);

/*
 * A new verdict of this kind about what `event` did, not yet in any list: the caller fills it in and then either adds
 * it or frees it.
 */
struct verdict *verdict_new(struct verdict_group_key key, const struct event *event);
void verdict_free(struct verdict *verdict);

/*
 * Adds bytes that `claim` (NULL: nobody in the trace) had reserved: the owner, joined with the one before when it is
 * the same reserve, its evidence, and the bytes and the extent of the occurrence.
 */
void verdict_claim(struct verdict *verdict, const struct claim *claim, struct claim_part part);

/* Adds an owner, an event of evidence, a consequence. Owners leave room for the rest of the evidence. */
void verdict_owner(struct verdict *verdict, struct owner owner);
void verdict_evidence(struct verdict *verdict, const struct event *event, enum evidence_role role);
void verdict_consequence(
	struct verdict *verdict, enum consequence_kind kind, const struct event *event, uint64_t bytes);

/* From `event` on, so many of the bytes are not missing any more; see whatif.h. */
void verdict_returned(struct verdict *verdict, const struct event *event, uint64_t bytes);
void verdict_taken_again(struct verdict *verdict, const struct event *event, uint64_t bytes);

/*
 * Hands a verdict over and returns it: it may still be changed until verdicts_findings(). Returns NULL when its group
 * is so large that it was only counted.
 */
struct verdict *verdicts_add(struct verdicts *verdicts, struct verdict *verdict);

/* Revokes the errors, warnings and quota epochs of `fs` (or of all, with UINT16_MAX) that were concluded at or after
 * `from_ns`. */
void verdicts_revoke(struct verdicts *verdicts, uint16_t fs, uint64_t from_ns);

/* Groups what stands into findings, errors first; the array is the caller's. The verdicts are of no use after it. */
struct finding *verdicts_findings(struct verdicts *verdicts, size_t *count);

#endif
