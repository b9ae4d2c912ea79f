/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * foreign - frees that have the shape of an error path taking what is not its own.
 */
#ifndef QGREPLAY_ANALYZER_RULES_FOREIGN_H
#define QGREPLAY_ANALYZER_RULES_FOREIGN_H

#include "analyzer/rules/rules.h"

/*
 * Looks at an op=free with bytes before it changes the ranges: makes it a suspect when it has the shape of an error
 * path's free of bytes that its own operation did not reserve. Returns NULL or the suspect, which `claim` (the free)
 * remembers.
 */
struct suspect *foreign_look(
	struct replay *replay, struct task *task, const struct event *event, struct inode *inode, struct claim *claim);

#endif
