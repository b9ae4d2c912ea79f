/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

static void unlock(struct model *model, struct task *task)
{
	task->inode->lock = NULL;
	task->inode->map_lock = NULL;
	task_done(model, task);
}

static void direct_chunk(struct model *model, struct task *task);

static struct extent *free_extent(struct fs *fs)
{
	for (size_t i = 0; i < EXTENTS; i++)
		if (fs->extents[i].inode == NULL)
			return &fs->extents[i];
	return NULL;
}

static void direct_tail(struct model *model, struct task *task)
{
	uint64_t rest = task->range & ~mask_of(task->first, task->at);

	meta_settle(model, task);
	if (rest != 0)
		data_take_back(model, task, rest);
	task->step = direct_chunk;
	if (rest == 0)
		unlock(model, task);
}

static void direct_ordered(struct model *model, struct task *task)
{
	task->extent->added = true;
	trace_ordered(model, task, task->extent, EVENT_ORDERED_ADD);
	task->step = direct_tail;
	task->hold = true;
}

/* The allocator found only so much in one piece; the rest of the reservation is given back, and taken anew. */
static void direct_submit(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;
	struct extent *extent = free_extent(task->fs);
	unsigned left = task->count - task->at;
	unsigned piece = left > 1 && chance(model, 40) ? 1 + (unsigned)seeded_below(&model->seeded, left - 1) : left;
	uint64_t run = mask_of(task->first + task->at, piece);
	bool overwrite;

	if (extent == NULL || (inode->busy & task->range))
		return;
	overwrite = (inode->prealloc & run) == run || (inode->nocow && (inode->data & run) == run);
	*extent = (struct extent){.inode = inode,
		.first = task->first + task->at,
		.count = piece,
		.bytenr = task->fs->next_bytenr,
		.flags = EVENT_ORDERED_DIRECT};
	task->fs->next_bytenr += bytes_of(inode, run);
	extent->flags |= !overwrite		 ? EVENT_ORDERED_REGULAR
			 : inode->prealloc & run ? EVENT_ORDERED_PREALLOC
						 : EVENT_ORDERED_NOCOW;
	inode->busy |= run;
	inode->extents++;
	task->extent = extent;
	if (overwrite && model->setup.bug != BUG_NOCOW_RELEASED)
		data_free(model, task, inode, run);
	else
		data_clear(model, task, inode, run, EVENT_OP_RELEASE, &extent->rsv);
	if (overwrite && model->setup.bug == BUG_NOCOW_RELEASED) {
		truth_leak(model, task, inode, 0);
		truth_flight(model, task, inode, extent->rsv);
		extent->rsv = 0;
	}
	task->at += piece;
	if (inode->size < task->first + task->at)
		inode->size = task->first + task->at;
	inode->inlined = false;
	task->step = direct_ordered;
	task->hold = !model->setup.races;
}

static void direct_undo_data(struct model *model, struct task *task)
{
	data_take_back(model, task, task->range);
	unlock(model, task);
}

static void direct_meta(struct model *model, struct task *task)
{
	task->then = direct_submit;
	task->undo = direct_undo_data;
	meta_reserve(model, task);
}

/*
 * The page cache of the range is dropped. What a page fault has dirtied since the flush is given back with it
 * (btrfs_launder_folio()), but its metadata only when the inode settles the next time.
 */
static void direct_invalidate(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;
	uint64_t page;

	if (inode->busy & task->range)
		return;
	if (inode->cached & task->range) {
		page = mask_of((unsigned)__builtin_ctzll(inode->cached & task->range), 1);
		data_free(model, task, inode, page);
		inode->cached &= ~page;
		inode->dirty &= ~page;
		inode->wanted &= ~page;
		return;
	}
	data_operation_begins(model, task);
	task->then = direct_meta;
	task->undo = unlock;
	data_reserve(model, task);
}

static void direct_chunk(struct model *model, struct task *task)
{
	(void)model;
	task->range = mask_of(task->first + task->at, task->count - task->at);
	if (flush_range(task->inode, task->range))
		return;
	task->step = direct_invalidate;
}

void direct_begin(struct model *model, struct task *task)
{
	(void)model;
	if (task->inode->lock != NULL)
		return;
	task->inode->lock = task;
	task->at = 0;
	task->step = direct_chunk;
}

static uint64_t holes(const struct task *task)
{
	return mask_of(task->first, task->count) & ~task->inode->data & ~task->inode->prealloc;
}

/*
 * Each hole is given back by a call of its own, whatever of it was newly reserved. Until the length was right
 * (9102b179512e) the first call took all of them; the kernels with truncated counts are all of that time.
 */
static void fallocate_undo(struct model *model, struct task *task)
{
	uint64_t left = holes(task);

	while (left != 0) {
		unsigned first = 0;
		unsigned count = run_of(left, &first);
		uint64_t hole = mask_of(first, count);

		left &= ~hole;
		if ((task->changeset & hole) == 0)
			continue;
		if (model->setup.bug == BUG_OVER_BROAD || model->setup.bug == BUG_INT_TRUNCATION)
			hole = task->changeset;
		data_take_back(model, task, hole);
		return;
	}
	unlock(model, task);
}

static void fallocate_insert(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;
	unsigned first = 0;
	unsigned count;
	struct record record;

	if (task->fs->blocked)
		return;
	if (task->todo == 0) {
		unlock(model, task);
		return;
	}
	count = run_of(task->todo, &first);
	task->todo &= ~mask_of(first, count);
	record = (struct record){.root = task->root, .ino = inode->number, .bytes = count * inode->unit};
	data_clear(model, task, inode, mask_of(first, count), EVENT_OP_RELEASE, &record.rsv);
	record.bytenr = task->fs->next_bytenr;
	task->fs->next_bytenr += record.bytes;
	record_add(model, task, record);
	inode->prealloc |= mask_of(first, count);
	meta_transaction(model, task, task->root, 3);
}

static void fallocate_hole(struct model *model, struct task *task)
{
	unsigned first = 0;
	unsigned count;

	if (task->todo == 0) {
		task->todo = task->range = holes(task);
		task->step = fallocate_insert;
		if (chance(model, model->error_percent) && task->changeset != 0)
			task->step = fallocate_undo;
		return;
	}
	count = run_of(task->todo, &first);
	task->range = mask_of(first, count);
	task->todo &= ~task->range;
	task->then = fallocate_hole;
	task->undo = fallocate_undo;
	data_reserve(model, task);
}

static void fallocate_flush(struct model *model, struct task *task)
{
	if (flush_range(task->inode, mask_of(task->first, task->count)))
		return;
	task->todo = holes(task);
	data_operation_begins(model, task);
	task->step = fallocate_hole;
	if (task->inode->size < task->first + task->count)
		task->inode->size = task->first + task->count;
	task->inode->inlined = false;
}

void fallocate_begin(struct model *model, struct task *task)
{
	(void)model;
	if (task->inode->lock != NULL || task->inode->map_lock != NULL)
		return;
	task->inode->lock = task->inode->map_lock = task;
	task->step = fallocate_flush;
}
