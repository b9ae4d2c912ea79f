/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/misread.h"

#include "analyzer/rules/leak.h"
#include "analyzer/rules/owed.h"
#include "analyzer/rules/suspect.h"

/* What is concluded from bits and from what is in flight; what counters say by themselves is not. */
static bool hangs_on_rollbacks(const struct verdict *verdict)
{
	return verdict->key.kind == FINDING_FOREIGN_FREE || verdict->key.kind == FINDING_UNEXPLAINED ||
	       verdict->key.kind == FINDING_LEAK || verdict->key.kind == FINDING_COMMIT_MISMATCH ||
	       verdict->key.kind == FINDING_OVER_BROAD_ROLLBACK;
}

static void revoke(struct replay *replay, const struct fs *fs, uint64_t from_ns)
{
	for (size_t i = replay->verdicts.count; i-- > 0 && replay->verdicts.all[i]->found_ns >= from_ns;) {
		struct verdict *verdict = replay->verdicts.all[i];

		if (verdict->key.fs != fs->number || verdict->revoked || !hangs_on_rollbacks(verdict))
			continue;
		verdict->revoked = true;
		replay->result.unproven.of[verdict->key.kind]++;
	}
	for (struct table_entry *entry = replay->books.roots.oldest; entry != NULL; entry = entry->younger) {
		struct root *root = (struct root *)entry;

		if (root->fs == fs)
			leak_forget_since(replay, root, from_ns);
	}
}

static void forget(struct replay *replay, struct misread *misread)
{
	claim_drop(&replay->books.claims, misread->operation);
	misread->operation = NULL;
}

/* Until a drop in a commit shows ordinary quotas, or delayed refs are seen to run, simple ones may be what it runs. */
static bool may_be_simple(const struct replay *replay, const struct root *root)
{
	return !root->fs->ordinary && replay->result.event_counts[EVENT_RUN_DELAYED_DATA_REF] == 0;
}

void misread_watch(struct replay *replay, const struct task *task, const struct root *root, const struct event *update)
{
	struct misread *misread = &replay->misreads[replay->misread_next];
	uint64_t bytes = 0 - (uint64_t)update->diff;
	bool simple = may_be_simple(replay, root) && root->flight.bytes >= bytes;

	if (task->operation == NULL || (!simple && !flight_has(&root->flight, bytes, replay->books.ordered_seen)))
		return;
	replay->misread_next = (replay->misread_next + 1) % MISREADS_KEPT;
	forget(replay, misread);
	*misread = (struct misread){
		.operation = claim_keep(task->operation), .bytes = bytes, .time_ns = update->time_ns, .simple = simple};
	if (simple && root->fs->misread_ns == 0)
		root->fs->misread_ns = update->time_ns;
}

void misread_swept(struct replay *replay, const struct event *sweep)
{
	for (size_t i = 0; i < MISREADS_KEPT; i++) {
		struct misread *misread = &replay->misreads[i];

		if (misread->operation != NULL && misread->operation->event.fs == sweep->fs &&
			misread->operation->event.pid == sweep->pid && !misread->simple)
			forget(replay, misread);
	}
}

/* Turns what an operation had newly set, where it is in one state now, into what nobody knows. */
static void blur(struct replay *replay, const struct claim *operation, enum range_state from)
{
	struct inode *inode =
		books_inode(&replay->books, operation->event.fs, operation->event.root, operation->event.ino);

	inode->root->head_known = false;
	inode->root->guessed = true;
	for (; operation != NULL; operation = operation->earlier) {
		if (operation->part_count > CLAIM_PARTS) {
			books_turn(&replay->books, inode, rules_span(&operation->event), from, RANGE_UNKNOWN, NULL);
			continue;
		}
		for (size_t i = 0; i < operation->part_count; i++)
			books_turn(&replay->books, inode, operation->parts[i], from, RANGE_UNKNOWN, NULL);
	}
}

/* The bits of the operation may be there still, and the extent is gone. */
static void repair(struct replay *replay, struct misread *misread)
{
	const struct event *event = &misread->operation->event;
	struct root *root = books_root(&replay->books, event->fs, event->root);
	struct flight_entry *due = flight_due(&root->flight, misread->bytes, root->commits);

	blur(replay, misread->operation, RANGE_CLEAR);
	if (due != NULL)
		flight_remove(&root->flight, due);
	forget(replay, misread);
}

void misread_commit(struct replay *replay, const struct task *task, const struct event *commit)
{
	for (size_t i = 0; i < MISREADS_KEPT && !task->committing; i++) {
		struct misread *misread = &replay->misreads[i];

		if (misread->operation == NULL || misread->operation != task->operation ||
			misread->operation->event.fs != commit->fs)
			continue;
		revoke(replay, books_fs(&replay->books, commit->fs), misread->time_ns);
		repair(replay, misread);
	}
}

void misread_simple(struct replay *replay, struct fs *fs, const struct event *event)
{
	if (fs->simple || fs->ordinary || fs->early_drops < 2 || fs->commits == 0 || !replay->books.pertrans_seen)
		return;
	fs->simple = true;
	if (fs->misread_ns == 0)
		return;
	revoke(replay, fs, fs->misread_ns);
	suspect_gap(replay, fs, fs->misread_ns);
	owed_void(replay, fs, event);
	for (size_t i = 0; i < MISREADS_KEPT; i++)
		if (replay->misreads[i].operation != NULL && replay->misreads[i].operation->event.fs == fs->number)
			repair(replay, &replay->misreads[i]);
}

bool misread_is_simple_drop(
	const struct replay *replay, const struct task *task, const struct root *root, uint64_t bytes)
{
	if (!root->fs->simple || root->fs->ordinary || !flight_has(&root->flight, bytes, replay->books.ordered_seen))
		return false;
	/* Metadata that was granted ends the wait. */
	return task->operation == NULL || (task->operation->meta_failures == 1 && !task->operation->meta_taken);
}

bool misread_may_be(struct replay *replay, const struct verdict *verdict)
{
	const struct fs *fs = books_fs(&replay->books, verdict->key.fs);

	if (fs->ordinary || !hangs_on_rollbacks(verdict))
		return false;
	/* By amounts alone, a drop is not told from what an error gives back either. */
	if (fs->simple && verdict->key.kind == FINDING_LEAK)
		return true;
	return fs->misread_ns != 0 && verdict->found_ns >= fs->misread_ns;
}

void misread_end(struct replay *replay)
{
	for (struct table_entry *entry = replay->books.roots.oldest; entry != NULL; entry = entry->younger) {
		struct root *root = (struct root *)entry;
		const struct fs *fs = root->fs;

		if (fs->ordinary || (fs->misread_ns == 0 && !fs->simple))
			continue;
		leak_forget_since(replay, root, fs->simple ? 0 : fs->misread_ns);
		root->head_known = false;
	}
}

void misread_release(struct replay *replay)
{
	for (size_t i = 0; i < MISREADS_KEPT; i++)
		forget(replay, &replay->misreads[i]);
}
