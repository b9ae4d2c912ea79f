/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/leak.h"

#include "analyzer/rules/epoch.h"
#include "analyzer/rules/rollback.h"
#include "base/memory.h"

/*
 * Weakest evidence first: a count of commits, a flag, bits of an inode, bits that were seen gone, an extent that was
 * accounted for.
 */
static const enum finding_path by_weakness[] = {PATH_RESIDUE, PATH_NEVER_DROPPED, PATH_NOCOW_RELEASED, PATH_EVICTED,
	PATH_SILENT_CLEAR, PATH_DROPPED_LESS, PATH_NOT_DROPPED};

enum { WEAKNESSES = sizeof(by_weakness) / sizeof(by_weakness[0]) };

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void add_claim(struct root *root, struct verdict *verdict, struct leak_claim leak)
{
	leak.path = verdict->key.path;
	leak.bytes = verdict->occurrence.bytes;
	leak.time_ns = verdict->occurrence.time_ns;
	leak.verdict = verdict;
	root->leaks = memory_grown(root->leaks, &root->leak_capacity, root->leak_count + 1, sizeof(*root->leaks));
	root->leaks[root->leak_count++] = leak;
	root->leaked_bytes += leak.bytes;
}

/* While quota is off extents are accounted too, and nothing is dropped. */
void leak_claimed(struct root *root, struct verdict *verdict)
{
	add_claim(root, verdict, (struct leak_claim){.by_bits = true, .over_ns = UINT64_MAX});
}

static struct verdict *new_leak(
	const struct root *root, uint64_t ino, const struct event *event, enum finding_path path, enum leak_where where)
{
	struct verdict_group_key key = {.kind = FINDING_LEAK,
		.path = path,
		.where = where,
		.fs = root->fs->number,
		.root = root->totals.root,
		.ino = ino};

	return verdict_new(key, event);
}

static enum evidence_role role_of(const struct event *event)
{
	if (event->kind == EVENT_CLEAR_EXTENT_BIT)
		return ROLE_BITS_CLEARED;
	return event->kind == EVENT_INODE_EVICT ? ROLE_EVICTED : ROLE_RESERVED_AGAIN;
}

/*
 * When the last of the owners that never got their metadata was done with its operation: from then on its bytes were
 * lost. Those that did got dirty data, which holds metadata until it is written or dropped.
 */
static void note_owner(struct leak_claim *leak, const struct claim *owner)
{
	uint64_t over_ns = owner == NULL || owner->settled.number == 0 ? UINT64_MAX : owner->settled.time_ns;

	if (owner != NULL && owner->complete)
		leak->was_dirty = true;
	else if (over_ns > leak->over_ns)
		leak->over_ns = over_ns;
}

/* Of the bytes of a span that are reserved and of this epoch; NULL when there are none. */
static struct verdict *claim_range(
	struct inode *inode, const struct event *event, enum finding_path path, struct claim_part span)
{
	struct verdict *verdict = new_leak(inode->root, inode->number, event, path, LEAK_RANGE);
	struct range *range = ranges_first(&inode->ranges, span.start, span.end);
	struct leak_claim leak = {.by_bits = true};

	for (; range != NULL; range = ranges_next(range, span.end)) {
		struct claim_part part = ranges_within(range, span);

		/* What another epoch reserved is not in this one's counter. */
		if (range->state != RANGE_RESERVED || (range->claim != NULL && range->claim->stale))
			continue;
		/* Whether they are still reserved depends on an order that the trace does not prove. */
		if (range->claim != NULL && range->claim->reordered)
			continue;
		verdict_claim(verdict, range->claim, part);
		note_owner(&leak, range->claim);
		if (range->claim != NULL && range->claim->meta_failures > 0 && !range->claim->meta_taken) {
			struct event failure = claim_noted(range->claim, &range->claim->meta_failure);

			verdict_evidence(verdict, &failure, ROLE_META_FAILS);
		}
	}
	if (verdict->occurrence.bytes == 0) {
		verdict_free(verdict);
		return NULL;
	}
	verdict_evidence(verdict, event, role_of(event));
	add_claim(inode->root, verdict, leak);
	return verdict;
}

