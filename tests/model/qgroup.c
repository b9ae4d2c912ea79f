/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

static void trace_update(
	struct model *model, const struct task *task, struct qgroup *qgroup, int64_t diff, enum event_type type)
{
	struct event event = {.kind = EVENT_UPDATE_RESERVE,
		.root = qgroup->id,
		.bytes = qgroup->rsv[type],
		.diff = diff,
		.type = (uint8_t)type};

	trace_event(model, task, event);
}

static bool has_room(const struct qgroup *qgroup, uint64_t bytes)
{
	uint64_t reserved = qgroup->rsv[0] + qgroup->rsv[1] + qgroup->rsv[2];

	return qgroup->max_rfer == 0 || qgroup->rfer + reserved + bytes <= qgroup->max_rfer;
}

/* How far beyond its limit the qgroup goes. */
static void note_beyond(
	struct model *model, const struct task *task, struct root *root, const struct qgroup *qgroup, uint64_t bytes)
{
	uint64_t sum = qgroup->rfer + qgroup->rsv[0] + qgroup->rsv[1] + qgroup->rsv[2] + bytes;
	struct model_truth *truth = truth_add(model, task, FINDING_LIMIT_EXCEEDED, root);

	truth->bytes = sum - qgroup->max_rfer;
	truth->unprovable = "its usage is not known, or what it held of metadata just then";
}

static bool may_charge(struct model *model, struct task *task, struct root *root, uint64_t bytes)
{
	for (struct qgroup *qgroup = root->qgroup; qgroup != NULL; qgroup = qgroup->parent) {
		if (has_room(qgroup, bytes))
			continue;
		if (model->setup.bug != BUG_NO_LIMIT || !chance(model, 30))
			return false;
		note_beyond(model, task, root, qgroup, bytes);
	}
	return true;
}

bool qgroup_charge(struct model *model, struct task *task, struct root *root, uint64_t bytes, enum event_type type)
{
	if (!root->fs->quota)
		return true;
	if (!may_charge(model, task, root, bytes))
		return false;
	for (struct qgroup *qgroup = root->qgroup; qgroup != NULL; qgroup = qgroup->parent) {
		trace_update(model, task, qgroup, (int64_t)bytes, type);
		qgroup->rsv[type] += bytes;
	}
	return true;
}

static void note_underflow(struct model *model, const struct task *task, struct root *root, int64_t diff)
{
	uint64_t have = root->qgroup->rsv[EVENT_TYPE_DATA];
	struct model_truth *truth = truth_add(model, task, FINDING_UNDERFLOW, root);

	truth->have_bytes = have;
	truth->diff_bytes = diff;
	truth->bytes = 0 - (uint64_t)diff - have;
	root->inexact = true;
}

/* What cannot be subtracted is clamped; a negative count of freed bytes is a huge one to qgroup_rsv_release(). */
static void subtract(
	struct model *model, const struct task *task, struct root *root, int64_t diff, enum event_type type)
{
	for (struct qgroup *qgroup = root->fs->quota ? root->qgroup : NULL; qgroup != NULL; qgroup = qgroup->parent) {
		uint64_t bytes = 0 - (uint64_t)diff;
		bool below = diff > 0 || qgroup->rsv[type] < bytes;

		trace_update(model, task, qgroup, diff, type);
		if (below && diff < 0 && type == EVENT_TYPE_DATA && qgroup == root->qgroup)
			note_underflow(model, task, root, diff);
		qgroup->rsv[type] = below ? 0 : qgroup->rsv[type] - bytes;
	}
}

void qgroup_discharge(struct model *model, struct task *task, struct root *root, uint64_t bytes, enum event_type type)
{
	subtract(model, task, root, -(int64_t)bytes, type);
}

void qgroup_free_data(struct model *model, struct task *task, struct inode *inode, uint64_t mask)
{
	uint64_t bytes = bytes_of(inode, mask);
	int64_t diff = -(int64_t)bytes;
	struct model_truth *truth;

	if (bytes == 0 || !inode->fs->quota)
		return;
	if (model->setup.bug == BUG_INT_TRUNCATION)
		diff = -(int64_t)(int32_t)(uint32_t)bytes;
	if (diff != 0)
		subtract(model, task, inode->root, diff, EVENT_TYPE_DATA);
	if (diff == -(int64_t)bytes)
		return;
	/* A count of 0 makes no event: the bits are gone, and the bytes stay. */
	if (diff == 0) {
		truth_leak(model, task, inode, mask);
		inode->ghosts |= mask;
		return;
	}
	truth = truth_add(model, task, FINDING_TRUNCATED_COUNT, inode->root);
	truth->ino = inode->number;
	truth->bytes = bytes;
	truth->diff_bytes = diff;
	if (diff < 0)
		truth_flight(model, task, inode, bytes + (uint64_t)diff);
	else
		inode->root->inexact = true;
}
