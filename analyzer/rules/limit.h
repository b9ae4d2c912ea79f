/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * limit - limits of qgroups, and reserves beyond them.
 */
#ifndef QGREPLAY_ANALYZER_RULES_LIMIT_H
#define QGREPLAY_ANALYZER_RULES_LIMIT_H

#include "analyzer/rules/rules.h"

/* What a qgroup has accounted changes. */
void rule_usage(struct replay *replay, struct task *task, const struct event *event);
/* Limits are known, and a counter changes: of metadata, or of a qgroup above level 0. */
void limit_word(struct replay *replay, const struct task *task, struct chain *chain, const struct event *event);
/* Limits are known, and a qgroup's counter of data takes a reserve. */
void limit_charge(struct replay *replay, const struct task *task, const struct event *event);
/* The trace ends: what still waits is not proven. */
void limit_end(struct replay *replay);
void limit_release(struct replay *replay);

#endif
