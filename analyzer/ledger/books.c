/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger/books.h"

#include <stdlib.h>

#include "base/memory.h"

enum { EVICTED_KEPT = 65536, PIECES_KEPT = 32768 };

/* What cleared a byte interests for this long; writeback and the writers that race with it are done by then. */
static const uint64_t forget_after_ns = 60000000000u;

void books_init(struct books *books)
{
	*books = (struct books){0};
	table_init(&books->filesystems);
	table_init(&books->roots);
	table_init(&books->inodes);
	table_init(&books->tasks);
	table_init(&books->chains);
	claims_init(&books->claims);
	range_pool_init(&books->pool, &books->claims);
}

void books_release(struct books *books)
{
	for (struct table_entry *entry = books->roots.oldest; entry != NULL; entry = entry->younger) {
		struct root *root = (struct root *)entry;

		flight_release(&root->flight);
		free(root->leaks);
	}
	for (struct table_entry *entry = books->chains.oldest; entry != NULL; entry = entry->younger)
		free(((struct chain *)entry)->open);
	table_free_all(&books->filesystems);
	table_free_all(&books->roots);
	table_free_all(&books->inodes);
	for (struct table_entry *entry = books->tasks.oldest; entry != NULL; entry = entry->younger)
		free(((struct task *)entry)->clears);
	table_free_all(&books->tasks);
	table_free_all(&books->chains);
	range_pool_release(&books->pool);
	claims_release(&books->claims);
}

struct fs *books_fs(struct books *books, uint16_t number)
{
	struct table_key key = {.a = number};
	struct fs *fs = books->last_fs;

	if (fs != NULL && fs->number == number)
		return fs;
	fs = (struct fs *)table_find(&books->filesystems, key);
	if (fs == NULL) {
		fs = memory_zeroed(sizeof(*fs));
		fs->entry.key = key;
		fs->number = number;
		fs->epoch = fs->quota_epochs = 1;
		fs->remounted = books->fresh;
		table_add(&books->filesystems, &fs->entry);
	}
	books->last_fs = fs;
	return fs;
}

static bool has_key(const struct table_entry *entry, struct table_key key)
{
	return entry != NULL && entry->key.b == key.b && entry->key.a == key.a && entry->key.c == key.c;
}

/* What was known under an older epoch or before a gap is void. */
static void refresh_root(struct books *books, struct root *root)
{
	uint64_t knowledge = root->fs->epoch + books->gaps;

	if (root->knowledge == knowledge)
		return;
	root->knowledge = knowledge;
	flight_clear(&root->flight);
	root->ranges_bytes = 0;
	root->commits = root->sure_commits = root->reached_in = 0;
	root->guessed = false;
	root->data_seen = root->head_known = false;
	root->outside_bytes = root->stale_bytes = 0;
	root->stale_verdict = NULL;
	root->residue_low[0] = root->residue_low[1] = 0;
}

static struct root *new_root(struct books *books, struct table_key key)
{
	struct root *root = memory_zeroed(sizeof(*root));

	root->entry.key = key;
	root->fs = books_fs(books, (uint16_t)key.a);
	root->totals.root = key.b;
	root->knowledge = root->fs->epoch + books->gaps;
	flight_init(&root->flight, &books->claims);
	table_add(&books->roots, &root->entry);
	return root;
}

struct root *books_root(struct books *books, uint16_t fs, uint64_t number)
{
	struct table_key key = {.a = fs, .b = number};
	struct root **recent = &books->recent_roots[number % BOOKS_RECENT];

	if (*recent == NULL || !has_key(&(*recent)->entry, key))
		*recent = (struct root *)table_find(&books->roots, key);
	if (*recent == NULL)
		*recent = new_root(books, key);
	refresh_root(books, *recent);
	return *recent;
}

/* An inode first met after an unmount has no bits; any other may have been dirty before the trace began. */
static enum range_state first_state(const struct books *books, const struct fs *fs)
{
	return fs->remounted && books->gaps == 0 ? RANGE_CLEAR : RANGE_UNKNOWN;
}

