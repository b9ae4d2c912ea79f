/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

static void commit_records(struct model *model, struct task *task);

static void trace_account(struct model *model, struct task *task, const struct record *record)
{
	struct event account = {.kind = EVENT_ACCOUNT_EXTENTS, .start = record->bytenr, .len = record->bytes};
	struct event counters = {.kind = EVENT_UPDATE_COUNTERS};

	trace_event(model, task, account);
	if (!task->fs->quota)
		return;
	/* One root had it, or has it now. */
	account.kind = EVENT_ACCOUNT_EXTENT;
	account.bytes = record->gone;
	account.diff = !record->gone;
	trace_event(model, task, account);
	for (struct qgroup *qgroup = record->root->qgroup; qgroup != NULL; qgroup = qgroup->parent) {
		counters.root = qgroup->id;
		counters.bytes = counters.len = qgroup->rfer;
		counters.start = record->gone;
		counters.diff = !record->gone;
		trace_event(model, task, counters);
		if (record->gone)
			qgroup->rfer -= record->bytes < qgroup->rfer ? record->bytes : qgroup->rfer;
		else
			qgroup->rfer += record->bytes;
	}
}

static void trace_run_ref(struct model *model, struct task *task, const struct record *record)
{
	struct event event = {.kind = EVENT_RUN_DELAYED_DATA_REF,
		.start = record->bytenr,
		.len = record->bytes,
		.op = record->gone ? 2 : 1,
		.root = record->root->number,
		.ino = record->ino};

	trace_event(model, task, event);
	for (struct qgroup *qgroup = record->root->qgroup; qgroup != NULL; qgroup = qgroup->parent)
		qgroup->rfer += record->gone ? 0 : record->bytes;
}

static void commit_drop(struct model *model, struct task *task, struct record *record)
{
	uint64_t bytes = record->rsv;
	struct model_truth *truth;

	if (model->setup.simple)
		trace_run_ref(model, task, record);
	else
		trace_account(model, task, record);
	if (record->gone || !task->fs->quota)
		return;
	if (model->setup.bug == BUG_COMMIT_SKIPS && bytes > 0 && chance(model, 25)) {
		truth = truth_add(model, task, FINDING_LEAK, record->root);
		truth->bytes = bytes;
		return;
	}
	if (model->setup.bug == BUG_COMMIT_DROPS_LENGTH && bytes < record->bytes) {
		truth = truth_add(model, task, FINDING_COMMIT_MISMATCH, record->root);
		truth->bytes = record->bytes - bytes;
		truth->unprovable = "by the underflow only";
		bytes = record->bytes;
		record->root->inexact = true;
	}
	if (bytes > 0)
		qgroup_discharge(model, task, record->root, bytes, EVENT_TYPE_DATA);
}

static void commit_end(struct model *model, struct task *task)
{
	struct fs *fs = task->fs;
	struct event event = {.kind = EVENT_TRANSACTION_COMMIT, .root = 1, .bytes = fs->generation};

	trace_event(model, task, event);
	fs->generation++;
	fs->commits++;
	fs->committer = NULL;
	task->step = task->committed;
}

/* What was added while the commit ran waits for the next one. */
static void forget_records(struct fs *fs)
{
	for (size_t i = fs->record_end; i < fs->record_count; i++)
		fs->records[i - fs->record_end] = fs->records[i];
	fs->record_count -= fs->record_end;
	fs->record_next = fs->record_end = 0;
}

static void commit_unblock(struct model *model, struct task *task)
{
	struct event event = {
		.kind = EVENT_NUM_DIRTY_EXTENTS, .start = task->fs->generation, .bytes = task->fs->record_end};

	if (!model->setup.simple)
		trace_event(model, task, event);
	forget_records(task->fs);
	task->fs->blocked = false;
	task->step = commit_end;
}

static void free_pertrans(struct model *model, struct task *task, struct root *root)
{
	uint64_t bytes = root->qgroup->rsv[EVENT_TYPE_META_PERTRANS];
	struct event event = {.kind = EVENT_META_FREE_ALL_PERTRANS,
		.root = root->number,
		.diff = -(int64_t)root->meta_pertrans,
		.type = EVENT_TYPE_META_PERTRANS};

	root->dirty = false;
	if (!root->fs->quota)
		return;
	if (model->setup.bug == BUG_PERTRANS_STUCK && bytes > 0 && chance(model, 30)) {
		struct model_truth *truth = truth_add(model, task, FINDING_META_IMBALANCE, root);

		truth->bytes = bytes;
		truth->unprovable = "a later commit frees it";
		return;
	}
	trace_event(model, task, event);
	qgroup_discharge(model, task, root, bytes, EVENT_TYPE_META_PERTRANS);
}

static void commit_roots(struct model *model, struct task *task)
{
	struct event noise = {.kind = EVENT_META_CONVERT};

	for (size_t i = 0; i < ROOTS; i++) {
		struct root *root = &task->fs->roots[i];

		if (!root->dirty || !root->fs->quota)
			continue;
		noise.root = root->number;
		trace_event(model, task, noise);
	}
	for (size_t i = 0; i < ROOTS; i++)
		if (task->fs->roots[i].dirty)
			free_pertrans(model, task, &task->fs->roots[i]);
	task->step = model->setup.simple ? commit_unblock : commit_records;
}

static void commit_records(struct model *model, struct task *task)
{
	struct fs *fs = task->fs;

	if (fs->record_next < fs->record_end)
		commit_drop(model, task, &fs->records[fs->record_next++]);
	else
		task->step = model->setup.simple ? commit_roots : commit_unblock;
}

/* A commit that is under way is waited for; with nothing to commit there is none. */
static void commit_start(struct model *model, struct task *task)
{
	struct fs *fs = task->fs;

	(void)model;
	if (fs->committer != NULL)
		return;
	if (!fs->dirty) {
		task->step = task->committed;
		return;
	}
	fs->committer = task;
	fs->dirty = false;
	fs->blocked = true;
	fs->record_next = 0;
	fs->record_end = fs->record_count;
	task->step = model->setup.simple ? commit_records : commit_roots;
}

void commit_begin(struct model *model, struct task *task, step_fn *then)
{
	(void)model;
	task->committed = then;
	task->step = commit_start;
}

static void sync_wait(struct model *model, struct task *task)
{
	bool waiting = false;

	for (size_t i = 0; i < INODES; i++) {
		struct inode *inode = &task->fs->inodes[i];

		if (inode->used && !inode->evicting)
			waiting = flush_range(inode, UINT64_MAX) || waiting;
	}
	if (!waiting)
		commit_begin(model, task, task_done);
}

void sync_begin(struct model *model, struct task *task)
{
	(void)model;
	task->step = sync_wait;
}
