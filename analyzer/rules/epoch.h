/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * epoch - lost events, quota epochs, unmounts: when knowledge ends.
 */
#ifndef QGREPLAY_ANALYZER_RULES_EPOCH_H
#define QGREPLAY_ANALYZER_RULES_EPOCH_H

#include "analyzer/rules/rules.h"

void epoch_lost(struct replay *replay, const struct event *event);
/* Everything that is known of all filesystems, and was concluded, is void. */
void epoch_void(struct replay *replay);
/* A counter shows that changes of it are missing since a moment, though no mark says so. */
void epoch_hole(struct replay *replay, struct fs *fs, uint64_t from_ns, const struct event *event);
/* A counter does not go on where it was: returns true when that begins a new epoch. */
bool epoch_restart(struct replay *replay, struct chain *chain, const struct event *event);
/* A counter goes on where it was. */
void epoch_confirmed(struct replay *replay, struct chain *chain, const struct event *event);
/*
 * The last moment up to which quota has surely been on without a break since this counter's last word; `unmounted`: the
 * filesystem's end has come.
 */
uint64_t epoch_sure(struct replay *replay, const struct fs *fs, const struct chain *chain, bool unmounted);
/* A commit is over that shows nothing of quotas, or may be among what is lost: they may be turned on now. */
void epoch_unsure(struct fs *fs, const struct event *event);
void epoch_unmount(struct replay *replay, const struct event *event);
void epoch_end(struct replay *replay);

#endif
