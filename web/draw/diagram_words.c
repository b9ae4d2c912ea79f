/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/diagram_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t magnitude(int64_t diff)
{
	return diff < 0 ? 0 - (uint64_t)diff : (uint64_t)diff;
}

struct words diagram_bytes(uint64_t bytes)
{
	struct words words = words_bytes(bytes);
	char *open = strchr(words.text, '(');
	char *close = strchr(words.text, ')');

	if (open != NULL && close != NULL && open < close) {
		*close = '\0';
		memmove(words.text, open + 1, strlen(open + 1) + 1);
	}
	return words;
}

#define SET(to, ...) snprintf((to), sizeof(to), __VA_ARGS__)

/* Functions are told without their prefix "btrfs_", as in changelogs. */
static void say_reserve(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	const struct event *event = row->event;
	(void)plan;

	SET(words->call, "qgroup_reserve_data()");
	SET(words->title, "reserves %s", diagram_bytes(event->len).text);
	if (row->role == ROLE_RESERVED_AGAIN) {
		SET(words->title, "finds it clear");
		SET(words->detail, "though nobody had freed it");
		return;
	}
	SET(words->detail, "%s", words_range(event->start, event->len).text);
	if (event->bytes == 0)
		SET(words->title, "reserves %.20s, none new", diagram_bytes(event->len).text);
	else if (event->bytes < event->len)
		SET(words->title, "reserves %.16s, %.16s new", diagram_bytes(event->len).text,
			diagram_bytes(event->bytes).text);
}

static void say_release(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	const struct event *event = row->event;
	struct words range = words_range(event->start, event->len);
	(void)plan;

	if (event->op == EVENT_OP_FREE) {
		SET(words->call, "qgroup_free_data()");
		SET(words->title, "frees %s", diagram_bytes(event->bytes).text);
		SET(words->detail, "%s", range.text);
		return;
	}
	SET(words->call, "qgroup_release_data()");
	SET(words->title, "writes %s to disk", diagram_bytes(event->len).text);
	if (event->bytes == event->len)
		SET(words->detail, "%s", range.text);
	else if (event->bytes == 0)
		SET(words->detail, "none of it reserved");
	else
		SET(words->detail, "only %.20s of it reserved", diagram_bytes(event->bytes).text);
	if (row->role == ROLE_RANGE_TAKEN)
		SET(words->title, "writeback takes it");
	else if (row->role == ROLE_RESERVED_AGAIN)
		SET(words->title, "finds it clear");
}

static void say_update(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	const struct event *event = row->event;
	const char *type = event_type_name(event);
	uint64_t bytes = magnitude(event->diff);
	bool too_much = event->diff < 0 && event->bytes < bytes;

	SET(words->call, event->diff < 0 ? "qgroup_free_refroot()" : "qgroup_reserve()");
	SET(words->title, event->diff < 0 ? "takes %s off" : "adds %s", diagram_bytes(bytes).text);
	SET(words->detail, "qgroup %.30s%s%.16s", words_qgroup(event->root).text, type != NULL ? ", " : "",
		type != NULL ? type : "");
	if (row->role == ROLE_TASK_FREES) {
		SET(words->call, "qgroup_free_reserved_data()");
		SET(words->title, "takes back %s", diagram_bytes(bytes).text);
	} else if (row->role == ROLE_DROPPED) {
		SET(words->title, "commit drops %s", diagram_bytes(bytes).text);
	} else if (row->role == ROLE_EPOCH) {
		SET(words->title, "counter begins again at 0");
		SET(words->detail, "quota was off in between");
	} else if (row->role == ROLE_LAST_VALUE) {
		SET(words->title, "last counter value");
	}
	if (row->role == ROLE_COUNTER && plan->finding->kind == FINDING_TRUNCATED_COUNT) {
		SET(words->call, "qgroup_free_data()");
		SET(words->title, "frees %s", diagram_bytes(plan->occurrence->bytes).text);
		SET(words->detail, "counter: %s%" PRIu64 " instead", event->diff < 0 ? "\xe2\x88\x92" : "+", bytes);
	} else if (too_much && row->role != ROLE_TASK_FREES) {
		SET(words->title, "takes %s", diagram_bytes(bytes).text);
		SET(words->detail, "but the counter holds %.20s", diagram_bytes(event->bytes).text);
	}
}

