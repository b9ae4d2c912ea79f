/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * misread - bare negative updates that were taken for rollbacks while an extent of that very amount was due, and turn
 * out to have been its drop.
 *
 * A drop is told from a rollback by the sweep of pertrans that begins a commit. Simple quotas drop outside of commits,
 * and a kernel that forgets the sweep of a root (71537e35c324) may begin a commit with none.
 */
#ifndef QGREPLAY_ANALYZER_RULES_MISREAD_H
#define QGREPLAY_ANALYZER_RULES_MISREAD_H

#include "analyzer/rules/rules.h"

/* An update was taken for a rollback by its task, by its amount alone. */
void misread_watch(struct replay *replay, const struct task *task, const struct root *root, const struct event *update);

/* A task begins a commit as it should: what it took back before was none of it. */
void misread_swept(struct replay *replay, const struct event *sweep);
/* It ends one: when that had no sweep, what it did before was part of it. */
void misread_commit(struct replay *replay, const struct task *task, const struct event *commit);

/* Looks whether a filesystem shows by now that it runs simple quotas: then nothing read from rollbacks stands. */
void misread_simple(struct replay *replay, struct fs *fs, const struct event *event);

/*
 * Simple quotas drop data when delayed refs run, which may be in the middle of a writer's wait for quota, and looks
 * like its rollback; but a rollback comes only after the second failure to get metadata. That a filesystem runs them
 * shows by commits without any drop, while there are drops outside of them.
 */
bool misread_is_simple_drop(
	const struct replay *replay, const struct task *task, const struct root *root, uint64_t bytes);

/* At the end: whether a verdict hangs on a rollback that may have been a drop of simple quotas. */
bool misread_may_be(struct replay *replay, const struct verdict *verdict);
/* The same for leaks that are not verdicts yet, before the end of the trace settles them. */
void misread_end(struct replay *replay);

void misread_release(struct replay *replay);

#endif
