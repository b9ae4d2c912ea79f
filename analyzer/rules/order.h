/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * order - neighbours that the trace shows in the wrong order.
 */
#ifndef QGREPLAY_ANALYZER_RULES_ORDER_H
#define QGREPLAY_ANALYZER_RULES_ORDER_H

#include "analyzer/rules/rules.h"

/*
 * The oldest event of the window contradicts the model. Two CPUs' clocks are not one clock, and bits change a moment
 * before their event is traced (REPLAY 2, FACTS 2 and 17): looks for the order of it and its neighbours of other tasks,
 * within WINDOW_DISORDER_NS, that leaves the fewest contradictions up to the end of the window. If they are fewer than
 * as it is, makes that exchange, counts it, and returns true: the event then agrees with the model, but for `left_out`
 * (empty at the end of its span when there is nothing), bytes that were changed after it and stay as they are.
 */
bool order_exchange(struct replay *replay, struct inode *inode, const struct event *event, struct claim_part *left_out);
/* The same for a bare update that nothing explains: true when it is the rollback of `operation` now. */
bool order_exchange_rollback(struct replay *replay, const struct claim *operation, const struct event *event);

#endif
