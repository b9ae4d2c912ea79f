/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/epoch.h"

#include "analyzer/rules/inode.h"
#include "analyzer/rules/leak.h"
#include "analyzer/rules/meta.h"
#include "analyzer/rules/owed.h"
#include "analyzer/rules/stale.h"
#include "analyzer/rules/suspect.h"

/* All roots of a filesystem, or of every one with NULL: what they leaked up to now stands or falls. */
static void settle_roots(struct replay *replay, const struct fs *fs, bool unmounted)
{
	for (struct table_entry *entry = replay->books.roots.oldest; entry != NULL; entry = entry->younger) {
		struct root *root = (struct root *)entry;

		if (fs == NULL || root->fs == fs)
			leak_settle(replay, root, unmounted);
	}
}

static void forget_leaks_since(struct replay *replay, const struct fs *fs, uint64_t from_ns)
{
	for (struct table_entry *entry = replay->books.roots.oldest; entry != NULL; entry = entry->younger) {
		struct root *root = (struct root *)entry;

		if (fs == NULL || root->fs == fs)
			leak_forget_since(replay, root, from_ns);
	}
}

static void note(struct replay *replay, enum finding_kind kind, uint16_t fs, const struct event *event, uint64_t bytes)
{
	struct verdict_group_key key = {.kind = kind, .fs = fs};
	struct verdict *verdict = verdict_new(key, event);

	verdict->occurrence.start = verdict->occurrence.len = 0;
	verdict->occurrence.bytes = bytes;
	if (kind == FINDING_LOST_EVENTS) {
		verdict->occurrence.start = event->start;
		verdict->occurrence.task = (struct task_ref){-1, 0};
	}
	verdict_evidence(verdict, event, ROLE_GAP);
	verdicts_add(&replay->verdicts, verdict);
}

/* A counter that begins at 0 inside a gap may just have lost its changes: that was no epoch (rule 14). */
static void take_back_epochs(struct replay *replay, uint64_t from_ns)
{
	for (struct table_entry *entry = replay->books.filesystems.oldest; entry != NULL; entry = entry->younger) {
		struct fs *fs = (struct fs *)entry;

		if (fs->toggled_ns <= from_ns)
			continue;
		fs->toggled_ns = 0;
		fs->quota_epochs--;
	}
}

/*
 * What leaked after the last value of a root's counter may be bits that stayed behind when quota was switched off;
 * whether the counter restarts is not seen beyond a gap.
 */
