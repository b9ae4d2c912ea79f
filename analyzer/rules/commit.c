/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/commit.h"

#include "analyzer/rules/leak.h"

/* From the first event on that names extents by their place on the disk, places are remembered. */
static void want_records(struct replay *replay)
{
	if (replay->records.wanted)
		return;
	replay->records.wanted = true;
	for (struct table_entry *entry = replay->books.roots.oldest; entry != NULL; entry = entry->younger) {
		struct root *root = books_root(&replay->books, (uint16_t)entry->key.a, entry->key.b);

		for (struct flight_entry *flying = root->flight.oldest; flying != NULL; flying = flying->younger)
			if (flying->claim->bytenr != 0)
				record_put(&replay->records, root, flying->claim);
	}
}

/* The record of an extent, unless what is known of its root has become void since. */
static struct record *known_record(struct replay *replay, uint16_t fs, uint64_t bytenr)
{
	struct record *record = record_find(&replay->records, fs, bytenr);

	if (record == NULL)
		return NULL;
	books_root(&replay->books, fs, record->root->totals.root);
	return record_find(&replay->records, fs, bytenr);
}

void commit_ordered(struct replay *replay, struct task *task, const struct event *ordered)
{
	struct claim *release = task->released;

	claim_drop(&replay->books.claims, task->unbound);
	task->unbound = NULL;
	release->bytenr = ordered->bytes;
	release->compressed = (ordered->flags & EVENT_ORDERED_COMPRESSED) != 0;
	if (replay->records.wanted && release->bytenr != 0 && release->in_flight != NULL)
		record_put(&replay->records, task->released_root, release);
}

void commit_unbound(struct replay *replay, struct task *task)
{
	claim_drop(&replay->books.claims, task->unbound);
	task->unbound = claim_keep(task->released);
}

/* Data that has no reserved bytes goes to a place: what was known of that failed, or was cut off. */
static void take_place(struct replay *replay, struct task *task, const struct event *event)
{
	struct record *record;

	/* Before 5.9 a task writes back without a release of its own: it is past the error path of its reserve. */
	task->reserve_is_last_data = false;
	if (!replay->records.wanted)
		return;
	record = record_find(&replay->records, event->fs, event->bytes);
	if (record != NULL &&
		(record->claim->event.start != event->start || !rules_same_file(&record->claim->event, event)))
		record_remove(&replay->records, record);
}

static void begin_split(struct replay *replay, struct task *task, const struct event *event)
{
	want_records(replay);
	task->split_bytenr = event->bytes;
}

/*
 * The first bytes of an ordered extent become one of their own, which is allocated like any other and finds no bits;
 * what was released stays with the rest (btrfs_split_ordered_extent()).
 */
void commit_split(struct replay *replay, struct task *task, const struct event *head)
{
	struct record *record = known_record(replay, head->fs, task->split_bytenr);
	struct root *root;
	struct claim *claim;
	bool fits = task->last.kind == EVENT_ORDERED_SPLIT && task->last.start == head->start &&
		    rules_same_file(&task->last, head) && head->len < task->last.len && head->bytes == 0;

	task->split_bytenr = 0;
	if (record == NULL)
		return;
	claim = claim_keep(record->claim);
	root = record->root;
	record_remove(&replay->records, record);
	if (fits) {
		claim->bytenr += head->len;
		record = record_put(&replay->records, root, claim);
		record->start = rules_span(head).end;
		record->disk_bytes = task->last.len - head->len;
	}
	claim_drop(&replay->books.claims, claim);
}

/*
 * Whether a reference is that of the task's own release which got no ordered extent: fallocate's, and before 5.9 all
 * data's (btrfs_alloc_reserved_file_extent()). Where no ordered extents are recorded nobody knows who got one.
 */
static bool refers_to(const struct replay *replay, const struct claim *unbound, const struct event *reference)
{
	if (unbound == NULL || unbound->in_flight == NULL || !replay->books.ordered_seen)
		return false;
	return unbound->event.start == reference->bytes && rules_same_file(&unbound->event, reference);
}

