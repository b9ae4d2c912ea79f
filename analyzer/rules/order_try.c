/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/order_try.h"

#include "analyzer/rules/reserve.h"

static bool less_or_more(const struct event *event, uint64_t least, uint64_t unknown)
{
	return event->bytes < least || event->bytes - least > unknown;
}

/* A reserve that was made early is known by its claim, the others by their place in the window. */
static const void *owner_of(const struct slot *slot)
{
	return slot->claim != NULL ? (const void *)slot->claim : slot;
}

static void try_reserve(struct order_try *attempt, const struct slot *slot)
{
	const struct event *event = &slot->event;
	struct claim_part span = rules_span(event);
	struct range_sums sums = order_map_sums(&attempt->map, span);
	bool wrong = less_or_more(event, sums.of[RANGE_CLEAR], sums.of[RANGE_UNKNOWN]);
	bool less = event->bytes < sums.of[RANGE_CLEAR];
	bool transient = less && reserve_saw_failing(attempt->replay, event);
	const void *owner = owner_of(slot);

	if (wrong && !transient)
		attempt->score.contradictions++;
	if (slot->fate == FATE_UNDONE || (transient && event->bytes == 0))
		return;
	if (slot->fate == FATE_UNSURE) {
		order_map_turn(&attempt->map, span, RANGE_CLEAR, RANGE_UNKNOWN, NULL);
		return;
	}
	if (less || (wrong && event->bytes != event->len))
		owner = NULL;
	if (wrong && !less)
		order_map_turn(&attempt->map, span, RANGE_RESERVED, RANGE_RESERVED, owner);
	order_map_turn(&attempt->map, span, RANGE_CLEAR, RANGE_RESERVED, owner);
	if (!wrong && event->bytes != sums.of[RANGE_CLEAR] + sums.of[RANGE_UNKNOWN])
		owner = NULL;
	order_map_turn(&attempt->map, span, RANGE_UNKNOWN, RANGE_RESERVED, owner);
}

static void try_clear(struct order_try *attempt, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct range_sums sums = order_map_sums(&attempt->map, span);

	bool more = event->bytes > sums.of[RANGE_RESERVED];

	if (less_or_more(event, sums.of[RANGE_RESERVED], sums.of[RANGE_UNKNOWN]) &&
		!(more && reserve_saw_failing(attempt->replay, event)))
		attempt->score.contradictions++;
	order_map_turn(&attempt->map, span, RANGE_RESERVED, RANGE_CLEAR, NULL);
	order_map_turn(&attempt->map, span, RANGE_UNKNOWN, RANGE_CLEAR, NULL);
}

/* What the replay knew of a task at the oldest event, as far as no event in the window says otherwise. */
static struct order_operation operation_of_books(const struct order_try *attempt, int32_t pid, bool ended)
{
	struct books *books = &attempt->replay->books;
	const struct task *task = (struct task *)table_find(&books->tasks, (struct table_key){.a = (uint64_t)pid});
	const struct claim *claim;

	if (task == NULL || task->gap != books->gaps || (task->committing && !ended))
		return (struct order_operation){0};
	claim = task->operation;
	while (claim != NULL && claim->failed)
		claim = claim->earlier;
	if (claim == NULL || claim->unsure || claim->event.fs != attempt->inode->root->fs->number ||
		claim->event.root != attempt->inode->root->totals.root || claim->event.ino != attempt->inode->number)
		return (struct order_operation){0};
	return (struct order_operation){
		claim, rules_span(&claim->event), claim->event.bytes == claim->event.len, claim->earlier != NULL};
}

static bool is_of_inode(const struct order_try *attempt, const struct event *event)
{
	return event->ino == attempt->inode->number && event->root == attempt->inode->root->totals.root &&
	       event->fs == attempt->inode->root->fs->number;
}

/* Whether the update of a task is settled by its own event before it: the other half of a free, or a drop. */
static bool is_drop_after(const struct event *last, const struct event *update)
{
	if (last->kind == EVENT_RELEASE_DATA)
		return last->bytes == 0 - (uint64_t)update->diff;
	return last->kind == EVENT_ACCOUNT_EXTENTS || last->kind == EVENT_ACCOUNT_EXTENT ||
	       last->kind == EVENT_UPDATE_COUNTERS || last->kind == EVENT_RUN_DELAYED_DATA_REF ||
	       last->kind == EVENT_FREE_DELAYED_REF;
}

