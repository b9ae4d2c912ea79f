/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel - the state of the model kernel, and what its parts offer each other. Only for the files of tests/model.
 *
 * A file is at most 64 sectors, so that every set of them is a mask; a sector is `unit` bytes, mostly 4096. Tasks are
 * state machines: `step` is what a task does next when it is its turn; between two steps others may run. A step that
 * must wait returns and is called again.
 *
 *   trace.c   events, as the kernel prints them
 *   qgroup.c  counters, limits, hierarchy
 *   data.c    bits of an inode: reserve, release, free, take back
 *   meta.c    metadata of an inode and of transactions
 *   write.c   buffered writes, page faults
 *   direct.c  direct writes, fallocate
 *   remove.c  truncate, punch, unlink, eviction
 *   flush.c   writeback, ordered extents, the flush of who finds no quota
 *   commit.c  commits, and what they drop
 *   quota.c   quota that goes off and on
 *   action.c  which operation a task begins, and on what
 *   world.c   filesystems and tasks at the start and the end, and whose turn it is
 */
#ifndef QGREPLAY_TESTS_MODEL_KERNEL_H
#define QGREPLAY_TESTS_MODEL_KERNEL_H

#include "tests/model/model.h"
#include "tests/unit/seeded.h"

enum {
	SECTOR = 4096,
	NODE = 16384,
	SLOTS = 64,
	INODES = 10,
	ROOTS = 3,
	QGROUPS = ROOTS + 2,
	EXTENTS = 48,
	RECORDS = 256,
	FILESYSTEMS = 2,
	USERS = 5,
	WORKERS = 2,
	CLEANER = USERS + WORKERS,
	UNMOUNTER,
	TASKS
};

struct model;
struct task;
typedef void step_fn(struct model *model, struct task *task);

struct qgroup {
	uint64_t id;
	uint64_t rsv[3]; /* by enum event_type */
	uint64_t rfer;
	uint64_t max_rfer; /* 0: none */
	struct qgroup *parent;
};

struct root {
	struct fs *fs;
	uint64_t number;
	struct qgroup *qgroup;
	uint64_t meta_prealloc; /* qgroup_meta_rsv_prealloc: the root's own count, which bounds what is given back */
	uint64_t meta_pertrans; /* qgroup_meta_rsv_pertrans: only grows */
	bool dirty;		/* in this transaction */
	struct task *flushing;
	bool inexact;
};

struct inode {
	bool used;
	struct fs *fs;
	struct root *root;
	uint64_t number;
	uint64_t unit;
	unsigned size; /* sectors */
	bool nocow;
	bool inlined; /* so small that it is written into the metadata */
	bool unlinked;
	bool evicting;
	unsigned users; /* tasks in the middle of something with it */
	struct task *lock;
	struct task *map_lock;
	uint64_t bits;	   /* EXTENT_QGROUP_RESERVED */
	uint64_t stale;	   /* bits that were set before quota was turned off */
	uint64_t ghosts;   /* bits that went in silence, and that a trace still shows */
	uint64_t cached;   /* pages */
	uint64_t dirty;	   /* of them, EXTENT_DELALLOC */
	uint64_t busy;	   /* in an ordered extent */
	uint64_t wanted;   /* somebody waits for its writeback */
	uint64_t data;	   /* on disk */
	uint64_t prealloc; /* on disk, without data */
	uint32_t owner[SLOTS];
	unsigned extents; /* ordered extents */
	unsigned held;	  /* outstanding extents of operations under way */
	uint64_t meta;	  /* bytes of metadata reserved for it */
};

/* An ordered extent. */
struct extent {
	struct inode *inode; /* NULL: free */
	unsigned first;
	unsigned count;
	uint64_t rsv;
	uint64_t bytenr;
	uint32_t flags;
	bool failed;
	bool added;
	struct task *finisher;
};

/* What a commit accounts: a new extent (with what was released for it) or one that went away. */
struct record {
	struct root *root;
	uint64_t ino;
	uint64_t bytenr;
	uint64_t bytes;
	uint64_t rsv;
	bool gone;
};

struct fs {
	uint16_t number;
	bool mounted;
	bool quota;	      /* is on */
	struct task *toggler; /* qgroup_ioctl_lock */
	struct root roots[ROOTS];
	struct qgroup qgroups[QGROUPS];
	struct inode inodes[INODES];
	struct extent extents[EXTENTS];
	struct record records[RECORDS];
	size_t record_count;
	size_t record_next; /* of the commit under way */
	size_t record_end;
	uint64_t next_ino;
	uint64_t next_bytenr;
	uint64_t generation;
	bool dirty;   /* there is something to commit */
	bool blocked; /* nobody may join the transaction */
	struct task *committer;
	uint64_t commits;
};

struct task {
	int32_t pid;
	uint32_t comm;
	uint16_t cpu;
	step_fn *step; /* NULL: idle */
	bool hold;     /* its next step follows at once */
	struct fs *fs;
	struct root *root;
	struct inode *inode;
	/* The operation under way. */
	unsigned first;
	unsigned count;
	unsigned at;	    /* sectors done */
	unsigned part;	    /* sectors of the present chunk */
	uint64_t range;	    /* of the present reserve */
	uint64_t changeset; /* sectors that the operation newly reserved */
	uint64_t fresh;	    /* of them, by the present reserve */
	uint64_t todo;
	uint32_t operation;	  /* number of its last reserve, the owner of its bits */
	uint32_t operation_first; /* and of its first */
	bool retried;
	bool granted; /* has metadata */
	struct extent *extent;
	step_fn *then;	  /* after a reservation that succeeds */
	step_fn *undo;	  /* and after one that fails */
	step_fn *flushed; /* after a flush */
	step_fn *committed;
};

