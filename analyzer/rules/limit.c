/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/limit.h"

#include <stdlib.h>

#include "analyzer/rules/owed.h"
#include "analyzer/rules/suspect.h"
#include "base/memory.h"

/* Reserves that wait for the qgroup's next word about its usage; beyond these they are only counted. */
enum { PENDING_MAX = 4096 };

/* What a qgroup has accounted, as the last commit left it. */
struct usage {
	struct table_entry entry; /* key: fs, qgid */
	bool known;
	uint64_t epoch;
	uint64_t gap;
	uint64_t rfer;
	uint64_t excl;
	struct event word; /* of the last change */
	struct verdict **pending;
	size_t pending_count;
	size_t pending_capacity;
};

static struct usage *usage_of(struct replay *replay, const struct event *event)
{
	struct table_key key = {.a = event->fs, .b = event->root};
	struct usage *usage = (struct usage *)table_find(&replay->usages, key);

	if (usage == NULL) {
		usage = memory_zeroed(sizeof(*usage));
		usage->entry.key = key;
		table_add(&replay->usages, &usage->entry);
	}
	return usage;
}

static void drop_pending(struct replay *replay, struct usage *usage)
{
	for (size_t i = 0; i < usage->pending_count; i++)
		verdict_free(usage->pending[i]);
	replay->result.unproven.of[FINDING_LIMIT_EXCEEDED] += usage->pending_count;
	usage->pending_count = 0;
}

void limit_release(struct replay *replay)
{
	for (struct table_entry *entry = replay->usages.oldest; entry != NULL; entry = entry->younger) {
		drop_pending(replay, (struct usage *)entry);
		free(((struct usage *)entry)->pending);
	}
	table_free_all(&replay->usages);
}

static bool has_two_filesystems(const struct replay *replay)
{
	const struct fs *first = NULL;

	for (struct table_entry *entry = replay->books.roots.oldest; entry != NULL; entry = entry->younger) {
		const struct root *root = (const struct root *)entry;

		if (!root->totals.counter_known)
			continue;
		if (first != NULL && root->fs != first)
			return true;
		first = root->fs;
	}
	return false;
}

/* The limits do not say of which filesystem they are, and two have the same ids. */
void limit_end(struct replay *replay)
{
	bool ambiguous = has_two_filesystems(replay);

	for (struct table_entry *entry = replay->usages.oldest; entry != NULL; entry = entry->younger)
		drop_pending(replay, (struct usage *)entry);
	for (size_t i = 0; i < replay->verdicts.count && ambiguous; i++) {
		struct verdict *verdict = replay->verdicts.all[i];

		if (verdict->key.kind != FINDING_LIMIT_EXCEEDED || verdict->revoked)
			continue;
		verdict->revoked = true;
		replay->result.unproven.of[FINDING_LIMIT_EXCEEDED]++;
	}
}

