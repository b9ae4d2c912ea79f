/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/counter.h"

#include "analyzer/rules/bits.h"
#include "analyzer/rules/commit.h"
#include "analyzer/rules/epoch.h"
#include "analyzer/rules/finish.h"
#include "analyzer/rules/handover.h"
#include "analyzer/rules/leak.h"
#include "analyzer/rules/limit.h"
#include "analyzer/rules/meta.h"
#include "analyzer/rules/misread.h"
#include "analyzer/rules/old.h"
#include "analyzer/rules/order.h"
#include "analyzer/rules/owed.h"
#include "analyzer/rules/owed_wait.h"
#include "analyzer/rules/rollback.h"
#include "analyzer/rules/stale.h"
#include "analyzer/rules/suspect.h"
#include "analyzer/rules/task.h"
#include "analyzer/rules/whatif_feed.h"

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool is_level_zero(uint64_t qgid)
{
	return qgid >> 48 == 0;
}

/* Events between which and its own update_reserve a task frees what an extent held (btrfs_qgroup_account_extents()). */
static bool accounts_an_extent(const struct event *last)
{
	return last->kind == EVENT_ACCOUNT_EXTENTS || last->kind == EVENT_ACCOUNT_EXTENT ||
	       last->kind == EVENT_UPDATE_COUNTERS || last->kind == EVENT_RUN_DELAYED_DATA_REF ||
	       last->kind == EVENT_FREE_DELAYED_REF;
}

/* Simple quotas, and all kernels before 5.1, drop an extent's bytes when its delayed ref is run. */
static bool runs_a_reference(const struct task *task, const struct root *root)
{
	const struct event *last = &task->last;
	bool simple = last->kind == EVENT_RUN_DELAYED_DATA_REF && !root->fs->ordinary;

	return (simple || last->kind == EVENT_FREE_DELAYED_REF) && last->fs == root->fs->number &&
	       last->root == root->totals.root;
}

static bool is_commit_drop(const struct task *task, const struct root *root)
{
	if (task->committing && task->commit_fs == root->fs)
		return true;
	return accounts_an_extent(&task->last) && task->last.kind != EVENT_RUN_DELAYED_DATA_REF;
}

/* Bytes that the ledgers do not hold: they lie outside the trace, or the trace and the model contradict each other. */
static void take_from_outside(struct replay *replay, struct root *root, uint64_t bytes)
{
	if (root->outside_bytes > 0)
		root->outside_bytes -= bytes < root->outside_bytes ? bytes : root->outside_bytes;
	else
		rules_contradiction(replay, root);
	root->guessed = true;
}

static void drop(struct replay *replay, struct root *root, const struct event *event)
{
	uint64_t bytes = 0 - (uint64_t)event->diff;
	struct flight_entry *due = flight_due(&root->flight, bytes, root->in_commit ? root->commits : 0);

	if (root->fs->toggled_ns != 0)
		stale_drop(replay, root, event);
	owed_dropped(replay, due, event);
	root->totals.dropped_bytes += bytes;
	if (commit_drop(replay, root, event))
		return;
	if (due != NULL) {
		flight_remove(&root->flight, due);
		return;
	}
	commit_excess(replay, root, event);
	take_from_outside(replay, root, bytes);
}

/* Nothing became of the extent that the task's last event released for (btrfs_alloc_ordered_extent() without memory).
 */
static bool gives_back_release(const struct task *task, const struct event *event)
{
	const struct event *last = &task->last;

	return last->kind == EVENT_RELEASE_DATA && last->op == EVENT_OP_RELEASE && last->fs == event->fs &&
	       last->root == event->root && last->bytes == 0 - (uint64_t)event->diff;
}

static void give_back(struct replay *replay, const struct task *task, struct root *root, const struct event *event)
{
	struct flight_entry *entry = flight_of(&root->flight, task->last.bytes, task->last.number);

	if (entry == NULL) {
		drop(replay, root, event);
		return;
	}
	root->totals.dropped_bytes += entry->bytes;
	flight_remove(&root->flight, entry);
}

static bool rolls_back(
	struct replay *replay, struct task *task, const struct root *root, const struct event *event, bool ranges_done)
{
	if (!rule_rollback(replay, task, event, ranges_done))
		return false;
	if (!ranges_done)
		misread_watch(replay, task, root, event);
	return true;
}

static void bare_negative(
	struct replay *replay, struct task *task, struct root *root, const struct event *event, bool ranges_done)
{
	uint64_t bytes = 0 - (uint64_t)event->diff;

