/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

bool flush_range(struct inode *inode, uint64_t range)
{
	inode->wanted |= inode->dirty & range;
	return ((inode->dirty | inode->busy) & range) != 0;
}

static struct extent *new_extent(struct fs *fs)
{
	for (size_t i = 0; i < EXTENTS; i++)
		if (fs->extents[i].inode == NULL)
			return &fs->extents[i];
	return NULL;
}

/* Sectors of one kind on disk make one extent. */
static unsigned same_kind(const struct inode *inode, unsigned first, unsigned count)
{
	unsigned same = 1;
	bool prealloc = inode->prealloc >> first & 1;
	bool data = inode->nocow && (inode->data >> first & 1);

	while (same < count && (inode->prealloc >> (first + same) & 1) == prealloc &&
		(inode->nocow && (inode->data >> (first + same) & 1)) == data)
		same++;
	return same;
}

static void extent_end(struct extent *extent)
{
	struct inode *inode = extent->inode;

	inode->busy &= ~mask_of(extent->first, extent->count);
	inode->extents--;
	extent->inode = NULL;
}

/* Nothing was written; the error path gives back data, then metadata. */
static void writeback_error(struct model *model, struct task *task)
{
	struct extent *extent = task->extent;
	struct inode *inode = extent->inode;

	if (model->setup.bug == BUG_WRITEBACK_KEEPS)
		truth_left(model, task, inode, inode->bits & mask_of(extent->first, extent->count));
	else
		data_free(model, task, inode, mask_of(extent->first, extent->count));
	extent_end(extent);
	meta_free(model, task, inode);
	task_done(model, task);
}

static void writeback_inline(struct model *model, struct task *task)
{
	if (task->fs->blocked)
		return;
	data_free(model, task, task->inode, mask_of(task->extent->first, task->extent->count));
	extent_end(task->extent);
	meta_free(model, task, task->inode);
	task_done(model, task);
}

static void writeback_ordered(struct model *model, struct task *task)
{
	task->extent->added = true;
	trace_ordered(model, task, task->extent, EVENT_ORDERED_ADD);
	task_done(model, task);
}

/* No memory for the ordered extent: what was released is given back at once. */
static void writeback_vanishes(struct model *model, struct task *task)
{
	struct extent *extent = task->extent;
	struct inode *inode = extent->inode;

	if (model->setup.bug == BUG_RELEASE_VANISHES)
		truth_flight(model, task, inode, extent->rsv);
	else if (extent->rsv > 0)
		qgroup_discharge(model, task, inode->root, extent->rsv, EVENT_TYPE_DATA);
	extent_end(extent);
	meta_free(model, task, inode);
	task_done(model, task);
}

static void release_overwritten(struct model *model, struct task *task)
{
	struct extent *extent = task->extent;
	uint64_t run = mask_of(extent->first, extent->count);

	if (model->setup.bug != BUG_NOCOW_RELEASED) {
		data_free(model, task, extent->inode, run);
		return;
	}
	data_clear(model, task, extent->inode, run, EVENT_OP_RELEASE, &extent->rsv);
	truth_flight(model, task, extent->inode, extent->rsv);
	extent->rsv = 0;
}

static void writeback_release(struct model *model, struct task *task)
{
	struct extent *extent = task->extent;
	uint64_t run = mask_of(extent->first, extent->count);

	task->step = writeback_ordered;
	task->hold = !model->setup.races;
	if (extent->flags & (EVENT_ORDERED_NOCOW | EVENT_ORDERED_PREALLOC)) {
		release_overwritten(model, task);
		return;
	}
	data_clear(model, task, extent->inode, run, EVENT_OP_RELEASE, &extent->rsv);
	if (chance(model, model->error_percent))
		task->step = writeback_vanishes;
}

bool writeback_begin(struct model *model, struct task *task, struct inode *inode)
{
	struct extent *extent = new_extent(inode->fs);
	uint64_t ready = inode->dirty & ~inode->busy;
	unsigned first = 0;
	unsigned count;

	if (extent == NULL || ready == 0 || inode->evicting)
		return false;
	count = run_of(ready, &first);
	count = same_kind(inode, first, count);
	inode->users++;
	task->fs = inode->fs;
	task->root = inode->root;
	task->inode = inode;
	task->extent = extent;
	*extent = (struct extent){.inode = inode, .first = first, .count = count, .bytenr = inode->fs->next_bytenr};
	extent->flags = inode->prealloc >> first & 1		     ? EVENT_ORDERED_PREALLOC
			: inode->nocow && (inode->data >> first & 1) ? EVENT_ORDERED_NOCOW
			: count > 4 && chance(model, 10)	     ? EVENT_ORDERED_COMPRESSED
								     : EVENT_ORDERED_REGULAR;
	inode->fs->next_bytenr += count * inode->unit;
	inode->dirty &= ~mask_of(first, count);
	inode->wanted &= ~mask_of(first, count);
	inode->busy |= mask_of(first, count);
	inode->extents++;
	task->step = writeback_release;
	if (inode->inlined && first == 0 && count == 1)
		task->step = writeback_inline;
	else if (chance(model, model->error_percent))
		task->step = writeback_error;
	return true;
}

