/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/order.h"

#include "analyzer/rules/counter.h"
#include "analyzer/rules/order_try.h"
#include "analyzer/rules/rollback.h"

/* An event that contradicts the model, and what the events up to the end of the window say about it. */
struct quarrel {
	struct replay *replay;
	struct inode *inode;
	const struct event *event;
	struct claim_part span; /* what it is about */
	struct claim_part hull; /* of all that is tried: the span, and the events that touch it */
	struct order_try as_is; /* once the event was taken as it is */
};

/* One order that would make the event true. */
struct exchange {
	size_t ahead;	     /* the event that comes first instead; 0: none */
	struct claim *after; /* what was applied before it, and came after it; NULL: nothing */
	struct claim_part left_out;
	uint64_t distance_ns;
	unsigned gain;	      /* so many contradictions fewer */
	unsigned accusations; /* of what follows */
};

static bool overlap(struct claim_part a, struct claim_part b)
{
	return a.start < b.end && b.start < a.end;
}

static uint64_t apart_ns(const struct event *a, const struct event *b)
{
	return a->time_ns > b->time_ns ? a->time_ns - b->time_ns : b->time_ns - a->time_ns;
}

static bool is_of_inode(const struct inode *inode, const struct event *event)
{
	return event->ino == inode->number && event->root == inode->root->totals.root &&
	       event->fs == inode->root->fs->number;
}

static struct quarrel quarrel_of(
	struct replay *replay, struct inode *inode, const struct event *event, struct claim_part span)
{
	struct quarrel quarrel = {.replay = replay, .inode = inode, .event = event, .span = span, .hull = span};

	for (size_t ahead = 1; ahead < RULES_LOOK_AHEAD; ahead++) {
		const struct slot *slot = window_ahead(&replay->window, ahead);
		struct claim_part other;

		if (slot == NULL)
			break;
		other = rules_span(&slot->event);
		if ((slot->event.kind != EVENT_RESERVE_DATA && slot->event.kind != EVENT_RELEASE_DATA) ||
			!is_of_inode(inode, &slot->event) || !overlap(other, span))
			continue;
		quarrel.hull.start = other.start < quarrel.hull.start ? other.start : quarrel.hull.start;
		quarrel.hull.end = other.end > quarrel.hull.end ? other.end : quarrel.hull.end;
	}
	return quarrel;
}

static struct order_try attempt_of(const struct quarrel *quarrel)
{
	struct order_try attempt = {.replay = quarrel->replay, .inode = quarrel->inode};

	order_map_copy(&attempt.map, &quarrel->inode->ranges, quarrel->hull);
	return attempt;
}

/* Lets both orders go on, and notes what the other one is better by. */
static bool compare(const struct quarrel *quarrel, struct order_try *attempt, struct exchange *exchange)
{
	struct order_try as_is = quarrel->as_is;

	order_try_rest(&as_is, attempt, exchange->ahead);
	if (as_is.map.full || attempt->map.full || as_is.score.contradictions <= attempt->score.contradictions)
		return false;
	exchange->gain = as_is.score.contradictions - attempt->score.contradictions;
	exchange->accusations = attempt->score.accusations;
	return true;
}

static bool is_better(const struct exchange *a, const struct exchange *b)
{
	if (a->gain != b->gain)
		return a->gain > b->gain;
	if (a->accusations != b->accusations)
		return a->accusations < b->accusations;
	return a->distance_ns < b->distance_ns;
}

/* A task's own order is certain: nothing of it may be overtaken by a later event of its own. */
static bool overtakes_itself(struct replay *replay, size_t ahead)
{
	int32_t pid = window_ahead(&replay->window, ahead)->event.pid;

	for (size_t i = 1; i < ahead; i++) {
		const struct slot *slot = window_ahead(&replay->window, i);
		uint8_t kind = slot->event.kind;
		bool data_update = kind == EVENT_UPDATE_RESERVE && slot->event.type == EVENT_TYPE_DATA && !slot->done;

		if (slot->event.pid == pid && (kind == EVENT_RESERVE_DATA || kind == EVENT_RELEASE_DATA || data_update))
			return true;
	}
	return false;
}