/* An extent gets its reference: the commit will account for it. */
static void add_reference(struct replay *replay, struct task *task, const struct event *event)
{
	enum { DROP_DELAYED_REF = 2 };
	struct record *record;

	want_records(replay);
	replay->books.references_seen = true;
	if (event->op == DROP_DELAYED_REF)
		return;
	record = known_record(replay, event->fs, event->start);
	if (record == NULL && refers_to(replay, task->unbound, event)) {
		task->unbound->bytenr = event->start;
		record =
			record_put(&replay->records, books_root(&replay->books, event->fs, event->root), task->unbound);
	}
	if (record == NULL)
		return;
	if (record->disk_bytes == 0)
		record->disk_bytes = event->len;
	if (rules_same_file(&record->claim->event, event) && record->start == event->bytes &&
		record->disk_bytes == event->len)
		record->referenced = true;
	else
		record->doubtful = true;
}

/*
 * Whether the commit accounts for this extent with the bytes of this release. Without delayed refs a place may have
 * changed since it was chosen: zoned devices append.
 */
static bool is_sure(const struct replay *replay, const struct record *record)
{
	bool referenced = record->referenced || (!replay->books.references_seen && record->claim->finished);

	return referenced && !record->doubtful && !record->root->fs->suspected;
}

/* The events of one extent's accounting; what comes after them by the same task is the drop of its bytes, if any. */
static bool accounts(const struct event *event)
{
	return event->kind == EVENT_ACCOUNT_EXTENTS || event->kind == EVENT_ACCOUNT_EXTENT ||
	       event->kind == EVENT_UPDATE_COUNTERS;
}

/* The same commit took something from a counter of this root: quota is on, and the qgroup is there. */
static bool commit_reaches(const struct task *task, const struct root *root)
{
	return task->committing && task->commit_fs == root->fs && root->in_commit &&
	       root->reached_in == root->fs->commits + 1;
}

void commit_reached(struct task *task, struct root *root)
{
	if (task->committing && task->commit_fs == root->fs && root->in_commit)
		root->reached_in = root->fs->commits + 1;
}

/* The record of the extent that is accounted for: where two had the same place, their lengths tell them apart. */
static struct record *accounted_record(struct replay *replay, const struct event *accounted)
{
	struct record *record = known_record(replay, accounted->fs, accounted->start);

	if (record != NULL && record->disk_bytes != 0 && record->disk_bytes != accounted->len)
		return NULL;
	return record;
}

static struct verdict *new_mismatch(const struct record *record, const struct event *accounted, enum finding_path path)
{
	const struct event *release = &record->claim->event;
	struct verdict_group_key key = {.kind = FINDING_COMMIT_MISMATCH,
		.path = path,
		.where = path == PATH_DROPPED_MORE ? LEAK_NOWHERE : LEAK_FLIGHT,
		.fs = release->fs,
		.root = release->root,
		.ino = release->ino};
	struct verdict *verdict = verdict_new(key, accounted);

	if (!record->referenced)
		verdict->certainty = CERTAINTY_LIKELY;
	verdict->occurrence.start = release->start;
	verdict->occurrence.len = release->len;
	verdict_evidence(verdict, release, ROLE_RELEASED);
	verdict_evidence(verdict, accounted, ROLE_ACCOUNTED);
	return verdict;
}

/*
 * The commit goes on to its next extent, or ends, without having dropped what this one held: accounting was skipped
 * (d139ded8b9cd), or its roots were not found (btrfs_qgroup_account_extents()).
 */
