/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inode - the beginning and the end of an inode in memory.
 */
#ifndef QGREPLAY_ANALYZER_RULES_INODE_H
#define QGREPLAY_ANALYZER_RULES_INODE_H

#include "analyzer/rules/rules.h"

void rule_inode_new(struct replay *replay, const struct event *event);
void rule_evict(struct replay *replay, struct task *task, const struct event *event);
/* The evicting task went on to something else: what is still set now is lost. */
void rule_evict_ends(struct replay *replay, struct task *task);
/* Somebody uses the inode again: iget() waits for the end of an eviction, so that of this inode is over. */
void rule_evict_over(struct replay *replay, struct inode *inode);

#endif
