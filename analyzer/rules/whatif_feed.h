/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * whatif_feed - the counters as samples, and what the mismatches did to them.
 */
#ifndef QGREPLAY_ANALYZER_RULES_WHATIF_FEED_H
#define QGREPLAY_ANALYZER_RULES_WHATIF_FEED_H

#include "analyzer/rules/rules.h"

/* The counter of a root, as the totals have it, for the sink. */
void feed_sample(struct replay *replay, struct root *root, const struct event *event, enum whatif_moment moment);
/* The rest of the samples, and what the verdicts that stand did to the counters; the steps are the caller's to free. */
void feed_end(struct replay *replay, struct whatif_plan *plan);

#endif
