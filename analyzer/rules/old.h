/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * old - kernels whose counters have no usable type, or that have none.
 */
#ifndef QGREPLAY_ANALYZER_RULES_OLD_H
#define QGREPLAY_ANALYZER_RULES_OLD_H

#include "analyzer/rules/rules.h"

/* A reserve in a trace without counters (before 4.12): nobody knows yet whether it held (REPLAY rule 1). */
void old_reserve(struct replay *replay, struct inode *inode, struct claim *claim);
/* A counter update without a type, or with one that means nothing: told by what is before it. */
void old_update(struct replay *replay, struct task *task, const struct event *event, bool ranges_done);

#endif