void leak_range(struct inode *inode, const struct event *event, enum finding_path path, struct claim_part span)
{
	claim_range(inode, event, path, span);
}

/* Quota may be turned off in the middle of an eviction: the claim is as old as the eviction's end. */
void leak_evicted(struct replay *replay, struct inode *inode, const struct event *evict)
{
	const struct claim_part everything = {0, UINT64_MAX};
	struct root *root = inode->root;
	size_t before = root->leak_count;

	leak_range(inode, evict, PATH_EVICTED, everything);
	if (root->leak_count > before)
		root->leaks[before].time_ns = replay->verdicts.now_ns;
}

void leak_vanished(struct inode *inode, const struct event *event)
{
	struct verdict *verdict = claim_range(inode, event, PATH_SILENT_CLEAR, rules_span(event));

	if (verdict != NULL)
		verdict->certainty = CERTAINTY_LIKELY;
}

void leak_nocow(const struct task *task, const struct event *ordered)
{
	struct root *root = task->released_root;
	struct flight_entry *entry = task->released->in_flight;
	const struct event *release = &task->released->event;
	struct verdict *verdict;

	if (entry == NULL)
		return;
	verdict = new_leak(root, release->ino, release, PATH_NOCOW_RELEASED, LEAK_FLIGHT);
	verdict->occurrence.bytes = entry->bytes;
	if (task->released_owner != NULL) {
		const struct event *reserve = &task->released_owner->event;
		uint64_t bytes = least(entry->bytes, reserve->bytes);

		verdict_owner(verdict, (struct owner){{reserve->pid, reserve->comm}, bytes, release->start,
					       least(release->len, reserve->len), reserve->time_ns});
		verdict_evidence(verdict, reserve, ROLE_OWNER_RESERVES);
	}
	verdict_evidence(verdict, release, ROLE_RELEASED);
	verdict_evidence(verdict, ordered, ROLE_ORDERED);
	add_claim(root, verdict, (struct leak_claim){0});
	flight_remove(&root->flight, entry);
}

static void take_out(struct root *root, size_t index)
{
	root->leaked_bytes -= root->leaks[index].bytes;
	for (size_t i = index + 1; i < root->leak_count; i++)
		root->leaks[i - 1] = root->leaks[i];
	root->leak_count--;
}

static void refute(struct replay *replay, struct root *root, size_t index)
{
	replay->result.unproven.of[root->leaks[index].verdict->key.kind]++;
	verdict_free(root->leaks[index].verdict);
	take_out(root, index);
}

void leak_floor(struct replay *replay, struct root *root, uint64_t value)
{
	for (size_t weakness = 0; weakness < WEAKNESSES && root->leaked_bytes > value; weakness++)
		for (size_t i = root->leak_count; i-- > 0 && root->leaked_bytes > value;)
			if (root->leaks[i].path == by_weakness[weakness])
				refute(replay, root, i);
}

void leak_returned(struct replay *replay, struct root *root, uint64_t ino, uint64_t bytes)
{
	for (size_t i = root->leak_count; i-- > 0 && bytes > 0;) {
		const struct leak_claim *leak = &root->leaks[i];

		if (leak->verdict->key.ino != ino || leak->bytes > bytes)
			continue;
		bytes -= leak->bytes;
		refute(replay, root, i);
	}
}

void leak_healed(struct replay *replay, struct root *root, uint64_t ino, uint64_t bytes)
{
	for (size_t i = root->leak_count; i-- > 0 && bytes > 0;) {
		struct verdict *verdict = root->leaks[i].verdict;

		if (verdict->key.ino != ino || root->leaks[i].bytes > bytes)
			continue;
		bytes -= root->leaks[i].bytes;
		verdict->healed_bytes = root->leaks[i].bytes;
		verdicts_add(&replay->verdicts, verdict);
		take_out(root, i);
	}
}

/* An operation that was granted data and refused metadata gives the data back (btrfs_delalloc_reserve_space()). */
void leak_abandoned(struct replay *replay, struct task *task)
{
	struct claim *operation = task->operation;
	struct rollback sums;

	if (operation->failed || operation->unsure || operation->meta_taken || operation->event.bytes == 0 ||
		task->gap != replay->books.gaps)
		return;
	sums = rollback_of(replay, operation, false);
	operation->lost = sums.certain && sums.own_bytes > 0 && sums.others_bytes == 0 && sums.unknown_bytes == 0;
}