struct order_operation order_operation_of(const struct order_try *attempt, size_t ahead)
{
	struct window *window = &attempt->replay->window;
	const struct event *update = &window_ahead(window, ahead)->event;
	bool ended = false;
	bool first = true;

	for (size_t i = ahead; i-- > 0;) {
		const struct slot *slot = window_ahead(window, i);
		const struct event *event = &slot->event;

		if (event->pid != update->pid)
			continue;
		if (first && is_drop_after(event, update))
			return (struct order_operation){0};
		first = false;
		if (event->kind == EVENT_TRANSACTION_COMMIT)
			ended = true;
		if (event->kind == EVENT_META_FREE_ALL_PERTRANS && !ended)
			return (struct order_operation){0};
		if (event->kind != EVENT_RESERVE_DATA || slot->fate == FATE_UNDONE)
			continue;
		if (slot->fate != FATE_CHARGED || !is_of_inode(attempt, event))
			return (struct order_operation){0};
		return (struct order_operation){owner_of(slot), rules_span(event), event->bytes == event->len, false};
	}
	return operation_of_books(attempt, update->pid, ended);
}

static void try_rollback(struct order_try *attempt, size_t ahead)
{
	const struct event *event = &window_ahead(&attempt->replay->window, ahead)->event;
	struct order_operation operation = order_operation_of(attempt, ahead);
	struct order_map *map = &attempt->map;
	uint64_t bytes = 0 - (uint64_t)event->diff;
	uint64_t reserved, unknown, own;

	if (operation.owner == NULL)
		return;
	reserved = order_map_sums(map, operation.span).of[RANGE_RESERVED];
	unknown = order_map_sums(map, operation.span).of[RANGE_UNKNOWN] + order_map_owned(map, operation.span, NULL);
	own = order_map_owned(map, operation.span, operation.owner);
	if (own >= bytes) {
		order_map_clear_tail(map, operation.span, operation.owner, bytes);
	} else if (rules_plus(own, unknown) >= bytes) {
		order_map_turn(map, operation.span, RANGE_RESERVED, RANGE_UNKNOWN, NULL);
	} else if (operation.whole && !operation.chained && reserved == bytes) {
		order_map_turn(map, operation.span, RANGE_RESERVED, RANGE_CLEAR, NULL);
		attempt->score.accusations++;
	} else if (!operation.chained && attempt->inode->root->outside_bytes == 0 &&
		   !flight_has(&attempt->inode->root->flight, bytes, false)) {
		attempt->score.contradictions++;
	}
}

void order_try_event(struct order_try *attempt, size_t ahead)
{
	const struct slot *slot = window_ahead(&attempt->replay->window, ahead);
	const struct event *event = &slot->event;
	bool data = is_of_inode(attempt, event) && event->len > 0;

	if (event->kind == EVENT_RESERVE_DATA && data)
		try_reserve(attempt, slot);
	else if (event->kind == EVENT_RELEASE_DATA && data)
		try_clear(attempt, event);
	else if (event->kind == EVENT_UPDATE_RESERVE && event->type == EVENT_TYPE_DATA && event->diff < 0 &&
		 event->root == attempt->inode->root->totals.root && event->fs == attempt->inode->root->fs->number)
		try_rollback(attempt, ahead);
}

/* Beyond it the copy means nothing. */
static bool ends_the_inode(const struct order_try *attempt, const struct event *event)
{
	bool ends = event->kind == EVENT_INODE_NEW || event->kind == EVENT_INODE_EVICT;

	return event->kind == EVENT_LOST || (ends && is_of_inode(attempt, event));
}

void order_try_rest(struct order_try *as_is, struct order_try *other, size_t put_first)
{
	for (size_t ahead = 1; ahead < RULES_LOOK_AHEAD; ahead++) {
		const struct slot *slot = window_ahead(&as_is->replay->window, ahead);

		if (ahead > put_first && order_map_same(&as_is->map, &other->map))
			return;
		if (slot == NULL || ends_the_inode(as_is, &slot->event))
			return;
		if (slot->done)
			continue;
		order_try_event(as_is, ahead);
		if (ahead != put_first)
			order_try_event(other, ahead);
	}
}
