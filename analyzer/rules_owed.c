/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules.h"

#include <stdlib.h>

#include "base/memory.h"

/* What foreign frees took of one inode: RANGE_RESERVED bytes, with the free as their claim. */
struct owed_inode {
	struct table_entry entry; /* key: fs, root, ino */
	struct ranges ranges;
};

/* Bytes that a reserve has set again, until its counter update: the task's next event. */
struct owed_charge {
	int32_t pid;
	struct claim *claim; /* the foreign free */
	uint64_t bytes;
};

/* Bytes that were written without their reservation, until the commit that would have dropped them. */
struct owed_flight {
	struct root *root;
	struct claim *claim;
	uint64_t bytes;
	uint64_t commits; /* of the root, over or under way, when they were written */
};

void owed_init(struct owed *owed)
{
	*owed = (struct owed){0};
	table_init(&owed->inodes);
}

void owed_release(struct owed *owed)
{
	table_free_all(&owed->inodes);
	free(owed->charges);
	free(owed->flights);
}

static struct owed_inode *find_inode(const struct owed *owed, uint16_t fs, uint64_t root, uint64_t ino)
{
	return (struct owed_inode *)table_find(&owed->inodes, (struct table_key){.a = fs, .b = root, .c = ino});
}

static void forget_if_empty(struct replay *replay, struct owed_inode *inode)
{
	if (inode->ranges.reserved_bytes > 0)
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
	struct owed_inode *inode = find_inode(&replay->owed, event->fs, event->root, event->ino);
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

/* The bytes are owed no more: the free's mismatch, if it still is one, learns of it. */
static void give_back(const struct claim *claim, const struct event *event, uint64_t bytes)
{
	struct verdict *verdict = foreign_verdict(claim);

	if (verdict != NULL && bytes > 0)
		verdict_returned(verdict, event, bytes);
}

static void wait_for_charge(struct owed *owed, int32_t pid, struct claim *claim, uint64_t bytes)
{
	owed->charges =
		memory_grown(owed->charges, &owed->charge_capacity, owed->charge_count + 1, sizeof(*owed->charges));
	owed->charges[owed->charge_count++] = (struct owed_charge){pid, claim_keep(claim), bytes};
}

static void wait_for_commit(struct replay *replay, const struct event *event, struct claim *claim, uint64_t bytes)
{
	struct owed *owed = &replay->owed;
	struct root *root = books_root(&replay->books, event->fs, event->root);

	owed->flights =
		memory_grown(owed->flights, &owed->flight_capacity, owed->flight_count + 1, sizeof(*owed->flights));
	owed->flights[owed->flight_count++] =
		(struct owed_flight){root, claim_keep(claim), bytes, root->commits + (root->in_commit ? 1 : 0)};
}

void owed_touch(struct replay *replay, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct owed_inode *inode = find_inode(&replay->owed, event->fs, event->root, event->ino);
	struct range *range = inode != NULL ? ranges_first(&inode->ranges, span.start, span.end) : NULL;

	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct claim_part part = ranges_within(range, span);
		uint64_t bytes = part.end - part.start;

		if (range->state != RANGE_RESERVED)
			continue;
		if (event->kind == EVENT_RESERVE_DATA)
			wait_for_charge(&replay->owed, event->pid, range->claim, bytes);
		else if (event->op == EVENT_OP_RELEASE)
			wait_for_commit(replay, event, range->claim, bytes);
		else
			give_back(range->claim, event, bytes);
	}
	if (inode == NULL)
		return;
	ranges_set(&inode->ranges, &replay->books.pool, span, RANGE_CLEAR, NULL);
	forget_if_empty(replay, inode);
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
		if (range->state != RANGE_RESERVED || !is_owner(foreign_verdict(range->claim), reserve))
			continue;
		give_back(range->claim, event, own.end - own.start);
		ranges_set(&inode->ranges, &replay->books.pool, own, RANGE_CLEAR, NULL);
	}
}

void owed_next(struct replay *replay, const struct claim *reserve, const struct event *event)
{
	struct owed_inode *inode;

	if (reserve == NULL || reserve->meta_taken || reserve->meta_failures == 0 || reserve->part_count > CLAIM_PARTS)
		return;
	inode = find_inode(&replay->owed, reserve->event.fs, reserve->event.root, reserve->event.ino);
	if (inode == NULL)
		return;
	for (size_t i = 0; i < reserve->part_count; i++)
		give_back_own(replay, reserve, reserve->parts[i], inode, event);
	forget_if_empty(replay, inode);
}

void owed_charged(struct replay *replay, const struct event *update)
{
	struct owed *owed = &replay->owed;
	size_t kept = 0;

	for (size_t i = 0; i < owed->charge_count; i++) {
		struct owed_charge *charge = &owed->charges[i];

		if (charge->pid != update->pid) {
			owed->charges[kept++] = *charge;
			continue;
		}
		give_back(charge->claim, update, charge->bytes);
		claim_drop(&replay->books.claims, charge->claim);
	}
	owed->charge_count = kept;
}

void owed_commit(struct replay *replay, const struct root *root, const struct event *event)
{
	struct owed *owed = &replay->owed;
	size_t kept = 0;

	for (size_t i = 0; i < owed->flight_count; i++) {
		struct owed_flight *flight = &owed->flights[i];

		if (flight->root != root || flight->commits >= root->commits) {
			owed->flights[kept++] = *flight;
			continue;
		}
		give_back(flight->claim, event, flight->bytes);
		claim_drop(&replay->books.claims, flight->claim);
	}
	owed->flight_count = kept;
}

static void end_inode(struct replay *replay, struct owed_inode *inode, const struct event *event)
{
	struct range *range = ranges_first(&inode->ranges, 0, UINT64_MAX);

	for (; range != NULL; range = ranges_next(range, UINT64_MAX))
		if (range->state == RANGE_RESERVED)
			give_back(range->claim, event, range->end - range->start);
	ranges_reset(&inode->ranges, &replay->books.pool, RANGE_CLEAR);
	forget_if_empty(replay, inode);
}

void owed_gone(struct replay *replay, const struct event *event)
{
	struct owed_inode *inode = find_inode(&replay->owed, event->fs, event->root, event->ino);

	if (inode != NULL)
		end_inode(replay, inode, event);
}

void owed_void(struct replay *replay, const struct fs *fs, const struct event *event)
{
	struct owed *owed = &replay->owed;
	struct table_entry *next;
	size_t kept = 0;

	for (struct table_entry *entry = owed->inodes.oldest; entry != NULL; entry = next) {
		next = entry->younger;
		if (fs == NULL || entry->key.a == fs->number)
			end_inode(replay, (struct owed_inode *)entry, event);
	}
	for (size_t i = 0; i < owed->flight_count; i++) {
		struct owed_flight *flight = &owed->flights[i];

		if (fs != NULL && flight->root->fs != fs) {
			owed->flights[kept++] = *flight;
			continue;
		}
		give_back(flight->claim, event, flight->bytes);
		claim_drop(&replay->books.claims, flight->claim);
	}
	owed->flight_count = kept;
}