void leak_adopted(struct replay *replay, struct inode *inode, const struct range *range, const struct event *event)
{
	struct root *root = inode->root;
	struct claim *owner = range->claim;
	struct event failure = claim_noted(owner, &owner->meta_failure);
	struct verdict *verdict;

	/* With quota off it would have been taken back in silence. */
	if (owner->stale || root->data == NULL ||
		epoch_sure(replay, root->fs, root->data, false) < owner->settled.time_ns) {
		replay->result.unproven.of[FINDING_LEAK]++;
		return;
	}
	verdict = new_leak(root, inode->number, event, PATH_NOT_TAKEN_BACK, LEAK_RANGE);
	verdict_claim(verdict, owner, ranges_within(range, rules_span(event)));
	verdict_evidence(verdict, &failure, ROLE_META_FAILS);
	verdict_evidence(verdict, event, ROLE_RELEASED);
	verdict->healed_bytes = verdict->occurrence.bytes;
	verdicts_add(&replay->verdicts, verdict);
}

bool leak_dropped(struct replay *replay, struct root *root, uint64_t bytes)
{
	for (size_t i = root->leak_count; i-- > 0;) {
		if (root->leaks[i].path != PATH_NOT_DROPPED || root->leaks[i].bytes != bytes)
			continue;
		refute(replay, root, i);
		return true;
	}
	return false;
}

static bool is_good(const struct replay *replay, const struct chain *data, const struct fs *fs)
{
	return data->known && data->gap == replay->books.gaps && data->epoch == fs->epoch && data->sum == data->value &&
	       fs->holes == 0;
}

void leak_forget_since(struct replay *replay, struct root *root, uint64_t from_ns)
{
	for (size_t i = root->leak_count; i-- > 0;)
		if (root->leaks[i].time_ns >= from_ns)
			refute(replay, root, i);
	/* What is forgotten after this may be the last word of the counter on what stays. */
	if (root->data != NULL && is_good(replay, root->data, root->fs))
		leak_floor(replay, root, root->data->value);
}

/* What the counter holds beyond the ledgers. */
static uint64_t residue(const struct root *root)
{
	uint64_t ours = rules_plus(rules_plus(root->leaked_bytes, root->ranges_bytes), root->flight.bytes);

	return root->data != NULL && root->data->known && root->data->value > ours ? root->data->value - ours : 0;
}

void leak_commit(struct root *root)
{
	root->residue_low[1] = root->residue_low[0];
	root->residue_low[0] = residue(root);
}

static void claim_residue(struct root *root, uint64_t bytes, enum finding_certainty certainty)
{
	struct verdict *verdict = new_leak(root, 0, &root->last_update, PATH_RESIDUE, LEAK_COUNTER);

	verdict->certainty = certainty;
	verdict->occurrence.start = verdict->occurrence.len = 0;
	verdict->occurrence.bytes = bytes;
	verdict->occurrence.have_bytes = root->data->value;
	verdict->occurrence.task = (struct task_ref){-1, 0};
	verdict_evidence(verdict, &root->last_update, ROLE_LAST_VALUE);
	add_claim(root, verdict, (struct leak_claim){0});
}

/*
 * Whether a commit has passed an entry over: after an unmount nothing is on its way, and if quota was on until then
 * what was released and not dropped has leaked. Otherwise two commits of the root that began when its ordered extent
 * was gone: an extent that is not finished, or prealloc space whose metadata still waits, is no part of any
 * transaction.
 */
static bool was_passed_over(const struct flight_entry *entry, uint64_t commits)
{
	return commits == UINT64_MAX || (entry->claim->finished && entry->claim->commits + 2 <= commits);
}

/*
 * How many commits of a root were surely over in the epoch of its counter. The qgroups stay from the free of pertrans
 * to the last drop of a commit, because who throws them away holds its transaction open (btrfs_quota_disable()).
 */
