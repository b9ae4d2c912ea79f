/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events_around - the events that prove a stored finding, and those of the same inode and tasks around each of them.
 */
#ifndef QGREPLAY_CMD_EVENTS_AROUND_H
#define QGREPLAY_CMD_EVENTS_AROUND_H

#include "base/error.h"
#include "cmd/event_choice.h"
#include "cmd/event_out.h"
#include "schema/store/store.h"

struct events_around;

/*
 * Reads the evidence of finding `number` of the trace's last replay. On success `*around` is the caller's, to be freed
 * by events_around_free(), which accepts NULL. Errors: ERR_USAGE when there is no such finding; those of the store.
 */
enum err events_around_new(
	struct events_around **around, struct store *store, uint64_t trace, uint64_t number, struct error *error);
void events_around_free(struct events_around *around);

/* Where to look for them. */
struct event_choice events_around_choice(const struct events_around *around);

/* A sentence on the finding, for a head. */
const char *events_around_title(const struct events_around *around);

/*
 * Takes the events of the trace in their order, and puts to `out` those of the evidence, with `context` of the inode
 * and its tasks before and after each. Errors: those of event_out_put().
 */
enum err events_around_take(struct events_around *around, const struct event *event, uint64_t context,
	struct event_out *out, struct error *error);

#endif
