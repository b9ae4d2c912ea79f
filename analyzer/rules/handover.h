/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * handover - rollbacks of bits that had changed hands.
 */
#ifndef QGREPLAY_ANALYZER_RULES_HANDOVER_H
#define QGREPLAY_ANALYZER_RULES_HANDOVER_H

#include "analyzer/rules/rules.h"

/* The order of a root's events is wrong hereabouts: rollbacks near it prove nothing. */
void handover_order_broken(struct replay *replay, struct root *root, uint64_t time_ns);
/* A bare rollback took bytes that others had set since: rule 7b. */
void handover_rollback(struct replay *replay, const struct claim *operation, const struct event *event);

#endif
