/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * task - what a task was in the middle of, settled by its next event.
 */
#ifndef QGREPLAY_ANALYZER_RULES_TASK_H
#define QGREPLAY_ANALYZER_RULES_TASK_H

#include "analyzer/rules/rules.h"

void rule_task_goes_on(struct replay *replay, struct task *task, const struct event *event);
void rule_meta_reserve(struct replay *replay, struct task *task, const struct event *event);
void rule_meta_update(struct task *task, const struct event *event);

#endif
