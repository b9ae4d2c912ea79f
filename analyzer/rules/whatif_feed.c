/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/whatif_feed.h"

#include <stdlib.h>

#include "base/memory.h"

static void flush(struct whatif_feed *feed)
{
	if (feed->sample_count > 0)
		feed->sink->take(feed->sink->context, feed->samples, feed->sample_count);
	feed->sample_count = 0;
}

static void put_sample(
	struct whatif_feed *feed, const struct root *root, const struct event *event, enum whatif_moment moment)
{
	if (feed->sample_count == FEED_SAMPLES)
		flush(feed);
	feed->samples[feed->sample_count++] = (struct whatif_sample){.number = event->number,
		.time_ns = event->time_ns,
		.was_bytes = moment == WHATIF_RESTART ? 0 : root->totals.end_counter_bytes,
		.place = root->totals.place,
		.moment = moment};
}

static void name_place(struct whatif_feed *feed, struct root *root)
{
	feed->places = memory_grown(feed->places, &feed->place_capacity, feed->place_count + 1, sizeof(*feed->places));
	feed->places[feed->place_count++] = (struct whatif_place){root->fs->number, root->totals.root};
	root->totals.place = (uint32_t)feed->place_count;
	root->sampled_starts = root->fs->starts;
}

void feed_sample(struct replay *replay, struct root *root, const struct event *event, enum whatif_moment moment)
{
	struct whatif_feed *feed = &replay->feed;

	if (root->totals.place == 0 && moment == WHATIF_UPDATE && feed->place_count < UINT32_MAX)
		name_place(feed, root);
	if (feed->sink == NULL || root->totals.place == 0)
		return;
	if (root->sampled_starts != root->fs->starts && moment == WHATIF_UPDATE) {
		put_sample(feed, root, event, WHATIF_RESTART);
		root->sampled_starts = root->fs->starts;
	}
	put_sample(feed, root, event, moment);
}

/* What a mismatch does to the counter of data by itself. */
static const struct {
	enum finding_kind kind;
	enum finding_path path; /* PATH_NONE: any */
	enum whatif_effect effect;
} effects[] = {
	{FINDING_FOREIGN_FREE, PATH_NONE, WHATIF_MISSING},
	{FINDING_STALE_FREE, PATH_NONE, WHATIF_MISSING},
	{FINDING_COMMIT_MISMATCH, PATH_DROPPED_MORE, WHATIF_MISSING},
	{FINDING_COMMIT_MISMATCH, PATH_DROPPED_LESS, WHATIF_HELD},
	{FINDING_COMMIT_MISMATCH, PATH_NOT_DROPPED, WHATIF_HELD},
	{FINDING_LEAK, PATH_NEVER_DROPPED, WHATIF_HELD_AT_COMMIT},
	{FINDING_LEAK, PATH_NONE, WHATIF_HELD},
	{FINDING_TRUNCATED_COUNT, PATH_NONE, WHATIF_HELD},
	{FINDING_UNDERFLOW, PATH_NONE, WHATIF_FORGIVEN},
};

static const struct event *evidence_of(const struct verdict *verdict, enum evidence_role role)
{
	for (size_t i = 0; i < verdict->evidence_count; i++)
		if (verdict->evidence[i].role == role)
			return &verdict->evidence[i].event;
	return NULL;
}

/* The event at which it took effect: the change of the counter where that is known, else what brought it about. */
static struct whatif_step step_at(const struct verdict *verdict)
{
	const struct event *event = NULL;

	if (verdict->key.kind == FINDING_LEAK && verdict->occurrence.owner_count == 1)
		event = evidence_of(verdict, ROLE_META_FAILS);
	else if (verdict->key.kind != FINDING_LEAK)
		event = evidence_of(
			verdict, verdict->key.kind == FINDING_COMMIT_MISMATCH ? ROLE_DROPPED : ROLE_COUNTER);
	if (event == NULL)
		return (struct whatif_step){.number = verdict->number, .time_ns = verdict->occurrence.time_ns};
	return (struct whatif_step){.number = event->number, .time_ns = event->time_ns};
}

/* The kernel's result against the right one; a free that adds has wrapped, and the kernel makes that 0. */
static void judge_truncation(struct whatif_step *step, const struct occurrence *what)
{
	uint64_t less = what->diff_bytes < 0 ? 0 - (uint64_t)what->diff_bytes : what->have_bytes;
	uint64_t is = what->have_bytes - (less < what->have_bytes ? less : what->have_bytes);
	uint64_t right = what->have_bytes - (what->bytes < what->have_bytes ? what->bytes : what->have_bytes);

	step->effect = is > right ? WHATIF_HELD : WHATIF_MISSING;
	step->bytes = is > right ? is - right : right - is;
}