static void settle_accounting(struct replay *replay, struct task *task, const struct event *next)
{
	const struct event *accounted = &task->accounts;
	struct record *record;
	struct verdict *verdict;

	if (accounted->kind != EVENT_ACCOUNT_EXTENTS || !accounts(&task->last) || accounted->fs != next->fs)
		return;
	record = accounted_record(replay, accounted);
	if (record == NULL)
		return;
	if (!is_sure(replay, record) || !commit_reaches(task, record->root)) {
		replay->result.unproven.of[FINDING_COMMIT_MISMATCH]++;
		return;
	}
	verdict = new_mismatch(record, accounted, PATH_NOT_DROPPED);
	verdict->occurrence.bytes = record->claim->in_flight->bytes;
	verdict_evidence(verdict, next, ROLE_NEXT);
	leak_claimed(record->root, verdict);
	flight_remove(&record->root->flight, record->claim->in_flight);
	record_remove(&replay->records, record);
}

static void account(struct replay *replay, struct task *task, const struct event *event)
{
	settle_accounting(replay, task, event);
	want_records(replay);
	task->accounts = *event;
}

static void end_accounting(struct replay *replay, struct task *task, const struct event *event)
{
	settle_accounting(replay, task, event);
	task->accounts.kind = EVENT_NONE;
}

/* Simple quotas drop an extent's bytes when its reference is run. */
static void run_reference(struct replay *replay, struct task *task, const struct event *event)
{
	want_records(replay);
	task->accounts = *event;
}

/* Kernels that drop when delayed refs run and have no counters yet say so in this event alone. */
static void free_delayed_ref(struct replay *replay, struct task *task, const struct event *event)
{
	struct root *root;

	(void)task;
	if (replay->window.counters_seen || !books_is_subvolume(event->root))
		return;
	root = books_root(&replay->books, event->fs, event->root);
	if (flight_drop(&root->flight, event->bytes))
		root->totals.dropped_bytes += event->bytes;
}

static void (*const rules[EVENT_COUNT])(struct replay *replay, struct task *task, const struct event *event) = {
	[EVENT_ORDERED_ADD] = take_place,
	[EVENT_ORDERED_SPLIT] = begin_split,
	[EVENT_ADD_DELAYED_DATA_REF] = add_reference,
	[EVENT_RUN_DELAYED_DATA_REF] = run_reference,
	[EVENT_FREE_DELAYED_REF] = free_delayed_ref,
	[EVENT_ACCOUNT_EXTENTS] = account,
	[EVENT_NUM_DIRTY_EXTENTS] = end_accounting,
	[EVENT_TRANSACTION_COMMIT] = end_accounting,
};

void rule_record(struct replay *replay, struct task *task, const struct event *event)
{
	if (rules[event->kind] != NULL)
		rules[event->kind](replay, task, event);
}

/* More or less was dropped for this extent than had been released to it. */
static void mismatch(
	struct replay *replay, const struct task *task, const struct record *record, const struct event *event)
{
	uint64_t dropped = 0 - (uint64_t)event->diff;
	uint64_t released = record->claim->in_flight->bytes;
	bool more = dropped > released;
	struct verdict *verdict;

	if (!is_sure(replay, record)) {
		replay->result.unproven.of[FINDING_COMMIT_MISMATCH]++;
		return;
	}
	verdict = new_mismatch(record, &task->accounts, more ? PATH_DROPPED_MORE : PATH_DROPPED_LESS);
	verdict->occurrence.bytes = more ? dropped - released : released - dropped;
	verdict->occurrence.have_bytes = event->bytes;
	verdict->occurrence.diff_bytes = event->diff;
	verdict_evidence(verdict, event, ROLE_DROPPED);
	if (more)
		verdicts_add(&replay->verdicts, verdict);
	else
		leak_claimed(record->root, verdict);
}

