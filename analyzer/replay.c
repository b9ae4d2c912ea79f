/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/replay.h"

#include <stdlib.h>

#include "analyzer/rules/bits.h"
#include "analyzer/rules/commit.h"
#include "analyzer/rules/counter.h"
#include "analyzer/rules/epoch.h"
#include "analyzer/rules/inode.h"
#include "analyzer/rules/limit.h"
#include "analyzer/rules/meta.h"
#include "analyzer/rules/misread.h"
#include "analyzer/rules/owed.h"
#include "analyzer/rules/release.h"
#include "analyzer/rules/reserve.h"
#include "analyzer/rules/review.h"
#include "analyzer/rules/suspect.h"
#include "analyzer/rules/task.h"
#include "analyzer/rules/whatif_feed.h"
#include "base/memory.h"

struct replay *replay_new(const struct replay_options *options)
{
	struct replay *replay = memory_zeroed(sizeof(*replay));

	if (options != NULL)
		replay->options = *options;
	books_init(&replay->books);
	replay->books.fresh = replay->options.fresh;
	table_init(&replay->usages);
	window_init(&replay->window);
	verdicts_init(&replay->verdicts);
	owed_init(&replay->owed);
	replay->feed.sink = replay->options.samples;
	records_init(&replay->records, &replay->books.claims);
	return replay;
}

/* All but the result; what it was learned from may take far more memory. */
static void forget(struct replay *replay)
{
	if (replay->forgotten)
		return;
	replay->forgotten = true;
	suspect_release_all(replay);
	misread_release(replay);
	owed_release(&replay->owed);
	limit_release(replay);
	verdicts_release(&replay->verdicts);
	window_release(&replay->window);
	records_release(&replay->records);
	books_release(&replay->books);
}

void replay_free(struct replay *replay)
{
	if (replay == NULL)
		return;
	forget(replay);
	for (size_t i = 0; i < replay->result.finding_count; i++)
		finding_release(&replay->result.findings[i]);
	free(replay->result.findings);
	for (size_t i = 0; i < replay->result.filesystem_count; i++)
		free(replay->result.filesystems[i].roots);
	free(replay->result.filesystems);
	ends_release(&replay->result.ends);
	klog_join_release(&replay->result.join);
	free(replay->feed.places);
	free(replay->result.what_if.steps);
	free(replay);
}

static void dispatch(struct replay *replay, struct task *task, const struct slot *slot)
{
	const struct event *event = &slot->event;

	switch ((enum event_kind)event->kind) {
	case EVENT_RESERVE_DATA:
		rule_reserve(replay, task, slot);
		break;
	case EVENT_RELEASE_DATA:
		rule_release_or_free(replay, task, event, slot->done);
		break;
	case EVENT_UPDATE_RESERVE:
		rule_update_reserve(replay, task, event, slot->done);
		break;
	case EVENT_META_RESERVE:
		rule_meta_reserve(replay, task, event);
		break;
	case EVENT_META_FREE_ALL_PERTRANS:
		rule_free_pertrans(replay, task, event);
		break;
	case EVENT_TRANSACTION_COMMIT:
		rule_record(replay, task, event);
		rule_transaction_commit(replay, task, event);
		break;
	case EVENT_INODE_NEW:
		rule_inode_new(replay, event);
		meta_root_born(replay, event);
		break;
	case EVENT_INODE_EVICT:
		rule_evict(replay, task, event);
		break;
	case EVENT_ACCOUNT_EXTENT:
	case EVENT_UPDATE_COUNTERS:
		rule_usage(replay, task, event);
		break;
	case EVENT_FREE_DELAYED_REF:
	case EVENT_ACCOUNT_EXTENTS:
	case EVENT_NUM_DIRTY_EXTENTS:
	case EVENT_ORDERED_ADD:
	case EVENT_ORDERED_SPLIT:
	case EVENT_ADD_DELAYED_REF_HEAD:
	case EVENT_ADD_DELAYED_DATA_REF:
	case EVENT_RUN_DELAYED_DATA_REF:
		rule_record(replay, task, event);
		break;
	case EVENT_ORDERED_REMOVE:
		rule_record(replay, task, event);
		books_ordered_ends(&replay->books, event);
		break;
	case EVENT_SET_EXTENT_BIT:
	case EVENT_CLEAR_EXTENT_BIT:
	case EVENT_NONE:
	case EVENT_META_CONVERT:
	case EVENT_INODE_REQUEST:
	case EVENT_SYNC_FILE:
	case EVENT_PRINT:
	case EVENT_LOST:
	case EVENT_COUNT:
		break;
	}
}