static bool is_of_data(const struct verdict *verdict)
{
	const struct event *underflow = evidence_of(verdict, ROLE_UNDERFLOW);

	return verdict->key.where != LEAK_META && (underflow == NULL || underflow->type == EVENT_TYPE_DATA);
}

struct plan_maker {
	struct whatif_plan *plan;
	size_t capacity;
	uint32_t place;
	uint32_t account;
};

static void add_step(struct plan_maker *maker, struct whatif_step step)
{
	struct whatif_plan *plan = maker->plan;

	if (step.bytes == 0)
		return;
	step.place = maker->place;
	step.account = maker->account;
	plan->steps = memory_grown(plan->steps, &maker->capacity, plan->step_count + 1, sizeof(*plan->steps));
	plan->steps[plan->step_count++] = step;
}

static void add_effect(struct plan_maker *maker, const struct verdict *verdict)
{
	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
		struct whatif_step step;

		if (effects[i].kind != verdict->key.kind ||
			(effects[i].path != PATH_NONE && effects[i].path != verdict->key.path))
			continue;
		step = step_at(verdict);
		step.effect = effects[i].effect;
		step.bytes = verdict->occurrence.bytes;
		if (verdict->key.kind == FINDING_TRUNCATED_COUNT)
			judge_truncation(&step, &verdict->occurrence);
		add_step(maker, step);
		return;
	}
}

/* What the kernel itself cleared up at the inode's end was gone as it was found; what a writer took over was there. */
static void add_healing(struct plan_maker *maker, const struct verdict *verdict)
{
	struct whatif_step healed = {.number = verdict->number,
		.time_ns = verdict->occurrence.time_ns,
		.bytes = verdict->healed_bytes,
		.effect = WHATIF_HEALED};

	if (verdict->key.path != PATH_NOT_TAKEN_BACK) {
		healed.number = step_at(verdict).number;
		healed.time_ns = step_at(verdict).time_ns;
	}
	add_step(maker, healed);
}

static void add_verdict(struct plan_maker *maker, const struct verdict *verdict)
{
	add_effect(maker, verdict);
	add_healing(maker, verdict);
	for (size_t i = 0; i < verdict->returned_count; i++)
		add_step(maker, (struct whatif_step){.number = verdict->returned[i].number,
					.time_ns = verdict->returned[i].time_ns,
					.bytes = verdict->returned[i].bytes,
					.effect = verdict->returned[i].again ? WHATIF_MISSING : WHATIF_RETURNED});
	for (size_t i = 0; i < verdict->consequence_count; i++) {
		const struct consequence *consequence = &verdict->consequences[i];

		if (consequence->kind == CONSEQUENCE_UNDERFLOW)
			add_step(maker, (struct whatif_step){.number = consequence->event.number,
						.time_ns = consequence->event.time_ns,
						.bytes = consequence->bytes,
						.effect = WHATIF_FORGIVEN});
	}
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_place_and_number(const void *first, const void *second)
{
	const struct whatif_step *a = first;
	const struct whatif_step *b = second;
	int order = compare_numbers(a->place, b->place);

	if (order == 0)
		order = compare_numbers(a->number, b->number);
	if (order == 0)
		order = compare_numbers(a->effect, b->effect);
	return order != 0 ? order : compare_numbers(a->account, b->account);
}

/* An underflow is told by itself and under its cause: it happened once. */
static void forgive_once(struct whatif_plan *plan)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->step_count; i++) {
		const struct whatif_step *step = &plan->steps[i];
		const struct whatif_step *last = kept > 0 ? &plan->steps[kept - 1] : NULL;

		if (last != NULL && step->effect == WHATIF_FORGIVEN && last->effect == WHATIF_FORGIVEN &&
			step->number == last->number && step->place == last->place)
			continue;
		plan->steps[kept++] = *step;
	}
	plan->step_count = kept;
}

void feed_end(struct replay *replay, struct whatif_plan *plan)
{
	struct plan_maker maker = {.plan = plan};

	if (replay->feed.sink != NULL)
		flush(&replay->feed);
	*plan = (struct whatif_plan){.places = replay->feed.places, .place_count = replay->feed.place_count};
	for (size_t i = 0; i < replay->verdicts.count; i++) {
		const struct verdict *verdict = replay->verdicts.all[i];
		struct table_key key = {.a = verdict->key.fs, .b = verdict->key.root};
		const struct root *root = (struct root *)table_find(&replay->books.roots, key);

		if (verdict->revoked || root == NULL || root->totals.place == 0 || !is_of_data(verdict))
			continue;
		maker.place = root->totals.place;
		maker.account = (uint32_t)plan->account_count++;
		add_verdict(&maker, verdict);
	}
	if (plan->step_count > 1)
		qsort(plan->steps, plan->step_count, sizeof(*plan->steps), by_place_and_number);
	forgive_once(plan);
}
