/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/meta.h"

#include <stdlib.h>

#include "analyzer/rules/epoch.h"
#include "base/memory.h"

/* How many commits of a root must pass its PERTRANS over before that is accused. */
enum { PASSED_OVER_MAX = 2 };

/*
 * A free, conversion or sweep of metadata whose counter update did not come, or came with another amount: the counter's
 * next words tell whether that is so, or whether the update is only missing from the trace.
 */
struct meta_case {
	struct event asked;
	struct event got; /* the update of another amount; kind EVENT_NONE when none came */
	uint64_t due_bytes;
};

void rule_garbage(struct replay *replay, const struct event *event)
{
	if (replay->garbage_types++ > 0)
		return;
	replay->first_garbage = *event;
	if (replay->books.types_seen || replay->books.meta_seen)
		epoch_void(replay);
	replay->books.types_seen = replay->books.meta_seen = false;
}

void rule_garbage_note(struct replay *replay)
{
	struct verdict_group_key key = {.kind = FINDING_GARBAGE_TYPE, .fs = replay->first_garbage.fs};
	struct verdict *verdict;

	if (replay->garbage_types == 0)
		return;
	verdict = verdict_new(key, &replay->first_garbage);
	verdict->occurrence.bytes = replay->garbage_types;
	verdict_evidence(verdict, &replay->first_garbage, ROLE_META);
	verdicts_add(&replay->verdicts, verdict);
}

static enum finding_path path_of(uint64_t type)
{
	return type == EVENT_TYPE_META_PERTRANS ? PATH_PERTRANS : PATH_PREALLOC;
}

static struct verdict *new_verdict(enum finding_kind kind, uint64_t type, const struct event *event)
{
	struct verdict_group_key key = {.kind = kind, .path = path_of(type), .fs = event->fs, .root = event->root};
	struct verdict *verdict = verdict_new(key, event);

	verdict->occurrence.start = verdict->occurrence.len = 0;
	verdict->occurrence.have_bytes = event->bytes;
	verdict->occurrence.diff_bytes = event->diff;
	return verdict;
}

/*
 * Whether the root's own count of its metadata (struct btrfs_root, qgroup_meta_rsv_*) is as empty as the qgroup's. It
 * is from the birth of the root, or of the mount, on, and parts from it only when quota is switched off and on, or the
 * qgroup is made anew.
 */
bool meta_begins(struct replay *replay, const struct event *event)
{
	const struct root *root;

	if (event->bytes != 0 || event->root >> 48 != 0)
		return false;
	root = books_root(&replay->books, event->fs, event->root);
	return root->born == root->knowledge + 1 ||
	       (root->fs->remounted && replay->books.gaps == 0 && root->fs->off_ns[0] <= root->fs->sure_ns);
}

/* The first inode of a subvolume is made with it (create_subvol() in fs/btrfs/ioctl.c). */
void meta_root_born(struct replay *replay, const struct event *event)
{
	struct root *root;

	if (event->ino != 256 || !books_is_subvolume(event->root))
		return;
	root = books_root(&replay->books, event->fs, event->root);
	root->born = root->knowledge + 1;
}

void meta_underflow(struct replay *replay, const struct event *event)
{
	const struct fs *fs = books_fs(&replay->books, event->fs);
	const struct chain *chain = books_chain(&replay->books, event->fs, event->root, event->type);
	struct verdict *verdict;

	if (event->root >> 48 != 0 || !chain->whole || fs->suspected || !replay->books.meta_seen) {
		replay->result.unproven.of[FINDING_UNDERFLOW]++;
		return;
	}
	verdict = new_verdict(FINDING_UNDERFLOW, event->type, event);
	verdict->occurrence.bytes = 0 - (uint64_t)event->diff - event->bytes;
	verdict_evidence(verdict, event, ROLE_UNDERFLOW);
	verdicts_add(&replay->verdicts, verdict);
}

static void close_case(struct chain *chain)
{
	free(chain->open);
	chain->open = NULL;
}

/* Whether the counter update of what was asked must follow; one that reserves may be refused. */
static bool takes_off(const struct event *asked)
{
	if (asked->kind == EVENT_META_RESERVE)
		return asked->diff < 0 &&
		       (asked->type == EVENT_TYPE_META_PERTRANS || asked->type == EVENT_TYPE_META_PREALLOC);
	return asked->kind == EVENT_META_FREE_ALL_PERTRANS || (asked->kind == EVENT_META_CONVERT && asked->diff > 0);
}

