/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * suspect - a free that may be foreign, from the moment it is seen until it is settled. Shared by rules_foreign.c,
 * rules_suspect.c and rules_handover.c.
 */
#ifndef QGREPLAY_ANALYZER_SUSPECT_H
#define QGREPLAY_ANALYZER_SUSPECT_H

#include "analyzer/rules.h"

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
	bool owner_newer; /* the bytes were reserved only after the task's own operation */
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

#endif