static void refresh_inode(struct books *books, struct inode *inode)
{
	if (inode->knowledge == inode->root->knowledge)
		return;
	/* The root's sum was reset when its knowledge was. */
	ranges_reset(&inode->ranges, &books->pool, first_state(books, inode->root->fs));
	inode->knowledge = inode->root->knowledge;
}

/* Many inodes are evicted and never seen again: what is known of them is that they were clear. */
static void forget_evicted(struct books *books)
{
	struct table_entry *next;

	for (struct table_entry *entry = books->inodes.oldest; entry != NULL; entry = next) {
		struct inode *inode = (struct inode *)entry;

		next = entry->younger;
		if (!inode->evicted)
			continue;
		table_remove(&books->inodes, entry);
		ranges_reset(&inode->ranges, &books->pool, RANGE_UNKNOWN);
		free(inode);
	}
	books->evicted_count = 0;
	books->last_inode = NULL;
}

static struct inode *new_inode(struct books *books, struct table_key key)
{
	struct inode *inode;

	if (books->evicted_count > EVICTED_KEPT)
		forget_evicted(books);
	inode = memory_zeroed(sizeof(*inode));
	inode->entry.key = key;
	inode->root = books_root(books, (uint16_t)key.a, key.b);
	inode->number = key.c;
	inode->knowledge = inode->root->knowledge;
	inode->forget_above = PIECES_KEPT;
	ranges_init(&inode->ranges, first_state(books, inode->root->fs));
	table_add(&books->inodes, &inode->entry);
	return inode;
}

struct inode *books_inode(struct books *books, uint16_t fs, uint64_t root, uint64_t ino)
{
	struct table_key key = {.a = fs, .b = root, .c = ino};
	struct inode *inode = books->last_inode;

	if (inode == NULL || inode->entry.key.c != ino || inode->entry.key.b != root || inode->entry.key.a != fs)
		inode = (struct inode *)table_find(&books->inodes, key);
	if (inode == NULL)
		inode = new_inode(books, key);
	refresh_root(books, inode->root);
	refresh_inode(books, inode);
	if (inode->evicted) {
		inode->evicted = false;
		books->evicted_count--;
	}
	books->last_inode = inode;
	return inode;
}

struct chain *books_chain(struct books *books, uint16_t fs, uint64_t qgid, unsigned type)
{
	struct table_key key = {.a = fs, .b = qgid, .c = type};
	struct chain **recent = &books->recent_chains[(qgid * 4 + type) % BOOKS_RECENT];

	if (*recent == NULL || !has_key(&(*recent)->entry, key))
		*recent = (struct chain *)table_find(&books->chains, key);
	if (*recent == NULL) {
		*recent = memory_zeroed(sizeof(**recent));
		(*recent)->entry.key = key;
		table_add(&books->chains, &(*recent)->entry);
	}
	return *recent;
}

void books_reset_task(struct books *books, struct task *task)
{
	claim_drop(&books->claims, task->operation);
	claim_drop(&books->claims, task->short_claim);
	claim_drop(&books->claims, task->released);
	claim_drop(&books->claims, task->released_owner);
	claim_drop(&books->claims, task->unbound);
	claim_drop(&books->claims, task->freed_owner);
	free(task->clears);
	*task = (struct task){.entry = task->entry, .pid = task->pid, .comm = task->comm, .gap = books->gaps};
}

static struct task *new_task(struct books *books, struct table_key key, int32_t pid)
{
	struct task *task = memory_zeroed(sizeof(*task));

	task->entry.key = key;
	task->pid = pid;
	task->gap = books->gaps;
	table_add(&books->tasks, &task->entry);
	return task;
}

struct task *books_task(struct books *books, const struct event *event)
{
	struct table_key key = {.a = (uint64_t)event->pid};
	struct task **recent = &books->recent_tasks[(uint32_t)event->pid % BOOKS_RECENT];

	if (*recent == NULL || (*recent)->pid != event->pid)
		*recent = (struct task *)table_find(&books->tasks, key);
	if (*recent == NULL)
		*recent = new_task(books, key, event->pid);
	if ((*recent)->gap != books->gaps)
		books_reset_task(books, *recent);
	if (event->comm != 0)
		(*recent)->comm = event->comm;
	return *recent;
}

