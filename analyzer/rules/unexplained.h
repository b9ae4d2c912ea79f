/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unexplained - contradictions that no rule explains.
 */
#ifndef QGREPLAY_ANALYZER_RULES_UNEXPLAINED_H
#define QGREPLAY_ANALYZER_RULES_UNEXPLAINED_H

#include "analyzer/rules/rules.h"

/* A data event of an inode was taken. */
void unexplained_touch(struct inode *inode, const struct event *event);
/*
 * Whether the model must be right about the span of an event, as `sums` has it: all is known, nothing was lost, the
 * order is certain, and nobody else was near.
 */
bool unexplained_exact(
	struct replay *replay, const struct inode *inode, const struct event *event, struct range_sums sums);
/* The kernel's count is not the model's, and no rule says why: a finding where the model must be right. */
void unexplained_count(struct replay *replay, struct inode *inode, const struct event *event, struct range_sums sums);

#endif
