/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/task.h"

#include "analyzer/rules/bits.h"
#include "analyzer/rules/commit.h"
#include "analyzer/rules/inode.h"
#include "analyzer/rules/leak.h"
#include "analyzer/rules/meta.h"
#include "analyzer/rules/suspect.h"

static bool is_data_update(const struct event *event)
{
	return event->kind == EVENT_UPDATE_RESERVE && (event->type == EVENT_TYPE_DATA || !event_has_type(event));
}

/* Eviction frees what the inode holds, then does something else (evict_inode_truncate_pages()). */
static bool belongs_to_eviction(const struct task *task, const struct event *event)
{
	if (event->kind == EVENT_RELEASE_DATA)
		return rules_same_file(event, &task->evict_event);
	return is_data_update(event) || event->kind == EVENT_CLEAR_EXTENT_BIT;
}

/* What a task reserves for another root or filesystem meanwhile tells nothing about its operation. */
static bool is_of_operation(const struct claim *operation, const struct event *event)
{
	return operation != NULL && operation->event.root == event->root && operation->event.fs == event->fs;
}

/* A request for metadata was refused when the task goes on without the counter update that grants it. */
static void settle_meta_request(struct task *task, const struct event *event)
{
	const struct event *asked = &task->last;
	struct claim *operation = task->operation;

	if (asked->kind != EVENT_META_RESERVE || asked->diff <= 0 || !is_of_operation(operation, asked))
		return;
	if (asked->type == EVENT_TYPE_GARBAGE)
		return;
	if (event->kind == EVENT_UPDATE_RESERVE && event->root == asked->root && event->fs == asked->fs &&
		event->diff == asked->diff)
		return;
	if (operation->meta_failures < UINT8_MAX)
		operation->meta_failures++;
	operation->meta_failure = claim_note_of(asked);
}

/* Data that was written although its bytes were no longer reserved: rule 8. */
static void unreserved_write(struct replay *replay, struct task *task, const struct event *ordered)
{
	const struct event *release = &task->last;
	const struct claim *by = task->short_claim;
	struct verdict_group_key key = {
		.kind = FINDING_UNRESERVED_WRITE, .fs = release->fs, .root = release->root, .ino = release->ino};
	struct verdict *verdict;

	if (by != NULL && by->event.kind == EVENT_RELEASE_DATA && by->event.op == EVENT_OP_RELEASE) {
		/* A split ordered extent is released twice (btrfs_split_ordered_extent()). */
		if (by->ordered && !by->finished && replay->books.ordered_seen)
			return;
		key.path = PATH_OLDER_WRITEBACK;
	}
	/* The consequence of a foreign free hangs under that finding. */
	if (by != NULL && by->suspect != NULL)
		return;
	verdict = verdict_new(key, release);
	verdict->occurrence.bytes = task->short_bytes;
	if (by != NULL)
		verdict_evidence(verdict, &by->event, ROLE_RANGE_TAKEN);
	verdict_evidence(verdict, release, ROLE_RELEASE_SHORT);
	if (ordered != NULL)
		verdict_evidence(verdict, ordered, ROLE_ORDERED);
	verdicts_add(&replay->verdicts, verdict);
}

static void settle_release(struct replay *replay, struct task *task, const struct event *event)
{
	const int unaccounted = EVENT_ORDERED_NOCOW | EVENT_ORDERED_PREALLOC;
	bool ordered = event->kind == EVENT_ORDERED_ADD && rules_same_file(event, &task->last) &&
		       event->start == task->last.start;

	if (task->released != NULL && ordered) {
		books_ordered_begins(&replay->books, task->released);
		if ((event->flags & (unsigned)unaccounted) != 0)
			leak_nocow(task, event);
		commit_ordered(replay, task, event);
	} else if (task->released != NULL) {
		commit_unbound(replay, task);
	}
	if (task->short_bytes > 0 && (ordered || !replay->books.ordered_seen))
		unreserved_write(replay, task, ordered ? event : NULL);
	claim_drop(&replay->books.claims, task->released);
	task->released = NULL;
	claim_drop(&replay->books.claims, task->released_owner);
	task->released_owner = NULL;
	task->short_bytes = 0;
	claim_drop(&replay->books.claims, task->short_claim);
	task->short_claim = NULL;
}

