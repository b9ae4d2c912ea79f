/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bits - extent bits as they are recorded: which range a rollback really cleared.
 */
#ifndef QGREPLAY_ANALYZER_RULES_BITS_H
#define QGREPLAY_ANALYZER_RULES_BITS_H

#include "analyzer/rules/rules.h"

/* A request to set or clear reserved bits, traced before it is carried out (btrfs_clear_extent_bit_changeset()). */
void rule_bits(struct replay *replay, struct task *task, const struct event *event);
/* Whether the task has asked for bits to be cleared since its last other event. */
bool bits_pending(const struct task *task);
/* It goes on with `event`, no counter update: what was cleared without one is lost. */
void bits_go_on(struct replay *replay, struct task *task, const struct event *event);
/* Whether a bare negative update is the free of what it asked for; the ranges are then brought up to date. */
bool bits_rollback(struct replay *replay, struct task *task, const struct event *update);
/* Whether it is that free with its bytes truncated (rule 11). */
bool bits_truncated(struct replay *replay, struct task *task, const struct event *update);

#endif
