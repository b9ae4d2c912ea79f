/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model - a small kernel for tests: tasks that write, truncate, write back and commit, and the events that btrfs would
 * trace of it, with the truth about what went wrong beside them.
 *
 * What it imitates is fs/btrfs/qgroup.c and its callers, as far as reservations go: bits of an inode, ordered extents,
 * records of a commit, counters with limits. Everything is decided by one 64-bit seed. With BUG_NONE it does what an
 * unmodified kernel does, which includes the races that those have. The truth comes from the model's own state, never
 * from the replay.
 */
#ifndef QGREPLAY_TESTS_MODEL_H
#define QGREPLAY_TESTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/finding.h"
#include "base/event.h"

/* 6.1 reserves a write in chunks and keeps bits over a quota toggle, later ones go folio by folio and flush first. */
enum model_family { MODEL_6_1, MODEL_6_12, MODEL_6_18, MODEL_FAMILIES };

enum model_bug {
	BUG_NONE,
	BUG_FOREIGN_FREE,	 /* an error path frees the whole range (undoes bc42bda22345) */
	BUG_LOST_ROLLBACK,	 /* an error path frees nothing (undoes bab32fc069ce) */
	BUG_SILENT_INVALIDATE,	 /* truncate and evict clear bits without a free */
	BUG_NOCOW_RELEASED,	 /* NOCOW and PREALLOC ranges are released where they are freed */
	BUG_WRITEBACK_KEEPS,	 /* failed writeback does not free (undoes 30479f31d44d) */
	BUG_INT_TRUNCATION,	 /* the freed bytes are an int (undoes 9e65bfca24cf) */
	BUG_COMMIT_DROPS_LENGTH, /* an extent drops its length, not what was released for it */
	BUG_COMMIT_SKIPS,	 /* a commit forgets the drop of an extent (undoes d139ded8b9cd) */
	BUG_RELEASE_VANISHES,	 /* no ordered extent, and nothing given back (undoes 1f2889f5594a) */
	BUG_ERROR_EXTENT_KEEPS,	 /* a failed ordered extent keeps its bytes (undoes f63e1164b90b) */
	BUG_OVER_BROAD,		 /* a rollback takes all ranges of the operation, not only its own */
	BUG_META_DOUBLE_FREE,	 /* a failed metadata reservation is given back all the same (undoes c7967fc1499b) */
	BUG_PERTRANS_STUCK,	 /* a commit forgets a root's pertrans (undoes 71537e35c324) */
	BUG_NO_LIMIT,		 /* limits are not enforced */
	MODEL_BUGS
};

struct model_setup {
	uint64_t seed;
	enum model_bug bug;
	enum model_family family;
	bool bits;	  /* extent bit events are recorded */
	bool ordered;	  /* ordered extent events are */
	bool accounting;  /* delayed refs, account_extents and update_counters are */
	bool races;	  /* tasks meet also between a change of bits and its counter */
	bool faults;	  /* page faults, the only writers that take no lock of the inode */
	bool two;	  /* two filesystems with equal roots and inodes */
	bool hierarchy;	  /* the roots have a parent qgroup, that has one again */
	bool simple;	  /* simple quotas */
	bool toggles;	  /* quota goes off and on */
	bool remounts;	  /* the filesystem is unmounted and mounted again */
	bool unmounted;	  /* and unmounted at the end */
	bool crowded;	  /* most operations meet on a few pages of one file, many of them direct */
	unsigned actions; /* operations that tasks begin */
};

/* One mismatch. */
struct model_truth {
	enum finding_kind kind;
	uint16_t fs;
	uint64_t root;
	uint64_t ino; /* 0 where the trace cannot tell */
	uint64_t start;
	uint64_t len;
	uint64_t bytes;
	uint64_t have_bytes;
	int64_t diff_bytes;
	uint64_t time_ns;
	int32_t pid;
	int32_t owner;		/* pid of one of the owners */
	uint64_t dirtied_ns;	/* foreign free: when the first of its owners had made its data dirty */
	const char *unprovable; /* why the replay need not find it; NULL where it must */
	bool left; /* bits that were left set: leaked when they are evicted, healed when a later writer adopts them */
	bool found;
};

/* The end value of one counter of data, as the kernel would complain of it after an unmount. */
struct model_counter {
	uint16_t fs;
	uint64_t root;
	uint64_t bytes;
	bool inexact; /* it was clamped, or its leaks cannot be told apart */
};

struct model_run {
	struct model_setup setup;
	struct event *events;
	size_t event_count;
	size_t event_capacity;
	struct model_truth *truths;
	size_t truth_count;
	size_t truth_capacity;
	uint64_t max_rfer; /* the limit of root 256; 0: none, or not the same all the time */
	struct model_counter counters[8];
	size_t counter_count;
};

/* Makes a trace; ended by model_run_release(). The same setup always makes the same. */
void model_run(struct model_run *run, const struct model_setup *setup);
void model_run_release(struct model_run *run);

/*
 * A setup with everything drawn from the seed.
 */
struct model_setup model_setup_of(uint64_t seed, enum model_bug bug);

/* Sets a flag of a setup by the name of its member; false when there is none of that name. */
bool model_setup_flag(struct model_setup *setup, const char *name, bool value);

const char *model_bug_name(enum model_bug bug);
const char *model_family_name(enum model_family family);

/* The name of a task, by the number in `comm` of an event. */
const char *model_comm_name(uint32_t comm);

#endif