static void settle_suspect(struct replay *replay, struct task *task, const struct event *event)
{
	if (is_data_update(event) && (is_data_update(&task->last) || task->last.kind == EVENT_RELEASE_DATA)) {
		suspect_counter_seen(task->suspect, event);
		return;
	}
	suspect_next(replay, task->suspect, event);
}

/* While quota is on, an ordered extent is preceded by its own release or free (btrfs_alloc_ordered_extent()). */
static void watch_for_silence(struct replay *replay, const struct task *task, const struct event *event)
{
	const struct event *last = &task->last;
	bool accounted = (last->kind == EVENT_RELEASE_DATA || is_data_update(last)) && last->fs == event->fs;

	if (!accounted)
		books_fs(&replay->books, event->fs)->silent_writes = true;
}

/* Whether an event says what its task is about; those that only tell of extents may or may not be recorded. */
static bool tells(const struct event *event)
{
	switch ((enum event_kind)event->kind) {
	case EVENT_RESERVE_DATA:
	case EVENT_RELEASE_DATA:
	case EVENT_UPDATE_RESERVE:
	case EVENT_META_RESERVE:
	case EVENT_META_CONVERT:
	case EVENT_META_FREE_ALL_PERTRANS:
	case EVENT_TRANSACTION_COMMIT:
	case EVENT_INODE_NEW:
	case EVENT_INODE_EVICT:
	case EVENT_ORDERED_ADD:
		return true;
	case EVENT_NONE:
	case EVENT_FREE_DELAYED_REF:
	case EVENT_ACCOUNT_EXTENTS:
	case EVENT_ACCOUNT_EXTENT:
	case EVENT_UPDATE_COUNTERS:
	case EVENT_NUM_DIRTY_EXTENTS:
	case EVENT_INODE_REQUEST:
	case EVENT_ORDERED_REMOVE:
	case EVENT_ORDERED_SPLIT:
	case EVENT_SET_EXTENT_BIT:
	case EVENT_CLEAR_EXTENT_BIT:
	case EVENT_ADD_DELAYED_REF_HEAD:
	case EVENT_ADD_DELAYED_DATA_REF:
	case EVENT_RUN_DELAYED_DATA_REF:
	case EVENT_SYNC_FILE:
	case EVENT_PRINT:
	case EVENT_LOST:
	case EVENT_COUNT:
		return false;
	}
	return false;
}

void rule_task_goes_on(struct replay *replay, struct task *task, const struct event *event)
{
	if (task->evicting && !belongs_to_eviction(task, event))
		rule_evict_ends(replay, task);
	if (task->clears != NULL && !is_data_update(event) && bits_pending(task))
		bits_go_on(replay, task, event);
	if (!is_data_update(event)) {
		task->destroyed_bytes = 0;
		task->broad = NULL;
	}
	if (task->suspect != NULL && tells(event))
		settle_suspect(replay, task, event);
	if (task->last.kind >= EVENT_META_RESERVE && task->last.kind <= EVENT_META_FREE_ALL_PERTRANS) {
		settle_meta_request(task, event);
		meta_goes_on(replay, task, event);
	}
	if (event->kind == EVENT_ORDERED_ADD) {
		replay->books.ordered_seen = true;
		watch_for_silence(replay, task, event);
	}
	if (task->released != NULL || task->short_bytes > 0)
		settle_release(replay, task, event);
	if (!is_data_update(event))
		task->charge_bytes = task->free_bytes = 0;
}

void rule_meta_reserve(struct replay *replay, struct task *task, const struct event *event)
{
	struct claim *operation = task->operation;

	if (event->type == EVENT_TYPE_GARBAGE) {
		rule_garbage(replay, event);
		return;
	}
	replay->books.meta_seen = true;
	/* A trace without commit events: who asks for metadata again has ended its commit. */
	if (event->diff > 0 && !replay->books.commits_seen)
		task->committing = false;
	if (event->diff > 0 || !is_of_operation(operation, event) || !operation->meta_taken)
		return;
	if (event->diff < 0)
		operation->meta_returned = true;
	if (!operation->complete) {
		operation->complete = true;
		operation->settled = claim_note_of(event);
	}
}

void rule_meta_update(struct task *task, const struct event *event)
{
	if (is_of_operation(task->operation, event) && event->diff > 0)
		task->operation->meta_taken = true;
}