	if (task->destroyed_bytes == bytes) {
		root->totals.freed_bytes += bytes;
		leak_healed(replay, root, task->destroyed_ino, bytes);
		task->destroyed_bytes = 0;
	} else if (bits_pending(task) && bits_rollback(replay, task, event)) {
		root->totals.freed_bytes += bytes;
	} else if (runs_a_reference(task, root)) {
		drop(replay, root, event);
	} else if (is_commit_drop(task, root)) {
		root->fs->commit_drops++;
		root->fs->ordinary = true;
		meta_commit_drop(replay, root, event);
		drop(replay, root, event);
	} else if (replay->books.ordered_seen && gives_back_release(task, event)) {
		give_back(replay, task, root, event);
	} else if (misread_is_simple_drop(replay, task, root, bytes)) {
		drop(replay, root, event);
	} else if (replay->books.ordered_seen && finish_drops(replay, root, event)) {
		root->fs->alive_ns = event->time_ns;
	} else if ((!root->fs->bits_seen || ranges_done) && rolls_back(replay, task, root, event, ranges_done)) {
		root->rolled_back = true;
		root->totals.freed_bytes += bytes;
	} else if (flight_has(&root->flight, bytes, false)) {
		root->fs->early_drops++;
		root->guessed = true;
		drop(replay, root, event);
		misread_simple(replay, root->fs, event);
	} else if (root->outside_bytes == 0 && task->operation != NULL &&
		   order_exchange_rollback(replay, task->operation, event) &&
		   rule_rollback(replay, task, event, false)) {
		root->totals.freed_bytes += bytes;
	} else {
		root->totals.freed_bytes += bytes;
		take_from_outside(replay, root, bytes);
	}
}

/* The counter update of a level 0 DATA qgroup. Returns whether a positive one was a wrapped free. */
static bool data_update(
	struct replay *replay, struct task *task, struct root *root, const struct event *event, bool ranges_done)
{
	uint64_t freed = task->free_bytes;
	uint64_t charged = task->charge_bytes;

	task->free_bytes = task->charge_bytes = 0;
	if (event->diff > 0 && charged == (uint64_t)event->diff) {
		root->totals.reserved_bytes += charged;
		if (replay->options.limits != NULL)
			limit_charge(replay, task, event);
		owed_counted(replay, event);
		return false;
	}
	if (freed > 0 && event->diff < 0 && 0 - (uint64_t)event->diff == freed) {
		root->totals.freed_bytes += freed;
		if (root->stale_verdict != NULL)
			stale_counted(root, &task->last, event);
		owed_counted(replay, event);
		return false;
	}
	if (freed > 0 && rule_truncated(replay, task, event, freed))
		return event->diff > 0;
	if (freed == 0 && bits_pending(task) && bits_truncated(replay, task, event))
		return event->diff > 0;
	if (event->diff < 0 && freed == 0) {
		bare_negative(replay, task, root, event, ranges_done);
		owed_rolled_back(replay, task, event);
	} else if (event->diff > 0 && rule_rollback(replay, task, event, ranges_done))
		return true;
	else if (event->diff != 0)
		rules_contradiction(replay, root);
	return false;
}

/* What the first value of a counter says: so many bytes lie outside the trace (rule 16). */
static void first_value(struct replay *replay, struct root *root, const struct task *task, const struct event *event)
{
	uint64_t held = root->ranges_bytes + root->flight.bytes + task->free_bytes;
	/* Less than the charge when knowledge ended between the reserve and its update. */
	uint64_t ours = held - least(held, task->charge_bytes);
	struct verdict_group_key key = {.kind = FINDING_MISSING_HEAD, .fs = event->fs, .root = event->root};
	struct verdict *verdict;

	root->data_seen = true;
	/* Bytes were reserved before the head after all: what was thought clear is unknown. */
	if (replay->books.fresh && root->fs->remounted && event->bytes > ours) {
		root->fs->remounted = false;
		root->fs->epoch++;
	}
	root->outside_bytes = event->bytes > ours && event->bytes >> 63 == 0 ? event->bytes - ours : 0;
	root->head_known = root->outside_bytes == 0 && replay->books.gaps == 0 && root->fs->holes == 0 &&
			   held >= task->charge_bytes;
	if (root->outside_bytes == 0 || replay->books.gaps > 0 || root->fs->epoch > 1)
		return;
	verdict = verdict_new(key, event);
	verdict->occurrence.start = verdict->occurrence.len = 0;
	verdict->occurrence.bytes = root->outside_bytes;
	verdict_evidence(verdict, event, ROLE_GAP);
	verdicts_add(&replay->verdicts, verdict);
}