void record_add(struct model *model, const struct task *task, struct record record)
{
	struct fs *fs = record.root->fs;
	uint8_t action = record.gone ? 2 : 1;
	struct event head = {
		.kind = EVENT_ADD_DELAYED_REF_HEAD, .start = record.bytenr, .len = record.bytes, .op = 3, .flags = 1};
	struct event data = {.kind = EVENT_ADD_DELAYED_DATA_REF,
		.start = record.bytenr,
		.len = record.bytes,
		.op = action,
		.root = record.root->number,
		.ino = record.ino};

	trace_event(model, task, head);
	trace_event(model, task, data);
	fs->dirty = record.root->dirty = true;
	if (fs->record_count == RECORDS)
		return;
	fs->records[fs->record_count++] = record;
}

/* An extent that failed gives back what it holds, without an event of data. */
static void finish_failed(struct model *model, struct task *task)
{
	struct extent *extent = task->extent;

	if (extent->rsv == 0)
		return;
	if (model->setup.bug == BUG_ERROR_EXTENT_KEEPS)
		truth_flight(model, task, extent->inode, extent->rsv);
	else
		qgroup_discharge(model, task, extent->inode->root, extent->rsv, EVENT_TYPE_DATA);
}

static void finish_written(struct model *model, struct task *task)
{
	struct extent *extent = task->extent;
	struct inode *inode = extent->inode;
	uint64_t run = mask_of(extent->first, extent->count);
	struct record record = {.root = inode->root,
		.ino = inode->number,
		.bytenr = extent->bytenr,
		.bytes = bytes_of(inode, run),
		.rsv = extent->rsv};
	struct record old = record;

	if (!(extent->flags & (EVENT_ORDERED_NOCOW | EVENT_ORDERED_PREALLOC))) {
		record_add(model, task, record);
		old.bytes = bytes_of(inode, run & (inode->data | inode->prealloc));
		old.bytenr = task->fs->next_bytenr;
		task->fs->next_bytenr += old.bytes;
		old.rsv = 0;
		old.gone = true;
		if (old.bytes > 0)
			record_add(model, task, old);
	}
	inode->prealloc &= ~run;
	inode->data |= run;
}

static void finish_remove(struct model *model, struct task *task)
{
	struct extent *extent = task->extent;
	struct extent gone = *extent;

	extent_end(extent);
	meta_convert(model, task, gone.inode);
	trace_ordered(model, task, &gone, EVENT_ORDERED_REMOVE);
	task_done(model, task);
}

/* Joins the transaction, which has to wait while a commit is at its end. */
static void finish_join(struct model *model, struct task *task)
{
	if (task->fs->blocked)
		return;
	if (chance(model, model->error_percent))
		finish_failed(model, task);
	else
		finish_written(model, task);
	task->step = finish_remove;
	task->hold = !model->setup.races;
}

bool finish_begin(struct model *model, struct task *task, struct fs *fs)
{
	for (size_t i = 0; i < EXTENTS; i++) {
		struct extent *extent = &fs->extents[i];

		if (extent->inode == NULL || !extent->added || extent->finisher != NULL || !chance(model, 50))
			continue;
		extent->finisher = task;
		extent->inode->users++;
		task->fs = fs;
		task->root = extent->inode->root;
		task->inode = extent->inode;
		task->extent = extent;
		task->step = finish_join;
		return true;
	}
	return false;
}

static void fsync_wait(struct model *model, struct task *task)
{
	(void)model;
	if (!flush_range(task->inode, task->todo))
		task_done(model, task);
}

void fsync_begin(struct model *model, struct task *task)
{
	(void)model;
	task->todo = task->inode->dirty | task->inode->busy;
	task->step = fsync_wait;
}

static void flush_end(struct model *model, struct task *task)
{
	(void)model;
	task->root->flushing = NULL;
	task->step = task->flushed;
}

static void flush_wait(struct model *model, struct task *task)
{
	bool waiting = false;

	for (size_t i = 0; i < INODES; i++) {
		struct inode *inode = &task->fs->inodes[i];

		if (inode->used && inode->root == task->root && !inode->evicting)
			waiting = flush_range(inode, UINT64_MAX) || waiting;
	}
	if (!waiting)
		commit_begin(model, task, flush_end);
}

static void flush_join(struct model *model, struct task *task)
{
	(void)model;
	if (task->root->flushing == NULL)
		task->step = task->flushed;
}

/* try_flush_qgroup(): who comes second only waits for the first. */
void flush_quota(struct model *model, struct task *task, step_fn *then)
{
	(void)model;
	task->flushed = then;
	task->hold = false;
	task->step = flush_join;
	if (task->root->flushing != NULL)
		return;
	task->root->flushing = task;
	task->step = flush_wait;
}
