/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum { FIRST_ROOT = 256, FIRST_INO = 257, STUCK = 4000000 };

/* From here on nobody else may use it. */
static void evict(struct task *task)
{
	task->inode->evicting = true;
	task->step = evict_begin;
}

void task_done(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;

	task->step = NULL;
	task->hold = false;
	if (inode == NULL)
		return;
	inode->users--;
	/* Who closes an unlinked file last, evicts it. */
	if (inode->unlinked && !inode->evicting && inode->users == 0 && inode->extents == 0 &&
		task < &model->tasks[USERS])
		evict(task);
	else
		task->inode = NULL;
}

static struct inode *unused_inode(struct fs *fs)
{
	for (size_t i = 0; i < INODES; i++)
		if (!fs->inodes[i].used)
			return &fs->inodes[i];
	return NULL;
}

static struct inode *make_inode(struct model *model, struct root *root, uint64_t number)
{
	struct inode *inode = unused_inode(root->fs);

	if (inode == NULL)
		return NULL;
	*inode = (struct inode){.used = true, .fs = root->fs, .root = root, .number = number, .unit = SECTOR};
	inode->nocow = chance(model, model->setup.bug == BUG_NOCOW_RELEASED ? 60 : 15);
	inode->inlined = chance(model, 15);
	if (model->setup.bug == BUG_INT_TRUNCATION && chance(model, 40)) {
		inode->unit = UINT64_C(1) << 30;
		if (chance(model, 50))
			inode->unit += 1 << 20;
	}
	return inode;
}

void create_begin(struct model *model, struct task *task)
{
	struct event event = {.kind = EVENT_INODE_NEW, .bytes = task->fs->generation};
	struct inode *inode;

	if (task->fs->blocked)
		return;
	task->step = NULL;
	if (!meta_transaction(model, task, task->root, 5))
		return;
	inode = make_inode(model, task->root, task->fs->next_ino);
	if (inode == NULL)
		return;
	task->fs->next_ino++;
	trace_range(model, task, inode, event, 0, 0);
}

void drop_begin(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;

	if ((inode->dirty | inode->busy) != 0 || inode->users > 1 || inode->extents > 0 || inode->unlinked) {
		task_done(model, task);
		return;
	}
	inode->users--;
	inode->cached = 0;
	evict(task);
}

/* Dirty data is written when somebody waits for it, or after a while. */
static void begin_work(struct model *model, struct task *task)
{
	struct fs *fs = &model->fss[seeded_below(&model->seeded, model->fs_count)];
	struct inode *inode = &fs->inodes[seeded_below(&model->seeded, INODES)];

	task->cpu = (uint16_t)seeded_below(&model->seeded, 2);
	if (finish_begin(model, task, fs) || !inode->used)
		return;
	if (inode->wanted != 0 || chance(model, 4))
		writeback_begin(model, task, inode);
}

static void begin_cleaning(struct model *model, struct task *task)
{
	struct fs *fs = &model->fss[seeded_below(&model->seeded, model->fs_count)];
	struct inode *inode = &fs->inodes[seeded_below(&model->seeded, INODES)];

	if (!inode->used || !inode->unlinked || inode->evicting || inode->users > 0 || inode->extents > 0)
		return;
	task->fs = fs;
	task->root = inode->root;
	task->inode = inode;
	evict(task);
}

static void run_task(struct model *model, struct task *task)
{
	if (task->step == NULL && task < &model->tasks[USERS] && model->actions_left > 0)
		action_begin(model, task);
	else if (task->step == NULL && task >= &model->tasks[USERS] && task < &model->tasks[CLEANER])
		begin_work(model, task);
	else if (task->step == NULL && task == &model->tasks[CLEANER])
		begin_cleaning(model, task);
	else if (task->step == NULL)
		return;
	do {
		task->hold = false;
		if (task->step != NULL)
			task->step(model, task);
	} while (task->hold);
	trace_pause(model, chance(model, 1) ? 3000000 : seeded_below(&model->seeded, 3000));
}

