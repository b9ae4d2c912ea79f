/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules.h"

static const uint64_t transient_ns = 1000000;

struct claim_part rules_span(const struct event *event)
{
	struct claim_part span = {event->start, 0};

	if (__builtin_add_overflow(event->start, event->len, &span.end))
		span.end = UINT64_MAX;
	return span;
}

void rules_contradiction(struct replay *replay, struct root *root)
{
	root->contradictions++;
	replay->contradictions++;
}

/* Bytes that an event of this inode finds clear because of a free that may be foreign. */
static void tell_suspects(struct replay *replay, struct inode *inode, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);

	for (; range != NULL; range = ranges_next(range, span.end)) {
		uint64_t from = range->start > span.start ? range->start : span.start;
		uint64_t to = range->end < span.end ? range->end : span.end;

		if (range->state == RANGE_CLEAR && range->claim != NULL && range->claim->suspect != NULL)
			foreign_touched(replay, range->claim->suspect, event, to - from);
	}
}

static void add_part(struct claim *claim, uint64_t from, uint64_t to)
{
	struct claim_part *last = claim->part_count > 0 ? &claim->parts[claim->part_count - 1] : NULL;

	if (claim->part_count > CLAIM_PARTS || from >= to)
		return;
	if (last != NULL && last->end == from)
		last->end = to;
	else if (claim->part_count == CLAIM_PARTS)
		claim->part_count++;
	else
		claim->parts[claim->part_count++] = (struct claim_part){from, to};
}

/* Remembers which pieces a reserve newly sets: those not reserved before. */
static void note_parts(struct inode *inode, struct claim *claim)
{
	struct claim_part span = rules_span(&claim->event);
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	uint64_t at = span.start;

	for (; range != NULL; range = ranges_next(range, span.end)) {
		if (range->start > at)
			add_part(claim, at, range->start);
		at = range->end < span.end ? range->end : span.end;
		if (range->state != RANGE_RESERVED)
			add_part(claim, range->start > span.start ? range->start : span.start, at);
	}
	add_part(claim, at, span.end);
}

/* The kernel's count lies within what the model allows: every byte of the span is reserved now. */
static void reserve_as_expected(struct replay *replay, struct inode *inode, struct claim *claim, struct range_sums sums)
{
	struct claim_part span = rules_span(&claim->event);
	uint64_t fresh = claim->event.bytes;
	bool unknown_was_clear = fresh == sums.of[RANGE_CLEAR] + sums.of[RANGE_UNKNOWN];
	bool unknown_was_reserved = fresh == sums.of[RANGE_CLEAR];

	if (fresh == claim->event.len || unknown_was_clear)
		note_parts(inode, claim);
	else if (unknown_was_reserved && sums.of[RANGE_UNKNOWN] == 0)
		note_parts(inode, claim);
	else
		claim->part_count = fresh > 0 ? CLAIM_PARTS + 1 : 0;
	if (sums.of[RANGE_CLEAR] > 0)
		books_turn(&replay->books, inode, span, RANGE_CLEAR, RANGE_RESERVED, claim);
	if (sums.of[RANGE_UNKNOWN] > 0)
		books_turn(
			&replay->books, inode, span, RANGE_UNKNOWN, RANGE_RESERVED, unknown_was_clear ? claim : NULL);
}

static bool failing_reserve_near(const struct replay *replay, const struct event *event)
{
	struct claim_part span = rules_span(event);

	for (size_t i = 0; i < FAILED_KEPT; i++) {
		const struct failed_reserve *failed = &replay->failed[i];

		if (failed->fs == event->fs && failed->root == event->root && failed->ino == event->ino &&
			failed->span.start < span.end && failed->span.end > span.start &&
			failed->time_ns + transient_ns >= event->time_ns && failed->span.end != 0)
			return true;
	}
	return false;
}

static bool failing_reserve_ahead(struct replay *replay, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct slot *slot;

	for (size_t ahead = 1; (slot = window_ahead(&replay->window, ahead)) != NULL; ahead++) {
		const struct event *other = &slot->event;
		struct claim_part others = rules_span(other);

		if (other->time_ns > event->time_ns + transient_ns)
			break;
		if (other->kind == EVENT_RESERVE_DATA && slot->fate != FATE_CHARGED && other->bytes > 0 &&
			other->pid != event->pid && other->fs == event->fs && other->root == event->root &&
			other->ino == event->ino && others.start < span.end && others.end > span.start)
			return true;
	}
	return false;
}

