/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * old_kernel - a trace as an older kernel would have recorded the same story.
 *
 * Sources of what was different: the format files of those kernels, and the commits that changed them (4.8 fsid, 4.12
 * counters, 4.17 types, which meant nothing before 5.3.8, 5.1 drops at the commit, 5.9 releases before the ordered
 * extent).
 */
#ifndef QGREPLAY_TESTS_OLD_KERNEL_H
#define QGREPLAY_TESTS_OLD_KERNEL_H

#include "tests/tools/metamorph_vary.h"

#include "analyzer/ledger/table.h"

enum old_kernel { OLD_4_4, OLD_4_9, OLD_4_14, OLD_5_0, OLD_5_3, OLD_5_8, OLD_KERNELS };

static const char *const old_kernel_names[OLD_KERNELS] = {"4.4", "4.9", "4.14", "5.0", "5.3", "5.8"};

/* Counters of one qgroup: what they hold together. */
struct old_sum {
	struct table_entry entry; /* key: fs, qgid */
	uint64_t value[3];
};

struct old_state {
	enum old_kernel kernel;
	struct events *out;
	struct table sums;
	const struct events *whole;
};

static inline bool old_is_meta(const struct event *event)
{
	return event->kind == EVENT_META_RESERVE || event->kind == EVENT_META_CONVERT ||
	       event->kind == EVENT_META_FREE_ALL_PERTRANS;
}

/* The last event of the same task before `at`, or NULL. */
static inline const struct event *old_before(const struct events *whole, size_t at)
{
	enum { LOOK_BACK = 2000 };

	for (size_t i = at; i-- > 0 && at - i < LOOK_BACK;)
		if (whole->all[i].pid == whole->all[at].pid && whole->all[i].kind != EVENT_LOST)
			return &whole->all[i];
	return NULL;
}

static inline struct old_sum *old_sum_of(struct old_state *state, const struct event *event)
{
	struct table_key key = {.a = event->fs, .b = event->root};
	struct old_sum *sum = (struct old_sum *)table_find(&state->sums, key);

	if (sum == NULL) {
		sum = memory_zeroed(sizeof(*sum));
		sum->entry.key = key;
		table_add(&state->sums, &sum->entry);
	}
	return sum;
}

/* All kinds of reservations in one counter, and no conversions from one to the other. */
static inline void old_join_counters(struct old_state *state, struct event event, const struct event *before)
{
	struct old_sum *sum = old_sum_of(state, &event);
	bool converts = before != NULL && (before->kind == EVENT_META_CONVERT ||
						  (before->kind == EVENT_UPDATE_RESERVE && event.type == 1 &&
							  before->type == 2 && before->diff == -event.diff));
	uint64_t after;

	if (event.type > 2)
		return;
	after = event.diff < 0 && 0 - (uint64_t)event.diff > event.bytes ? 0 : event.bytes + (uint64_t)event.diff;
	sum->value[event.type] = event.bytes;
	event.bytes = sum->value[0] + sum->value[1] + sum->value[2];
	sum->value[event.type] = after;
	event.type = EVENT_TYPE_UNKNOWN;
	if (!converts)
		events_add(state->out, &event, 1);
}

/* Whether the task is past the beginning of its commit's drops, and not yet at its end. */
static inline bool old_commits(const struct events *whole, size_t at)
{
	for (size_t i = at; i-- > 0;) {
		const struct event *event = &whole->all[i];

		if (event->pid != whole->all[at].pid)
			continue;
		if (event->kind == EVENT_META_FREE_ALL_PERTRANS)
			return true;
		if (event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_TRANSACTION_COMMIT)
			return false;
	}
	return false;
}

/* A drop when delayed refs run said so before the counter changed. */
static inline void old_announce_drop(struct old_state *state, size_t at)
{
	struct event drop = state->whole->all[at];

	if (drop.type != EVENT_TYPE_DATA || drop.diff >= 0 || drop.root >> 48 != 0 || !old_commits(state->whole, at))
		return;
	drop.kind = EVENT_FREE_DELAYED_REF;
	drop.bytes = 0 - (uint64_t)drop.diff;
	drop.diff = 0;
	events_add(state->out, &drop, 1);
}

static inline void old_update(struct old_state *state, size_t at)
{
	const struct event *event = &state->whole->all[at];
	struct event garbage = *event;

	if (state->kernel <= OLD_5_0)
		old_announce_drop(state, at);
	if (state->kernel == OLD_4_14)
		old_join_counters(state, *event, old_before(state->whole, at));
	garbage.type = EVENT_TYPE_GARBAGE;
	if (state->kernel == OLD_5_0 || state->kernel == OLD_5_3)
		events_add(state->out, &garbage, 1);
	if (state->kernel == OLD_5_8)
		events_add(state->out, event, 1);
}

