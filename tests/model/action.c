/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

enum { PAGES = 20, CROWD_PAGES = 4, WRITE_MAX = 6 };

static const struct {
	step_fn *begin;
	unsigned weight;
	bool giant; /* also for files of giant sectors */
} actions[] = {{write_begin, 40, false}, {fault_begin, 16, false}, {direct_begin, 6, false}, {fallocate_begin, 7, true},
	{truncate_begin, 8, true}, {punch_begin, 4, true}, {unlink_begin, 4, true}, {create_begin, 7, true},
	{fsync_begin, 5, true}, {sync_begin, 4, true}, {drop_begin, 3, true}, {toggle_begin, 2, true}};

static size_t weighted_action(struct model *model)
{
	size_t count = sizeof(actions) / sizeof(actions[0]);
	uint64_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += actions[i].weight;
	left = seeded_below(&model->seeded, left);
	for (size_t i = 0; i < count; i++) {
		if (left < actions[i].weight)
			return i;
		left -= actions[i].weight;
	}
	return 0;
}

static size_t any_action(struct model *model)
{
	static const size_t meet[] = {0, 1, 1, 2, 2, 2};

	if (model->setup.crowded && chance(model, 60))
		return meet[seeded_below(&model->seeded, sizeof(meet) / sizeof(meet[0]))];
	return weighted_action(model);
}

static struct inode *any_inode(struct model *model, struct fs *fs)
{
	bool meet = model->setup.crowded && chance(model, 60);
	struct inode *inode = &fs->inodes[meet ? 0 : seeded_below(&model->seeded, INODES)];

	return inode->used && !inode->unlinked && !inode->evicting ? inode : NULL;
}

void action_begin(struct model *model, struct task *task)
{
	size_t action = any_action(model);
	struct fs *fs = &model->fss[seeded_below(&model->seeded, model->fs_count)];
	struct inode *inode = any_inode(model, fs);
	step_fn *begin = actions[action].begin;

	task->fs = fs;
	task->inode = NULL;
	task->root = &fs->roots[seeded_below(&model->seeded, ROOTS)];
	task->cpu = (uint16_t)seeded_below(&model->seeded, 2);
	task->first = (unsigned)seeded_below(&model->seeded, model->setup.crowded ? CROWD_PAGES : PAGES);
	task->count = 1 + (unsigned)seeded_below(&model->seeded, WRITE_MAX);
	if (begin == toggle_begin && !model->setup.toggles)
		return;
	if (begin != create_begin && begin != sync_begin && begin != toggle_begin) {
		if (inode == NULL || (inode->unit != SECTOR && !actions[action].giant) ||
			(begin == fault_begin && !model->setup.faults))
			return;
		if (inode->inlined && begin == write_begin)
			task->first = 0, task->count = 1;
		task->inode = inode;
		task->root = inode->root;
		inode->users++;
	}
	model->actions_left--;
	task->step = begin;
}
