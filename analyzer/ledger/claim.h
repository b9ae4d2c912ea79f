/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * claim - what a range of an inode remembers: the reserve that owns it, or the release or free that cleared it.
 *
 * Counted by reference, taken from a pool that is reused, because a busy trace makes one for every data event. A claim
 * of a reserve also carries what its task did next, up to the task's next reserve: that decides whether its operation
 * is complete, and whether an error path took it back.
 */
#ifndef QGREPLAY_ANALYZER_LEDGER_CLAIM_H
#define QGREPLAY_ANALYZER_LEDGER_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

struct flight_entry;
struct suspect;

/* Longer operations than CLAIM_DEPTH reserves are not remembered from their beginning. */
enum { CLAIM_PARTS = 4, CLAIM_DEPTH = 1024 };

struct claim_part {
	uint64_t start;
	uint64_t end;
};

/* What is worth remembering of a metadata event of the claim's own task and root. */
struct claim_note {
	uint64_t number;
	uint64_t time_ns;
	int64_t diff;
	uint16_t cpu;
	uint8_t kind;
	uint8_t type;
};

/* What is asked most stands first: the claims of a busy trace do not all fit into a processor's cache. */
struct claim {
	uint32_t references;
	bool failed;	       /* the reserve was undone: it changed nothing */
	bool unsure;	       /* nobody knows whether it was */
	bool meta_taken;       /* since the reserve, metadata was granted (update_reserve META_PREALLOC above 0) */
	bool meta_returned;    /* and it was given back */
	bool taken_back;       /* reserve: all that it still held was given back by a bare update */
	bool lost;	       /* reserve: its operation failed and did not take it back */
	bool stale;	       /* reserve: of a quota epoch that has ended */
	bool reordered;	       /* reserve: it stands in another order than in the trace, to make events true */
	bool complete;	       /* granted, and settled by a meta_reserve of at most 0: its data is dirty */
	bool finished;	       /* release: its ordered extent is gone */
	bool ordered;	       /* release: an ordered extent was made of it */
	bool compressed;       /* release: that takes less room on the disk */
	uint64_t commits;      /* release: of its root, over or under way, when its ordered extent was gone */
	uint8_t meta_failures; /* since the reserve, metadata reservations that got no counter update */
	uint8_t part_count;
	uint16_t depth;			/* reserve: how many are before it in its operation, up to CLAIM_DEPTH */
	struct claim *taken_by;		/* reserve: what last took bytes of it, or NULL */
	struct claim *stale_owner;	/* release: whose bytes they were, when quota was off since; or NULL */
	struct claim *earlier;		/* reserve: the one before it in the same operation (fallocate over holes) */
	struct suspect *suspect;	/* free: the foreign free that it may be */
	struct flight_entry *in_flight; /* release: its entry among the bytes in flight, or NULL */
	uint64_t bytenr;		/* release: where its ordered extent goes on the disk; 0 for nowhere */
	struct claim *next_free;	/* in the pool */
	struct event event;		/* reserve_data, release_data, or the update_reserve of a rollback */
	struct claim_note meta_failure; /* the last metadata reservation that failed */
	struct claim_note settled;	/* what made it complete */
	/* What a reserve newly set. `part_count` above CLAIM_PARTS: too many pieces to remember. */
	struct claim_part parts[CLAIM_PARTS];
};

struct claims {
	struct claim **slabs;
	size_t slab_count;
	size_t slab_capacity;
	struct claim *free;
};

void claims_init(struct claims *claims);
void claims_release(struct claims *claims);

/* A claim of `event` with one reference. */
struct claim *claim_new(struct claims *claims, const struct event *event);

/* Remembers an event, and makes an event again of what was remembered. */
struct claim_note claim_note_of(const struct event *event);
struct event claim_noted(const struct claim *claim, const struct claim_note *note);

/* One more reference; accepts and returns NULL. */
struct claim *claim_keep(struct claim *claim);

/* Whether a reserve is one of an operation, which may be NULL. */
bool claim_is_part(const struct claim *claim, const struct claim *operation);

/* One reference less; accepts NULL. */
void claim_drop(struct claims *claims, struct claim *claim);

#endif