static uint64_t sure_commits(const struct root *root, uint64_t sure_ns)
{
	/* Who drops other amounts than were released drops these extents in other ones too. */
	if (root->contradictions > 0)
		return 0;
	return root->commit_ns <= sure_ns ? root->commits : least(root->commits, root->sure_commits);
}

static void claim_flight(struct root *root, uint64_t limit, uint64_t commits)
{
	struct flight_entry *younger;

	for (struct flight_entry *entry = root->flight.oldest; entry != NULL; entry = younger) {
		const struct event *release = &entry->claim->event;
		struct verdict *verdict;

		younger = entry->younger;
		if (!was_passed_over(entry, commits))
			continue;
		if (root->leaked_bytes > limit || entry->bytes > limit - root->leaked_bytes)
			continue;
		verdict = new_leak(root, release->ino, release, PATH_NEVER_DROPPED, LEAK_FLIGHT);
		verdict->occurrence.bytes = entry->bytes;
		verdict_evidence(verdict, release, ROLE_RELEASED);
		add_claim(root, verdict, (struct leak_claim){0});
		flight_remove(&root->flight, entry);
	}
}

/* Data that is dirty holds metadata bytes too (btrfs_delalloc_reserve_metadata()): without any, nothing was dirty. */
static bool holds_no_metadata(struct replay *replay, const struct root *root)
{
	const struct chain *chain =
		books_chain(&replay->books, root->fs->number, root->totals.root, EVENT_TYPE_META_PREALLOC);

	return chain->known && chain->epoch == root->fs->epoch && chain->gap == replay->books.gaps && chain->value == 0;
}

/* Without ordered extents nothing tells when quota was off, but a counter that restarts. */
static bool writes_are_unseen(const struct books *books)
{
	return books->released_seen && !books->ordered_seen;
}

/*
 * The same for certain: data that became dirty when quota was off holds metadata that its counter never had, but not
 * where that counter began together with the root.
 */
static bool holds_none_at_all(struct replay *replay, const struct root *root)
{
	return holds_no_metadata(replay, root) &&
	       books_chain(&replay->books, root->fs->number, root->totals.root, EVENT_TYPE_META_PREALLOC)->whole;
}

/* Before 4.17 one counter held data and metadata: only after an unmount is what it holds surely neither's. */
static bool is_mixed(const struct chain *counter)
{
	return counter != NULL && counter->entry.key.c == EVENT_TYPE_UNKNOWN;
}

/*
 * While quota is off bits go or stay in silence, and seem lost. So what only bits show stands when quota was surely on
 * at that moment, and ever since the bytes were reserved. Or when it was on until it was too late for anything else:
 * the operations of the owners were over, and the root holds no metadata of those whose data was dirty.
 */
static void drop_silenced(struct replay *replay, struct root *root, bool unmounted)
{
	uint64_t sure_ns = root->data != NULL ? epoch_sure(replay, root->fs, root->data, unmounted) : 0;
	bool clean = holds_none_at_all(replay, root);

	for (size_t i = root->leak_count; i-- > 0;) {
		const struct leak_claim *leak = &root->leaks[i];
		bool too_late = leak->over_ns <= sure_ns && (clean || !leak->was_dirty);

		if (leak->by_bits && leak->time_ns > sure_ns && !too_late)
			refute(replay, root, i);
	}
}

/* Returns the bytes of the claims that a time without quota may explain. */
static uint64_t drop_doubtful(struct replay *replay, struct root *root, bool unmounted)
{
	uint64_t before = root->leaked_bytes;

	if (root->fs->silent_writes || writes_are_unseen(&replay->books) || !holds_no_metadata(replay, root))
		leak_forget_since(replay, root, root->fs->alive_ns + 1);
	/* Before 4.17 nothing tells a commit under quota from one without: what is claimed is only likely. */
	if (!is_mixed(root->data))
		drop_silenced(replay, root, unmounted);
	return before - root->leaked_bytes;
}

/* As far as a trace shows that may have neither ordered extents nor commits. */
static bool never_toggled(const struct root *root)
{
	return root->fs->toggled_ns == 0 && root->fs->off_ns[0] <= root->data->last_ns;
}