/*
 * The kernel clamps at 0 and says so only with CONFIG_BTRFS_DEBUG (qgroup_rsv_release()). For metadata it is normal
 * after quota was toggled, because the roots' own counts are not reset: counted, not accused.
 */
static void underflow(struct replay *replay, struct task *task, const struct event *event)
{
	struct verdict_group_key key = {.kind = FINDING_UNDERFLOW, .fs = event->fs, .root = event->root};
	uint64_t missing = 0 - (uint64_t)event->diff - event->bytes;
	struct root *root;
	struct verdict *verdict;

	ends_clamped(&replay->result.ends, event);
	if (event->type != EVENT_TYPE_DATA) {
		meta_underflow(replay, event);
		return;
	}
	if (!is_level_zero(event->root)) {
		replay->result.unproven.of[FINDING_UNDERFLOW]++;
		return;
	}
	root = books_root(&replay->books, event->fs, event->root);
	root->totals.underflow_bytes = rules_plus(root->totals.underflow_bytes, missing);
	commit_underflows(replay, root, missing);
	if (task->committing)
		stale_drop(replay, root, event);
	if (stale_explains(root, event, missing))
		return;
	key.path = task->committing || accounts_an_extent(&task->last) ? PATH_COMMIT : PATH_FREE;
	if (key.path == PATH_COMMIT)
		suspect_underflow(replay, event, missing);
	verdict = verdict_new(key, event);
	verdict->occurrence.start = verdict->occurrence.len = 0;
	verdict->occurrence.bytes = missing;
	verdict->occurrence.have_bytes = event->bytes;
	verdict->occurrence.diff_bytes = event->diff;
	if (!root->head_known)
		verdict->certainty = CERTAINTY_LIKELY;
	verdict_evidence(verdict, event, ROLE_UNDERFLOW);
	verdicts_add(&replay->verdicts, verdict);
}

static uint64_t value_after(const struct event *event, bool wrapped)
{
	if (wrapped || rules_below_zero(event))
		return 0;
	return event->bytes + (uint64_t)event->diff;
}

/* The counter proves the order of its updates; where it does not go on, the order of the trace is not the kernel's. */
static void note_break(struct replay *replay, const struct event *event)
{
	replay->result.chain_breaks++;
	if (event->type == EVENT_TYPE_DATA && is_level_zero(event->root))
		handover_order_broken(replay, books_root(&replay->books, event->fs, event->root), event->time_ns);
}

static void know_chain(struct chain *chain, const struct event *event)
{
	chain->sum = event->bytes;
	chain->synced_ns = event->time_ns;
}

/*
 * Disorder between CPUs leaves the sum of the changes right, a moment later at the latest. A counter that stays away
 * from it has missed changes: events are lost, and the trace does not say so.
 */
static void look_for_holes(struct replay *replay, struct fs *fs, struct chain *chain, const struct event *event)
{
	if (chain->sum == event->bytes) {
		chain->synced_ns = event->time_ns;
	} else if (event->time_ns > chain->synced_ns + WINDOW_DISORDER_NS && event->type == EVENT_TYPE_DATA &&
		   is_level_zero(event->root)) {
		epoch_hole(replay, fs, chain->synced_ns, event);
		know_chain(chain, event);
	}
}

static void compare_with_chain(struct replay *replay, struct chain *chain, const struct event *event)
{
	struct fs *fs = books_fs(&replay->books, event->fs);
	uint64_t epoch = fs->epoch;
	bool known = chain->known && chain->epoch == epoch && chain->gap == replay->books.gaps;
	bool goes_on = known && chain->value == event->bytes;

	if (chain->open != NULL || chain->passed_over > 0)
		meta_word(replay, chain, event, goes_on);
	if (!goes_on)
		chain->whole = !known && event->type != EVENT_TYPE_DATA && meta_begins(replay, event);

	if (goes_on)
		epoch_confirmed(replay, chain, event);
	else if (known && !epoch_restart(replay, chain, event))
		note_break(replay, event);
	if (known && fs->epoch == epoch)
		look_for_holes(replay, fs, chain, event);
	else
		know_chain(chain, event);
	if (!known || event->bytes == 0 || chain->value != event->bytes)
		chain->above_ns = event->time_ns;
	chain->known = true;
	chain->epoch = fs->epoch;
	chain->gap = replay->books.gaps;
	chain->last_ns = event->time_ns;
	if (event->type != EVENT_TYPE_DATA || event->diff > 0)
		chain->on_ns = event->time_ns;
}

