/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/stale.h"

/*
 * Bits that were reserved when quota was switched off stay set: the kernel frees the qgroups and not the bits (before
 * af0e2aab3b70, btrfs_quota_disable()). What a reserve of the ended epoch owns is remembered as its, and everything
 * else is unknown.
 */
static void keep_leftovers(struct replay *replay, struct inode *inode, const struct claim *newest, uint64_t until_ns)
{
	struct ranges *ranges = &inode->ranges;
	struct range *range = ranges_first(ranges, 0, UINT64_MAX);
	struct range *next;

	ranges->otherwise = RANGE_UNKNOWN;
	for (; range != NULL; range = next) {
		struct claim_part part = {range->start, range->end};
		bool ours = range->state == RANGE_RESERVED && range->claim != NULL;

		next = ranges_next(range, UINT64_MAX);
		if (ours && range->claim == newest)
			continue;
		if (ours && range->claim->event.time_ns <= until_ns) {
			range->claim->stale = true;
			ranges_set(ranges, &replay->books.pool, part, RANGE_UNKNOWN, range->claim);
		} else {
			ranges_set(ranges, &replay->books.pool, part, RANGE_UNKNOWN, NULL);
		}
	}
}

static uint64_t surely_ended_ns(const struct fs *fs, const struct chain *chain, const struct root *root)
{
	bool own = chain->entry.key.b == root->totals.root && chain->entry.key.c == EVENT_TYPE_DATA;

	return own && chain->last_ns > fs->sure_ns ? chain->last_ns : fs->sure_ns;
}

static void carry_inode(struct replay *replay, struct inode *inode, const struct claim *newest, uint64_t until_ns)
{
	struct root *root = inode->root;

	keep_leftovers(replay, inode, newest, until_ns);
	inode->knowledge = root->knowledge;
	root->ranges_bytes += inode->ranges.reserved_bytes;
}

static void blame(struct replay *replay, struct root *root, struct verdict *verdict, const struct event *event)
{
	verdict_evidence(verdict, &root->fs->epoch_event, ROLE_EPOCH);
	verdict_evidence(verdict, event, ROLE_TASK_FREES);
	root->stale_bytes = rules_plus(root->stale_bytes, verdict->occurrence.bytes);
	root->stale_verdict = verdicts_add(&replay->verdicts, verdict);
}

/* The counter begins again with the very free of what the epoch before had reserved. */
static void free_at_restart(struct replay *replay, const struct task *task, const struct event *event)
{
	const struct event *freed = &task->last;
	struct verdict_group_key key = {.kind = FINDING_STALE_FREE,
		.path = PATH_STALE_FREED,
		.fs = event->fs,
		.root = event->root,
		.ino = freed->ino};
	const struct claim *owner = task->freed_owner;
	struct verdict *verdict;

	if (freed->kind != EVENT_RELEASE_DATA || freed->root != event->root || owner == NULL || task->free_bytes == 0 ||
		task->free_bytes != 0 - (uint64_t)event->diff)
		return;
	verdict = verdict_new(key, freed);
	verdict->number = event->number;
	verdict->certainty = CERTAINTY_LIKELY;
	verdict->occurrence.bytes = task->free_bytes;
	verdict_owner(verdict, (struct owner){{owner->event.pid, owner->event.comm}, task->free_bytes, freed->start,
				       freed->len, owner->event.time_ns});
	verdict_evidence(verdict, &owner->event, ROLE_OLD_RESERVE);
	blame(replay, books_root(&replay->books, event->fs, event->root), verdict, freed);
}

void stale_epoch(struct replay *replay, struct fs *fs, const struct chain *chain, const struct event *event)
{
	const struct task *task = books_task(&replay->books, event);
	const struct claim *newest = task->charge_bytes > 0 ? task->operation : NULL;
	uint64_t before = fs->epoch - 1 + replay->books.gaps;

	fs->epoch_event = *event;
	for (struct table_entry *entry = replay->books.inodes.oldest; entry != NULL; entry = entry->younger) {
		struct inode *inode = (struct inode *)entry;
		struct root *root = inode->root;

		if (root->fs != fs || inode->knowledge != before)
			continue;
		books_root(&replay->books, fs->number, root->totals.root);
		carry_inode(replay, inode, newest, surely_ended_ns(fs, chain, root));
	}
	free_at_restart(replay, task, event);
}

/* Whether a piece is surely set, and since an earlier epoch. */
static bool is_leftover(const struct range *range, bool unknown_too)
{
	bool set = range->state == RANGE_RESERVED || (range->state == RANGE_UNKNOWN && unknown_too);

	return set && range->claim != NULL && range->claim->stale;
}

