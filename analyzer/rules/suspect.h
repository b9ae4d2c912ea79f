/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * suspect - a free that may be foreign, from the moment it is seen until it is settled. Shared by foreign.c, suspect.c
 * and handover.c.
 */
#ifndef QGREPLAY_ANALYZER_RULES_SUSPECT_H
#define QGREPLAY_ANALYZER_RULES_SUSPECT_H

#include "analyzer/rules/rules.h"

enum suspect_state {
	SUSPECT_NEXT,  /* waits for the task's next event */
	SUSPECT_TOUCH, /* waits for what touches the bytes next */
	SUSPECT_GUILTY /* accepted: only consequences are still added */
};

struct suspect {
	struct suspect *next;
	struct suspect **link; /* what points to it among the undecided */
	enum suspect_state state;
	struct task *task;	 /* that points here as long as its next event is awaited */
	struct verdict *verdict; /* NULL once its group is too large to keep */
	struct claim *claim;	 /* the free */
	struct event free;
	bool owner_complete;
	bool owner_newer; /* the bytes may have become dirty only after the task's last word before the free */
	bool granted; /* the task's own operation had metadata: it may have succeeded, and be followed by a truncate */
	bool underflowed;    /* the counter missed the bytes later */
	bool released_clear; /* an op=release found the bytes clear meanwhile */
};

/* Takes a suspect, whose memory is from now on the replay's, among the undecided. */
void suspect_watch(struct replay *replay, struct suspect *suspect);

/* Accepts an undecided one: its verdict is handed over, and only consequences are still added. */
void suspect_convict(struct replay *replay, struct suspect *suspect);

/* Collects the bytes of a span that are reserved, but not by this operation. Returns whether an owner is complete. */
bool suspect_owners(struct verdict *verdict, struct inode *inode, struct claim_part span, const struct claim *operation,
	bool unknown_too);

/* Adds what the acting task did: its own reserve, its failure, and the free. */
void suspect_story(struct verdict *verdict, const struct claim *operation, const struct event *event);

void suspect_counter_seen(struct suspect *suspect, const struct event *event);
/* The task's first event after the counter update: settles the suspect, or leaves it to what touches the range next. */
void suspect_next(struct replay *replay, struct suspect *suspect, const struct event *event);
/* An event is about to find bytes clear, or to set them: those learn of it that a suspect cleared. */
void suspect_tell(struct replay *replay, struct inode *inode, const struct event *event);
/*
 * From a moment on events are missing (of all filesystems: NULL) or void: who had been silent for long by then is
 * settled, and nobody else who is undecided is accused.
 */
void suspect_gap(struct replay *replay, const struct fs *fs, uint64_t from_ns);
void suspect_end(struct replay *replay, uint64_t last_ns);
/* A commit drops more than the counter holds: what follows from a free, when it is the drop of its victim. */
void suspect_underflow(struct replay *replay, const struct event *update, uint64_t missing_bytes);
void suspect_release_all(struct replay *replay);
/* Bytes were reserved that the limit would have refused, had this free not taken too much off the counter. */
void suspect_beyond_limit(const struct claim *claim, const struct event *event, uint64_t bytes);

/* The mismatch that a free was, or may still turn out to be; NULL when it was none. */
struct verdict *suspect_verdict(const struct claim *claim);

#endif
