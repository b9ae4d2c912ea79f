/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/cut.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "base/memory.h"

static bool same_task(struct task_ref a, struct task_ref b)
{
	return a.pid == b.pid && a.comm == b.comm;
}

static bool is_involved(const struct finding *finding, const struct event *event)
{
	const struct occurrence *first = explain_first(finding);

	if (first->task.pid == event->pid)
		return true;
	for (size_t i = 0; i < first->owner_count; i++)
		if (first->owners[i].task.pid == event->pid)
			return true;
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].occurrence == 0 && finding->evidence[i].event.pid == event->pid)
			return true;
	return false;
}

/* From the earliest to the latest event that the first occurrence is about. */
static bool is_near(const struct finding *finding, uint64_t time_ns)
{
	const struct occurrence *first = explain_first(finding);
	uint64_t from = first->time_ns;
	uint64_t to = from;

	for (size_t i = 0; i < first->owner_count; i++)
		if (first->owners[i].task.pid >= 0 && first->owners[i].time_ns < from)
			from = first->owners[i].time_ns;
	for (size_t i = 0; i < finding->evidence_count; i++) {
		uint64_t at = finding->evidence[i].event.time_ns;

		if (finding->evidence[i].occurrence != 0)
			continue;
		from = at < from ? at : from;
		to = at > to ? at : to;
	}
	return time_ns >= from && time_ns <= to;
}

static bool is_of_inode(const struct finding *finding, const struct event *event)
{
	return finding->ino != 0 && event->root == finding->root && event->ino == finding->ino;
}

bool cut_takes(const struct cut *cut, enum cut_width width, const struct event *event)
{
	const struct finding *wanted = cut->wanted;

	if (width == CUT_ALL)
		return true;
	if (event->kind == EVENT_LOST || event->fs != wanted->fs)
		return false;
	if (width == CUT_FILESYSTEM || is_of_inode(wanted, event))
		return true;
	if (width == CUT_NEAR && !is_near(wanted, event->time_ns))
		return false;
	return is_involved(wanted, event) || event->kind == EVENT_TRANSACTION_COMMIT ||
	       (event->root == wanted->root && (event->kind == EVENT_UPDATE_RESERVE || wanted->ino == 0));
}

static bool same_group(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && a->path == b->path && a->where == b->where && a->fs == b->fs &&
	       a->root == b->root && a->ino == b->ino;
}

static bool same_owners(const struct occurrence *a, const struct occurrence *b)
{
	if (a->owner_count != b->owner_count)
		return false;
	for (size_t i = 0; i < a->owner_count; i++) {
		const struct owner *one = &a->owners[i];
		const struct owner *other = &b->owners[i];

		if (!same_task(one->task, other->task) || one->bytes != other->bytes || one->start != other->start ||
			one->len != other->len || one->time_ns != other->time_ns)
			return false;
	}
	return true;
}

static bool same_occurrence(const struct occurrence *a, const struct occurrence *b)
{
	return a->time_ns == b->time_ns && a->root == b->root && a->ino == b->ino && a->start == b->start &&
	       a->len == b->len && a->bytes == b->bytes && a->have_bytes == b->have_bytes &&
	       a->diff_bytes == b->diff_bytes && same_task(a->task, b->task) && same_owners(a, b);
}

static bool has_evidence(const struct finding *finding, const struct evidence *wanted)
{
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct evidence *evidence = &finding->evidence[i];

		if (evidence->occurrence == 0 && evidence->role == wanted->role &&
			evidence->event.kind == wanted->event.kind &&
			evidence->event.time_ns == wanted->event.time_ns && evidence->event.pid == wanted->event.pid)
			return true;
	}
	return false;
}

/* A cut that proves it in another way than the report tells would be no help to its reader. */
static bool same_evidence(const struct finding *finding, const struct finding *wanted)
{
	for (size_t i = 0; i < wanted->evidence_count; i++)
		if (wanted->evidence[i].occurrence == 0 && !has_evidence(finding, &wanted->evidence[i]))
			return false;
	return true;
}

static bool same_finding(const struct finding *finding, const struct finding *wanted)
{
	return same_group(finding, wanted) && finding->severity == wanted->severity &&
	       finding->certainty == wanted->certainty &&
	       same_occurrence(explain_first(finding), explain_first(wanted)) && same_evidence(finding, wanted);
}