static void forget_unconfirmed_leaks(struct replay *replay, uint64_t from_ns)
{
	for (struct table_entry *entry = replay->books.roots.oldest; entry != NULL; entry = entry->younger) {
		struct root *root = (struct root *)entry;
		uint64_t confirmed_ns = root->data != NULL ? root->data->synced_ns + 1 : 0;

		leak_forget_since(replay, root, confirmed_ns < from_ns ? confirmed_ns : from_ns);
	}
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void epoch_unsure(struct fs *fs, const struct event *event)
{
	uint64_t on_ns = later(fs->alive_ns, fs->on_ns);

	if (on_ns >= fs->off_ns[0]) {
		fs->off_ns[1] = fs->off_ns[0];
		fs->before_off_ns = on_ns;
	}
	fs->off_ns[0] = event->time_ns + 1;
}

/* A commit may have ended in a gap: what was freed before it says nothing of the next. */
static void lose_commits(struct fs *fs, const struct event *gap)
{
	for (struct root *root = fs->in_commit; root != NULL; root = root->next_in_commit)
		root->in_commit = false;
	fs->in_commit = NULL;
	epoch_unsure(fs, gap);
}

/*
 * Events of one CPU are missing, of any filesystem and inode (rule 15): nothing that happened since its last event is
 * accused, and nothing that was known is known any more.
 */
void epoch_lost(struct replay *replay, const struct event *event)
{
	uint64_t from_ns = event->start > WINDOW_DISORDER_NS ? event->start - WINDOW_DISORDER_NS : 0;

	replay->result.lost_marks++;
	replay->result.lost_events += event->bytes;
	verdicts_revoke(&replay->verdicts, UINT16_MAX, from_ns);
	forget_unconfirmed_leaks(replay, from_ns);
	take_back_epochs(replay, from_ns);
	suspect_gap(replay, NULL, event->start);
	owed_void(replay, NULL, event);
	replay->books.gaps++;
	for (struct table_entry *entry = replay->books.filesystems.oldest; entry != NULL; entry = entry->younger)
		lose_commits((struct fs *)entry, event);
	note(replay, FINDING_LOST_EVENTS, 0, event, event->bytes);
}

void epoch_void(struct replay *replay)
{
	verdicts_revoke(&replay->verdicts, UINT16_MAX, 0);
	forget_leaks_since(replay, NULL, 0);
	take_back_epochs(replay, 0);
	suspect_gap(replay, NULL, 0);
	replay->books.gaps++;
}

void epoch_hole(struct replay *replay, struct fs *fs, uint64_t from_ns, const struct event *event)
{
	struct event gap = *event;

	gap.start = from_ns;
	lose_commits(fs, event);
	verdicts_revoke(&replay->verdicts, fs->number, from_ns);
	forget_leaks_since(replay, fs, from_ns);
	suspect_gap(replay, fs, from_ns);
	owed_void(replay, fs, event);
	fs->epoch++;
	fs->holes++;
	fs->remounted = false;
	fs->suspected = false;
	replay->result.lost_marks++;
	note(replay, FINDING_LOST_EVENTS, fs->number, &gap, 0);
}

/* The last moment at which a counter went on; with `on`, because quota was on: drops go on while it is turned off. */
static uint64_t went_on(const struct chain *chain, bool on)
{
	return on ? chain->on_ns : chain->last_ns;
}

static bool reaches_beyond(const struct chain *chain, const struct fs *fs, uint64_t time_ns, bool on)
{
	return chain->entry.key.a == fs->number && chain->known && chain->epoch == fs->epoch &&
	       chain->above_ns <= time_ns && went_on(chain, on) > time_ns;
}

/*
 * The last moment that is surely of the same epoch as another: as long as any counter goes on that was above 0 then.
 * One that was 0 meanwhile proves nothing.
 */
static uint64_t last_above(struct replay *replay, const struct fs *fs, uint64_t sure_ns, bool on)
{
	/* Restarts may be many, and counters too: looking at some of them only makes less sure. */
	enum { COUNTERS_MAX = 1024, ROUNDS_MAX = 4 };

	for (int round = 0; round < ROUNDS_MAX; round++) {
		struct table_entry *entry = replay->books.chains.oldest;
		uint64_t before_ns = sure_ns;

		for (int i = 0; i < COUNTERS_MAX && entry != NULL; i++, entry = entry->younger) {
			const struct chain *other = (const struct chain *)entry;

			if (reaches_beyond(other, fs, sure_ns, on))
				sure_ns = went_on(other, on);
		}
		if (sure_ns == before_ns)
			break;
	}
	return sure_ns;
}

/* The last moment that is surely before a restart of this counter. */
static uint64_t last_sure(struct replay *replay, const struct fs *fs, const struct chain *chain)
{
	uint64_t sure_ns = last_above(replay, fs, chain->on_ns, true);

	return fs->suspected && fs->sure_ns > sure_ns ? fs->sure_ns : sure_ns;
}

/*
 * Quota is turned on only after a commit that it waits for, which ends while quota is still off and so frees no
 * pertrans (btrfs_quota_enable()). Without such a commit, whatever is traced only while quota is on shows the same
 * epoch as before. What turns it off is committed in the same way, at the latest when an unmount begins, before that
 * evicts its inodes.
 */
uint64_t epoch_sure(struct replay *replay, const struct fs *fs, const struct chain *chain, bool unmounted)
{
	uint64_t sure_ns = last_above(replay, fs, chain->on_ns, true);
	uint64_t same_ns = last_above(replay, fs, chain->last_ns, false);
	uint64_t on_ns = later(fs->alive_ns, fs->on_ns);
	uint64_t off_ns = fs->off_ns[fs->off_ns[0] > on_ns ? 1 : 0];

	if (!replay->books.commits_seen || !replay->books.pertrans_seen)
		return sure_ns;
	if (fs->off_ns[1] <= same_ns) {
		sure_ns = later(sure_ns, last_above(replay, fs, fs->before_off_ns, true));
		same_ns = later(same_ns, last_above(replay, fs, fs->before_off_ns, false));
	}
	if (off_ns > same_ns)
		return sure_ns;
	sure_ns = later(sure_ns, on_ns);
	return unmounted && fs->evict_off_ns <= sure_ns ? UINT64_MAX : sure_ns;
}

static void begin_epoch(struct replay *replay, struct fs *fs, const struct chain *chain, const struct event *event)
{
	fs->sure_ns = last_sure(replay, fs, chain);
	verdicts_revoke(&replay->verdicts, fs->number, fs->sure_ns);
	forget_leaks_since(replay, fs, fs->sure_ns);
	suspect_gap(replay, fs, fs->sure_ns);
	owed_void(replay, fs, event);
	fs->suspected = true; /* what the counters held says nothing now */
	settle_roots(replay, fs, false);
	fs->suspected = false;
	fs->silent_writes = false;
	fs->epoch++;
	fs->starts++;
	fs->quota_epochs++;
	fs->early_drops = fs->commit_drops = fs->misread_ns = 0;
	fs->simple = false;
	fs->toggled_ns = event->time_ns + 1;
	fs->remounted = false;
	stale_epoch(replay, fs, chain, event);
	note(replay, FINDING_QUOTA_EPOCH, fs->number, event, 0);
}

/*
 * Disabling and enabling quota has no event: counters just start again at 0 (rule 14). One META counter that does so
 * may be disorder between CPUs; a DATA counter, or a second one, is not.
 */
bool epoch_restart(struct replay *replay, struct chain *chain, const struct event *event)
{
	struct fs *fs = books_fs(&replay->books, event->fs);
	bool late = event->time_ns > chain->last_ns + WINDOW_DISORDER_NS;
	bool same_again = fs->suspected && fs->suspect_qgid == event->root && fs->suspect_type == event->type;

	if (event->bytes != 0 || chain->value == 0 || !late)
		return false;
	if (event->type == EVENT_TYPE_DATA || (fs->suspected && !same_again)) {
		begin_epoch(replay, fs, chain, event);
		return true;
	}
	fs->sure_ns = last_sure(replay, fs, chain);
	fs->suspected = true;
	fs->suspected_ns = event->time_ns;
	fs->suspect_qgid = event->root;
	fs->suspect_type = event->type;
	return true;
}

/* A counter that goes on above 0 denies a suspected restart. */
void epoch_confirmed(struct replay *replay, struct chain *chain, const struct event *event)
{
	struct fs *fs = books_fs(&replay->books, event->fs);

	if (chain->value > 0)
		meta_sighted(chain, fs, event);
	if (chain->value == 0 || event->diff <= 0)
		return;
	if (fs->suspected && chain->last_ns < fs->suspected_ns &&
		(fs->suspect_qgid != event->root || fs->suspect_type != event->type))
		fs->suspected = false;
}

static void drop_inodes(struct replay *replay, const struct fs *fs)
{
	struct table_entry *next;

	for (struct table_entry *entry = replay->books.tasks.oldest; entry != NULL; entry = entry->younger) {
		struct task *task = (struct task *)entry;

		if (task->evicting && task->evict_event.fs == fs->number)
			rule_evict_ends(replay, task);
	}
	for (struct table_entry *entry = replay->books.inodes.oldest; entry != NULL; entry = next) {
		struct inode *inode = (struct inode *)entry;

		next = entry->younger;
		if (inode->root->fs == fs)
			books_end_inode(&replay->books, inode);
	}
}

/* The counters of a filesystem, or of every one with NULL, as far as their values are known. */
static void note_ends(struct replay *replay, const struct fs *fs)
{
	for (struct table_entry *entry = replay->books.chains.oldest; entry != NULL; entry = entry->younger) {
		const struct chain *chain = (struct chain *)entry;
		const struct fs *its = books_fs(&replay->books, (uint16_t)entry->key.a);
		bool known = chain->known && chain->epoch == its->epoch && chain->gap == replay->books.gaps;

		if (known && (fs == NULL || its == fs))
			ends_add(&replay->result.ends, (struct counter_end){.qgid = entry->key.b,
							       .bytes = chain->value,
							       .fs = its->number,
							       .type = (uint8_t)entry->key.c,
							       .unmounted = fs != NULL});
	}
}

/* The btree inode is evicted only when the filesystem is unmounted (close_ctree()): all is over, and a new start. */
void epoch_unmount(struct replay *replay, const struct event *event)
{
	struct fs *fs = books_fs(&replay->books, event->fs);

	note_ends(replay, fs);
	drop_inodes(replay, fs);
	meta_unmount(replay, fs, event);
	settle_roots(replay, fs, true);
	owed_void(replay, fs, event);
	fs->epoch++;
	fs->starts++;
	fs->remounted = true;
	fs->suspected = false;
	fs->silent_writes = false;
	fs->commits = 0;
	fs->sure_ns = event->time_ns;
}

/* An eviction at the very end may still have had bytes to free: nothing is said of it. */
void epoch_end(struct replay *replay)
{
	note_ends(replay, NULL);
	settle_roots(replay, NULL, false);
}