static bool is_what_was_due(const struct event *asked, const struct event *update)
{
	uint64_t less = 0 - (uint64_t)update->diff;

	if (asked->kind == EVENT_META_RESERVE)
		return update->diff == asked->diff;
	return less == (asked->kind == EVENT_META_CONVERT ? (uint64_t)asked->diff : update->bytes);
}

/* How much it takes off, in the very next step of its task (fs/btrfs/qgroup.c). */
static uint64_t due(const struct event *asked, const struct chain *chain)
{
	if (asked->kind == EVENT_META_FREE_ALL_PERTRANS)
		return chain->value;
	return asked->diff < 0 ? 0 - (uint64_t)asked->diff : (uint64_t)asked->diff;
}

static unsigned type_due(const struct event *asked)
{
	if (asked->kind == EVENT_META_RESERVE)
		return asked->type;
	return asked->kind == EVENT_META_CONVERT ? EVENT_TYPE_META_PREALLOC : EVENT_TYPE_META_PERTRANS;
}

static bool is_live(const struct replay *replay, const struct chain *chain, const struct fs *fs)
{
	return chain->known && chain->epoch == fs->epoch && chain->gap == replay->books.gaps && chain->value > 0;
}

void meta_goes_on(struct replay *replay, const struct task *task, const struct event *event)
{
	const struct event *asked = &task->last;
	unsigned type = type_due(asked);
	bool same_counter = event->kind == EVENT_UPDATE_RESERVE && event->fs == asked->fs &&
			    event->root == asked->root && event->type == type;
	struct chain *chain;
	uint64_t bytes;

	if (!takes_off(asked) || (same_counter && is_what_was_due(asked, event)))
		return;
	chain = books_chain(&replay->books, asked->fs, asked->root, type);
	bytes = due(asked, chain);
	if (bytes == 0 || chain->open != NULL || !is_live(replay, chain, books_fs(&replay->books, asked->fs)))
		return;
	chain->open = memory_zeroed(sizeof(*chain->open));
	*chain->open = (struct meta_case){.asked = *asked, .due_bytes = bytes};
	if (same_counter && event->diff < 0)
		chain->open->got = *event;
}

static void accuse_case(struct replay *replay, const struct meta_case *open, const struct event *word)
{
	struct verdict *verdict = new_verdict(FINDING_META_IMBALANCE, word->type, &open->asked);
	bool other = open->got.kind == EVENT_UPDATE_RESERVE;
	uint64_t took = other ? 0 - (uint64_t)open->got.diff : 0;

	verdict->occurrence.bytes = took > open->due_bytes ? took - open->due_bytes : open->due_bytes - took;
	verdict->occurrence.have_bytes = other ? open->got.bytes : word->bytes;
	verdict->occurrence.diff_bytes = other ? open->got.diff : 0;
	verdict_evidence(verdict, &open->asked, ROLE_META);
	if (other)
		verdict_evidence(verdict, &open->got, ROLE_CONTRADICTS);
	verdict_evidence(verdict, word, ROLE_COUNTER);
	verdicts_add(&replay->verdicts, verdict);
}

static bool answers(const struct meta_case *open, const struct event *word)
{
	return word->pid == open->asked.pid && 0 - (uint64_t)word->diff == open->due_bytes;
}

/*
 * The counter's next word after an open case, when it goes on where it was: had the update been made and only its line
 * been lost, it would not. An update that comes a moment later stood in the wrong place of the trace.
 */
static void settle_case(struct replay *replay, struct chain *chain, const struct event *word)
{
	struct meta_case *open = chain->open;
	uint64_t age_ns = word->time_ns > open->asked.time_ns ? word->time_ns - open->asked.time_ns : 0;

	if (word->number == open->got.number)
		return;
	if (answers(open, word) || word->bytes == 0) {
		close_case(chain);
		return;
	}
	if (age_ns <= WINDOW_DISORDER_NS)
		return;
	accuse_case(replay, open, word);
	close_case(chain);
}

void meta_commit_drop(struct replay *replay, struct root *root, const struct event *event)
{
	struct chain *chain;

	if (root->drop_commit == root->fs->commits + 1)
		return;
	root->drop_commit = root->fs->commits + 1;
	chain = books_chain(&replay->books, root->fs->number, root->totals.root, EVENT_TYPE_META_PERTRANS);
	if (!is_live(replay, chain, root->fs))
		return;
	if (chain->passed_over < PASSED_OVER_MAX)
		chain->passed[chain->passed_over] = *event;
	chain->passed_over++;
}

/*
 * Commits that drop a root's data have it among their roots, and empty its PERTRANS counter before
 * (btrfs_qgroup_free_meta_all_pertrans() in commit_fs_roots()). Two that did not, with the counter above 0 all the
 * time.
 */
