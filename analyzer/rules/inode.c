/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/inode.h"

#include "analyzer/rules/epoch.h"
#include "analyzer/rules/leak.h"
#include "analyzer/rules/owed.h"

/* A created inode has no bits at all: the end of not knowing (btrfs_create_new_inode()). */
void rule_inode_new(struct replay *replay, const struct event *event)
{
	if (!books_is_subvolume(event->root))
		return;
	owed_gone(replay, event);
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
	struct fs *fs = books_fs(&replay->books, event->fs);
	struct inode *inode;

	replay->books.evicts_seen = true;
	if (event->root == BTREE_INODE_ROOT && event->ino == BTREE_INODE) {
		epoch_unmount(replay, event);
		return;
	}
	fs->evict_off_ns = fs->off_ns[0];
	inode = known_inode(replay, event);
	if (inode == NULL)
		return;
	rule_evict_over(replay, inode);
	task->evicting = true;
	task->evict_event = *event;
	inode->evictor = task;
}

void rule_evict_over(struct replay *replay, struct inode *inode)
{
	struct task *task = inode->evictor;

	inode->evictor = NULL;
	/* After a gap the task may be in the middle of something else, or of another eviction. */
	if (task != NULL && task->evicting && task->evict_event.ino == inode->number &&
		task->evict_event.root == inode->root->totals.root && task->evict_event.fs == inode->root->fs->number)
		rule_evict_ends(replay, task);
}

void rule_evict_ends(struct replay *replay, struct task *task)
{
	struct inode *inode = known_inode(replay, &task->evict_event);

	task->evicting = false;
	owed_gone(replay, &task->evict_event);
	if (inode == NULL)
		return;
	inode->evictor = NULL;
	if (inode->ranges.reserved_bytes > 0)
		leak_evicted(replay, inode, &task->evict_event);
	books_end_inode(&replay->books, inode);
}
