/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/kernel.h"

#include "base/memory.h"

void data_operation_begins(struct model *model, struct task *task)
{
	task->changeset = 0;
	task->operation_first = (uint32_t)model->operation_count;
}

static uint32_t next_operation(struct model *model, const struct task *task)
{
	model->operations = memory_grown(
		model->operations, &model->operation_capacity, model->operation_count + 1, sizeof(*model->operations));
	model->operations[model->operation_count] = (struct operation){.pid = task->pid};
	return (uint32_t)model->operation_count++;
}

static void own(struct task *task, uint64_t mask)
{
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if (mask >> slot & 1)
			task->inode->owner[slot] = task->operation;
}

/* Part of what went in silence is lost from sight: where it was, no trace can tell, but that something is wrong. */
static void note_blurred(struct model *model, const struct task *task, const struct inode *inode)
{
	struct model_truth *strange;

	for (size_t i = 0; i < model->run->truth_count; i++) {
		struct model_truth *truth = &model->run->truths[i];

		if (truth->kind == FINDING_LEAK && truth->fs == inode->fs->number &&
			truth->root == inode->root->number && truth->ino == inode->number)
			truth->unprovable = "a count covers it together with other sectors";
	}
	strange = truth_add(model, task, FINDING_UNEXPLAINED, inode->root);
	strange->ino = inode->number;
	strange->unprovable = "a cause is not in sight";
}

static void reserve_charge(struct model *model, struct task *task);

/* qgroup_reserve_data(): bits first, then the event, then the limit. */
static void reserve_bits(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;
	unsigned first = 0;
	unsigned count = run_of(task->range, &first);
	struct event event = {.kind = EVENT_RESERVE_DATA, .op = EVENT_OP_RESERVE};

	task->fresh = 0;
	task->operation = next_operation(model, task);
	task->step = reserve_charge;
	task->hold = !model->setup.races;
	if (!inode->fs->quota)
		return;
	trace_bits(model, task, inode, task->range, true);
	task->fresh = task->range & ~inode->bits;
	inode->bits |= task->fresh;
	own(task, task->fresh);
	event.bytes = bytes_of(inode, task->fresh);
	trace_range(model, task, inode, event, first, count);
}

/* The limit refused it: only this reserve's bits are taken back, without an event of qgroups. */
static void reserve_refused(struct model *model, struct task *task)
{
	struct inode *inode = task->inode;

	if (inode->ghosts & task->range)
		note_blurred(model, task, inode);
	trace_bits(model, task, inode, task->fresh, false);
	inode->bits &= ~task->fresh;
	task->fresh = 0;
	task->hold = false;
	if (task->retried) {
		task->step = task->undo;
		return;
	}
	task->retried = true;
	flush_quota(model, task, reserve_bits);
}

static void reserve_charge(struct model *model, struct task *task)
{
	uint64_t bytes = bytes_of(task->inode, task->fresh);

	task->hold = false;
	if (bytes > 0 && !qgroup_charge(model, task, task->root, bytes, EVENT_TYPE_DATA)) {
		reserve_refused(model, task);
		return;
	}
	model->operations[task->operation].charged = true;
	if ((task->inode->ghosts & task->range) && task->fresh != task->range)
		note_blurred(model, task, task->inode);
	task->inode->ghosts &= ~task->range;
	task->changeset |= task->fresh;
	task->retried = false;
	task->step = task->then;
	task->hold = !model->setup.races;
}

void data_reserve(struct model *model, struct task *task)
{
	(void)model;
	task->retried = false;
	task->step = reserve_bits;
	task->hold = true;
}

/* While quota is off: since 6.7 the bits go all the same, before they stay for the next time that it is on. */
static void clear_silently(const struct model *model, struct inode *inode, uint64_t mask)
{
	if (model->setup.family == MODEL_6_1)
		return;
	inode->bits &= ~mask;
	inode->stale &= ~mask;
	inode->ghosts &= ~mask;
}

static void note_stale(struct model *model, const struct task *task, struct inode *inode, uint64_t mask)
{
	struct model_truth *truth;

	inode->stale &= ~mask;
	if (mask == 0)
		return;
	truth = truth_add(model, task, FINDING_STALE_FREE, inode->root);
	truth->ino = inode->number;
	truth->bytes = bytes_of(inode, mask);
	truth->unprovable = "its reserve may not be known to be of an older epoch";
	inode->root->inexact = true;
}

uint64_t data_clear(
	struct model *model, struct task *task, struct inode *inode, uint64_t run, enum event_op op, uint64_t *bytes)
{
	unsigned first = 0;
	unsigned count = run_of(run, &first);
	uint64_t cleared = inode->bits & run;
	struct event event = {.kind = EVENT_RELEASE_DATA, .op = (uint8_t)op, .bytes = bytes_of(inode, cleared)};

	if (bytes != NULL)
		*bytes = inode->fs->quota ? event.bytes : 0;
	if (!inode->fs->quota) {
		clear_silently(model, inode, run);
		return 0;
	}
	note_stale(model, task, inode, cleared & inode->stale);
	trace_bits(model, task, inode, run, false);
	if (inode->ghosts & run)
		note_blurred(model, task, inode);
	inode->bits &= ~run;
	inode->ghosts &= ~run;
	trace_range(model, task, inode, event, first, count);
	return cleared;
}

void data_free(struct model *model, struct task *task, struct inode *inode, uint64_t run)
{
	uint64_t cleared = data_clear(model, task, inode, run, EVENT_OP_FREE, NULL);

	qgroup_free_data(model, task, inode, cleared);
}

