/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reserve - reserves: bits that are set, or were not set again.
 */
#ifndef QGREPLAY_ANALYZER_RULES_RESERVE_H
#define QGREPLAY_ANALYZER_RULES_RESERVE_H

#include "analyzer/rules/rules.h"

void rule_reserve(struct replay *replay, struct task *task, const struct slot *slot);
/* Whether an event may have met bits of a reserve that failed about then: they are set and cleared again at once. */
bool reserve_saw_failing(struct replay *replay, const struct event *event);

#endif