/*
 * Fewer bytes were new than are clear: somebody had set the bits. Either a failing reserve whose bits were about to
 * go (then the rest stays clear), or something that the trace does not show in this order.
 */
static void reserve_of_less(struct replay *replay, struct inode *inode, struct claim *claim)
{
	struct claim_part span = rules_span(&claim->event);
	bool transient = failing_reserve_near(replay, &claim->event) || failing_reserve_ahead(replay, &claim->event);

	if (transient && claim->event.bytes == 0)
		return;
	if (!transient)
		rules_contradiction(replay, inode->root);
	claim->part_count = CLAIM_PARTS + 1;
	books_turn(&replay->books, inode, span, RANGE_CLEAR, RANGE_RESERVED, NULL);
	books_turn(&replay->books, inode, span, RANGE_UNKNOWN, RANGE_RESERVED, NULL);
}

/* More bytes were new than can be: bits were cleared of which nobody said anything (REPLAY rule "silent clear"). */
static void reserve_of_more(struct replay *replay, struct inode *inode, struct claim *claim)
{
	struct claim_part span = rules_span(&claim->event);
	bool whole = claim->event.bytes == claim->event.len;

	rules_contradiction(replay, inode->root);
	if (whole)
		leak_range(replay, inode, &claim->event, PATH_SILENT_CLEAR, span);
	note_parts(inode, claim);
	if (whole) {
		claim->part_count = 1;
		claim->parts[0] = span;
	} else {
		claim->part_count = CLAIM_PARTS + 1;
	}
	books_set(&replay->books, inode, span, RANGE_RESERVED, whole ? claim : NULL);
}

static void apply_reserve(struct replay *replay, struct inode *inode, struct claim *claim)
{
	struct claim_part span = rules_span(&claim->event);
	struct range_sums sums = ranges_sum(&inode->ranges, span.start, span.end);
	uint64_t fresh = claim->event.bytes;
	bool less = fresh < sums.of[RANGE_CLEAR];
	bool more = fresh > sums.of[RANGE_CLEAR] + sums.of[RANGE_UNKNOWN];

	if ((less || more) && order_exchange(replay, inode, &claim->event, sums, more))
		reserve_as_expected(replay, inode, claim, ranges_sum(&inode->ranges, span.start, span.end));
	else if (less)
		reserve_of_less(replay, inode, claim);
	else if (more)
		reserve_of_more(replay, inode, claim);
	else
		reserve_as_expected(replay, inode, claim, sums);
}

static void remember_failure(struct replay *replay, const struct event *event)
{
	struct failed_reserve *failed = &replay->failed[replay->failed_next++ % FAILED_KEPT];

	*failed = (struct failed_reserve){event->time_ns, event->ino, event->root, rules_span(event), event->fs};
}

static bool same_file(const struct event *a, const struct event *b)
{
	return a->ino == b->ino && a->root == b->root && a->fs == b->fs;
}

/*
 * fallocate reserves hole after hole and takes all of it back at once, with nothing but charges in between; a reserve
 * that was refused is tried once more after a flush. Returns the reserve before this one in the operation, or NULL.
 */
static struct claim *earlier_in_operation(const struct task *task, const struct event *event)
{
	struct claim *operation = task->operation;
	bool only_charges = task->last.kind == EVENT_RESERVE_DATA ||
			    (task->last.kind == EVENT_UPDATE_RESERVE && task->last.type == EVENT_TYPE_DATA);

	if (operation == NULL || !same_file(&operation->event, event))
		return NULL;
	if (operation->failed)
		return operation->event.start == event->start && operation->event.len == event->len ? operation->earlier
												    : NULL;
	return only_charges && task->reserve_is_last_data ? operation : NULL;
}

static struct claim *new_operation(struct replay *replay, struct task *task, const struct slot *slot)
{
	struct claim *claim = slot->claim != NULL ? slot->claim : claim_new(&replay->books.claims, &slot->event);

	claim->failed = slot->fate == FATE_UNDONE;
	claim->unsure = slot->fate == FATE_UNSURE;
	claim->earlier = claim_keep(earlier_in_operation(task, &slot->event));
	claim_drop(&replay->books.claims, task->operation);
	task->operation = claim;
	task->reserve_is_last_data = true;
	task->committing = false;
	task->charge_bytes = slot->fate == FATE_CHARGED ? slot->event.bytes : 0;
	return claim;
}