/* Whether an event could help at all: asked first, because it is cheap. */
static bool could_help(const struct quarrel *quarrel, const struct slot *slot)
{
	const struct event *other = &slot->event;
	const struct event *event = quarrel->event;

	if (slot->done || other->pid == event->pid || other->fs != event->fs || other->root != event->root)
		return false;
	if (other->kind == EVENT_UPDATE_RESERVE)
		return event->kind != EVENT_UPDATE_RESERVE && other->type == EVENT_TYPE_DATA && other->diff < 0;
	if (!is_of_inode(quarrel->inode, other) || other->bytes == 0 || !overlap(rules_span(other), quarrel->hull))
		return false;
	return (other->kind == EVENT_RELEASE_DATA && event->kind != EVENT_UPDATE_RESERVE) ||
	       (other->kind == EVENT_RESERVE_DATA && slot->fate == FATE_CHARGED);
}

/* A rollback that takes back exactly what its operation owns. */
static bool is_whole_rollback(const struct order_try *attempt, size_t ahead)
{
	const struct event *update = &window_ahead(&attempt->replay->window, ahead)->event;
	struct order_operation operation = order_operation_of(attempt, ahead);
	uint64_t bytes = 0 - (uint64_t)update->diff;

	return operation.owner != NULL && !operation.chained &&
	       order_map_owned(&attempt->map, operation.span, operation.owner) == bytes;
}

/* Puts the event `ahead` first; true when both are true then. */
static bool try_first(const struct quarrel *quarrel, struct exchange *exchange)
{
	const struct slot *slot = window_ahead(&quarrel->replay->window, exchange->ahead);
	struct order_try attempt = attempt_of(quarrel);

	if (slot->event.kind == EVENT_UPDATE_RESERVE && !is_whole_rollback(&attempt, exchange->ahead))
		return false;
	order_try_event(&attempt, exchange->ahead);
	order_try_event(&attempt, 0);
	return attempt.score.contradictions == 0 && compare(quarrel, &attempt, exchange);
}

static void look_ahead(const struct quarrel *quarrel, struct exchange *best)
{
	enum { TRIED_MAX = 8 };
	struct window *window = &quarrel->replay->window;
	unsigned tried = 0;

	for (size_t ahead = 1; ahead < RULES_LOOK_AHEAD && tried < TRIED_MAX; ahead++) {
		const struct slot *slot = window_ahead(window, ahead);
		struct exchange one = {.ahead = ahead};

		if (slot == NULL || slot->event.kind == EVENT_LOST ||
			apart_ns(&slot->event, quarrel->event) > WINDOW_DISORDER_NS)
			return;
		if (!could_help(quarrel, slot) || overtakes_itself(quarrel->replay, ahead))
			continue;
		if (!try_first(quarrel, &one))
			continue;
		tried++;
		one.distance_ns = apart_ns(&slot->event, quarrel->event);
		if (is_better(&one, best))
			*best = one;
	}
}

/*
 * The event may itself have come too late: what was applied just before it, and left the bytes as they are, had not
 * happened yet. Then those bytes are none of its business.
 */
static bool try_after(const struct quarrel *quarrel, struct exchange *one)
{
	enum range_state state = quarrel->event->kind == EVENT_RESERVE_DATA ? RANGE_CLEAR : RANGE_RESERVED;
	enum range_state before = state == RANGE_CLEAR ? RANGE_RESERVED : RANGE_CLEAR;
	struct order_try attempt = attempt_of(quarrel);

	order_map_turn(&attempt.map, one->left_out, state, before, one->after);
	order_try_event(&attempt, 0);
	order_map_turn(&attempt.map, one->left_out, before, state, one->after);
	return attempt.score.contradictions == 0 && compare(quarrel, &attempt, one);
}

/* The bytes of the span that `claim` left as they are, if they are in one piece. */
static bool one_piece_of(const struct quarrel *quarrel, const struct claim *claim, struct claim_part *piece)
{
	struct claim_part span = quarrel->span;
	struct range *range = ranges_first(&quarrel->inode->ranges, span.start, span.end);

	*piece = (struct claim_part){0, 0};
	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct claim_part part = ranges_within(range, span);

		if (range->claim != claim)
			continue;
		if (piece->end != 0 && piece->end != part.start)
			return false;
		*piece = (struct claim_part){piece->end == 0 ? part.start : piece->start, part.end};
	}
	return piece->end > piece->start;
}

