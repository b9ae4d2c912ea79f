/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/owed.h"

#include <stdlib.h>

#include "analyzer/rules/owed_wait.h"
#include "analyzer/rules/suspect.h"
#include "base/memory.h"

/*
 * What foreign frees took of one inode, with the free as the claim: RANGE_RESERVED bytes are missing from the counter,
 * RANGE_UNKNOWN ones were reserved again by another operation. If that one fails and takes its bytes back, they are
 * missing once more, because a correct kernel would have given it none.
 */
struct owed_inode {
	struct table_entry entry; /* key: fs, root, ino */
	struct ranges ranges;
};

void owed_init(struct owed *owed)
{
	*owed = (struct owed){0};
	table_init(&owed->inodes);
}

void owed_release(struct owed *owed)
{
	table_free_all(&owed->inodes);
	free(owed->updates);
	free(owed->flights);
}

static struct owed_inode *find_inode(const struct owed *owed, uint16_t fs, uint64_t root, uint64_t ino)
{
	return (struct owed_inode *)table_find(&owed->inodes, (struct table_key){.a = fs, .b = root, .c = ino});
}

/* Asked for at each data event: mostly nothing is owed at all. */
static struct owed_inode *find_of(const struct replay *replay, const struct event *event)
{
	if (replay->owed.inodes.count == 0)
		return NULL;
	return find_inode(&replay->owed, event->fs, event->root, event->ino);
}

static void forget_if_empty(struct replay *replay, struct owed_inode *inode)
{
	if (inode->ranges.count > 0)
		return;
	ranges_reset(&inode->ranges, &replay->books.pool, RANGE_CLEAR);
	table_remove(&replay->owed.inodes, &inode->entry);
	free(inode);
}

void owed_take(struct replay *replay, struct claim *claim, const struct verdict *verdict)
{
	const struct occurrence *what = &verdict->occurrence;
	const struct verdict_group_key *key = &verdict->key;
	struct owed_inode *inode = find_inode(&replay->owed, key->fs, key->root, key->ino);
	bool all_named = what->owner_count < VERDICT_OWNERS_KEPT;

	if (inode == NULL) {
		inode = memory_zeroed(sizeof(*inode));
		inode->entry.key = (struct table_key){.a = key->fs, .b = key->root, .c = key->ino};
		ranges_init(&inode->ranges, RANGE_CLEAR);
		table_add(&replay->owed.inodes, &inode->entry);
	}
	/* With more owners than are named, the whole range counts; no more is given back than was taken. */
	for (size_t i = 0; i < (all_named ? what->owner_count : 1); i++) {
		uint64_t start = all_named ? what->owners[i].start : what->start;
		uint64_t len = all_named ? what->owners[i].len : what->len;

		ranges_set(&inode->ranges, &replay->books.pool, (struct claim_part){start, start + len}, RANGE_RESERVED,
			claim);
	}
	forget_if_empty(replay, inode);
}

void owed_acquit(struct replay *replay, struct claim *claim)
{
	const struct event *event = &claim->event;
	struct claim_part span = rules_span(event);
	struct owed_inode *inode = find_of(replay, event);
	struct range *range = inode != NULL ? ranges_first(&inode->ranges, span.start, span.end) : NULL;
	struct range *next;

	for (; range != NULL; range = next) {
		struct claim_part part = {range->start, range->end};

		next = ranges_next(range, span.end);
		if (range->claim == claim)
			ranges_set(&inode->ranges, &replay->books.pool, part, RANGE_CLEAR, NULL);
	}
	if (inode != NULL)
		forget_if_empty(replay, inode);
}

uint64_t owed_missing(const struct owed *owed, uint16_t fs, uint64_t root, struct claim **claim)
{
	uint64_t bytes = 0;

	for (struct table_entry *entry = owed->inodes.oldest; entry != NULL; entry = entry->younger) {
		struct owed_inode *inode = (struct owed_inode *)entry;
		struct range *range = ranges_first(&inode->ranges, 0, UINT64_MAX);

		if (entry->key.a != fs || entry->key.b != root)
			continue;
		bytes = rules_plus(bytes, inode->ranges.reserved_bytes);
		while (range != NULL && range->state != RANGE_RESERVED)
			range = ranges_next(range, UINT64_MAX);
		if (range != NULL)
			*claim = range->claim;
	}
	return bytes;
}

