/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * finding - what the replay concluded: pure data, no text.
 *
 * Made by the replay, read by the explanation and the reports. One cause is one finding: repetitions of one signature
 * on one inode are its occurrences, what follows from it are its consequences. All amounts are bytes, all times ns of
 * the trace's clock. Names of kinds are permanent.
 */
#ifndef QGREPLAY_ANALYZER_FINDING_H
#define QGREPLAY_ANALYZER_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum finding_kind {
	FINDING_FOREIGN_FREE,
	FINDING_UNDERFLOW,
	FINDING_LEAK,
	FINDING_TRUNCATED_COUNT,
	FINDING_STALE_FREE,
	FINDING_COMMIT_MISMATCH,
	FINDING_META_IMBALANCE,
	FINDING_LIMIT_EXCEEDED,
	FINDING_UNEXPLAINED,
	FINDING_UNRESERVED_WRITE,
	FINDING_OVER_BROAD_ROLLBACK,
	FINDING_QUOTA_EPOCH,
	FINDING_LOST_EVENTS,
	FINDING_MISSING_HEAD,
	FINDING_GARBAGE_TYPE,
	FINDING_LOG_MISMATCH,
	FINDING_KIND_COUNT
};

enum finding_severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_COUNT };

enum finding_certainty { CERTAINTY_LIKELY, CERTAINTY_PROVEN, CERTAINTY_COUNT };

/*
 * Where leaked bytes sit: in bits of an inode, in ordered extents, only in the qgroup's counter of data, or in one of
 * its counters of metadata.
 */
enum leak_where { LEAK_NOWHERE, LEAK_RANGE, LEAK_FLIGHT, LEAK_COUNTER, LEAK_META, LEAK_WHERE_COUNT };

/* By which path a finding came about: part of its signature. */
enum finding_path {
	PATH_NONE,
	PATH_TRACED_FREE,     /* foreign-free: op=free on an error path */
	PATH_ROLLBACK,	      /* foreign-free: bare negative update, after the bits had changed hands */
	PATH_COMMIT,	      /* underflow at a commit */
	PATH_FREE,	      /* underflow or truncation at a free */
	PATH_SILENT_CLEAR,    /* leak: bits cleared, bytes never freed */
	PATH_EVICTED,	      /* leak: bits left when the inode was evicted */
	PATH_NOCOW_RELEASED,  /* leak: a NOCOW or PREALLOC range released where it is freed */
	PATH_NEVER_DROPPED,   /* leak: released and not dropped by later commits */
	PATH_RESIDUE,	      /* leak: only the counter shows it */
	PATH_OLDER_WRITEBACK, /* unreserved-write: an older writeback took the bits */
	PATH_NOT_TAKEN_BACK,  /* leak: a failed operation left its bytes reserved, and a later one adopted them */
	PATH_STALE_FREED,     /* stale-free: an op=free gave back bits of an earlier quota epoch */
	PATH_STALE_RELEASED,  /* stale-free: such bits were released, and a commit dropped them */
	PATH_DROPPED_MORE,    /* commit-mismatch: more was dropped than was released */
	PATH_DROPPED_LESS,    /* commit-mismatch: less was */
	PATH_NOT_DROPPED,     /* commit-mismatch: the extent was accounted, and nothing dropped for it */
	PATH_PREALLOC,	      /* metadata reserved for an operation or for delalloc */
	PATH_PERTRANS,	      /* metadata reserved until the transaction ends */
	PATH_RESERVED_MORE,   /* unexplained: a reserve set more bytes than were clear */
	PATH_RESERVED_LESS,   /* unexplained: it set fewer */
	PATH_CLEARED_MORE,    /* unexplained: a release or free cleared more bytes than were reserved */
	PATH_CLEARED_LESS,    /* unexplained: it cleared fewer */
	PATH_COUNTER_JUMP,    /* unexplained: a counter changed by what nothing in the trace accounts for */
	PATH_COUNT
};

struct task_ref {
	int32_t pid; /* -1 when unknown */
	uint32_t comm;
};

/* Whose bytes they were. */
struct owner {
	struct task_ref task; /* pid -1: reserved before the trace, or in a gap */
	uint64_t bytes;
	uint64_t start;
	uint64_t len;
	uint64_t time_ns; /* of the reserve */
};

/* One single mismatch. */
struct occurrence {
	uint64_t time_ns;
	uint64_t root;
	uint64_t ino; /* 0 where no inode is known */
	uint64_t start;
	uint64_t len;
	uint64_t bytes;
	uint64_t have_bytes; /* the counter before the update that shows the mismatch, where one does */
	int64_t diff_bytes;  /* what the kernel added to it; 0: no counter is known */
	struct task_ref task;
	struct owner *owners;
	size_t owner_count;
};