static void look_back(const struct quarrel *quarrel, struct exchange *best)
{
	struct claim_part span = quarrel->span;
	enum range_state state = quarrel->event->kind == EVENT_RESERVE_DATA ? RANGE_CLEAR : RANGE_RESERVED;
	struct range *range = ranges_first(&quarrel->inode->ranges, span.start, span.end);

	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct exchange one = {.after = range->claim};

		if (range->state != state || one.after == NULL || one.after->event.pid == quarrel->event->pid ||
			apart_ns(&one.after->event, quarrel->event) > WINDOW_DISORDER_NS)
			continue;
		one.distance_ns = apart_ns(&one.after->event, quarrel->event);
		if (one_piece_of(quarrel, one.after, &one.left_out) && try_after(quarrel, &one) &&
			is_better(&one, best))
			*best = one;
	}
}

/* The bits go before the counter does: a rollback whose update comes shortly after. */
static bool take_rollback(struct replay *replay, const struct event *update)
{
	struct task *task =
		(struct task *)table_find(&replay->books.tasks, (struct table_key){.a = (uint64_t)update->pid});
	struct rollback sums;

	if (task == NULL || task->operation == NULL || task->operation->failed)
		return false;
	sums = rollback_of(replay, task->operation, false);
	if (!sums.certain || sums.own_bytes != 0 - (uint64_t)update->diff)
		return false;
	return rule_rollback(replay, task, update, false);
}

static bool take(const struct quarrel *quarrel, const struct exchange *exchange)
{
	struct slot *slot = window_ahead(&quarrel->replay->window, exchange->ahead);

	if (exchange->ahead == 0 && exchange->after != NULL)
		exchange->after->reordered = true;
	if (exchange->ahead == 0)
		return exchange->after != NULL;
	if (slot->event.kind == EVENT_UPDATE_RESERVE && !take_rollback(quarrel->replay, &slot->event))
		return false;
	if (slot->event.kind == EVENT_RELEASE_DATA)
		range_clear_early(quarrel->replay, quarrel->inode, &slot->event);
	if (slot->event.kind == EVENT_RESERVE_DATA)
		slot->claim = range_reserve_early(quarrel->replay, quarrel->inode, &slot->event);
	slot->done = true;
	return true;
}

/* Makes the best exchange, if it leaves fewer contradictions by at least `gain`. */
static bool settle(struct quarrel *quarrel, struct exchange *best, unsigned gain)
{
	quarrel->as_is = attempt_of(quarrel);
	order_try_event(&quarrel->as_is, 0);
	look_ahead(quarrel, best);
	if (quarrel->event->kind != EVENT_UPDATE_RESERVE)
		look_back(quarrel, best);
	if (best->gain < gain || !take(quarrel, best))
		return false;
	quarrel->replay->result.exchanges++;
	return true;
}

static bool is_hopeless(const struct root *root)
{
	enum { TRIED_MAX = 4096 };

	return root->contradictions > TRIED_MAX;
}

bool order_exchange(struct replay *replay, struct inode *inode, const struct event *event, struct claim_part *left_out)
{
	struct claim_part span = rules_span(event);
	struct exchange best = {.distance_ns = UINT64_MAX};
	struct quarrel quarrel;

	*left_out = (struct claim_part){span.end, span.end};
	if (is_hopeless(inode->root))
		return false;
	quarrel = quarrel_of(replay, inode, event, span);
	if (!settle(&quarrel, &best, 1))
		return false;
	if (best.ahead == 0)
		*left_out = best.left_out;
	return true;
}

bool order_exchange_rollback(struct replay *replay, const struct claim *operation, const struct event *event)
{
	/* What would be concluded is an accusation: it must explain more than the update alone. */
	enum { GAIN = 2 };
	struct inode *inode =
		books_inode(&replay->books, operation->event.fs, operation->event.root, operation->event.ino);
	struct exchange best = {.distance_ns = UINT64_MAX};
	struct quarrel quarrel;

	if (is_hopeless(inode->root) || operation->part_count == 0 || operation->part_count > CLAIM_PARTS)
		return false;
	quarrel = quarrel_of(replay, inode, event, rules_span(&operation->event));
	return settle(&quarrel, &best, GAIN);
}