static void say_meta(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	const struct event *event = row->event;
	struct words bytes = diagram_bytes(magnitude(event->diff));
	(void)plan;

	if (event->kind == EVENT_META_CONVERT) {
		SET(words->call, "convert_reserved_meta()");
		SET(words->title, "converts %s metadata", bytes.text);
	} else if (event->kind == EVENT_META_FREE_ALL_PERTRANS) {
		SET(words->call, "free_meta_all_pertrans()");
		SET(words->title, "frees all metadata");
	} else if (row->role == ROLE_OWNER_COMPLETE) {
		SET(words->call, "delalloc_release_extents()");
		SET(words->title, "its write is done");
		SET(words->detail, "the data is dirty");
	} else if (row->role == ROLE_META_FAILS) {
		SET(words->call, "delalloc_reserve_metadata()");
		SET(words->title, "gets no metadata space");
		SET(words->detail, "its write fails");
	} else {
		SET(words->call, event->diff > 0 ? "qgroup_reserve_meta()" : "qgroup_free_meta()");
		SET(words->title, event->diff > 0 ? "reserves %s metadata" : "frees %s metadata", bytes.text);
	}
}

static void say_ordered(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	uint32_t flags = row->event->flags;
	(void)plan;

	SET(words->call, "alloc_ordered_extent()");
	SET(words->title, "data goes to the disk");
	if (flags & EVENT_ORDERED_NOCOW)
		SET(words->title, "NOCOW: no new extent");
	else if (flags & EVENT_ORDERED_PREALLOC)
		SET(words->title, "PREALLOC: no new extent");
	SET(words->detail, "%s", words_range(row->event->start, row->event->len).text);
}

static void say_lost(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	const struct event *event = row->event;
	(void)plan;

	if (event->bytes == 0)
		SET(words->title, "events are missing");
	else
		SET(words->title, "%s missing", words_count(event->bytes, "event", "events").text);
	SET(words->detail, "of CPU %u", event->cpu);
	if (event->start != 0)
		SET(words->detail, "of CPU %u, since %.30s", event->cpu, words_time(event->start).text);
}

/* Titles of events that have no words of their own, by what they show. */
static const char *const role_titles[ROLE_COUNT] = {
	[ROLE_NEXT] = "goes on",
	[ROLE_EVICTED] = "the inode goes away",
	[ROLE_LAST_VALUE] = "the trace ends",
	[ROLE_GAP] = "unknown before this",
	[ROLE_BITS_CLEARED] = "clears reserved bits",
	[ROLE_DELAYED_REF] = "extent gets its reference",
	[ROLE_ACCOUNTED] = "accounts the extent",
	[ROLE_USAGE] = "accounted so far",
	[ROLE_CONTRADICTS] = "cannot be, after this",
};

