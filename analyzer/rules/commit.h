/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * commit - released extents on their way to the drop of their bytes.
 */
#ifndef QGREPLAY_ANALYZER_RULES_COMMIT_H
#define QGREPLAY_ANALYZER_RULES_COMMIT_H

#include "analyzer/rules/rules.h"

/* An event on the way of a released extent to its drop: ordered extent, delayed ref, accounting. */
void rule_record(struct replay *replay, struct task *task, const struct event *event);
/* The task's last event, a release of bytes, is directly followed by its ordered extent, or by something else. */
void commit_ordered(struct replay *replay, struct task *task, const struct event *ordered);
void commit_unbound(struct replay *replay, struct task *task);
/* A release of no bytes for the first part of the ordered extent that the task has begun to split. */
void commit_split(struct replay *replay, struct task *task, const struct event *head);
/* A commit changed a counter of the root. */
void commit_reached(struct task *task, struct root *root);
/*
 * A negative update that is the drop of the extent whose accounting the task is in: takes the very release out of the
 * flight and compares the amounts. False when the extent is not known; then a drop is found by its amount.
 */
bool commit_drop(struct replay *replay, struct root *root, const struct event *event);
/* A drop whose amount no release in flight has. */
void commit_excess(struct replay *replay, struct root *root, const struct event *event);
/* The counter shows what was dropped too much: that is the finding, and not each drop. */
void commit_underflows(struct replay *replay, const struct root *root, uint64_t missing_bytes);

#endif
