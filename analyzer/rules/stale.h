/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stale - bits that a quota epoch left to the next.
 */
#ifndef QGREPLAY_ANALYZER_RULES_STALE_H
#define QGREPLAY_ANALYZER_RULES_STALE_H

#include "analyzer/rules/rules.h"

/* A quota epoch has begun, as this counter's restart shows: bits of the one before may still be set. */
void stale_epoch(struct replay *replay, struct fs *fs, const struct chain *chain, const struct event *event);
/* A reserve of nothing new shows that unknown bits are set: those of an earlier epoch stay its own. */
void stale_adopt(struct replay *replay, struct inode *inode, struct claim_part span);
/* An op=free is about to clear its span: a finding when it gives back bytes that an earlier epoch reserved. */
bool stale_free(struct replay *replay, struct inode *inode, const struct event *event, struct range_sums sums);
/* The reserve of an earlier epoch (the first of them) that owns all that a release is about to clear, or NULL. */
struct claim *stale_owner(struct inode *inode, const struct event *event, struct range_sums sums);
/* The counter update of a free: its mismatch, if it is the root's last one, took effect here. */
void stale_counted(struct root *root, const struct event *freed, const struct event *update);
/* A commit is about to drop bytes: a finding, once, when such a release had put them into flight. */
void stale_drop(struct replay *replay, struct root *root, const struct event *event);
/* Whether such frees explain an underflow; it then becomes their consequence. */
bool stale_explains(struct root *root, const struct event *event, uint64_t missing_bytes);

#endif
