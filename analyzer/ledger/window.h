/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * window - holds events back until it is decided whether a reserve held.
 *
 * btrfs_qgroup_reserve_data is traced before the limit is checked. It held exactly if the same task's next event is the
 * counter update of that amount (qgroup_reserve_data() and qgroup_reserve() in fs/btrfs/qgroup.c); the bits, though,
 * take effect at the reserve. So an event leaves the window only when every earlier reserve is decided, and when it is
 * some time old, so that a rule can look at what comes shortly after.
 */
#ifndef QGREPLAY_ANALYZER_LEDGER_WINDOW_H
#define QGREPLAY_ANALYZER_LEDGER_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/ledger/table.h"
#include "base/event.h"

struct claim;

/*
 * Two CPUs' clocks are not one clock, and a bit change and its event are not one step: events this near (ns) may be
 * swapped, so each is held back for as long.
 */
enum { WINDOW_DISORDER_NS = 2000000 };

enum fate {
	FATE_NONE,    /* not a reserve, or one of nothing new */
	FATE_OPEN,    /* not yet decided; never leaves the window */
	FATE_CHARGED, /* the counter took it */
	FATE_UNDONE,  /* the limit refused it: its bits were taken back without an event */
	FATE_UNSURE   /* the deciding event was lost, or the trace ended or has no counter updates */
};

struct slot {
	struct event event;
	enum fate fate;
	bool done;	     /* its change of the ranges was already made, in exchange with an earlier event */
	struct claim *claim; /* that it made then, or NULL */
};

enum { WINDOW_RECENT = 16 };

struct window {
	struct slot *slots; /* a ring */
	size_t capacity;    /* a power of two */
	uint64_t head;	    /* sequence of the oldest */
	uint64_t tail;	    /* sequence of the next to come */
	uint64_t gaps;
	bool counters_seen; /* the trace has counter updates */
	bool types_garbage; /* and their types are not to be believed, from the first on that showed it */
	struct table tasks;
	struct window_task *recent[WINDOW_RECENT];
};

void window_init(struct window *window);
void window_release(struct window *window);

/* Puts the next event of the trace in; a type that is not to be believed becomes EVENT_TYPE_GARBAGE. */
void window_push(struct window *window, const struct event *given);

/*
 * The oldest event, or NULL when it must still wait. `ending` says that no more will come: then nothing waits. The slot
 * is valid until the next push; window_pop() removes it.
 */
struct slot *window_ready(struct window *window, bool ending);
void window_pop(struct window *window);

/* The event `ahead` places after the oldest, or NULL beyond the newest. */
struct slot *window_ahead(struct window *window, size_t ahead);

#endif