/* What an event of the evidence shows. */
enum evidence_role {
	ROLE_OWNER_RESERVES, /* the owner reserves the range */
	ROLE_OWNER_COMPLETE, /* the owner's metadata reservation settles: its data is dirty */
	ROLE_TASK_RESERVES,  /* the acting task reserves, finding the range taken (or in part) */
	ROLE_META_FAILS,     /* its metadata reservation fails: no counter update follows */
	ROLE_RANGE_TAKEN,    /* writeback released the acting task's own bytes meanwhile */
	ROLE_TASK_FREES,     /* it frees what is not its own */
	ROLE_COUNTER,	     /* the counter goes down by bytes that belong to another */
	ROLE_NEXT,	     /* what the acting task does next: not invalidation */
	ROLE_RELEASE_SHORT,  /* the victim's data goes out unreserved */
	ROLE_RELEASED,	     /* the range goes to an ordered extent */
	ROLE_ORDERED,	     /* the ordered extent */
	ROLE_EVICTED,	     /* the inode goes away with its bits set */
	ROLE_RESERVED_AGAIN, /* a later reserve finds bits clear that nobody freed */
	ROLE_UNDERFLOW,	     /* the counter would go below zero */
	ROLE_LAST_VALUE,     /* the counter's last value */
	ROLE_GAP,	     /* lost events, a new epoch, the first event after a missing head */
	ROLE_OLD_RESERVE,    /* the reserve of an earlier quota epoch whose bits were left over */
	ROLE_ADOPTED,	     /* a reserve finds bits set that this epoch never charged */
	ROLE_BITS_CLEARED,   /* a request to clear reserved bits */
	ROLE_DELAYED_REF,    /* the released extent gets its delayed ref */
	ROLE_ACCOUNTED,	     /* the commit accounts the extent */
	ROLE_DROPPED,	     /* the commit drops bytes */
	ROLE_META,	     /* a reservation, conversion or free of metadata */
	ROLE_USAGE,	     /* what the qgroup has accounted: its rfer and excl */
	ROLE_CHARGED,	     /* the counter takes a reserve */
	ROLE_CONTRADICTS,    /* the event that cannot be, after what was before it */
	ROLE_BEFORE,	     /* what was before it */
	ROLE_EPOCH,	     /* a counter begins again at 0: quota was off in between */
	ROLE_COUNT
};

struct evidence {
	struct event event;
	enum evidence_role role;
	uint32_t occurrence; /* index of the occurrence that it proves */
};

enum consequence_kind {
	CONSEQUENCE_SHORT_RELEASE, /* data of the victim was written with fewer bytes reserved than its length */
	CONSEQUENCE_UNDERFLOW,	   /* the counter of the root underflowed later */
	CONSEQUENCE_BEYOND_LIMIT,  /* bytes were reserved that the limit would have refused without the mismatch */
	CONSEQUENCE_COUNT
};

struct consequence {
	enum consequence_kind kind;
	struct event event;
	uint64_t bytes;
	uint64_t ino; /* whose bytes went: of the event, or of the reservation that paid for it; 0 when unknown */
};

enum { FINDING_OCCURRENCES_KEPT = 10000, FINDING_EVIDENCE_KEPT = 64, FINDING_CONSEQUENCES_KEPT = 64 };

struct finding {
	uint32_t id; /* 1 for the first: by severity, then by the time of the first occurrence */
	enum finding_kind kind;
	enum finding_severity severity;
	enum finding_certainty certainty;
	enum finding_path path;
	enum leak_where where;
	uint16_t fs;
	uint64_t root;
	uint64_t ino;			/* 0 where no inode is known */
	uint64_t bytes;			/* sum over all occurrences; lost-events, garbage-type: how many events */
	uint64_t healed_bytes;		/* leak: adopted and freed by a later writer */
	struct occurrence *occurrences; /* the first FINDING_OCCURRENCES_KEPT, in the order of time */
	size_t occurrence_count;
	uint64_t occurrence_total;
	struct evidence *evidence; /* of the first occurrences, in the order of the trace */
	size_t evidence_count;
	struct consequence *consequences; /* in the order of the trace */
	size_t consequence_count;
	uint64_t consequence_total;
};

/* What is known of an outcome below "likely" is only counted, per kind. */
struct unproven_counts {
	uint64_t of[FINDING_KIND_COUNT];
};

/* Permanent names: "foreign-free", "error", "proven", "range", "traced-free". Never NULL. */
const char *finding_kind_name(enum finding_kind kind);
const char *finding_severity_name(enum finding_severity severity);
const char *finding_certainty_name(enum finding_certainty certainty);
const char *finding_where_name(enum leak_where where);
const char *finding_path_name(enum finding_path path);

/* The severity that a kind always has. */
enum finding_severity finding_severity_of(enum finding_kind kind);
/* Whether `bytes` of such a finding counts events. */
bool finding_counts_events(enum finding_kind kind);

/* Frees what a finding owns, not the struct itself. */
void finding_release(struct finding *finding);

#endif
