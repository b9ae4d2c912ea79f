/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * broad - rollbacks of more than was asked for.
 */
#ifndef QGREPLAY_ANALYZER_RULES_BROAD_H
#define QGREPLAY_ANALYZER_RULES_BROAD_H

#include "analyzer/rules/rules.h"

/* A rollback is about to take back all of an operation: a note when that is more than one request can be. */
void broad_look(struct replay *replay, struct task *task, const struct claim *operation, const struct event *update);
/* The task asks again for what that rollback has cleared: the requests were made one by one. */
void broad_repeat(struct task *task, const struct event *clear);

#endif