void rule_reserve(struct replay *replay, struct task *task, const struct slot *slot)
{
	const struct event *event = &slot->event;
	struct claim_part span = rules_span(event);
	struct inode *inode;
	struct claim *claim;

	if (!books_is_subvolume(event->root) || span.start >= span.end)
		return;
	inode = books_inode(&replay->books, event->fs, event->root, event->ino);
	inode->root->fs->alive_ns = event->time_ns;
	claim = new_operation(replay, task, slot);
	if (slot->done)
		return;
	if (slot->fate == FATE_UNDONE) {
		remember_failure(replay, event);
	} else if (slot->fate == FATE_UNSURE) {
		claim->part_count = CLAIM_PARTS + 1;
		books_turn(&replay->books, inode, span, RANGE_CLEAR, RANGE_UNKNOWN, NULL);
	} else {
		tell_suspects(replay, inode, event);
		apply_reserve(replay, inode, claim);
	}
}

struct claim *range_reserve_early(struct replay *replay, struct inode *inode, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct claim *claim = claim_new(&replay->books.claims, event);

	tell_suspects(replay, inode, event);
	reserve_as_expected(replay, inode, claim, ranges_sum(&inode->ranges, span.start, span.end));
	return claim;
}

/* The owners of what is released learn who took it. */
static void note_taken(struct replay *replay, struct inode *inode, struct claim *release)
{
	struct claim_part span = rules_span(&release->event);
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);

	for (; range != NULL; range = ranges_next(range, span.end)) {
		if (range->state != RANGE_RESERVED || range->claim == NULL)
			continue;
		claim_drop(&replay->books.claims, range->claim->taken_by);
		range->claim->taken_by = claim_keep(release);
	}
}

/*
 * All bytes of the span are clear afterwards. What was clear already keeps the memory of what cleared it: a free of
 * nothing, the noise of every eviction, explains nothing.
 */
static void clear_span(struct replay *replay, struct inode *inode, struct claim *claim, struct range_sums sums)
{
	struct claim_part span = rules_span(&claim->event);

	if (sums.of[RANGE_RESERVED] > 0)
		books_turn(&replay->books, inode, span, RANGE_RESERVED, RANGE_CLEAR, claim);
	if (sums.of[RANGE_UNKNOWN] > 0)
		books_turn(&replay->books, inode, span, RANGE_UNKNOWN, RANGE_CLEAR,
			claim->event.bytes > sums.of[RANGE_RESERVED] ? claim : NULL);
}

static struct claim *cleared_by(struct inode *inode, struct claim_part span)
{
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);

	while (range != NULL && (range->state != RANGE_CLEAR || range->claim == NULL))
		range = ranges_next(range, span.end);
	return range != NULL ? range->claim : NULL;
}

static void settle_outside(struct root *root, uint64_t bytes)
{
	root->outside_bytes -= bytes < root->outside_bytes ? bytes : root->outside_bytes;
}

/* Compares the kernel's count with the model's, and says whether they agree; `sums` is brought up to date. */
static bool count_agrees(struct replay *replay, struct inode *inode, const struct event *event, struct range_sums *sums)
{
	struct claim_part span = rules_span(event);
	uint64_t most = sums->of[RANGE_RESERVED] + sums->of[RANGE_UNKNOWN];

	if (event->bytes > most || event->bytes < sums->of[RANGE_RESERVED]) {
		bool less = event->bytes < sums->of[RANGE_RESERVED];

		if (!order_exchange(replay, inode, event, *sums, less)) {
			if (!less)
				leak_returned(replay, inode->root, inode->number, event->bytes - most);
			rules_contradiction(replay, inode->root);
			return false;
		}
		*sums = ranges_sum(&inode->ranges, span.start, span.end);
	}
	settle_outside(inode->root, event->bytes - sums->of[RANGE_RESERVED]);
	return true;
}

static struct flight_entry *into_flight(struct root *root, struct claim *claim)
{
	if (claim->event.bytes == 0)
		return NULL;
	root->totals.released_bytes += claim->event.bytes;
	return flight_add(&root->flight, claim->event.bytes, claim, root->commits);
}

static void release(struct replay *replay, struct task *task, const struct event *event, struct inode *inode)
{
	struct claim_part span = rules_span(event);
	struct range_sums sums = ranges_sum(&inode->ranges, span.start, span.end);
	struct claim *claim = claim_new(&replay->books.claims, event);
	bool agrees = count_agrees(replay, inode, event, &sums);

	tell_suspects(replay, inode, event);
	note_taken(replay, inode, claim);
	if (agrees && sums.of[RANGE_CLEAR] > 0 && event->bytes < event->len) {
		task->short_bytes = event->len - event->bytes;
		task->short_claim = claim_keep(cleared_by(inode, span));
	}
	clear_span(replay, inode, claim, sums);
	task->released = into_flight(inode->root, claim);
	task->released_root = inode->root;
	claim_drop(&replay->books.claims, claim);
}

