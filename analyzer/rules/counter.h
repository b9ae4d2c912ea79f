/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counter - update_reserve: the kernel's counters, and what a bare negative update was.
 */
#ifndef QGREPLAY_ANALYZER_RULES_COUNTER_H
#define QGREPLAY_ANALYZER_RULES_COUNTER_H

#include "analyzer/rules/rules.h"

void rule_update_reserve(struct replay *replay, struct task *task, const struct event *event, bool ranges_done);
void rule_transaction_commit(struct replay *replay, struct task *task, const struct event *event);
void rule_free_pertrans(struct replay *replay, struct task *task, const struct event *event);

/* The change of the ranges alone, made before the event's turn; the claim is the caller's. */
void range_clear_early(struct replay *replay, struct inode *inode, const struct event *event);
struct claim *range_reserve_early(struct replay *replay, struct inode *inode, const struct event *event);

#endif
