/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

#include "base/memory.h"

/* Events of one task are about a microsecond apart. */
void trace_pause(struct model *model, uint64_t ns)
{
	model->now_ns += ns;
}

static bool is_recorded(const struct model_setup *setup, enum event_kind kind)
{
	switch ((int)kind) {
	case EVENT_SET_EXTENT_BIT:
	case EVENT_CLEAR_EXTENT_BIT:
		return setup->bits;
	case EVENT_ORDERED_ADD:
	case EVENT_ORDERED_REMOVE:
		return setup->ordered;
	case EVENT_ADD_DELAYED_REF_HEAD:
	case EVENT_ADD_DELAYED_DATA_REF:
	case EVENT_RUN_DELAYED_DATA_REF:
	case EVENT_ACCOUNT_EXTENTS:
	case EVENT_ACCOUNT_EXTENT:
	case EVENT_UPDATE_COUNTERS:
	case EVENT_NUM_DIRTY_EXTENTS:
		return setup->accounting;
	default:
		return true;
	}
}

void trace_event(struct model *model, const struct task *task, struct event event)
{
	struct model_run *run = model->run;

	trace_pause(model, 300 + seeded_below(&model->seeded, 1500));
	if (!is_recorded(&model->setup, (enum event_kind)event.kind))
		return;
	event.number = run->event_count + 1;
	event.time_ns = model->now_ns;
	event.cpu = task->cpu;
	event.pid = task->pid;
	event.comm = task->comm;
	event.fs = task->fs->number;
	run->events = memory_grown(run->events, &run->event_capacity, run->event_count + 1, sizeof(*run->events));
	run->events[run->event_count++] = event;
}

void trace_range(struct model *model, const struct task *task, const struct inode *inode, struct event event,
	unsigned first, unsigned count)
{
	event.root = inode->root->number;
	event.ino = inode->number;
	event.start = first * inode->unit;
	event.len = count * inode->unit;
	trace_event(model, task, event);
}

void trace_bits(struct model *model, const struct task *task, const struct inode *inode, uint64_t mask, bool set)
{
	enum { INODE_IO = 3 };
	struct event event = {.kind = set ? EVENT_SET_EXTENT_BIT : EVENT_CLEAR_EXTENT_BIT,
		.op = INODE_IO,
		.flags = EVENT_BIT_QGROUP_RESERVED};
	unsigned first = 0;
	unsigned count = run_of(mask, &first);

	trace_range(model, task, inode, event, first, count);
}

void trace_ordered(struct model *model, const struct task *task, const struct extent *extent, enum event_kind kind)
{
	struct event event = {.kind = (uint8_t)kind, .bytes = extent->bytenr, .flags = extent->flags};

	trace_range(model, task, extent->inode, event, extent->first, extent->count);
}

struct model_truth *truth_add(struct model *model, const struct task *task, enum finding_kind kind, struct root *root)
{
	struct model_run *run = model->run;
	struct model_truth *truth;

	run->truths = memory_grown(run->truths, &run->truth_capacity, run->truth_count + 1, sizeof(*run->truths));
	truth = &run->truths[run->truth_count++];
	*truth = (struct model_truth){.kind = kind,
		.fs = root->fs->number,
		.root = root->number,
		.time_ns = model->now_ns,
		.pid = task->pid,
		.owner = -1};
	return truth;
}

void truth_leak(struct model *model, const struct task *task, const struct inode *inode, uint64_t mask)
{
	struct model_truth *truth;

	if (mask == 0)
		return;
	truth = truth_add(model, task, FINDING_LEAK, inode->root);
	truth->ino = inode->number;
	truth->bytes = bytes_of(inode, mask);
}

void truth_left(struct model *model, const struct task *task, const struct inode *inode, uint64_t mask)
{
	size_t before = model->run->truth_count;

	truth_leak(model, task, inode, mask);
	if (model->run->truth_count > before)
		model->run->truths[before].left = true;
}

void truth_flight(struct model *model, const struct task *task, const struct inode *inode, uint64_t bytes)
{
	struct model_truth *truth;

	if (bytes == 0)
		return;
	truth = truth_add(model, task, FINDING_LEAK, inode->root);
	truth->bytes = bytes;
}