/* A reserve sets the bits anew; they are no more missing, but might be again. */
static void reserve_again(struct replay *replay, struct owed_inode *inode, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	struct range *next;

	for (; range != NULL; range = next) {
		struct claim_part part = ranges_within(range, span);

		next = ranges_next(range, span.end);
		if (range->state != RANGE_RESERVED)
			continue;
		owed_wait_for_update(
			replay, (struct owed_update){event->pid, range->claim, part.end - part.start, false});
		ranges_set(&inode->ranges, &replay->books.pool, part, RANGE_UNKNOWN, range->claim);
	}
}

void owed_reserved(struct replay *replay, const struct event *event)
{
	struct owed_inode *inode = find_of(replay, event);

	if (inode != NULL && event->bytes > 0)
		reserve_again(replay, inode, event);
}

/* A task that was granted no metadata for its last reserve has written nothing, and frees what it reserved. */
static bool is_error_path(const struct replay *replay, const struct task *task, const struct event *event)
{
	const struct claim *operation = task->operation;

	return event->op == EVENT_OP_FREE && operation != NULL && task->reserve_is_last_data && !task->evicting &&
	       replay->books.meta_seen && !operation->meta_taken && rules_same_file(&operation->event, event);
}

/* What an error path takes of a part that it had reserved itself; what another had is that other's mismatch. */
static void take_own_again(struct replay *replay, struct owed_inode *owed, const struct range *shadow,
	struct claim_part part, const struct task *task)
{
	const struct event *reserve = &task->operation->event;
	struct inode *inode = books_inode(&replay->books, reserve->fs, reserve->root, reserve->ino);
	struct claim *claim = claim_keep(shadow->claim);
	struct range *range = ranges_first(&inode->ranges, part.start, part.end);

	for (; range != NULL; range = ranges_next(range, part.end)) {
		struct claim_part own = ranges_within(range, part);

		if (range->state != RANGE_RESERVED || !claim_is_part(range->claim, task->operation))
			continue;
		owed_wait_for_update(replay, (struct owed_update){task->pid, claim, own.end - own.start, true});
		ranges_set(&owed->ranges, &replay->books.pool, own, RANGE_RESERVED, claim);
	}
	claim_drop(&replay->books.claims, claim);
}

static void end_part(
	struct replay *replay, const struct range *range, struct claim_part part, const struct event *event)
{
	uint64_t bytes = part.end - part.start;

	if (range->state != RANGE_RESERVED)
		return;
	if (event->op == EVENT_OP_RELEASE)
		owed_wait_for_commit(replay, event, range->claim, bytes);
	else
		owed_given_back(range->claim, event, bytes);
}

void owed_cleared(struct replay *replay, const struct task *task, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct owed_inode *inode = find_of(replay, event);
	struct range *range = inode != NULL ? ranges_first(&inode->ranges, span.start, span.end) : NULL;
	struct range *next;

	for (; range != NULL; range = next) {
		struct claim_part part = ranges_within(range, span);

		next = ranges_next(range, span.end);
		if (range->state == RANGE_UNKNOWN && is_error_path(replay, task, event)) {
			take_own_again(replay, inode, range, part, task);
			continue;
		}
		end_part(replay, range, part, event);
		ranges_set(&inode->ranges, &replay->books.pool, part, RANGE_CLEAR, NULL);
	}
	if (inode != NULL)
		forget_if_empty(replay, inode);
}

