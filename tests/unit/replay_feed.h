/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * replay_feed - for tests: writes the events of a few common operations into a replay, with numbers, times and counters
 * that go on by themselves. Accounting stories are told in tests/cases; this is for what text cannot say.
 */
#ifndef QGREPLAY_TESTS_REPLAY_FEED_H
#define QGREPLAY_TESTS_REPLAY_FEED_H

#include "analyzer/replay.h"

enum { FEED_STEP_NS = 10000, FEED_ROOTS = 1024 };

struct feed {
	struct replay *replay;
	uint64_t number;
	uint64_t time_ns;
	uint16_t fs;
	uint64_t root;
	int32_t pid;
	uint64_t data[FEED_ROOTS]; /* the DATA counter of each root */
};

static inline struct feed feed_begin(void)
{
	return (struct feed){.replay = replay_new(NULL), .time_ns = 1000000000, .fs = 1, .root = 256, .pid = 151};
}

/* Adds an event of the feed's task, filesystem and root; returns its number. */
static inline uint64_t feed_event(struct feed *feed, struct event event)
{
	event.number = ++feed->number;
	event.time_ns = feed->time_ns += FEED_STEP_NS;
	event.fs = feed->fs;
	event.root = feed->root;
	event.pid = feed->pid;
	replay_take(feed->replay, &event, 1);
	return event.number;
}

static inline uint64_t feed_update(struct feed *feed, int64_t diff)
{
	uint64_t have = feed->data[feed->root];

	feed->data[feed->root] = have + (uint64_t)diff;
	return feed_event(feed,
		(struct event){.kind = EVENT_UPDATE_RESERVE, .type = EVENT_TYPE_DATA, .bytes = have, .diff = diff});
}

static inline uint64_t feed_new(struct feed *feed, uint64_t ino)
{
	return feed_event(feed, (struct event){.kind = EVENT_INODE_NEW, .ino = ino});
}

/* A reserve that finds `fresh` bytes new, and its charge. Returns the number of the reserve. */
static inline uint64_t feed_reserve(struct feed *feed, uint64_t ino, uint64_t start, uint64_t len, uint64_t fresh)
{
	struct event event = {.kind = EVENT_RESERVE_DATA,
		.op = EVENT_OP_RESERVE,
		.ino = ino,
		.start = start,
		.len = len,
		.bytes = fresh};
	uint64_t number = feed_event(feed, event);

	if (fresh > 0)
		feed_update(feed, (int64_t)fresh);
	return number;
}

static inline uint64_t feed_meta(struct feed *feed, int64_t diff)
{
	return feed_event(
		feed, (struct event){.kind = EVENT_META_RESERVE, .type = EVENT_TYPE_META_PREALLOC, .diff = diff});
}

/* An op=free with its counter update. Returns the number of the free. */
static inline uint64_t feed_free(struct feed *feed, uint64_t ino, uint64_t start, uint64_t len, uint64_t bytes)
{
	struct event event = {.kind = EVENT_RELEASE_DATA,
		.op = EVENT_OP_FREE,
		.ino = ino,
		.start = start,
		.len = len,
		.bytes = bytes};
	uint64_t number = feed_event(feed, event);

	if (bytes > 0)
		feed_update(feed, -(int64_t)bytes);
	return number;
}

static inline uint64_t feed_release(struct feed *feed, uint64_t ino, uint64_t start, uint64_t len, uint64_t bytes)
{
	struct event event = {.kind = EVENT_RELEASE_DATA,
		.op = EVENT_OP_RELEASE,
		.ino = ino,
		.start = start,
		.len = len,
		.bytes = bytes};
	uint64_t number = feed_event(feed, event);
	struct event ordered = {
		.kind = EVENT_ORDERED_ADD, .flags = EVENT_ORDERED_REGULAR, .ino = ino, .start = start, .len = len};

	feed_event(feed, ordered);
	return number;
}

/* A commit that drops one extent. */
static inline void feed_commit(struct feed *feed, uint64_t bytes)
{
	uint64_t root = feed->root;

	feed_event(feed, (struct event){.kind = EVENT_META_FREE_ALL_PERTRANS, .type = EVENT_TYPE_META_PERTRANS});
	if (bytes > 0)
		feed_update(feed, -(int64_t)bytes);
	feed->root = 1;
	feed_event(feed, (struct event){.kind = EVENT_TRANSACTION_COMMIT});
	feed->root = root;
}

#endif
