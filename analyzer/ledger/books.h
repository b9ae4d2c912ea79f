/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * books - everything that the replay knows at one moment: filesystems, roots, inodes, tasks and counters.
 *
 * Shared by the rule files of the replay and by nobody else. Looking a thing up makes it when it is not there.
 * Knowledge dies in two ways, lost events and quota epochs; both only raise a number, and what was learned under an
 * older number is thrown away when it is next looked at.
 */
#ifndef QGREPLAY_ANALYZER_LEDGER_BOOKS_H
#define QGREPLAY_ANALYZER_LEDGER_BOOKS_H

#include "analyzer/ledger/claim.h"
#include "analyzer/ledger/flight.h"
#include "analyzer/ledger/ranges.h"
#include "analyzer/ledger/table.h"
#include "analyzer/ledger/verdict.h"
#include "analyzer/replay.h"

/*
 * A stretch of time over which counters above 0 went on where they were: one quota epoch. And who has committed since.
 */
struct sighting {
	uint64_t from_ns;
	uint64_t to_ns;
	int32_t pid; /* the task of its last update */
	int32_t other_pid;
	uint64_t own_commits;
	uint64_t other_commits;
	bool mixed; /* by more than one other task */
};

struct fs {
	struct table_entry entry; /* key: fs */
	uint64_t starts;	  /* how often its counters began anew */
	uint16_t number;
	uint64_t epoch;		  /* of quota, counted from 1; also raised by an unmount */
	uint64_t quota_epochs;	  /* the same without unmounts */
	uint64_t holes;		  /* losses that only a counter showed */
	bool remounted;		  /* an unmount was seen: inodes first met now have no bits */
	uint64_t early_drops;	  /* drops outside of commits: simple quotas drop when delayed refs run */
	uint64_t commit_drops;	  /* drops in commits, as ordinary quotas do */
	bool ordinary;		  /* there was one: not simple quotas */
	bool simple;		  /* it drops outside of commits alone: simple quotas */
	uint64_t misread_ns;	  /* from when on rollbacks may have been drops of simple quotas; 0 for never */
	uint64_t toggled_ns;	  /* when the last quota epoch began, plus 1; 0 for the first */
	struct event epoch_event; /* what showed it */
	uint64_t commits;
	uint64_t commit_ns;	/* when the last one ended */
	bool commit_counted;	/* it freed the pertrans of some root, which it does only while quota is on */
	struct root *in_commit; /* roots whose pertrans were freed, while the transaction is not yet over */
	size_t place;		/* in the result, at its end */
	bool silent_writes;	/* an ordered extent came without release or free: quota may be off */
	bool suspected;		/* one META chain restarted: an epoch, if another chain agrees */
	uint64_t suspected_ns;
	uint64_t suspect_qgid;
	unsigned suspect_type;
	uint64_t sure_ns;  /* where a restart is suspected: the last moment that is surely before it */
	uint64_t alive_ns; /* the last data event: the kernel traces none while quota is off */
	/* Ends of commits that show nothing of quotas, plus 1: the last; the last before before_off_ns. */
	uint64_t off_ns[2];
	uint64_t before_off_ns; /* alive_ns or on_ns, when off_ns[0] and all between came after it */
	uint64_t evict_off_ns;	/* the last one before the last eviction */
	bool bits_seen;		/* the trace has requests to clear bits: each rollback is led by one */
	bool cleared_seen;	/* the trace has its releases and frees */
	struct sighting same;
	uint64_t on_ns; /* an event that is only traced while quota is on, and its task */
	int32_t on_pid;
};

struct meta_case;

/* An extent that is being accounted (btrfs_qgroup_account_extent()), for the counters that change by it. */
struct account {
	uint64_t bytes;
	uint64_t old_roots;
	uint64_t new_roots;
	bool known;
};

/* The third ledger: the kernel's own counter. */
struct chain {
	struct table_entry entry; /* key: fs, qgid, type */
	bool known;
	uint64_t value; /* bytes, after the last event */
	uint64_t sum; /* bytes, by the sum of all changes since it was known: disorder leaves it right, loss does not */
	uint64_t synced_ns; /* when the two last agreed */
	uint64_t last_ns;
	uint64_t on_ns;	   /* its last change but drops of data, which go on when quota is turned off */
	uint64_t above_ns; /* from here to the last event it went on without being 0: quota was on all the time */
	uint64_t epoch;
	uint64_t gap;
	bool whole; /* metadata: it began at 0 together with the root's own count, and went on without a break */
	struct meta_case *open; /* metadata: a change that the trace announces, and does not show; or NULL */
	uint64_t passed_over;	/* META_PERTRANS: commits with the root that left it above 0 */
	struct event passed[2]; /* the first drop of data in the first two of them */
	uint64_t rise_ns; /* where limits are known: what was added to it lately, in this time and the one before */
	uint64_t rises[2];
};

