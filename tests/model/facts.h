/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * facts - what has been measured of the events of real kernels, as checks over a trace: the model must obey them, and
 * real traces show that the checks are right.
 *
 * They hold for traces without loss, with a complete head, without a change of quota, and for clocks that agree.
 */
#ifndef QGREPLAY_TESTS_MODEL_FACTS_H
#define QGREPLAY_TESTS_MODEL_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum fact {
	FACT_ALIGNED,	     /* start, len and bytes are whole sectors, and bytes at most len */
	FACT_CHARGE,	     /* the counter of data goes up only right after the task's reserve of that amount */
	FACT_FREE,	     /* an op=free with bytes is followed by the counter, down by as much */
	FACT_META,	     /* metadata that is freed, or granted, is followed by the counter with that amount */
	FACT_CONVERT,	     /* a conversion takes from PREALLOC what it adds to PERTRANS */
	FACT_PERTRANS,	     /* a commit frees all of PERTRANS, whatever its own event says */
	FACT_PERTRANS_GROWS, /* which only adds up */
	FACT_CHAIN,	     /* a counter begins where it ended, and never below 0 */
	FACT_ANCESTOR,	     /* higher qgroups repeat what the lower did, or change by a relation's triple */
	FACT_ORDERED,	     /* an ordered extent follows its own release, and NOCOW and PREALLOC their free */
	FACT_DROP,	     /* a commit drops what was released, extent by extent */
	FACT_EMPTY,	     /* after an unmount no counter of data holds anything */
	FACT_COUNT
};

struct facts;

struct facts *facts_new(void);
void facts_free(struct facts *facts);

/* Takes the next event of a trace. */
void facts_take(struct facts *facts, const struct event *event);

/* How often a fact was tried, how often it did not hold, and the number of the first event that broke it. */
uint64_t facts_tried(const struct facts *facts, enum fact fact);
uint64_t facts_broken(const struct facts *facts, enum fact fact);
uint64_t facts_first(const struct facts *facts, enum fact fact);

const char *fact_name(enum fact fact);

#endif