/* One reserve, as owner of bits. */
struct operation {
	int32_t pid;
	bool charged;  /* the limit let it pass */
	bool complete; /* it got its metadata and settled it */
	uint64_t complete_ns;
};

struct model {
	struct model_setup setup;
	struct model_run *run;
	struct seeded seeded;
	uint64_t now_ns;
	struct fs fss[FILESYSTEMS];
	unsigned fs_count;
	struct task tasks[TASKS];
	struct operation *operations;
	size_t operation_count;
	size_t operation_capacity;
	unsigned actions_left;
	unsigned inject_percent; /* how often metadata is refused for no reason */
	unsigned error_percent;	 /* how often writeback, ordered extents and copies fail */
};

/* Sectors first to first + count - 1. */
static inline uint64_t mask_of(unsigned first, unsigned count)
{
	return (count >= SLOTS ? UINT64_MAX : (UINT64_C(1) << count) - 1) << first;
}

/* The first run of a mask that is not 0: returns its length. */
static inline unsigned run_of(uint64_t mask, unsigned *first)
{
	unsigned count = 0;

	*first = (unsigned)__builtin_ctzll(mask);
	while (*first + count < SLOTS && (mask >> (*first + count) & 1))
		count++;
	return count;
}

static inline uint64_t bytes_of(const struct inode *inode, uint64_t mask)
{
	return inode->unit * (uint64_t)__builtin_popcountll(mask);
}

static inline bool chance(struct model *model, unsigned percent)
{
	return seeded_percent(&model->seeded, percent);
}

/* trace.c */
void trace_pause(struct model *model, uint64_t ns);
void trace_event(struct model *model, const struct task *task, struct event event);
void trace_range(struct model *model, const struct task *task, const struct inode *inode, struct event event,
	unsigned first, unsigned count);
void trace_bits(struct model *model, const struct task *task, const struct inode *inode, uint64_t mask, bool set);
void trace_ordered(struct model *model, const struct task *task, const struct extent *extent, enum event_kind kind);
struct model_truth *truth_add(struct model *model, const struct task *task, enum finding_kind kind, struct root *root);
void truth_leak(struct model *model, const struct task *task, const struct inode *inode, uint64_t mask);
void truth_left(struct model *model, const struct task *task, const struct inode *inode, uint64_t mask);
void truth_flight(struct model *model, const struct task *task, const struct inode *inode, uint64_t bytes);

/* qgroup.c */
bool qgroup_charge(struct model *model, struct task *task, struct root *root, uint64_t bytes, enum event_type type);
void qgroup_discharge(struct model *model, struct task *task, struct root *root, uint64_t bytes, enum event_type type);
/* What a function that counts freed bytes really hands on. */
void qgroup_free_data(struct model *model, struct task *task, struct inode *inode, uint64_t mask);

/* data.c */
/* Reserves t->range; goes on with t->then or, when the limit refuses twice, with t->undo. */
void data_reserve(struct model *model, struct task *task);
/* Clears bits of a range with an event op=release or op=free; returns those that were set. */
uint64_t data_clear(
	struct model *model, struct task *task, struct inode *inode, uint64_t run, enum event_op op, uint64_t *bytes);
void data_free(struct model *model, struct task *task, struct inode *inode, uint64_t run);
/* An error path gives back what the operation reserved in `range`. */
void data_take_back(struct model *model, struct task *task, uint64_t range);
/* What is reserved from here on is one operation, with one changeset. */
void data_operation_begins(struct model *model, struct task *task);

/* meta.c */
/* Metadata for one extent of task->inode; like data_reserve(). */
void meta_reserve(struct model *model, struct task *task);
/* Gives back what the inode holds beyond its outstanding extents. */
void meta_free(struct model *model, struct task *task, struct inode *inode);
void meta_convert(struct model *model, struct task *task, struct inode *inode);
/* The operation's own extent is no longer outstanding. */
void meta_settle(struct model *model, struct task *task);
/* A transaction's metadata, reserved and converted; false when refused. */
bool meta_transaction(struct model *model, struct task *task, struct root *root, unsigned nodes);
void meta_noise(struct model *model, struct task *task, struct root *root);

/* write.c, direct.c, remove.c: each begins an operation on task->inode. */
void write_begin(struct model *model, struct task *task);
void fault_begin(struct model *model, struct task *task);
void direct_begin(struct model *model, struct task *task);
void fallocate_begin(struct model *model, struct task *task);
void truncate_begin(struct model *model, struct task *task);
void punch_begin(struct model *model, struct task *task);
void unlink_begin(struct model *model, struct task *task);
void evict_begin(struct model *model, struct task *task);

/* flush.c */
void fsync_begin(struct model *model, struct task *task);
bool writeback_begin(struct model *model, struct task *task, struct inode *inode);
bool finish_begin(struct model *model, struct task *task, struct fs *fs);
void flush_quota(struct model *model, struct task *task, step_fn *then);
/* Whether anything of `range` is still to be written or on its way; asks for it to be. */
bool flush_range(struct inode *inode, uint64_t range);
void record_add(struct model *model, const struct task *task, struct record record);

/* quota.c */
void toggle_begin(struct model *model, struct task *task);

/* commit.c */
void sync_begin(struct model *model, struct task *task);
void commit_begin(struct model *model, struct task *task, step_fn *then);

/* action.c */
void action_begin(struct model *model, struct task *task);

/* world.c */
void create_begin(struct model *model, struct task *task);
/* Memory is short: clean pages go without a word, and then their inode. */
void drop_begin(struct model *model, struct task *task);
/* Adds what has leaked of each root of a filesystem up to now. */
void counters_note(struct model *model, struct fs *fs);
/* Ends what the task does; its inode may now be evicted. */
void task_done(struct model *model, struct task *task);

#endif