static void say_other(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	static const char prefix[] = "btrfs_";
	const struct event *event = row->event;
	const char *name = event_info(event->kind)->name;
	(void)plan;

	if (name != NULL && strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		name += sizeof(prefix) - 1;
	if (name != NULL)
		SET(words->call, "%.60s()", name);
	SET(words->title, "%.60s", role_titles[row->role] != NULL ? role_titles[row->role] : "");
	if (row->role == ROLE_EVICTED)
		SET(words->detail, "and its bytes stay reserved");
	else if (event->kind == EVENT_CLEAR_EXTENT_BIT || event->kind == EVENT_SET_EXTENT_BIT)
		SET(words->detail, "%s", words_range(event->start, event->len).text);
}

/* What stands at the beginning of something, by what the finding is about. */
static const char *beginning(const struct plan *plan)
{
	if (plan->finding->kind == FINDING_QUOTA_EPOCH)
		return "the counter begins at 0";
	return plan->finding->kind == FINDING_MISSING_HEAD ? "the trace begins here" : role_titles[ROLE_GAP];
}

/* A role that matters more than what the event does. */
static void say_role(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	const struct event *event = row->event;
	char does[sizeof(words->title)];

	memcpy(does, words->title, sizeof(does));
	if (row->role == ROLE_GAP && event->kind != EVENT_LOST) {
		SET(words->title, "%s", beginning(plan));
		SET(words->detail, "%.60s", does);
	} else if (row->role == ROLE_NEXT && plan->finding->path == PATH_NOT_DROPPED) {
		SET(words->title, "goes on");
		SET(words->detail, "and nothing was dropped");
	} else if (row->role == ROLE_NEXT) {
		SET(words->title, "goes on");
		SET(words->detail, "%.60s", strcmp(does, "goes on") != 0 ? does : "");
	} else if (row->role == ROLE_OLD_RESERVE) {
		SET(words->detail, "%.40s, before quota was off", words_range(event->start, event->len).text);
	} else if (row->role == ROLE_RELEASED && plan->finding->path == PATH_NEVER_DROPPED) {
		SET(words->detail, "and no commit drops it");
	} else if (row->role == ROLE_LAST_VALUE && plan->finding->kind == FINDING_LEAK) {
		SET(words->detail, "%.20s too much on the counter", diagram_bytes(plan->occurrence->bytes).text);
	}
}

typedef void (*sayer)(struct diagram_words *words, const struct plan *plan, const struct plan_row *row);

static const sayer sayers[EVENT_COUNT] = {
	[EVENT_RESERVE_DATA] = say_reserve,
	[EVENT_RELEASE_DATA] = say_release,
	[EVENT_UPDATE_RESERVE] = say_update,
	[EVENT_META_RESERVE] = say_meta,
	[EVENT_META_CONVERT] = say_meta,
	[EVENT_META_FREE_ALL_PERTRANS] = say_meta,
	[EVENT_ORDERED_ADD] = say_ordered,
	[EVENT_LOST] = say_lost,
};

void diagram_words_of(struct diagram_words *words, const struct plan *plan, const struct plan_row *row)
{
	sayer say = row->event->kind < EVENT_COUNT ? sayers[row->event->kind] : NULL;

	*words = (struct diagram_words){.title = ""};
	if (say != NULL)
		say(words, plan, row);
	else
		say_other(words, plan, row);
	say_role(words, plan, row);
}

struct words diagram_link_words(const struct plan *plan, const struct plan_row *row, const struct plan_bar *bar)
{
	const struct event *event = row->event;
	struct words words = {.text = ""};

	if (row->link == LINK_TAKES && bar->stale != PLAN_NO_ROW)
		SET(words.text, "%.24s, no longer on the counter", diagram_bytes(bar->bytes).text);
	else if (row->link == LINK_TAKES && plan->bar_count > 1)
		SET(words.text, "takes %.24s of %u reserves", diagram_bytes(plan->occurrence->bytes).text,
			plan->bar_count + plan->owners_left_out);
	else if (row->link == LINK_TAKES && bar->task.pid >= 0)
		SET(words.text, "takes %.24s of %.40s", diagram_bytes(bar->bytes).text,
			words_task(plan->comms, bar->task).text);
	else if (row->link == LINK_TAKES)
		SET(words.text, "takes %.24s that it had not reserved", diagram_bytes(bar->bytes).text);
	else if (row->link == LINK_FINDS && row->role == ROLE_TASK_RESERVES && event->bytes != 0)
		SET(words.text, "finds %.24s of it reserved", diagram_bytes(event->len - event->bytes).text);
	else if (row->link == LINK_FINDS && row->role == ROLE_TASK_RESERVES)
		SET(words.text, "finds it reserved");
	else if (row->link == LINK_MISSES && plan->held)
		SET(words.text, "%.24s stay on the counter", diagram_bytes(plan->occurrence->bytes).text);
	else if (row->link == LINK_MISSES && event->kind == EVENT_RELEASE_DATA && event->bytes < event->len)
		SET(words.text, "%.24s missing", diagram_bytes(event->len - event->bytes).text);
	return words;
}

static const char *end_of_bars(const struct plan *plan)
{
	bool taken = false;

	for (unsigned i = 0; i < plan->bar_count; i++)
		taken |= plan->bars[i].taken != PLAN_NO_ROW && plan->bars[i].missed == PLAN_NO_ROW &&
			 plan->bars[i].stale == PLAN_NO_ROW;
	if (!taken)
		return "";
	if (plan->finding->kind == FINDING_TRUNCATED_COUNT)
		return plan->held ? "the rest stays on the counter" : "";
	if (plan->held)
		return "never freed";
	return plan->complete ? "dirty, but not reserved" : "";
}

struct words diagram_end_words(const struct plan *plan)
{
	const char *end = end_of_bars(plan);
	struct words words;

	if (plan->owners_left_out == 0)
		SET(words.text, "%s", end);
	else
		SET(words.text, "%s%s%s", end, *end != '\0' ? "; and " : "and ",
			words_count(plan->owners_left_out, "more reserve", "more reserves").text);
	return words;
}
