/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * meta - reservations of metadata, and their balance.
 */
#ifndef QGREPLAY_ANALYZER_RULES_META_H
#define QGREPLAY_ANALYZER_RULES_META_H

#include "analyzer/rules/rules.h"

/* A type that is not to be believed: nothing that was concluded from types before it stands. */
void rule_garbage(struct replay *replay, const struct event *event);
/* At the end: says so, once. */
void rule_garbage_note(struct replay *replay);
/* A root's first inode is made: nothing is reserved for the root. */
void meta_root_born(struct replay *replay, const struct event *event);
/* Whether a counter of metadata that is first seen begins where its root's own count does. */
bool meta_begins(struct replay *replay, const struct event *event);
/* A counter of metadata would go below 0. */
void meta_underflow(struct replay *replay, const struct event *event);
/* The task's next event after a meta_reserve, meta_convert or free_all: the counter update that is due, or not. */
void meta_goes_on(struct replay *replay, const struct task *task, const struct event *event);
/* A counter of metadata has a word, and goes on where it was, or does not; before its change is made. */
void meta_word(struct replay *replay, struct chain *chain, const struct event *word, bool goes_on);
/* A commit drops data of the root. */
void meta_commit_drop(struct replay *replay, struct root *root, const struct event *event);
/* A counter above 0 went on where it was: quota was not switched off and on since its last word. */
void meta_sighted(const struct chain *chain, struct fs *fs, const struct event *event);
/* A transaction of the filesystem is over. */
void meta_committed(struct fs *fs, const struct event *event);
/* What the counters of metadata hold at the end of a mount has leaked. */
void meta_unmount(struct replay *replay, struct fs *fs, const struct event *unmount);

#endif
