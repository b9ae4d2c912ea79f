/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/rules/finish.h"

/* How far the end of an ordered extent can be behind the free of its bytes; other tasks' events stand between. */
enum { END_WITHIN = 64 };

/* What stands between the two: its metadata is settled (btrfs_finish_one_ordered()). */
static bool settles_metadata(const struct event *event)
{
	return event->kind == EVENT_META_CONVERT || event->kind == EVENT_META_RESERVE ||
	       (event->kind == EVENT_UPDATE_RESERVE && event->type != EVENT_TYPE_DATA) ||
	       event->kind == EVENT_CLEAR_EXTENT_BIT || event->kind == EVENT_SET_EXTENT_BIT;
}

static struct claim *ended_extent(struct replay *replay, const struct event *update)
{
	for (size_t ahead = 1; ahead < END_WITHIN; ahead++) {
		const struct slot *slot = window_ahead(&replay->window, ahead);

		if (slot == NULL || slot->event.kind == EVENT_LOST)
			return NULL;
		if (slot->event.pid != update->pid)
			continue;
		if (slot->event.kind == EVENT_ORDERED_REMOVE)
			return books_ordered_at(&replay->books, &slot->event);
		if (!settles_metadata(&slot->event))
			return NULL;
	}
	return NULL;
}

bool finish_drops(struct replay *replay, struct root *root, const struct event *update)
{
	struct claim *claim = ended_extent(replay, update);
	uint64_t bytes = 0 - (uint64_t)update->diff;
	struct flight_entry *entry;

	if (claim == NULL || claim->event.root != update->root || claim->event.fs != update->fs)
		return false;
	entry = flight_of(&root->flight, bytes, claim->event.number);
	if (entry == NULL)
		return false;
	root->totals.dropped_bytes += bytes;
	flight_remove(&root->flight, entry);
	return true;
}
