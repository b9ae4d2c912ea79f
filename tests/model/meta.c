/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

static void trace_meta(struct model *model, const struct task *task, const struct root *root, int64_t diff)
{
	struct event event = {
		.kind = EVENT_META_RESERVE, .root = root->number, .diff = diff, .type = EVENT_TYPE_META_PREALLOC};

	if (!root->fs->quota)
		return;
	trace_event(model, task, event);
}

void meta_noise(struct model *model, struct task *task, struct root *root)
{
	trace_meta(model, task, root, 0);
}

static void try_reserve(struct model *model, struct task *task);

/* The old error path gave back what it had not got, out of what others hold. */
static void free_twice(struct model *model, struct task *task)
{
	struct root *root = task->root;
	uint64_t bytes = root->meta_prealloc < NODE ? root->meta_prealloc : NODE;
	struct model_truth *truth;

	root->meta_prealloc -= bytes;
	trace_meta(model, task, root, -(int64_t)bytes);
	if (bytes == 0 || !root->fs->quota)
		return;
	truth = truth_add(model, task, FINDING_META_IMBALANCE, root);
	truth->bytes = bytes;
	truth->unprovable = "a write whose extent joins another gives back as much after a refusal";
	qgroup_discharge(model, task, root, bytes, EVENT_TYPE_META_PREALLOC);
}

static void refused(struct model *model, struct task *task)
{
	if (task->retried && model->setup.bug == BUG_META_DOUBLE_FREE)
		free_twice(model, task);
	if (task->retried) {
		task->step = task->undo;
		return;
	}
	task->retried = true;
	if (chance(model, 60))
		trace_meta(model, task, task->root, 0);
	flush_quota(model, task, try_reserve);
}

static void try_reserve(struct model *model, struct task *task)
{
	struct root *root = task->root;

	task->hold = false;
	trace_meta(model, task, root, NODE);
	if (chance(model, model->inject_percent) || !qgroup_charge(model, task, root, NODE, EVENT_TYPE_META_PREALLOC)) {
		refused(model, task);
		return;
	}
	if (root->fs->quota)
		root->meta_prealloc += NODE;
	task->inode->meta += NODE;
	task->inode->held++;
	task->granted = true;
	task->step = task->then;
	task->hold = !model->setup.races;
}

/* An injected failure shows nothing at all, a refused one is tried twice. */
void meta_reserve(struct model *model, struct task *task)
{
	task->retried = false;
	task->granted = false;
	if (chance(model, model->inject_percent / 2)) {
		task->step = task->undo;
		return;
	}
	task->step = try_reserve;
	task->hold = !model->setup.races;
}

static unsigned outstanding(const struct inode *inode)
{
	unsigned runs = inode->extents + inode->held;
	uint64_t left = inode->dirty;

	while (left != 0) {
		unsigned first = 0;
		unsigned count = run_of(left, &first);

		left &= ~mask_of(first, count);
		runs++;
	}
	return runs;
}

/* What the inode holds beyond its need, as far as the root's own count goes (sub_root_meta_rsv()). */
static uint64_t take_excess(struct inode *inode)
{
	uint64_t need = outstanding(inode) * (uint64_t)NODE;
	uint64_t excess = inode->meta > need ? inode->meta - need : 0;

	inode->meta -= excess;
	if (!inode->fs->quota)
		return 0;
	if (excess > inode->root->meta_prealloc)
		excess = inode->root->meta_prealloc;
	inode->root->meta_prealloc -= excess;
	return excess;
}

void meta_free(struct model *model, struct task *task, struct inode *inode)
{
	uint64_t excess = take_excess(inode);

	trace_meta(model, task, inode->root, -(int64_t)excess);
	if (excess > 0)
		qgroup_discharge(model, task, inode->root, excess, EVENT_TYPE_META_PREALLOC);
}

static void convert(struct model *model, struct task *task, struct root *root, uint64_t bytes)
{
	struct event event = {.kind = EVENT_META_CONVERT, .root = root->number, .diff = (int64_t)bytes};

	if (bytes > 0)
		root->dirty = root->fs->dirty = true;
	if (!root->fs->quota)
		return;
	trace_event(model, task, event);
	if (bytes == 0)
		return;
	root->meta_pertrans += bytes;
	for (struct qgroup *qgroup = root->qgroup; qgroup != NULL; qgroup = qgroup->parent) {
		struct event down = {.kind = EVENT_UPDATE_RESERVE,
			.root = qgroup->id,
			.bytes = qgroup->rsv[EVENT_TYPE_META_PREALLOC],
			.diff = -(int64_t)bytes,
			.type = EVENT_TYPE_META_PREALLOC};
		struct event up = {.kind = EVENT_UPDATE_RESERVE,
			.root = qgroup->id,
			.bytes = qgroup->rsv[EVENT_TYPE_META_PERTRANS],
			.diff = (int64_t)bytes,
			.type = EVENT_TYPE_META_PERTRANS};

		trace_event(model, task, down);
		trace_event(model, task, up);
		qgroup->rsv[EVENT_TYPE_META_PREALLOC] -=
			bytes < qgroup->rsv[EVENT_TYPE_META_PREALLOC] ? bytes : qgroup->rsv[EVENT_TYPE_META_PREALLOC];
		qgroup->rsv[EVENT_TYPE_META_PERTRANS] += bytes;
	}
}

void meta_convert(struct model *model, struct task *task, struct inode *inode)
{
	convert(model, task, inode->root, take_excess(inode));
}

void meta_settle(struct model *model, struct task *task)
{
	task->inode->held--;
	task->granted = false;
	model->operations[task->operation].complete = true;
	meta_free(model, task, task->inode);
	model->operations[task->operation].complete_ns = model->now_ns;
}

bool meta_transaction(struct model *model, struct task *task, struct root *root, unsigned nodes)
{
	uint64_t bytes = nodes * (uint64_t)NODE;

	trace_meta(model, task, root, (int64_t)bytes);
	if (!qgroup_charge(model, task, root, bytes, EVENT_TYPE_META_PREALLOC))
		return false;
	convert(model, task, root, bytes);
	return true;
}