static inline void old_meta(struct old_state *state, struct event event, size_t at)
{
	const struct event *next = at + 1 < state->whole->count ? &state->whole->all[at + 1] : NULL;
	bool frees_all = event.kind == EVENT_META_FREE_ALL_PERTRANS;

	if (state->kernel <= OLD_4_9 || (state->kernel == OLD_4_14 && event.kind == EVENT_META_CONVERT))
		return;
	if (state->kernel == OLD_4_14) {
		if (frees_all && (next == NULL || next->kind != EVENT_UPDATE_RESERVE || next->diff == 0))
			return;
		event.kind = EVENT_META_RESERVE;
		event.diff = frees_all ? next->diff : event.diff;
		event.type = EVENT_TYPE_UNKNOWN;
	} else if (state->kernel <= OLD_5_3 && event.kind == EVENT_META_RESERVE) {
		event.diff = event.type;
		event.type = EVENT_TYPE_GARBAGE;
	}
	events_add(state->out, &event, 1);
}

/* Where the release of an ordered extent stood before 5.9: at its end, if nothing happened to the range meanwhile. */
static inline size_t old_late_place(const struct events *whole, size_t at)
{
	const struct event *release = &whole->all[at];
	const struct event *added = NULL;

	for (size_t i = at + 1; i < whole->count; i++) {
		const struct event *event = &whole->all[i];
		bool same = event->ino == release->ino && event->root == release->root && event->fs == release->fs;

		if (added == NULL && event->pid == release->pid) {
			if (event->kind != EVENT_ORDERED_ADD || !same || event->start != release->start)
				return at;
			added = event;
		}
		if (event->kind == EVENT_LOST || (same && event->kind == EVENT_INODE_EVICT))
			return at;
		if (same && event->kind == EVENT_ORDERED_REMOVE && event->start == release->start)
			return added != NULL ? i : at;
		if (same && (event->kind == EVENT_RESERVE_DATA || event->kind == EVENT_RELEASE_DATA) &&
			event->start < release->start + release->len && release->start < event->start + event->len)
			return at;
	}
	return at;
}

static inline void old_event(struct old_state *state, size_t at)
{
	struct event event = state->whole->all[at];

	if (event.kind == EVENT_UPDATE_RESERVE)
		old_update(state, at);
	else if (old_is_meta(&event))
		old_meta(state, event, at);
	else
		events_add(state->out, &event, 1);
}

/* What a release that stands later became: the event of the one who finishes the extent. */
static inline void old_move(struct events *moved, const struct events *whole)
{
	size_t *place = memory_zeroed(
		(whole->count + 1) * sizeof(*place)); /* of which event, plus 1, the release stands here */
	bool *gone = memory_zeroed(whole->count + 1);

	for (size_t i = 0; i < whole->count; i++) {
		const struct event *event = &whole->all[i];
		size_t late = i;

		if (event->kind == EVENT_RELEASE_DATA && event->op == EVENT_OP_RELEASE)
			late = old_late_place(whole, i);
		if (late != i && place[late] == 0) {
			place[late] = i + 1;
			gone[i] = true;
		}
	}
	for (size_t i = 0; i < whole->count; i++) {
		struct event event = whole->all[i];

		if (place[i] != 0) {
			struct event release = whole->all[place[i] - 1];

			release.pid = event.pid;
			release.comm = event.comm;
			release.cpu = event.cpu;
			release.time_ns = event.time_ns;
			events_add(moved, &release, 1);
		}
		if (!gone[i])
			events_add(moved, &event, 1);
	}
	free(place);
	free(gone);
}

/* Fills `out` with the trace as that kernel would have written it. */
static inline void old_kernel_trace(struct events *out, const struct events *given, enum old_kernel kernel)
{
	struct events moved = {0};
	struct old_state state = {.kernel = kernel, .out = out, .whole = &moved};

	table_init(&state.sums);
	old_move(&moved, given);
	for (size_t i = 0; i < moved.count; i++)
		old_event(&state, i);
	for (size_t i = 0; i < out->count; i++) {
		out->all[i].number = i + 1;
		if (kernel == OLD_4_4)
			out->all[i].fs = 0;
	}
	table_free_all(&state.sums);
	free(moved.all);
}

#endif
