/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

static void write_chunk(struct model *model, struct task *task);

static void unlock(struct model *model, struct task *task)
{
	task->inode->lock = NULL;
	task_done(model, task);
}

/* 6.1 reserves several pages at once, later kernels folio by folio. */
static unsigned chunk_of(const struct model *model, const struct task *task)
{
	unsigned left = task->count - task->at;

	return model->setup.family == MODEL_6_18 ? 1 : left < 16 ? left : 16;
}

static void make_dirty(struct task *task, uint64_t range)
{
	struct inode *inode = task->inode;

	inode->cached |= range;
	inode->dirty |= range;
	inode->fs->dirty = inode->root->dirty = true;
}

static void grow(struct inode *inode, unsigned end)
{
	if (inode->size < end)
		inode->size = end;
	if (inode->size > 1)
		inode->inlined = false;
}

/* The copy from user space failed: btrfs_delalloc_release_space(), metadata before data. */
static void copy_failed(struct model *model, struct task *task)
{
	meta_settle(model, task);
	data_take_back(model, task, task->range);
	unlock(model, task);
}

static void write_copy(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;

	/* lock_and_cleanup_extent_if_need() waits for ordered extents. */
	if (inode->busy & task->range)
		return;
	if (chance(model, model->error_percent)) {
		copy_failed(model, task);
		return;
	}
	make_dirty(task, task->range);
	grow(inode, task->first + task->at + task->part);
	meta_settle(model, task);
	if (task->fresh == 0 && chance(model, 30))
		meta_noise(model, task, task->root);
	task->at += task->part;
	task->step = write_chunk;
	if (task->at >= task->count)
		unlock(model, task);
}

static void write_undo_data(struct model *model, struct task *task)
{
	data_take_back(model, task, task->range);
	unlock(model, task);
}

static void write_meta(struct model *model, struct task *task)
{
	task->then = write_copy;
	task->undo = write_undo_data;
	meta_reserve(model, task);
}

static void write_chunk(struct model *model, struct task *task)
{
	task->part = chunk_of(model, task);
	task->range = mask_of(task->first + task->at, task->part);
	data_operation_begins(model, task);
	task->then = write_meta;
	task->undo = unlock;
	data_reserve(model, task);
}

void write_begin(struct model *model, struct task *task)
{
	(void)model;
	if (task->inode->lock != NULL)
		return;
	task->inode->lock = task;
	task->at = 0;
	task->step = write_chunk;
}

/* The page is gone, or lies beyond the end now: a truncate was faster. */
static void fault_failed(struct model *model, struct task *task)
{
	meta_settle(model, task);
	data_take_back(model, task, task->range);
	task_done(model, task);
}

static void fault_dirty(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;

	if (inode->map_lock != NULL || (inode->busy & task->range))
		return;
	if (task->first >= inode->size || !(inode->cached & task->range)) {
		fault_failed(model, task);
		return;
	}
	make_dirty(task, task->range);
	meta_settle(model, task);
	task_done(model, task);
}

static void fault_undo_data(struct model *model, struct task *task)
{
	data_take_back(model, task, task->range);
	task_done(model, task);
}

static void fault_meta(struct model *model, struct task *task)
{
	task->then = fault_dirty;
	task->undo = fault_undo_data;
	meta_reserve(model, task);
}

/* btrfs_page_mkwrite() reserves before it takes any lock. */
void fault_begin(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;

	if (inode->size == 0) {
		task_done(model, task);
		return;
	}
	task->first %= inode->size;
	task->range = mask_of(task->first, 1);
	data_operation_begins(model, task);
	inode->cached |= task->range;
	task->then = fault_meta;
	task->undo = task_done;
	data_reserve(model, task);
}