/* Whose bits these are, but for the task's own operation. */
static uint64_t foreign_part(const struct model *model, const struct task *task, uint64_t mask)
{
	uint64_t foreign = 0;

	for (unsigned slot = 0; slot < SLOTS; slot++) {
		uint32_t owner = task->inode->owner[slot];
		bool own = owner >= task->operation_first && model->operations[owner].pid == task->pid;

		if ((mask >> slot & 1) && !own)
			foreign |= UINT64_C(1) << slot;
	}
	return foreign;
}

static bool any_complete(const struct model *model, const struct inode *inode, uint64_t mask)
{
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if ((mask >> slot & 1) && model->operations[inode->owner[slot]].complete)
			return true;
	return false;
}

static uint64_t first_dirty(const struct model *model, const struct inode *inode, uint64_t mask)
{
	uint64_t first_ns = UINT64_MAX;

	for (unsigned slot = 0; slot < SLOTS; slot++) {
		const struct operation *owner = &model->operations[inode->owner[slot]];

		if ((mask >> slot & 1) && owner->complete && owner->complete_ns < first_ns)
			first_ns = owner->complete_ns;
	}
	return first_ns;
}

/* Why a trace need not prove that a traced free was foreign. */
static const char *doubt(const struct model *model, const struct task *task, uint64_t foreign)
{
	if (!any_complete(model, task->inode, foreign))
		return "its owner may have been overtaken by a truncate";
	if (model->operations[task->operation].complete)
		return "the task had its metadata and may have truncated";
	if (!model->setup.ordered)
		return "it may have been the free of a NOCOW extent that is not recorded";
	return NULL;
}

static bool all_charged(const struct model *model, const struct inode *inode, uint64_t mask)
{
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if ((mask >> slot & 1) && !model->operations[inode->owner[slot]].charged)
			return false;
	return true;
}

static void note_foreign(struct model *model, struct task *task, uint64_t foreign, uint64_t time_ns, bool traced)
{
	struct inode *inode = task->inode;
	struct model_truth *truth;
	unsigned first = (unsigned)__builtin_ctzll(foreign);
	unsigned last = 63 - (unsigned)__builtin_clzll(foreign);

	truth = truth_add(model, task, FINDING_FOREIGN_FREE, inode->root);
	truth->ino = inode->number;
	truth->start = first * inode->unit;
	truth->len = (last + 1 - first) * inode->unit;
	truth->bytes = bytes_of(inode, foreign);
	truth->time_ns = time_ns;
	truth->owner = model->operations[inode->owner[first]].pid;
	truth->dirtied_ns = first_dirty(model, inode, foreign);
	if (!all_charged(model, inode, foreign))
		truth->unprovable = "its owner's reserve was not over, and may still have failed";
	else if (traced)
		truth->unprovable = doubt(model, task, foreign);
	else if (!model->setup.ordered)
		truth->unprovable = "an extent that came to nothing, and is not recorded, gives back the same";
	else if (model->setup.simple)
		truth->unprovable = "simple quotas drop outside of commits, which looks the same";
}

/* The classic bug: whatever is in the range is freed, with an event. */
static void free_whole_range(struct model *model, struct task *task, uint64_t range)
{
	uint64_t foreign = task->fs->quota ? foreign_part(model, task, task->inode->bits & range) : 0;
	uint64_t cleared = data_clear(model, task, task->inode, range, EVENT_OP_FREE, NULL);
	uint64_t time_ns = model->now_ns;

	qgroup_free_data(model, task, task->inode, cleared);
	if (foreign != 0)
		note_foreign(model, task, foreign, time_ns, true);
}

/* qgroup_free_reserved_data(): the sectors of the changeset, whoever has set their bits since. */
static void free_changeset(struct model *model, struct task *task, uint64_t range)
{
	struct inode *inode = task->inode;
	uint64_t pieces = task->changeset & range;
	uint64_t cleared = pieces & inode->bits;
	unsigned begin = 0;
	unsigned length = pieces != 0 ? run_of(pieces, &begin) : 0;
	bool broad = pieces != mask_of(begin, length);
	uint64_t foreign = foreign_part(model, task, cleared);

	if (!inode->fs->quota) {
		clear_silently(model, inode, pieces);
		return;
	}
	note_stale(model, task, inode, cleared & inode->stale);
	if (inode->ghosts & pieces)
		note_blurred(model, task, inode);
	while (pieces != 0) {
		unsigned first = 0;
		unsigned count = run_of(pieces, &first);

		trace_bits(model, task, inode, mask_of(first, count), false);
		pieces &= ~mask_of(first, count);
	}
	inode->bits &= ~cleared;
	inode->ghosts &= ~cleared;
	qgroup_free_data(model, task, inode, cleared);
	if (broad) {
		struct model_truth *truth = truth_add(model, task, FINDING_OVER_BROAD_ROLLBACK, inode->root);

		truth->ino = inode->number;
		truth->unprovable = "one rollback of several ranges shows with extent bits only, and does no harm";
	}
	if (foreign != 0)
		note_foreign(model, task, foreign, model->now_ns, false);
}

void data_take_back(struct model *model, struct task *task, uint64_t range)
{
	if (model->setup.bug == BUG_FOREIGN_FREE)
		free_whole_range(model, task, range);
	else if (model->setup.bug == BUG_LOST_ROLLBACK)
		truth_left(model, task, task->inode, task->changeset & range & task->inode->bits);
	else
		free_changeset(model, task, range);
	task->changeset &= ~range;
}