static bool is_busy(const struct model *model)
{
	if (model->actions_left > 0)
		return true;
	for (size_t i = 0; i < TASKS; i++)
		if (model->tasks[i].step != NULL)
			return true;
	for (size_t f = 0; f < model->fs_count; f++)
		for (size_t i = 0; i < INODES; i++) {
			const struct inode *inode = &model->fss[f].inodes[i];

			if (inode->used && (inode->extents > 0 || inode->unlinked))
				return true;
		}
	return false;
}

static void run_actions(struct model *model, unsigned actions_left)
{
	model->actions_left = actions_left;
	for (size_t turn = 0; is_busy(model); turn++) {
		if (turn == STUCK) {
			fprintf(stderr, "model: seed %llu is stuck\n", (unsigned long long)model->setup.seed);
			abort();
		}
		run_task(model, &model->tasks[seeded_below(&model->seeded, UNMOUNTER)]);
	}
}

static void run_through(struct model *model, struct task *task)
{
	while (task->step != NULL)
		task->step(model, task);
}

/* What of a counter of data is not lost: bits, ordered extents, and what waits for a commit. */
static uint64_t held(const struct root *root)
{
	const struct fs *fs = root->fs;
	uint64_t bytes = 0;

	for (size_t i = 0; i < INODES; i++)
		if (fs->inodes[i].used && fs->inodes[i].root == root)
			bytes += bytes_of(&fs->inodes[i], fs->inodes[i].bits);
	for (size_t i = 0; i < EXTENTS; i++)
		if (fs->extents[i].inode != NULL && fs->extents[i].inode->root == root)
			bytes += fs->extents[i].rsv;
	for (size_t i = 0; i < fs->record_count; i++)
		if (fs->records[i].root == root)
			bytes += fs->records[i].rsv;
	return bytes;
}

void counters_note(struct model *model, struct fs *fs)
{
	struct model_run *run = model->run;

	for (size_t i = 0; i < ROOTS; i++) {
		struct root *root = &fs->roots[i];
		struct model_counter *counter = &run->counters[(size_t)(fs - model->fss) * ROOTS + i];
		uint64_t value = root->qgroup->rsv[EVENT_TYPE_DATA];

		counter->fs = fs->number;
		counter->root = root->number;
		counter->bytes += value > held(root) ? value - held(root) : 0;
		counter->inexact = counter->inexact || root->inexact;
	}
	run->counter_count = model->fs_count * ROOTS;
}

static void reset_counters(struct fs *fs)
{
	for (size_t i = 0; i < ROOTS; i++)
		fs->roots[i].meta_prealloc = fs->roots[i].meta_pertrans = 0;
	for (size_t i = 0; i < QGROUPS; i++)
		for (size_t type = 0; type < 3; type++)
			fs->qgroups[i].rsv[type] = 0;
}

/* Writes everything, commits, evicts every inode, and the btree inode last. */
static void unmount(struct model *model, struct fs *fs)
{
	struct task *task = &model->tasks[UNMOUNTER];
	struct event btree = {.kind = EVENT_INODE_EVICT, .root = 1, .ino = 1};

	task->fs = fs;
	task->root = &fs->roots[0];
	task->inode = NULL;
	for (size_t i = 0; i < INODES; i++) {
		struct inode *inode = &fs->inodes[i];

		if (!inode->used)
			continue;
		while (inode->dirty != 0 && writeback_begin(model, task, inode))
			run_through(model, task);
		while (inode->extents > 0)
			if (finish_begin(model, task, fs))
				run_through(model, task);
		task->inode = NULL;
	}
	sync_begin(model, task);
	run_through(model, task);
	for (size_t i = 0; i < INODES; i++) {
		if (!fs->inodes[i].used)
			continue;
		task->inode = &fs->inodes[i];
		task->root = task->inode->root;
		evict_begin(model, task);
		run_through(model, task);
		fs->inodes[i].meta = 0;
	}
	trace_event(model, task, btree);
	counters_note(model, fs);
	reset_counters(fs);
	trace_pause(model, 50000000);
}