static void advance(struct chain *chain, const struct event *event, bool wrapped)
{
	uint64_t less = 0 - (uint64_t)event->diff;

	chain->value = value_after(event, wrapped);
	if (wrapped || (event->diff < 0 && chain->sum >> 63 == 0 && less > chain->sum))
		chain->sum = 0;
	else
		chain->sum += (uint64_t)event->diff;
}

static void keep_score(struct replay *replay, struct root *root, struct chain *chain, const struct event *event)
{
	struct root_totals *totals = &root->totals;

	root->data = chain;
	root->last_update = *event;
	root->sure_commits = root->commits + (root->in_commit ? 1 : 0);
	totals->counter_known = true;
	totals->end_counter_bytes = chain->value;
	if (chain->value > totals->peak_bytes)
		totals->peak_bytes = chain->value;
	leak_floor(replay, root, least(event->bytes, chain->value));
	feed_sample(replay, root, event, WHATIF_UPDATE);
}

void rule_update_reserve(struct replay *replay, struct task *task, const struct event *event, bool ranges_done)
{
	struct chain *chain;
	struct root *root;
	bool wrapped = false;

	if (!event_has_type(event)) {
		if (event->type == EVENT_TYPE_GARBAGE)
			rule_garbage(replay, event);
		old_update(replay, task, event, ranges_done);
		return;
	}
	replay->books.types_seen = true;
	chain = books_chain(&replay->books, event->fs, event->root, event->type);
	compare_with_chain(replay, chain, event);
	if (event->type == EVENT_TYPE_DATA && is_level_zero(event->root)) {
		root = books_root(&replay->books, event->fs, event->root);
		if (!root->data_seen)
			first_value(replay, root, task, event);
		if (rules_below_zero(event))
			underflow(replay, task, event);
		if (task->free_bytes > 0)
			chain->on_ns = event->time_ns;
		wrapped = data_update(replay, task, root, event, ranges_done);
		if (wrapped)
			ends_clamped(&replay->result.ends, event);
		advance(chain, event, wrapped);
		task->wrapped = wrapped;
		keep_score(replay, root, chain, event);
		return;
	}
	if (rules_below_zero(event))
		underflow(replay, task, event);
	if (replay->options.limits != NULL)
		limit_word(replay, task, chain, event);
	/* Higher qgroups are clamped with the lower one, whose update they repeat. */
	wrapped = task->wrapped && event->diff > 0 && event->type == EVENT_TYPE_DATA && event->diff == task->last.diff;
	advance(chain, event, wrapped);
	if (is_level_zero(event->root) && event->type == EVENT_TYPE_META_PREALLOC)
		rule_meta_update(task, event);
	else if (task->committing && is_level_zero(event->root))
		commit_reached(task, books_root(&replay->books, event->fs, event->root));
}

void rule_free_pertrans(struct replay *replay, struct task *task, const struct event *event)
{
	struct root *root = books_root(&replay->books, event->fs, event->root);

	replay->books.pertrans_seen = true;
	misread_swept(replay, event);
	task->committing = true;
	task->commit_fs = root->fs;
	root->fs->on_ns = event->time_ns;
	root->fs->on_pid = event->pid;
	root->commit_ns = event->time_ns;
	if (root->in_commit)
		return;
	root->in_commit = true;
	root->next_in_commit = root->fs->in_commit;
	root->fs->in_commit = root;
}

void rule_transaction_commit(struct replay *replay, struct task *task, const struct event *event)
{
	struct fs *fs = books_fs(&replay->books, event->fs);
	struct root *root;

	replay->books.commits_seen = true;
	misread_commit(replay, task, event);
	task->committing = false;
	fs->commits++;
	misread_simple(replay, fs, event);
	fs->commit_ns = event->time_ns;
	fs->commit_counted = fs->in_commit != NULL;
	if (!fs->commit_counted)
		epoch_unsure(fs, event);
	meta_committed(fs, event);
	while ((root = fs->in_commit) != NULL) {
		fs->in_commit = root->next_in_commit;
		root->in_commit = false;
		root->commits++;
		leak_commit(root);
		feed_sample(replay, root, event, WHATIF_COMMIT);
		owed_commit(replay, root, event);
	}
}
