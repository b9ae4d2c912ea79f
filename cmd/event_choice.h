/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_choice - which events of a trace are wanted: by root, inode, kind, number, and time.
 */
#ifndef QGREPLAY_CMD_EVENT_CHOICE_H
#define QGREPLAY_CMD_EVENT_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/event.h"
#include "cmd/stored_spool.h"

/* What is not restricted passes. All ends are included. */
struct event_choice {
	struct block_wish wish;
	struct store_slice slice;
	uint64_t first_ns;
	uint64_t last_ns;
};

extern const struct event_choice event_choice_all;

/* The value of --kind: the name of a kind, of the kernel or without "btrfs_". Several add up. Errors: ERR_USAGE. */
enum err event_choice_kind(struct event_choice *choice, const char *text, struct error *error);

/*
 * The values of --from and --to: the number of an event ("1200"), seconds with a fraction as traces and reports print
 * them ("19.838568"; six digits mean all that is rounded to them), or nanoseconds ("19838568123ns"). Errors: ERR_USAGE.
 */
enum err event_choice_from(struct event_choice *choice, const char *text, struct error *error);
enum err event_choice_to(struct event_choice *choice, const char *text, struct error *error);

/* Whether all events are wanted. */
bool event_choice_is_all(const struct event_choice *choice);

/* Marks of lost events are of every root and inode. */
bool event_choice_takes(const struct event_choice *choice, const struct event *event);

/* What has to be copied out of the store. */
struct stored_spool_part event_choice_part(const struct event_choice *choice);

#endif
