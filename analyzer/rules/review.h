/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * review - what must be taken back because the trace does not record enough.
 */
#ifndef QGREPLAY_ANALYZER_RULES_REVIEW_H
#define QGREPLAY_ANALYZER_RULES_REVIEW_H

#include "analyzer/rules/rules.h"

/* At the end, when it is known what the trace records: revokes what only missing kinds of event could prove. */
void rules_review(struct replay *replay);

#endif