static struct ordered *ordered_place(struct books *books, const struct event *event)
{
	uint64_t hash = (event->start >> 12) * 0x9e3779b97f4a7c15u + event->ino * 0xc2b2ae3d27d4eb4fu + event->root +
			((uint64_t)event->fs << 36);

	return &books->ordered[(hash >> 32) % BOOKS_ORDERED];
}

void books_ordered_begins(struct books *books, struct claim *claim)
{
	const struct event *release = &claim->event;
	struct ordered *place = ordered_place(books, release);

	claim_drop(&books->claims, place->claim);
	*place = (struct ordered){release->root, release->ino, release->start, claim_keep(claim)};
	claim->ordered = true;
}

static uint64_t commits_begun(const struct root *root)
{
	return root->commits + (root->in_commit ? 1 : 0);
}

static struct ordered *place_of(struct books *books, const struct event *event)
{
	struct ordered *place = ordered_place(books, event);

	if (place->claim == NULL || place->start != event->start || place->ino != event->ino ||
		place->root != event->root || place->claim->event.fs != event->fs)
		return NULL;
	return place;
}

struct claim *books_ordered_at(struct books *books, const struct event *event)
{
	const struct ordered *place = place_of(books, event);

	return place != NULL ? place->claim : NULL;
}

void books_ordered_ends(struct books *books, const struct event *event)
{
	struct ordered *place = place_of(books, event);

	if (place == NULL)
		return;
	place->claim->finished = true;
	place->claim->commits = commits_begun(books_root(books, event->fs, event->root));
	claim_drop(&books->claims, place->claim);
	place->claim = NULL;
}

bool books_is_subvolume(uint64_t root)
{
	return root == 5 || (root >= 256 && root >> 48 == 0);
}

/* Beyond some pieces what cleared them is forgotten, the oldest first, and all of it if that is not enough. */
static void forget_some(struct books *books, struct inode *inode, uint64_t now_ns)
{
	struct ranges *ranges = &inode->ranges;

	ranges_forget(ranges, &books->pool, now_ns > forget_after_ns ? now_ns - forget_after_ns : 0);
	if (ranges->count > inode->forget_above / 2)
		ranges_forget(ranges, &books->pool, UINT64_MAX);
	inode->forget_above = ranges->count * 2 > PIECES_KEPT ? ranges->count * 2 : PIECES_KEPT;
}

static void forget_if_many(struct books *books, struct inode *inode, const struct claim *claim)
{
	if (inode->ranges.count > inode->forget_above && claim != NULL)
		forget_some(books, inode, claim->event.time_ns);
}

static void carry_sum(struct inode *inode, uint64_t before)
{
	inode->root->ranges_bytes += inode->ranges.reserved_bytes - before;
}

void books_set(
	struct books *books, struct inode *inode, struct claim_part span, enum range_state state, struct claim *claim)
{
	uint64_t before = inode->ranges.reserved_bytes;

	ranges_set(&inode->ranges, &books->pool, span, state, claim);
	carry_sum(inode, before);
	forget_if_many(books, inode, claim);
}

void books_turn(struct books *books, struct inode *inode, struct claim_part span, enum range_state from,
	enum range_state state, struct claim *claim)
{
	uint64_t before = inode->ranges.reserved_bytes;

	ranges_turn(&inode->ranges, &books->pool, span, from, state, claim);
	carry_sum(inode, before);
	forget_if_many(books, inode, claim);
}

void books_reset_inode(struct books *books, struct inode *inode, enum range_state otherwise)
{
	uint64_t before = inode->ranges.reserved_bytes;

	ranges_reset(&inode->ranges, &books->pool, otherwise);
	carry_sum(inode, before);
}

void books_end_inode(struct books *books, struct inode *inode)
{
	books_reset_inode(books, inode, RANGE_CLEAR);
	if (!inode->evicted) {
		inode->evicted = true;
		books->evicted_count++;
	}
}
