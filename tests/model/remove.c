/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

static void unlock(struct model *model, struct task *task)
{
	task->inode->lock = NULL;
	task->inode->map_lock = NULL;
	task_done(model, task);
}

/* The space of a range is given back; the usage of the qgroup goes down with the next commit. */
static void drop_space(struct model *model, struct task *task, uint64_t range)
{
	struct inode *inode = task->inode;
	uint64_t gone = (inode->data | inode->prealloc) & range;
	struct record record = {
		.root = inode->root, .ino = inode->number, .bytes = bytes_of(inode, gone), .gone = true};

	inode->data &= ~range;
	inode->prealloc &= ~range;
	if (record.bytes == 0)
		return;
	record.bytenr = task->fs->next_bytenr;
	task->fs->next_bytenr += record.bytes;
	record_add(model, task, record);
}

/* btrfs_invalidate_folio() of one page. Delalloc bits go with it, but in an eviction only at its end. */
static void invalidate(struct model *model, struct task *task, unsigned slot)
{
	struct inode *inode = task->inode;
	uint64_t page = mask_of(slot, 1);
	bool dirty = inode->dirty & page;

	if (model->setup.bug == BUG_SILENT_INVALIDATE) {
		if (inode->fs->quota)
			truth_leak(model, task, inode, inode->bits & page & ~inode->stale);
		inode->ghosts |= inode->bits & page;
		inode->bits &= ~page;
	} else {
		data_free(model, task, inode, page);
	}
	inode->cached &= ~page;
	inode->wanted &= ~page;
	if (inode->evicting)
		return;
	inode->dirty &= ~page;
	if (dirty)
		meta_free(model, task, inode);
}

static void remove_transaction(struct model *model, struct task *task)
{
	if (task->fs->blocked)
		return;
	if (meta_transaction(model, task, task->root, 2))
		drop_space(model, task, task->todo);
	unlock(model, task);
}

static void remove_pages(struct model *model, struct task *task)
{
	uint64_t left = task->inode->cached & task->todo;
	unsigned slot;

	if (left == 0) {
		task->step = remove_transaction;
		return;
	}
	slot = (unsigned)__builtin_ctzll(left);
	if (task->inode->busy >> slot & 1)
		return;
	invalidate(model, task, slot);
}

static bool lock_both(struct task *task)
{
	if (task->inode->lock != NULL || task->inode->map_lock != NULL)
		return false;
	task->inode->lock = task->inode->map_lock = task;
	return true;
}

void truncate_begin(struct model *model, struct task *task)
{
	(void)model;
	if (!lock_both(task))
		return;
	if (task->first < task->inode->size)
		task->inode->size = task->first;
	task->todo = UINT64_MAX << task->first;
	task->step = remove_pages;
}

static void punch_flush(struct model *model, struct task *task)
{
	(void)model;
	if (flush_range(task->inode, task->todo))
		return;
	task->step = remove_pages;
}

void punch_begin(struct model *model, struct task *task)
{
	(void)model;
	if (!lock_both(task))
		return;
	task->todo = mask_of(task->first, task->count);
	task->step = punch_flush;
}

void unlink_begin(struct model *model, struct task *task)
{
	if (task->fs->blocked)
		return;
	if (!task->inode->unlinked && meta_transaction(model, task, task->root, 6))
		task->inode->unlinked = true;
	task_done(model, task);
}

/* btrfs_qgroup_check_reserved_leak() looks at the whole inode, whose length overflows to 0. */
static void trace_destroy(struct model *model, struct task *task)
{
	enum { INODE_IO = 3 };
	struct event event = {.kind = EVENT_CLEAR_EXTENT_BIT, .op = INODE_IO, .flags = EVENT_BIT_QGROUP_RESERVED};

	trace_range(model, task, task->inode, event, 0, 0);
}

static void evict_end(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;

	if (inode->fs->quota)
		truth_leak(model, task, inode, inode->bits & ~inode->stale);
	inode->bits = inode->ghosts = inode->stale = 0;
	if (inode->unlinked && inode->data + inode->prealloc != 0)
		drop_space(model, task, UINT64_MAX);
	trace_destroy(model, task);
	inode->evicting = false;
	inode->used = !inode->unlinked;
	task->step = NULL;
}

/* Extent states that are still delalloc are freed as wholes, and the metadata with them. */
static void evict_states(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;
	unsigned first = 0;
	unsigned count;

	if (inode->dirty == 0) {
		task->step = evict_end;
		return;
	}
	count = run_of(inode->dirty, &first);
	if (model->setup.bug != BUG_SILENT_INVALIDATE)
		data_free(model, task, inode, mask_of(first, count));
	inode->dirty &= ~mask_of(first, count);
	if (inode->dirty == 0)
		meta_free(model, task, inode);
}

static void evict_pages(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;

	if (inode->cached == 0)
		task->step = evict_states;
	else
		invalidate(model, task, (unsigned)__builtin_ctzll(inode->cached));
}

void evict_begin(struct model *model, struct task *task)
{
	struct event event = {.kind = EVENT_INODE_EVICT, .bytes = task->fs->generation};

	task->inode->evicting = true;
	trace_range(model, task, task->inode, event, 0, 0);
	task->step = evict_pages;
}