static void make_fs(struct model *model, struct fs *fs, uint16_t number)
{
	*fs = (struct fs){.number = number,
		.mounted = true,
		.quota = true,
		.next_ino = FIRST_INO,
		.next_bytenr = UINT64_C(13631488),
		.generation = 9};
	for (size_t i = 0; i < ROOTS; i++) {
		struct qgroup *qgroup = &fs->qgroups[i];

		*qgroup = (struct qgroup){.id = FIRST_ROOT + i, .rfer = NODE};
		fs->roots[i] = (struct root){.fs = fs, .number = FIRST_ROOT + i, .qgroup = qgroup};
		if (i == 0)
			qgroup->max_rfer =
				model->setup.simple ? 0 : 16 * NODE + seeded_below(&model->seeded, 24) * NODE;
		if (i == 0 && !model->setup.two && !model->setup.toggles)
			model->run->max_rfer = qgroup->max_rfer;
		if (model->setup.hierarchy && i > 0)
			qgroup->parent = &fs->qgroups[ROOTS];
	}
	fs->qgroups[ROOTS] = (struct qgroup){.id = UINT64_C(1) << 48 | 100, .parent = &fs->qgroups[ROOTS + 1]};
	fs->qgroups[ROOTS + 1] = (struct qgroup){.id = UINT64_C(2) << 48 | 7};
	for (size_t i = 0; i < ROOTS; i++)
		make_inode(model, &fs->roots[i], fs->next_ino++);
}

static void make_tasks(struct model *model)
{
	for (size_t i = 0; i < TASKS; i++) {
		struct task *task = &model->tasks[i];

		*task = (struct task){.pid = (int32_t)(150 + i), .comm = i < USERS ? 1 : i < CLEANER ? 2 : 3};
		task->fs = &model->fss[0];
		task->root = &task->fs->roots[0];
	}
	model->tasks[UNMOUNTER].comm = 4;
}

/* How often things fail: what a bug needs to show happens more often. */
static void set_rates(struct model *model)
{
	static const struct {
		uint8_t inject;
		uint8_t error;
	} more[MODEL_BUGS] = {[BUG_FOREIGN_FREE] = {8, 2},
		[BUG_LOST_ROLLBACK] = {4, 2},
		[BUG_WRITEBACK_KEEPS] = {0, 8},
		[BUG_INT_TRUNCATION] = {0, 33},
		[BUG_RELEASE_VANISHES] = {0, 8},
		[BUG_ERROR_EXTENT_KEEPS] = {0, 8},
		[BUG_OVER_BROAD] = {4, 10},
		[BUG_META_DOUBLE_FREE] = {10, 2}};

	model->inject_percent = (unsigned)seeded_below(&model->seeded, 16) + more[model->setup.bug].inject;
	model->error_percent = (unsigned)seeded_below(&model->seeded, 6) + more[model->setup.bug].error;
}

void model_run(struct model_run *run, const struct model_setup *setup)
{
	struct model *model = memory_zeroed(sizeof(*model));

	*run = (struct model_run){.setup = *setup};
	model->setup = *setup;
	model->run = run;
	model->seeded = seeded_by(setup->seed * 64 + setup->bug);
	model->now_ns = UINT64_C(10000000000);
	model->fs_count = setup->two ? 2 : 1;
	set_rates(model);
	for (size_t i = 0; i < model->fs_count; i++)
		make_fs(model, &model->fss[i], (uint16_t)(i + 1));
	make_tasks(model);
	for (unsigned left = setup->remounts ? 2 : 1; left > 0; left--) {
		run_actions(model, setup->actions);
		for (size_t i = 0; i < model->fs_count && (left > 1 || setup->unmounted); i++)
			unmount(model, &model->fss[i]);
	}
	for (size_t i = 0; i < model->fs_count && !setup->unmounted; i++)
		counters_note(model, &model->fss[i]);
	free(model->operations);
	free(model);
}

void model_run_release(struct model_run *run)
{
	free(run->events);
	free(run->truths);
}