/* Bytes that can never be freed, until a later counter value says otherwise. */
struct leak_claim {
	enum finding_path path;
	uint64_t bytes;
	uint64_t time_ns;
	bool by_bits;		 /* it is true only if quota was on all the time */
	bool was_dirty;		 /* some of its owners had their metadata, and so dirty data */
	uint64_t over_ns;	 /* when the operations of all others had ended; not: UINT64_MAX */
	struct verdict *verdict; /* not yet among the findings */
};

struct root {
	struct table_entry entry; /* key: fs, root */
	struct fs *fs;
	struct root_totals totals;
	struct flight flight;
	uint64_t ranges_bytes; /* RANGE_RESERVED bytes of all its inodes */
	uint64_t knowledge;    /* sum of epoch and gap under which this was learned */
	uint64_t commits;      /* of this root, in this epoch */
	uint64_t commit_ns;    /* when the last one freed its pertrans */
	uint64_t sure_commits; /* in how many of them, or after, the DATA counter has gone on */
	uint64_t reached_in;   /* the last commit of the filesystem that changed a counter of it, from 1 */
	bool counter_whole;    /* its one counter without types began at 0 in the trace and went on ever since */
	bool rolled_back;      /* a bare update was taken for a rollback, by its amount */
	bool guessed;	       /* an update outside of commits was not understood but by its amount */
	uint64_t born;	       /* its first inode was made under this knowledge, plus 1 */
	uint64_t
		drop_commit; /* of the filesystem, plus 1: when its data was last dropped without a sweep of PERTRANS */
	bool in_commit;	     /* it is in that list */
	struct root *next_in_commit;
	bool data_seen;	 /* a DATA update of this root was seen under this knowledge */
	bool head_known; /* its first value left nothing outside the trace, and nothing was lost */
	uint64_t outside_bytes;
	uint64_t contradictions;
	uint64_t
		residue_low[2]; /* what the counter held beyond the ledgers at the last commit, and at the one before */
	struct chain *data;
	uint64_t sampled_starts;
	struct event last_update; /* of the DATA counter */
	uint64_t break_ns;	  /* when the DATA counter last did not go on where it was, plus 1; 0 for never */
	uint64_t breaks;
	struct leak_claim *leaks;
	size_t leak_count;
	size_t leak_capacity;
	uint64_t leaked_bytes;	       /* sum of the leak claims that stand */
	uint64_t stale_bytes;	       /* of an earlier epoch, freed in this one, and not yet missed */
	struct verdict *stale_verdict; /* that says so, or NULL */
};

struct inode {
	struct table_entry entry; /* key: fs, root, ino */
	struct root *root;
	uint64_t number;
	struct ranges ranges;
	uint64_t knowledge;
	size_t forget_above;	  /* pieces; what cleared bytes were cleared by is forgotten beyond it */
	int32_t touched_pid;	  /* whose its last data event was */
	uint64_t touched_ns;	  /* when that was; 0 when there was none */
	uint64_t touched_else_ns; /* when the last one of another task was */
	bool evicted;
	struct task *evictor; /* its eviction was seen to begin, and not yet to end */
};