static void free_range(struct replay *replay, struct task *task, const struct event *event, struct inode *inode)
{
	struct claim_part span = rules_span(event);
	struct range_sums sums = ranges_sum(&inode->ranges, span.start, span.end);
	struct claim *claim;
	bool agrees;

	if (event->bytes == 0 && sums.of[RANGE_RESERVED] == 0 && sums.of[RANGE_UNKNOWN] == 0)
		return;
	claim = claim_new(&replay->books.claims, event);
	agrees = count_agrees(replay, inode, event, &sums);
	if (agrees && event->bytes > 0)
		task->suspect = foreign_look(replay, task, event, inode, claim);
	clear_span(replay, inode, claim, sums);
	claim_drop(&replay->books.claims, claim);
}

void range_clear_early(struct replay *replay, struct inode *inode, const struct event *event)
{
	struct claim_part span = rules_span(event);
	struct claim *claim = claim_new(&replay->books.claims, event);

	tell_suspects(replay, inode, event);
	note_taken(replay, inode, claim);
	clear_span(replay, inode, claim, ranges_sum(&inode->ranges, span.start, span.end));
	if (event->op == EVENT_OP_RELEASE)
		into_flight(inode->root, claim);
	claim_drop(&replay->books.claims, claim);
}

void rule_release_or_free(struct replay *replay, struct task *task, const struct event *event, bool ranges_done)
{
	struct claim_part span = rules_span(event);
	struct inode *inode;

	if (!books_is_subvolume(event->root) || span.start >= span.end)
		return;
	inode = books_inode(&replay->books, event->fs, event->root, event->ino);
	inode->root->fs->silent_writes = false;
	inode->root->fs->alive_ns = event->time_ns;
	if (event->op == EVENT_OP_RELEASE && !ranges_done)
		release(replay, task, event, inode);
	else if (event->op == EVENT_OP_FREE && !ranges_done)
		free_range(replay, task, event, inode);
	if (event->op == EVENT_OP_FREE)
		task->free_bytes = event->bytes;
	task->reserve_is_last_data = false;
}

/* A created inode has no bits at all: the end of not knowing (btrfs_create_new_inode()). */
void rule_inode_new(struct replay *replay, const struct event *event)
{
	if (!books_is_subvolume(event->root))
		return;
	books_reset_inode(&replay->books, books_inode(&replay->books, event->fs, event->root, event->ino), RANGE_CLEAR);
}

static struct inode *known_inode(struct replay *replay, const struct event *event)
{
	struct table_key key = {.a = event->fs, .b = event->root, .c = event->ino};

	if (table_find(&replay->books.inodes, key) == NULL)
		return NULL;
	return books_inode(&replay->books, event->fs, event->root, event->ino);
}

void rule_evict(struct replay *replay, struct task *task, const struct event *event)
{
	enum { BTREE_INODE_ROOT = 1, BTREE_INODE = 1 };

	if (event->root == BTREE_INODE_ROOT && event->ino == BTREE_INODE) {
		epoch_unmount(replay, event);
		return;
	}
	if (known_inode(replay, event) == NULL)
		return;
	task->evicting = true;
	task->evict_event = *event;
}

void rule_evict_ends(struct replay *replay, struct task *task)
{
	struct inode *inode = known_inode(replay, &task->evict_event);
	const struct claim_part everything = {0, UINT64_MAX};

	task->evicting = false;
	if (inode == NULL)
		return;
	if (inode->ranges.reserved_bytes > 0)
		leak_range(replay, inode, &task->evict_event, PATH_EVICTED, everything);
	books_end_inode(&replay->books, inode);
}

/* btrfs_remove_ordered_extent(): from now on the extent only waits for the commit. */
void rule_ordered_remove(struct replay *replay, const struct event *event)
{
	struct inode *inode = known_inode(replay, event);
	struct range *range;

	if (inode == NULL)
		return;
	range = ranges_first(&inode->ranges, event->start, event->start + 1);
	if (range != NULL && range->state == RANGE_CLEAR && range->claim != NULL &&
		range->claim->event.start == event->start)
		range->claim->finished = true;
}