static bool has_group(const struct replay_result *result, const struct finding *finding)
{
	for (size_t i = 0; i < result->finding_count; i++)
		if (same_group(&result->findings[i], finding))
			return true;
	return false;
}

static bool result_shows(const struct cut *cut, const struct replay_result *result)
{
	bool shown = false;

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (finding->severity == SEVERITY_ERROR && !has_group(cut->whole, finding))
			return false;
		shown = shown || same_finding(finding, cut->wanted);
	}
	return shown;
}

bool cut_shows(struct cut *cut, const struct event *events, size_t count)
{
	struct replay *replay = replay_new(cut->options);
	bool shown;

	cut->budget -= count < cut->budget ? count : cut->budget;
	for (size_t i = 0; i < count; i++) {
		struct event event = events[i];

		event.number = i + 1;
		replay_take(replay, &event, 1);
	}
	shown = result_shows(cut, replay_finish(replay));
	replay_free(replay);
	return shown;
}

/* The events that are left, and those of them that are tried; `stays` marks what may not be left out. */
struct shrinking {
	struct cut *cut;
	struct event *events;
	struct event *tried;
	bool *stays;
	bool *tried_stays;
	size_t count;
	size_t loose; /* events that may be left out */
};

static bool is_evidence(const struct finding *finding, const struct event *event)
{
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].occurrence == 0 && finding->evidence[i].event.number == event->number)
			return true;
	return false;
}

/* Tries without the loose events from the `from`th up to, not including, the `to`th. */
static bool leave_out(struct shrinking *shrinking, size_t from, size_t to)
{
	size_t count = 0;
	size_t loose = 0;

	for (size_t i = 0; i < shrinking->count; i++) {
		bool stays = shrinking->stays[i];

		if (!stays && loose++ >= from && loose <= to)
			continue;
		shrinking->tried[count] = shrinking->events[i];
		shrinking->tried_stays[count++] = stays;
	}
	if (!cut_shows(shrinking->cut, shrinking->tried, count))
		return false;
	memcpy(shrinking->events, shrinking->tried, count * sizeof(*shrinking->events));
	memcpy(shrinking->stays, shrinking->tried_stays, count * sizeof(*shrinking->stays));
	shrinking->count = count;
	shrinking->loose -= to - from;
	return true;
}

/* One pass over all loose events in chunks; whether any was left out. */
static bool pass(struct shrinking *shrinking, size_t chunk)
{
	bool any = false;

	for (size_t at = 0; at < shrinking->loose && shrinking->cut->budget > 0;) {
		size_t end = shrinking->loose - at > chunk ? at + chunk : shrinking->loose;

		if (leave_out(shrinking, at, end))
			any = true;
		else
			at = end;
	}
	return any;
}

/*
 * Delta debugging (Zeller and Hildebrandt, 2002) without its tries of a chunk alone, which for a few events strewn over
 * a long trace never hold. Single events go round until none can go, because leaving one out may free another.
 */
static void shrink(struct shrinking *shrinking)
{
	size_t chunk = shrinking->loose;

	while (chunk > 0 && shrinking->loose > 0 && shrinking->cut->budget > 0) {
		bool any = pass(shrinking, chunk);

		if (chunk > shrinking->loose)
			chunk = shrinking->loose;
		else if (chunk > 1)
			chunk = (chunk + 1) / 2;
		else if (!any)
			break;
	}
}

size_t cut_shrink(struct cut *cut, struct event *events, size_t count)
{
	struct shrinking shrinking = {.cut = cut,
		.events = events,
		.tried = memory_resized(NULL, count, sizeof(*events)),
		.stays = memory_zeroed(count * sizeof(bool)),
		.tried_stays = memory_zeroed(count * sizeof(bool)),
		.count = count,
		.loose = count};

	for (size_t i = 0; i < count; i++) {
		shrinking.stays[i] = is_evidence(cut->wanted, &events[i]);
		shrinking.loose -= shrinking.stays[i];
	}
	shrink(&shrinking);
	free(shrinking.tried);
	free(shrinking.stays);
	free(shrinking.tried_stays);
	return shrinking.count;
}
