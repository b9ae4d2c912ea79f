/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

static void toggle_end(struct model *model, struct task *task)
{
	task->fs->toggler = NULL;
	task_done(model, task);
}

/* The qgroups go, and with them what was reserved and the limits; the roots' own counts of metadata stay. */
static void forget_qgroups(struct model *model, struct task *task)
{
	struct fs *fs = task->fs;

	for (size_t i = 0; i < QGROUPS; i++) {
		fs->qgroups[i].max_rfer = 0;
		for (size_t type = 0; type < 3; type++)
			fs->qgroups[i].rsv[type] = 0;
	}
	toggle_end(model, task);
}

/* flush_reservations(), since 6.7: what is dirty is written while nothing is counted, and its bits go. */
static void disable_flush(struct model *model, struct task *task)
{
	bool waiting = false;

	for (size_t i = 0; i < INODES; i++) {
		struct inode *inode = &task->fs->inodes[i];

		if (inode->used && !inode->evicting)
			waiting = flush_range(inode, UINT64_MAX) || waiting;
	}
	if (!waiting)
		commit_begin(model, task, forget_qgroups);
}

static void enabled(struct model *model, struct task *task)
{
	struct fs *fs = task->fs;

	for (size_t i = 0; i < INODES; i++)
		if (fs->inodes[i].used)
			fs->inodes[i].stale = fs->inodes[i].bits;
	fs->quota = true;
	toggle_end(model, task);
}

/* btrfs_quota_enable(): the commit is over before quota is on. */
static void enable(struct model *model, struct task *task)
{
	struct fs *fs = task->fs;

	if (fs->blocked)
		return;
	trace_pause(model, 5000000);
	fs->dirty = true;
	commit_begin(model, task, enabled);
}

void toggle_begin(struct model *model, struct task *task)
{
	/* Who throws the qgroups away holds a transaction open: the commit of the one before has dropped all it had. */
	if (task->fs->toggler != NULL || task->fs->blocked)
		return;
	task->fs->toggler = task;
	if (!task->fs->quota) {
		task->step = enable;
		return;
	}
	/* What had leaked is forgotten with the rest. */
	counters_note(model, task->fs);
	for (size_t i = 0; i < ROOTS; i++)
		task->fs->roots[i].inexact = true;
	trace_pause(model, 3000000);
	task->fs->quota = false;
	task->fs->dirty = true;
	if (model->setup.family == MODEL_6_1)
		forget_qgroups(model, task);
	else
		task->step = disable_flush;
}