/*
 * After an unmount nothing can be reserved any more: what the counter holds has leaked, but for what may have been
 * given back in silence, with quota off, after its last word. Complete ledgers say how much that can be; if quota was
 * toggled in between, only when it was on until the end. Incomplete ones do so only when nothing can have been dirty
 * besides.
 */
static void claim_at_unmount(struct replay *replay, struct root *root, uint64_t doubtful_bytes)
{
	bool exact = root->head_known && root->contradictions == 0;
	uint64_t sure_ns = epoch_sure(replay, root->fs, root->data, true);
	bool quota_lasted = sure_ns == UINT64_MAX;
	uint64_t value = root->data->value;

	claim_flight(
		root, value - least(value, doubtful_bytes), quota_lasted ? UINT64_MAX : sure_commits(root, sure_ns));
	value -= least(value, rules_plus(rules_plus(root->leaked_bytes, doubtful_bytes), root->flight.bytes));
	if (value > 0 &&
		((exact && never_toggled(root)) || (quota_lasted && (exact || holds_no_metadata(replay, root)))))
		claim_residue(root, value, exact ? CERTAINTY_PROVEN : CERTAINTY_LIKELY);
}

/*
 * Without an unmount, only what the counter held beyond complete ledgers through two commits has leaked, and only
 * likely so: the last event may be in the middle of things.
 */
static void claim_at_end(struct replay *replay, struct root *root)
{
	uint64_t value = root->data->value;
	uint64_t bytes;

	if (!root->head_known || root->contradictions > 0)
		return;
	if (value >= rules_plus(root->leaked_bytes, root->ranges_bytes))
		claim_flight(root, value - root->ranges_bytes,
			sure_commits(root, epoch_sure(replay, root->fs, root->data, false)));
	bytes = least(residue(root), least(root->residue_low[0], root->residue_low[1]));
	if (bytes > 0)
		claim_residue(root, bytes, CERTAINTY_LIKELY);
}

/* Where no commit shows its beginning, its drops look like rollbacks: bits are thought gone or kept that are not. */
static void drop_silent(struct replay *replay, struct root *root)
{
	for (size_t i = root->leak_count; i-- > 0;)
		if (root->leaks[i].path == PATH_SILENT_CLEAR)
			refute(replay, root, i);
}

/* Drops the claims that the end of the ledgers leaves without proof. */
static void drop_unproven(struct replay *replay, struct root *root, bool unmounted)
{
	const struct fs *fs = root->fs;
	const struct chain *data = root->data;

	/*
	 * Without counters nothing tells whether quota was on, without releases and frees not what was given back; and
	 * a trace that has lost events without a mark may have lost the drops too.
	 */
	if (data == NULL || !fs->cleared_seen || fs->holes > 0 || (is_mixed(data) && !unmounted))
		leak_forget_since(replay, root, 0);
	if (!replay->books.pertrans_seen)
		drop_silent(replay, root);
	if (fs->suspected)
		leak_forget_since(replay, root, fs->sure_ns);
	/* Before an unmount the counter must have gone on since; and a counter that is off says nothing at all. */
	if (data != NULL && (!unmounted || data->sum != data->value))
		leak_forget_since(replay, root, data->synced_ns + 1);
}

void leak_settle(struct replay *replay, struct root *root, bool unmounted)
{
	const struct fs *fs = root->fs;
	const struct chain *data = root->data;
	uint64_t doubtful = drop_doubtful(replay, root, unmounted);

	drop_unproven(replay, root, unmounted);
	if (data != NULL && is_good(replay, data, fs)) {
		leak_floor(replay, root, data->value);
		if (!fs->suspected && !fs->silent_writes && unmounted)
			claim_at_unmount(replay, root, doubtful);
		else if (!fs->suspected && !fs->silent_writes)
			claim_at_end(replay, root);
	}
	for (size_t i = 0; i < root->leak_count; i++) {
		root->totals.leaked_bytes += root->leaks[i].bytes;
		if (is_mixed(data))
			root->leaks[i].verdict->certainty = CERTAINTY_LIKELY;
		verdicts_add(&replay->verdicts, root->leaks[i].verdict);
	}
	root->leak_count = 0;
	root->leaked_bytes = 0;
}
