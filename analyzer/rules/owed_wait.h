/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * owed_wait - bytes that foreign frees took (owed.h), while they wait for a counter update or a commit.
 */
#ifndef QGREPLAY_ANALYZER_RULES_OWED_WAIT_H
#define QGREPLAY_ANALYZER_RULES_OWED_WAIT_H

#include "analyzer/rules/rules.h"

/* The counter takes a task's reserve, or free. */
void owed_counted(struct replay *replay, const struct event *event);
/* What is in flight is about to be dropped (NULL: nobody knows what); a commit of the root is over. */
void owed_dropped(struct replay *replay, const struct flight_entry *entry, const struct event *event);
void owed_commit(struct replay *replay, const struct root *root, const struct event *event);
void owed_forget_flights(struct replay *replay, const struct fs *fs, const struct event *event);
/* Bytes are missing no more, or again: the mismatch of the free, if it still is one, learns of it. */
void owed_given_back(const struct claim *claim, const struct event *event, uint64_t bytes);
void owed_taken_again(const struct claim *claim, const struct event *event, uint64_t bytes);
/* They will be with the next counter update of the task; or, being written by `event`, are none with their drop. */
void owed_wait_for_update(struct replay *replay, struct owed_update update);
void owed_wait_for_commit(struct replay *replay, const struct event *event, struct claim *claim, uint64_t bytes);

#endif
