/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leak - bytes that nothing can free any more, and the law that bounds them.
 */
#ifndef QGREPLAY_ANALYZER_RULES_LEAK_H
#define QGREPLAY_ANALYZER_RULES_LEAK_H

#include "analyzer/rules/rules.h"

/* The reserved bytes of a span are lost: their bits go (or went) without a free. */
void leak_range(struct inode *inode, const struct event *event, enum finding_path path, struct claim_part span);
/* The eviction that began with this event is over: what is reserved of its inode has leaked. */
void leak_evicted(struct replay *replay, struct inode *inode, const struct event *evict);
/* A task begins anew: bytes that its failed operation should have taken back, and did not, are remembered as lost. */
void leak_abandoned(struct replay *replay, struct task *task);
/* A release or free finds none of the reserved bytes of its span, and nobody else was there: likely lost. */
void leak_vanished(struct inode *inode, const struct event *event);
/* Such bytes are released or freed after all: the leak is healed, and told once. */
void leak_adopted(struct replay *replay, struct inode *inode, const struct range *range, const struct event *event);
/* The kernel freed at the inode's end what had been left (btrfs_qgroup_check_reserved_leak()): that leak is healed. */
void leak_healed(struct replay *replay, struct root *root, uint64_t ino, uint64_t bytes);
/* The task's last event released what it should have freed, as the ordered extent's flags say. */
void leak_nocow(const struct task *task, const struct event *ordered);
/* What has leaked can never be freed: claims above a later value of the counter are refuted, the weakest first. */
void leak_floor(struct replay *replay, struct root *root, uint64_t value);
/* Bytes of an inode that were thought lost were freed after all. */
void leak_returned(struct replay *replay, struct root *root, uint64_t ino, uint64_t bytes);
/* A commit did not drop all bytes of an extent: they have leaked, if the counter does not deny it. */
void leak_claimed(struct root *root, struct verdict *verdict);
/* A drop of so many bytes that no release in flight explains; true when it is the one that a claim missed. */
bool leak_dropped(struct replay *replay, struct root *root, uint64_t bytes);
/* A commit of the root is over. */
void leak_commit(struct root *root);
/* The end of a root's ledgers: the trace's, or the filesystem's when `unmounted`. Claims that stand become verdicts. */
void leak_settle(struct replay *replay, struct root *root, bool unmounted);
/* Drops the claims made at or after a moment. */
void leak_forget_since(struct replay *replay, struct root *root, uint64_t from_ns);

#endif