/* Those bytes of a piece of an operation that a rollback has just cleared, and that were owed to another before. */
static void take_part_again(struct replay *replay, struct owed_inode *owed, struct inode *inode, struct claim_part part,
	const struct event *update)
{
	struct range *range = ranges_first(&owed->ranges, part.start, part.end);
	struct range *next;

	for (; range != NULL; range = next) {
		struct claim_part within = ranges_within(range, part);
		struct range_sums sums = ranges_sum(&inode->ranges, within.start, within.end);

		next = ranges_next(range, part.end);
		if (range->state != RANGE_UNKNOWN || sums.of[RANGE_CLEAR] != within.end - within.start)
			continue;
		owed_taken_again(range->claim, update, within.end - within.start);
		ranges_set(&owed->ranges, &replay->books.pool, within, RANGE_RESERVED, range->claim);
	}
}

void owed_rolled_back(struct replay *replay, const struct task *task, const struct event *update)
{
	const struct event *reserve = task->operation != NULL ? &task->operation->event : NULL;
	struct owed_inode *owed = reserve != NULL ? find_of(replay, reserve) : NULL;
	struct inode *inode;

	if (owed == NULL)
		return;
	inode = books_inode(&replay->books, reserve->fs, reserve->root, reserve->ino);
	for (const struct claim *claim = task->operation; claim != NULL; claim = claim->earlier)
		for (size_t i = 0; i < claim->part_count && claim->part_count <= CLAIM_PARTS; i++)
			take_part_again(replay, owed, inode, claim->parts[i], update);
}

static bool is_owner(const struct verdict *verdict, const struct claim *reserve)
{
	for (size_t i = 0; verdict != NULL && i < verdict->occurrence.owner_count; i++) {
		const struct owner *owner = &verdict->occurrence.owners[i];

		if (owner->time_ns == reserve->event.time_ns && owner->task.pid == reserve->event.pid)
			return true;
	}
	return false;
}

static void give_back_own(struct replay *replay, const struct claim *reserve, struct claim_part part,
	struct owed_inode *inode, const struct event *event)
{
	struct range *range = ranges_first(&inode->ranges, part.start, part.end);
	struct range *next;

	for (; range != NULL; range = next) {
		struct claim_part own = ranges_within(range, part);

		next = ranges_next(range, part.end);
		if (range->state != RANGE_RESERVED || !is_owner(suspect_verdict(range->claim), reserve))
			continue;
		owed_given_back(range->claim, event, own.end - own.start);
		ranges_set(&inode->ranges, &replay->books.pool, own, RANGE_CLEAR, NULL);
	}
}

void owed_next(struct replay *replay, const struct claim *reserve, const struct event *event)
{
	struct owed_inode *inode;

	if (reserve == NULL || reserve->meta_taken || reserve->meta_failures == 0 || reserve->part_count > CLAIM_PARTS)
		return;
	inode = find_of(replay, &reserve->event);
	if (inode == NULL)
		return;
	for (size_t i = 0; i < reserve->part_count; i++)
		give_back_own(replay, reserve, reserve->parts[i], inode, event);
	forget_if_empty(replay, inode);
}

static void end_inode(struct replay *replay, struct owed_inode *inode, const struct event *event)
{
	struct range *range = ranges_first(&inode->ranges, 0, UINT64_MAX);

	for (; range != NULL; range = ranges_next(range, UINT64_MAX))
		if (range->state == RANGE_RESERVED)
			owed_given_back(range->claim, event, range->end - range->start);
	ranges_reset(&inode->ranges, &replay->books.pool, RANGE_CLEAR);
	forget_if_empty(replay, inode);
}

void owed_gone(struct replay *replay, const struct event *event)
{
	struct owed_inode *inode = find_of(replay, event);

	if (inode != NULL)
		end_inode(replay, inode, event);
}

void owed_void(struct replay *replay, const struct fs *fs, const struct event *event)
{
	struct owed *owed = &replay->owed;
	struct table_entry *next;

	for (struct table_entry *entry = owed->inodes.oldest; entry != NULL; entry = next) {
		next = entry->younger;
		if (fs == NULL || entry->key.a == fs->number)
			end_inode(replay, (struct owed_inode *)entry, event);
	}
	owed_forget_flights(replay, fs, event);
}