static void accuse_stuck(struct replay *replay, struct chain *chain, const struct event *word)
{
	struct verdict *verdict =
		new_verdict(FINDING_META_IMBALANCE, EVENT_TYPE_META_PERTRANS, &chain->passed[PASSED_OVER_MAX - 1]);

	verdict->occurrence.bytes = verdict->occurrence.have_bytes = word->bytes;
	verdict->occurrence.diff_bytes = 0;
	for (size_t i = 0; i < PASSED_OVER_MAX; i++)
		verdict_evidence(verdict, &chain->passed[i], ROLE_DROPPED);
	verdict_evidence(verdict, word, ROLE_COUNTER);
	verdicts_add(&replay->verdicts, verdict);
	chain->passed_over = 0;
}

void meta_word(struct replay *replay, struct chain *chain, const struct event *word, bool goes_on)
{
	if (!goes_on || books_fs(&replay->books, word->fs)->suspected) {
		if (chain->open != NULL)
			replay->result.unproven.of[FINDING_META_IMBALANCE]++;
		close_case(chain);
		chain->passed_over = 0;
		return;
	}
	if (chain->open != NULL)
		settle_case(replay, chain, word);
	if (chain->passed_over >= PASSED_OVER_MAX && word->diff > 0)
		accuse_stuck(replay, chain, word);
	if (word->diff < 0 && 0 - (uint64_t)word->diff >= word->bytes)
		chain->passed_over = 0;
}

void meta_sighted(const struct chain *chain, struct fs *fs, const struct event *event)
{
	struct sighting *same = &fs->same;

	if (chain->last_ns > same->to_ns || chain->last_ns < same->from_ns)
		same->from_ns = chain->last_ns;
	same->to_ns = event->time_ns;
	same->pid = event->pid;
	same->own_commits = same->other_commits = 0;
	same->mixed = false;
}

void meta_committed(struct fs *fs, const struct event *event)
{
	struct sighting *same = &fs->same;

	if (event->pid == same->pid) {
		same->own_commits++;
		return;
	}
	same->mixed = same->mixed || (same->other_commits > 0 && same->other_pid != event->pid);
	same->other_commits++;
	same->other_pid = event->pid;
}

/*
 * Whether quota was on from a counter's last word to the unmount, without a break. Some counter above 0 went on where
 * it was, from before that word to a moment after which nobody else committed: quota is not switched on without a
 * commit (btrfs_quota_enable()). And the unmounting task had an event that is only traced while quota is on.
 */
static bool was_always_on(const struct fs *fs, const struct chain *chain, const struct event *unmount)
{
	static const uint64_t at_once_ns = 100000;
	const struct sighting *same = &fs->same;
	bool others = same->other_commits > 0 && (same->mixed || same->other_pid != unmount->pid);

	if (others || (same->own_commits > 1 && same->pid != unmount->pid))
		return false;
	if (chain->last_ns > same->to_ns || chain->last_ns + at_once_ns < same->from_ns)
		return false;
	return fs->on_pid == unmount->pid && fs->on_ns > chain->last_ns;
}

static void claim_left_over(
	struct replay *replay, const struct root *root, const struct chain *chain, const struct event *unmount)
{
	struct verdict *verdict = new_verdict(FINDING_LEAK, chain->entry.key.c, unmount);

	verdict->key.where = LEAK_META;
	verdict->key.root = verdict->occurrence.root = root->totals.root;
	verdict->certainty = CERTAINTY_LIKELY;
	verdict->occurrence.bytes = verdict->occurrence.have_bytes = chain->value;
	verdict->occurrence.diff_bytes = 0;
	verdict->occurrence.task = (struct task_ref){-1, 0};
	verdict_evidence(verdict, unmount, ROLE_LAST_VALUE);
	verdicts_add(&replay->verdicts, verdict);
}

void meta_unmount(struct replay *replay, struct fs *fs, const struct event *unmount)
{
	for (struct table_entry *entry = replay->books.chains.oldest; entry != NULL; entry = entry->younger) {
		const struct chain *chain = (const struct chain *)entry;

		if (entry->key.a != fs->number || entry->key.c == EVENT_TYPE_DATA || entry->key.b >> 48 != 0)
			continue;
		if (!is_live(replay, chain, fs) || chain->sum != chain->value)
			continue;
		if (fs->suspected || fs->silent_writes || !replay->books.commits_seen ||
			!was_always_on(fs, chain, unmount))
			replay->result.unproven.of[FINDING_LEAK]++;
		else
			claim_left_over(replay, books_root(&replay->books, fs->number, entry->key.b), chain, unmount);
	}
}