static bool is_known(const struct replay *replay, const struct usage *usage, const struct fs *fs)
{
	return usage->known && usage->epoch == fs->epoch && usage->gap == replay->books.gaps;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* What qgroup_update_counters() in fs/btrfs/qgroup.c does with the counts that the event prints. */
static void account(struct usage *usage, const struct account *extent, const struct event *event)
{
	uint64_t old_count = event->start;
	uint64_t new_count = (uint64_t)event->diff;
	bool was_exclusive = old_count > 0 && old_count == extent->old_roots;
	bool is_exclusive = new_count > 0 && new_count == extent->new_roots;

	if (old_count == 0 && new_count > 0)
		usage->rfer = rules_plus(usage->rfer, extent->bytes);
	else if (old_count > 0 && new_count == 0)
		usage->rfer = minus(usage->rfer, extent->bytes);
	if (!was_exclusive && is_exclusive)
		usage->excl = rules_plus(usage->excl, extent->bytes);
	else if (was_exclusive && !is_exclusive)
		usage->excl = minus(usage->excl, extent->bytes);
}

/*
 * The usage changes in silence too: a rescan begins at 0, a new relation moves what a child has. So who was beyond the
 * limit by what the usage was is accused only when its next word begins where the last one ended.
 */
static void settle_pending(struct replay *replay, struct usage *usage, const struct event *event)
{
	if (usage->rfer != event->bytes || usage->excl != event->len) {
		drop_pending(replay, usage);
		return;
	}
	for (size_t i = 0; i < usage->pending_count; i++) {
		verdict_evidence(usage->pending[i], event, ROLE_USAGE);
		verdicts_add(&replay->verdicts, usage->pending[i]);
	}
	usage->pending_count = 0;
}

void rule_usage(struct replay *replay, struct task *task, const struct event *event)
{
	const struct fs *fs;
	struct usage *usage;

	if (replay->options.limits == NULL)
		return;
	if (event->kind == EVENT_ACCOUNT_EXTENT) {
		task->account = (struct account){event->len, event->bytes, (uint64_t)event->diff, true};
		return;
	}
	if (limits_find(replay->options.limits, event->root) == NULL)
		return;
	fs = books_fs(&replay->books, event->fs);
	usage = usage_of(replay, event);
	if (is_known(replay, usage, fs))
		settle_pending(replay, usage, event);
	else
		drop_pending(replay, usage);
	usage->known = task->account.known;
	usage->epoch = fs->epoch;
	usage->gap = replay->books.gaps;
	usage->rfer = event->bytes;
	usage->excl = event->len;
	usage->word = *event;
	account(usage, &task->account, event);
}

static void note_rise(struct chain *chain, const struct event *event)
{
	uint64_t age_ns = event->time_ns > chain->rise_ns ? event->time_ns - chain->rise_ns : 0;

	if (event->diff <= 0)
		return;
	if (age_ns >= WINDOW_DISORDER_NS) {
		chain->rises[1] = age_ns < 2 * (uint64_t)WINDOW_DISORDER_NS ? chain->rises[0] : 0;
		chain->rises[0] = 0;
		chain->rise_ns = event->time_ns;
	}
	chain->rises[0] = rules_plus(chain->rises[0], (uint64_t)event->diff);
}

/* What a counter of metadata held for certain at a moment: without what may have been added just after it. */
static uint64_t held(struct replay *replay, const struct event *event, unsigned type)
{
	const struct chain *chain = books_chain(&replay->books, event->fs, event->root, type);
	const struct fs *fs = books_fs(&replay->books, event->fs);
	uint64_t age_ns = event->time_ns > chain->rise_ns ? event->time_ns - chain->rise_ns : 0;
	uint64_t doubtful = 0;

	if (!chain->known || chain->epoch != fs->epoch || chain->gap != replay->books.gaps || chain->value >> 63 != 0)
		return 0;
	if (age_ns < 2 * (uint64_t)WINDOW_DISORDER_NS)
		doubtful = rules_plus(chain->rises[0], age_ns < WINDOW_DISORDER_NS ? chain->rises[1] : 0);
	return minus(chain->value, doubtful);
}

/*
 * Looks over the time by which clocks may be off: whether the qgroup's usage changes in it, and how much metadata the
 * qgroup loses. Both may have happened before.
 */
static bool look_ahead(struct replay *replay, const struct event *event, uint64_t *lost_bytes)
{
	bool used = false;

	*lost_bytes = 0;
	for (size_t ahead = 1; ahead < RULES_LOOK_AHEAD; ahead++) {
		const struct slot *slot = window_ahead(&replay->window, ahead);
		const struct event *other = slot != NULL ? &slot->event : NULL;

		if (other == NULL || other->time_ns > event->time_ns + WINDOW_DISORDER_NS)
			break;
		if (other->fs != event->fs || other->root != event->root)
			continue;
		used = used || other->kind == EVENT_UPDATE_COUNTERS;
		if (other->kind == EVENT_UPDATE_RESERVE && other->type != EVENT_TYPE_DATA && other->diff < 0)
			*lost_bytes = rules_plus(*lost_bytes, 0 - (uint64_t)other->diff);
	}
	return used;
}

static struct verdict *accuse(
	const struct task *task, const struct event *event, uint64_t total, uint64_t beyond, const struct usage *usage)
{
	struct verdict_group_key key = {.kind = FINDING_LIMIT_EXCEEDED, .fs = event->fs, .root = event->root};
	struct verdict *verdict = verdict_new(key, event);

	verdict->certainty = CERTAINTY_LIKELY;
	verdict->occurrence.bytes = beyond;
	verdict->occurrence.have_bytes = total;
	verdict->occurrence.diff_bytes = event->diff;
	if (task->operation != NULL) {
		verdict->occurrence.ino = task->operation->event.ino;
		verdict->occurrence.start = task->operation->event.start;
		verdict->occurrence.len = task->operation->event.len;
		verdict_evidence(verdict, &task->operation->event, ROLE_TASK_RESERVES);
	}
	if (usage != NULL)
		verdict_evidence(verdict, &usage->word, ROLE_USAGE);
	verdict_evidence(verdict, event, ROLE_CHARGED);
	return verdict;
}

static void wait(struct replay *replay, struct usage *usage, struct verdict *verdict)
{
	if (usage->pending_count == PENDING_MAX) {
		verdict_free(verdict);
		replay->result.unproven.of[FINDING_LIMIT_EXCEEDED]++;
		return;
	}
	usage->pending = memory_grown(
		usage->pending, &usage->pending_capacity, usage->pending_count + 1, sizeof(struct verdict *));
	usage->pending[usage->pending_count++] = verdict;
}

/* How many of the last bytes lie beyond a limit, the qgroup holding `total` with them. */
static uint64_t beyond(uint64_t total, uint64_t limit, uint64_t last_bytes)
{
	uint64_t over = limit != LIMIT_NONE ? minus(total, limit) : 0;

	return over < last_bytes ? over : last_bytes;
}

static bool is_over(const struct limit *limit, const struct usage *usage, uint64_t reserved)
{
	return rules_plus(reserved, usage != NULL ? usage->rfer : 0) > limit->max_rfer ||
	       rules_plus(reserved, usage != NULL ? usage->excl : 0) > limit->max_excl;
}

/* What foreign frees took off the counter would have been held against this reserve too. */
static void note_owed(struct replay *replay, const struct event *event, const struct limit *limit,
	const struct usage *usage, uint64_t reserved)
{
	uint64_t bytes = (uint64_t)event->diff;
	struct claim *claim = NULL;
	uint64_t over, excl_over;

	if (replay->owed.inodes.count == 0)
		return;
	reserved = rules_plus(reserved, owed_missing(&replay->owed, event->fs, event->root, &claim));
	over = beyond(rules_plus(reserved, usage != NULL ? usage->rfer : 0), limit->max_rfer, bytes);
	excl_over = beyond(rules_plus(reserved, usage != NULL ? usage->excl : 0), limit->max_excl, bytes);
	if (excl_over > over)
		over = excl_over;
	if (over > 0 && claim != NULL)
		suspect_beyond_limit(claim, event, over);
}

static uint64_t metadata_held(struct replay *replay, const struct event *event)
{
	return rules_plus(held(replay, event, EVENT_TYPE_META_PERTRANS), held(replay, event, EVENT_TYPE_META_PREALLOC));
}

/* btrfs_qgroup_reserve_data() refuses what qgroup_check_limits() does not find within both limits. */
void limit_charge(struct replay *replay, const struct task *task, const struct event *event)
{
	const struct limit *limit = limits_find(replay->options.limits, event->root);
	uint64_t bytes = (uint64_t)event->diff;
	uint64_t data = rules_plus(event->bytes, bytes);
	uint64_t metadata, lost, rfer_over, excl_over;
	struct usage *usage;
	bool known, by_usage;

	if (limit == NULL || event->bytes >> 63 != 0)
		return;
	usage = usage_of(replay, event);
	known = is_known(replay, usage, books_fs(&replay->books, event->fs));
	metadata = metadata_held(replay, event);
	if (!is_over(limit, known ? usage : NULL, rules_plus(data, metadata))) {
		note_owed(replay, event, limit, known ? usage : NULL, rules_plus(data, metadata));
		return;
	}
	known = !look_ahead(replay, event, &lost) && known;
	data = rules_plus(data, minus(metadata, lost));
	rfer_over = beyond(rules_plus(data, known ? usage->rfer : 0), limit->max_rfer, bytes);
	excl_over = beyond(rules_plus(data, known ? usage->excl : 0), limit->max_excl, bytes);
	if (rfer_over == 0 && excl_over == 0) {
		replay->result.unproven.of[FINDING_LIMIT_EXCEEDED]++;
		return;
	}
	by_usage = known && data <= limit->max_rfer && data <= limit->max_excl;
	if (known)
		data = rules_plus(data, rfer_over >= excl_over ? usage->rfer : usage->excl);
	if (excl_over > rfer_over)
		rfer_over = excl_over;
	if (by_usage)
		wait(replay, usage, accuse(task, event, data - bytes, rfer_over, usage));
	else
		verdicts_add(&replay->verdicts, accuse(task, event, data - bytes, rfer_over, known ? usage : NULL));
}

/* Each qgroup above takes the same reserve directly after the one below it (qgroup_reserve()). */
void limit_word(struct replay *replay, const struct task *task, struct chain *chain, const struct event *event)
{
	const struct event *below = &task->last;

	if (event->type != EVENT_TYPE_DATA)
		note_rise(chain, event);
	else if (event->diff > 0 && below->kind == EVENT_UPDATE_RESERVE && below->type == EVENT_TYPE_DATA &&
		 below->fs == event->fs && below->diff == event->diff)
		limit_charge(replay, task, event);
}