bool commit_drop(struct replay *replay, struct root *root, const struct event *event)
{
	struct task *task = books_task(&replay->books, event);
	struct event accounted = task->accounts;
	bool simple = accounted.kind == EVENT_RUN_DELAYED_DATA_REF && task->last.kind == accounted.kind;
	bool ordinary = accounted.kind == EVENT_ACCOUNT_EXTENTS && accounts(&task->last);
	struct record *record;
	bool exact;

	task->accounts.kind = EVENT_NONE;
	if ((!simple && !ordinary) || accounted.fs != event->fs)
		return false;
	record = accounted_record(replay, &accounted);
	if (record == NULL || record->root != root)
		return false;
	exact = record->claim->in_flight->bytes == 0 - (uint64_t)event->diff;
	if (!exact && simple)
		return false;
	task->accounts = accounted;
	if (!exact && !rules_below_zero(event))
		mismatch(replay, task, record, event);
	task->accounts.kind = EVENT_NONE;
	flight_remove(&root->flight, record->claim->in_flight);
	record_remove(&replay->records, record);
	return true;
}

/* Whether all that could be dropped is known: nothing lies outside of the trace, and nothing contradicts the model. */
static bool is_complete(const struct replay *replay, const struct root *root, const struct event *event)
{
	const struct fs *fs = root->fs;

	/* Before the trace the counter may have been clamped at 0: its first value is then too low. */
	if (root->born != root->knowledge + 1 && !fs->remounted && !replay->books.fresh)
		return false;
	return root->head_known && !root->guessed && root->outside_bytes == 0 && root->contradictions == 0 &&
	       root->breaks == 0 && fs->holes == 0 && fs->toggled_ns == 0 && !fs->suspected && fs->ordinary &&
	       !fs->silent_writes && replay->books.released_seen && replay->books.ordered_seen && root->data != NULL &&
	       root->data->sum == event->bytes;
}

/* Whether a release stands so near after the drop that it may as well have come before. */
static bool release_is_near(struct replay *replay, const struct event *drop)
{
	for (size_t ahead = 1; ahead < RULES_LOOK_AHEAD; ahead++) {
		const struct slot *slot = window_ahead(&replay->window, ahead);

		if (slot == NULL || slot->event.time_ns > drop->time_ns + WINDOW_DISORDER_NS)
			return false;
		if (slot->event.kind == EVENT_RELEASE_DATA && slot->event.op == EVENT_OP_RELEASE &&
			slot->event.root == drop->root && slot->event.fs == drop->fs)
			return true;
	}
	return true;
}

void commit_excess(struct replay *replay, struct root *root, const struct event *event)
{
	const struct task *task = books_task(&replay->books, event);
	uint64_t dropped = 0 - (uint64_t)event->diff;
	struct verdict_group_key key = {
		.kind = FINDING_COMMIT_MISMATCH, .path = PATH_DROPPED_MORE, .fs = event->fs, .root = event->root};
	struct verdict *verdict;

	if (!task->committing || task->commit_fs != root->fs || rules_below_zero(event))
		return;
	if (leak_dropped(replay, root, dropped))
		return;
	if (!root->head_known)
		return;
	if (dropped <= root->flight.bytes || !is_complete(replay, root, event) || release_is_near(replay, event)) {
		replay->result.unproven.of[FINDING_COMMIT_MISMATCH]++;
		return;
	}
	verdict = verdict_new(key, event);
	verdict->occurrence.start = verdict->occurrence.len = 0;
	verdict->occurrence.bytes = dropped - root->flight.bytes;
	verdict->occurrence.have_bytes = event->bytes;
	verdict->occurrence.diff_bytes = event->diff;
	verdict_evidence(verdict, event, ROLE_DROPPED);
	verdicts_add(&replay->verdicts, verdict);
}

void commit_underflows(struct replay *replay, const struct root *root, uint64_t missing_bytes)
{
	for (size_t i = replay->verdicts.count; i-- > 0 && missing_bytes > 0;) {
		struct verdict *verdict = replay->verdicts.all[i];
		uint64_t bytes = verdict->occurrence.bytes;

		if (verdict->key.path != PATH_DROPPED_MORE || verdict->key.root != root->totals.root ||
			verdict->key.fs != root->fs->number || verdict->revoked)
			continue;
		verdict->revoked = true;
		missing_bytes -= bytes < missing_bytes ? bytes : missing_bytes;
	}
}
