/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * owed - bytes that foreign frees took, until what they were for has ended.
 */
#ifndef QGREPLAY_ANALYZER_RULES_OWED_H
#define QGREPLAY_ANALYZER_RULES_OWED_H

#include "analyzer/rules/rules.h"

void owed_init(struct owed *owed);
void owed_release(struct owed *owed);
/* A free or rollback may have taken the bytes of these owners; or it was innocent after all. */
void owed_take(struct replay *replay, struct claim *claim, const struct verdict *verdict);
void owed_acquit(struct replay *replay, struct claim *claim);
/* A reserve held; a release or free is about to clear; a bare update has cleared: what is owed there changes. */
void owed_reserved(struct replay *replay, const struct event *event);
void owed_cleared(struct replay *replay, const struct task *task, const struct event *event);
void owed_rolled_back(struct replay *replay, const struct task *task, const struct event *update);
/*
 * A task goes on to another reserve: where its last one, which may be NULL, failed for want of metadata, it would have
 * been rolled back. With its bits gone the kernel has nothing to roll back, and traces nothing.
 */
void owed_next(struct replay *replay, const struct claim *reserve, const struct event *event);
/* The inode of an event ends, or begins. */
void owed_gone(struct replay *replay, const struct event *event);
/* Nothing is known any more of a filesystem, or of all with NULL. */
void owed_void(struct replay *replay, const struct fs *fs, const struct event *event);

/* What is missing from a root's counter because of foreign frees; `*claim` becomes one of them, if there is any. */
uint64_t owed_missing(const struct owed *owed, uint16_t fs, uint64_t root, struct claim **claim);

#endif
