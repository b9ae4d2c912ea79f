/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gaps - where events of a trace are missing, as marks of them.
 */
#ifndef QGREPLAY_WEB_PAGE_GAPS_H
#define QGREPLAY_WEB_PAGE_GAPS_H

#include "base/event.h"
#include "web/message/call.h"

enum { GAPS_MAX = 2000 };

struct gaps {
	struct event *all; /* EVENT_LOST, in the order of the trace */
	size_t count;
	size_t capacity;
};

/* Which marks: by number, both included. */
struct gaps_wish {
	uint64_t trace;
	uint64_t from_seq;
	uint64_t to_seq;
};

/* To be released on every way out. */
enum err gaps_read(struct call *call, const struct gaps_wish *wish, struct gaps *gaps, struct error *error);
void gaps_release(struct gaps *gaps);

#endif
