/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * order_try - what would become of the events that follow, if those of now had another order.
 *
 * Takes the events of one inode that the window holds through a small copy of its ranges, and counts how often the
 * kernel's word would contradict it. Changes nothing but the copy.
 */
#ifndef QGREPLAY_ANALYZER_RULES_ORDER_TRY_H
#define QGREPLAY_ANALYZER_RULES_ORDER_TRY_H

#include "analyzer/rules/order_map.h"
#include "analyzer/rules/rules.h"

struct order_score {
	unsigned contradictions;
	unsigned accusations; /* rollbacks that took bytes which another task had reserved */
};

struct order_try {
	struct replay *replay;
	const struct inode *inode;
	struct order_map map;
	struct order_score score;
};

/* The change that the event `ahead` places after the oldest would make to the copy, and its contradictions. */
void order_try_event(struct order_try *attempt, size_t ahead);

/*
 * Goes on with all events after the oldest in both attempts, in `other` without the one that it had put first (0:
 * none), until the two come to the same: what happens after that tells nothing about them.
 */
void order_try_rest(struct order_try *as_is, struct order_try *other, size_t put_first);

/* What a bare negative update `ahead` places after the oldest takes back, or NULL when it is no rollback in this inode.
 */
struct order_operation {
	const void *owner; /* as in the copy; NULL: no operation */
	struct claim_part span;
	bool whole;   /* it newly set all of its span */
	bool chained; /* others before it belong to the same operation */
};
struct order_operation order_operation_of(const struct order_try *attempt, size_t ahead);

#endif
