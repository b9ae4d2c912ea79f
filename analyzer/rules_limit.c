/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules.h"

void rule_usage(struct replay *replay, struct task *task, const struct event *event)
{
	(void)replay;
	(void)task;
	(void)event;
}