struct task {
	struct table_entry entry; /* key: pid */
	int32_t pid;
	uint32_t comm;
	uint64_t gap;
	struct event last; /* its last event */
	struct account account;
	struct claim *operation;   /* its last reserve, also a failed one */
	bool reserve_is_last_data; /* no release or free by it since */
	bool wrapped;		   /* its last DATA update of level 0 was a wrapped free: the counter is 0 after it */
	uint64_t charge_bytes;	   /* a successful reserve waits for its counter update */
	uint64_t free_bytes;	   /* an op=free waits for its counter update */
	bool committing;	   /* between freeing a root's pertrans and the end of the transaction */
	struct fs *commit_fs;
	bool evicting; /* its last events are the frees of an inode's eviction */
	struct event evict_event;
	struct suspect *suspect; /* a free that may be foreign, waiting for what the task does next */
	struct claim *released;	 /* its last event, when that was a release of bytes */
	struct root *released_root;
	struct claim *released_owner; /* whose bytes those were, at least the first of them */
	struct clears *clears;	  /* requests to clear bits since its last other event; NULL when there never was one */
	struct verdict *broad;	  /* its last rollback took back more than one request, as this one says; or NULL */
	uint64_t destroyed_bytes; /* left in the inode whose end it has just brought about */
	uint64_t destroyed_ino;
	struct claim *freed_owner; /* of the free that waits for its counter update, at least the first of them */
	struct claim *unbound;	   /* its last release without ordered extent: a delayed ref says where it goes */
	uint64_t split_bytenr;	   /* of an ordered extent that it is about to split, 0 for none */
	struct event accounts;	   /* the extent that it accounts for; kind EVENT_NONE for none */
	uint64_t short_bytes;	   /* its last event released fewer bytes than its length */
	struct claim *short_claim;
};

/* An ordered extent on its way to the disk, by the release that it came from. */
struct ordered {
	uint64_t root;
	uint64_t ino;
	uint64_t start;
	struct claim *claim; /* NULL: the place is free */
};

enum { BOOKS_RECENT = 16, BOOKS_ORDERED = 1024 };

struct books {
	struct table filesystems;
	struct table roots;
	struct table inodes;
	struct table tasks;
	struct table chains;
	struct claims claims;
	struct range_pool pool;
	uint64_t gaps; /* how often events were lost */
	size_t evicted_count;
	struct inode *last_inode; /* what was looked up last, or lately: the next event is often about it */
	struct fs *last_fs;
	struct task *recent_tasks[BOOKS_RECENT];
	struct root *recent_roots[BOOKS_RECENT];
	struct chain *recent_chains[BOOKS_RECENT];
	struct ordered ordered[BOOKS_ORDERED]; /* by hash; of two that meet, the older is forgotten */
	/* Which kinds of event the trace has: what is not recorded excludes nothing. */
	bool fresh;	      /* the trace begins at mount: inodes first met have no bits */
	bool meta_seen;	      /* btrfs_qgroup_meta_reserve */
	bool ordered_seen;    /* ordered extents that are added */
	bool released_seen;   /* releases of bytes, which come with ordered extents */
	bool commits_seen;    /* transaction commits */
	bool references_seen; /* delayed refs of data */
	bool pertrans_seen;   /* the beginning of a commit's drops */
	bool evicts_seen;     /* evictions of inodes */
	bool types_seen;      /* counters with their type (4.17 and later, but for 4.17 to 5.3.7) */
};

void books_init(struct books *books);
void books_release(struct books *books);

struct fs *books_fs(struct books *books, uint16_t number);
struct root *books_root(struct books *books, uint16_t fs, uint64_t number);
struct inode *books_inode(struct books *books, uint16_t fs, uint64_t root, uint64_t ino);
struct chain *books_chain(struct books *books, uint16_t fs, uint64_t qgid, unsigned type);
struct task *books_task(struct books *books, const struct event *event);

/* An ordered extent is made of what `claim` released; then it is gone: the claim learns of it. */
void books_ordered_begins(struct books *books, struct claim *claim);
/* The release that the ordered extent of this event came from, while it is on its way; or NULL. */
struct claim *books_ordered_at(struct books *books, const struct event *event);
void books_ordered_ends(struct books *books, const struct event *event);

/* Whether data of this root can be reserved at all: a subvolume (is_fstree() in fs/btrfs/ctree.h). */
bool books_is_subvolume(uint64_t root);

/* Changes the ranges of an inode, and its root's sum with them. */
void books_set(
	struct books *books, struct inode *inode, struct claim_part span, enum range_state state, struct claim *claim);
void books_turn(struct books *books, struct inode *inode, struct claim_part span, enum range_state from,
	enum range_state state, struct claim *claim);

/* Forgets all pieces of an inode; every byte is `otherwise` from now on. */
void books_reset_inode(struct books *books, struct inode *inode, enum range_state otherwise);

/* The end of an inode in memory: its bits are gone, and when it is read again all its bytes are clear. */
void books_end_inode(struct books *books, struct inode *inode);

/* Forgets what a task was in the middle of. */
void books_reset_task(struct books *books, struct task *task);

#endif
