/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * status - what became of an upload, and where somebody who sent it goes next.
 */
#ifndef QGREPLAY_WEB_UPLOAD_STATUS_H
#define QGREPLAY_WEB_UPLOAD_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/store/upload.h"
#include "web/message/call.h"

enum { UPLOAD_STATE = 16, UPLOAD_REASON = 512 };

struct upload_status {
	bool found;
	uint64_t upload;
	char name[UPLOAD_NAME];
	char host[UPLOAD_HOST];	    /* "": none */
	char state[UPLOAD_STATE];   /* queued, running, done, failed */
	char reason[UPLOAD_REASON]; /* "": none */
	uint64_t size;
	uint64_t tries;
	uint64_t received_at; /* seconds since 1970 */
	uint64_t started_at;  /* 0: not yet */
	uint64_t ended_at;    /* 0: not yet */
	uint64_t trace;	      /* what it became; 0: nothing yet, or it was deleted since */
	/* Of the worker that is at it; all 0 when none is. `total_bytes` 0: unknown. */
	uint64_t events;
	uint64_t done_bytes;
	uint64_t total_bytes;
};

/* Reads one from call->store, and how far its worker is from the board. */
enum err upload_status_read(struct call *call, uint64_t upload, struct upload_status *status, struct error *error);

/* What somebody wants to see of a trace first. */
struct upload_goal {
	uint64_t errors; /* findings of its last replay */
	uint64_t warnings;
	uint64_t notes;
	char page[64]; /* "/traces/7/findings/1", its first error; without one "/traces/7" */
};

enum err upload_goal_read(struct store *store, uint64_t trace, struct upload_goal *goal, struct error *error);

#endif