static void replay_one(struct replay *replay, const struct slot *slot)
{
	const struct event *event = &slot->event;
	struct task *task;

	if (event->time_ns > replay->verdicts.now_ns)
		replay->verdicts.now_ns = event->time_ns;
	if (event->kind == EVENT_LOST) {
		epoch_lost(replay, event);
		return;
	}
	task = books_task(&replay->books, event);
	if (event->kind == EVENT_SET_EXTENT_BIT || event->kind == EVENT_CLEAR_EXTENT_BIT) {
		rule_bits(replay, task, event);
		return;
	}
	rule_task_goes_on(replay, task, event);
	dispatch(replay, task, slot);
	task->last = *event;
}

static void drain(struct replay *replay, bool ending)
{
	struct slot *slot;

	while ((slot = window_ready(&replay->window, ending)) != NULL) {
		replay_one(replay, slot);
		window_pop(&replay->window);
	}
}

static void tally(struct replay_result *result, const struct event *event)
{
	if (event->kind >= EVENT_COUNT)
		return;
	result->event_counts[event->kind]++;
	if (event->kind == EVENT_LOST)
		return;
	if (result->events++ == 0)
		result->first_ns = event->time_ns;
	if (event->time_ns > result->last_ns)
		result->last_ns = event->time_ns;
}

void replay_take(struct replay *replay, const struct event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		tally(&replay->result, &events[i]);
		if (event_is_context(&events[i]))
			continue;
		window_push(&replay->window, &events[i]);
		drain(replay, false);
	}
}

static int by_root(const void *first, const void *second)
{
	const struct root_totals *a = first;
	const struct root_totals *b = second;

	return a->root < b->root ? -1 : a->root > b->root;
}

static int by_number(const void *first, const void *second)
{
	const struct fs_totals *a = first;
	const struct fs_totals *b = second;

	return a->fs < b->fs ? -1 : a->fs > b->fs;
}

/* A root of a filesystem in the result: room grows as the number of its roots doubles. */
static void collect_root(struct replay *replay, struct root *root, struct fs_totals *totals)
{
	size_t count = totals->root_count;

	root = books_root(&replay->books, root->fs->number, root->totals.root);
	root->totals.end_ranges_bytes = root->ranges_bytes;
	root->totals.end_flight_bytes = root->flight.bytes;
	root->totals.end_unknown_bytes = root->outside_bytes;
	if ((count & (count - 1)) == 0)
		totals->roots = memory_resized(totals->roots, count == 0 ? 1 : 2 * count, sizeof(*totals->roots));
	totals->roots[totals->root_count++] = root->totals;
}

/* Each table is walked once, however many filesystems and roots a trace has. */
static void collect_totals(struct replay *replay)
{
	struct replay_result *result = &replay->result;

	result->filesystems = memory_zeroed(replay->books.filesystems.count * sizeof(*result->filesystems));
	for (struct table_entry *entry = replay->books.filesystems.oldest; entry != NULL; entry = entry->younger) {
		struct fs *fs = (struct fs *)entry;

		fs->place = result->filesystem_count++;
		result->filesystems[fs->place] = (struct fs_totals){.fs = fs->number, .quota_epochs = fs->quota_epochs};
	}
	for (struct table_entry *entry = replay->books.roots.oldest; entry != NULL; entry = entry->younger) {
		struct root *root = (struct root *)entry;

		if (books_is_subvolume(root->totals.root))
			collect_root(replay, root, &result->filesystems[root->fs->place]);
	}
	for (size_t i = 0; i < result->filesystem_count; i++)
		if (result->filesystems[i].root_count > 1)
			qsort(result->filesystems[i].roots, result->filesystems[i].root_count,
				sizeof(*result->filesystems[i].roots), by_root);
	if (result->filesystem_count > 1)
		qsort(result->filesystems, result->filesystem_count, sizeof(*result->filesystems), by_number);
}

static void join_log(struct replay *replay)
{
	struct replay_result *result = &replay->result;
	size_t count = result->finding_count;
	struct finding mismatch;

	result->log = replay->options.log;
	if (result->log == NULL)
		return;
	result->join = klog_join(result->log, result, !replay->options.log_shared);
	if (!klog_join_mismatch(&result->join, (uint32_t)count + 1, &mismatch))
		return;
	result->findings = memory_resized(result->findings, count + 1, sizeof(*result->findings));
	result->findings[result->finding_count++] = mismatch;
}

const struct replay_result *replay_finish(struct replay *replay)
{
	struct replay_result *result = &replay->result;

	drain(replay, true);
	suspect_end(replay, result->last_ns);
	rules_review(replay);
	rule_garbage_note(replay);
	limit_end(replay);
	misread_end(replay);
	epoch_end(replay);
	feed_end(replay, &result->what_if);
	collect_totals(replay);
	result->findings = verdicts_findings(&replay->verdicts, &result->finding_count);
	join_log(replay);
	forget(replay);
	return result;
}
