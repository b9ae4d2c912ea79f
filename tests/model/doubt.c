/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/doubt.h"

static bool is_about(const struct model_truth *truth, const struct event *event)
{
	return (event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA) && event->fs == truth->fs &&
	       event->root == truth->root && event->ino == truth->ino;
}

static size_t index_of(const struct model_run *run, const struct model_truth *truth)
{
	size_t i = 0;

	while (i < run->event_count && (run->events[i].time_ns != truth->time_ns || run->events[i].pid != truth->pid))
		i++;
	return i;
}

/* A short release says that the bytes were still wanted: no truncate, eviction or direct write had cleared them. */
static bool is_missed_later(const struct model_run *run, const struct model_truth *truth, size_t freed)
{
	for (size_t i = freed + 1; i < run->event_count; i++) {
		const struct event *event = &run->events[i];

		if (is_about(truth, event) && event->start < truth->start + truth->len &&
			truth->start < event->start + event->len)
			return event->kind == EVENT_RELEASE_DATA && event->op == EVENT_OP_RELEASE;
	}
	return false;
}

static bool is_bits(const struct event *event)
{
	return event->kind == EVENT_SET_EXTENT_BIT || event->kind == EVENT_CLEAR_EXTENT_BIT;
}

static uint64_t last_word(const struct model_run *run, size_t freed)
{
	for (size_t i = freed; i-- > 0;)
		if (run->events[i].pid == run->events[freed].pid && !is_bits(&run->events[i]))
			return run->events[i].time_ns;
	return 0;
}

static const struct event *next_of_task(const struct model_run *run, size_t freed)
{
	for (size_t i = freed + 1; i < run->event_count; i++)
		if (run->events[i].pid == run->events[freed].pid && run->events[i].kind != EVENT_UPDATE_RESERVE &&
			!is_bits(&run->events[i]))
			return &run->events[i];
	return NULL;
}

/*
 * The bytes became dirty only after the last word of the task, and it goes on as a direct write does, that drops the
 * rest of its pages and then reserves from its start on.
 */
static bool writes_directly(const struct model_run *run, const struct model_truth *truth, size_t freed)
{
	const struct event *next = next_of_task(run, freed);
	uint64_t len = run->events[freed].len;
	uint64_t end = run->events[freed].start + len;

	/* It goes folio by folio. */
	if ((len & (len - 1)) != 0 || (run->events[freed].start & (len - 1)) != 0)
		return false;
	if (next == NULL || !is_about(truth, next) || truth->dirtied_ns < last_word(run, freed))
		return false;
	return next->kind == EVENT_RESERVE_DATA ? next->start < end : next->op == EVENT_OP_FREE && next->start >= end;
}

static bool has(const struct model_run *run, enum event_kind kind)
{
	for (size_t i = 0; i < run->event_count; i++)
		if (run->events[i].kind == kind)
			return true;
	return false;
}

const char *doubt_of(const struct model_run *run, const struct model_truth *truth)
{
	size_t freed = index_of(run, truth);

	if (truth->kind == FINDING_FOREIGN_FREE && run->setup.simple && !has(run, EVENT_RUN_DELAYED_DATA_REF))
		return "a drop of simple quotas may have been taken for a rollback before, and changed whose bytes "
		       "these were";
	if (truth->kind != FINDING_FOREIGN_FREE || freed == run->event_count ||
		run->events[freed].kind != EVENT_RELEASE_DATA || is_missed_later(run, truth, freed))
		return NULL;
	if (writes_directly(run, truth, freed))
		return "a direct write may have dropped what was dirtied after its flush";
	if (!has(run, EVENT_INODE_EVICT))
		return "it may have been an eviction, which this trace may not record";
	return NULL;
}