/* The bytes of a span that an earlier epoch reserved and that are set; with `unknown_too` those that may be, are. */
static void collect(struct verdict *verdict, struct inode *inode, struct claim_part span, bool unknown_too)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);

	for (; range != NULL; range = ranges_next(range, span.end)) {
		if (is_leftover(range, unknown_too))
			verdict_claim(verdict, range->claim, ranges_within(range, span));
	}
}

void stale_adopt(struct replay *replay, struct inode *inode, struct claim_part span)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	struct range *next;

	for (; range != NULL; range = next) {
		struct claim_part part = ranges_within(range, span);

		next = ranges_next(range, span.end);
		if (range->state == RANGE_UNKNOWN && range->claim != NULL && range->claim->stale)
			books_set(&replay->books, inode, part, RANGE_RESERVED, range->claim);
	}
}

static bool any_stale(struct inode *inode, struct claim_part span)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);

	while (range != NULL && (range->state == RANGE_CLEAR || range->claim == NULL || !range->claim->stale))
		range = ranges_next(range, span.end);
	return range != NULL;
}

bool stale_free(struct replay *replay, struct inode *inode, const struct event *event, struct range_sums sums)
{
	struct verdict_group_key key = {.kind = FINDING_STALE_FREE,
		.path = PATH_STALE_FREED,
		.fs = event->fs,
		.root = event->root,
		.ino = event->ino};
	struct claim_part span = rules_span(event);
	bool all = event->bytes == sums.of[RANGE_RESERVED] + sums.of[RANGE_UNKNOWN];
	struct verdict *verdict;

	if (inode->root->fs->toggled_ns == 0 || !any_stale(inode, span))
		return false;
	verdict = verdict_new(key, event);
	collect(verdict, inode, span, all);
	if (verdict->occurrence.bytes == 0) {
		verdict_free(verdict);
		return false;
	}
	blame(replay, inode->root, verdict, event);
	return true;
}

struct claim *stale_owner(struct inode *inode, const struct event *event, struct range_sums sums)
{
	struct claim_part span = rules_span(event);
	struct claim *owner = NULL;
	struct range *range;
	bool all = event->bytes == sums.of[RANGE_RESERVED] + sums.of[RANGE_UNKNOWN];

	if (inode->root->fs->toggled_ns == 0 || event->bytes == 0)
		return NULL;
	for (range = ranges_first(&inode->ranges, span.start, span.end); range != NULL;
		range = ranges_next(range, span.end)) {
		if (range->state == RANGE_CLEAR)
			continue;
		if (!is_leftover(range, all))
			return NULL;
		owner = owner != NULL ? owner : range->claim;
	}
	return owner;
}

void stale_counted(struct root *root, const struct event *freed, const struct event *update)
{
	if (root->stale_verdict->number == freed->number)
		root->stale_verdict->number = update->number;
}

void stale_drop(struct replay *replay, struct root *root, const struct event *event)
{
	struct flight_entry *entry = flight_oldest(&root->flight, 0 - (uint64_t)event->diff);
	struct verdict_group_key key = {.kind = FINDING_STALE_FREE, .path = PATH_STALE_RELEASED, .fs = event->fs};
	const struct event *release;
	const struct event *owner;
	struct verdict *verdict;

	if (entry == NULL || entry->claim->stale_owner == NULL)
		return;
	release = &entry->claim->event;
	owner = &entry->claim->stale_owner->event;
	key.root = release->root;
	key.ino = release->ino;
	verdict = verdict_new(key, event);
	verdict->occurrence.start = release->start;
	verdict->occurrence.len = release->len;
	verdict->occurrence.bytes = entry->bytes;
	verdict_owner(verdict,
		(struct owner){{owner->pid, owner->comm}, entry->bytes, release->start, release->len, owner->time_ns});
	verdict_evidence(verdict, owner, ROLE_OLD_RESERVE);
	verdict_evidence(verdict, release, ROLE_RELEASED);
	blame(replay, root, verdict, event);
	claim_drop(&replay->books.claims, entry->claim->stale_owner);
	entry->claim->stale_owner = NULL;
}

bool stale_explains(struct root *root, const struct event *event, uint64_t missing_bytes)
{
	struct flight_entry *paid = flight_oldest(&root->flight, 0 - (uint64_t)event->diff);
	struct verdict *verdict = root->stale_verdict;

	if (verdict == NULL || verdict->revoked || root->stale_bytes < missing_bytes)
		return false;
	root->stale_bytes -= missing_bytes;
	verdict_consequence(verdict, CONSEQUENCE_UNDERFLOW, event, missing_bytes);
	if (paid != NULL && paid->claim->event.ino != verdict->key.ino && verdict->consequence_count > 0)
		verdict->consequences[verdict->consequence_count - 1].ino = paid->claim->event.ino;
	return true;
}
