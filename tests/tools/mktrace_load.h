/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mktrace_load - a made-up load of any length that a correct kernel could have traced: no finding is due.
 *
 * Two shapes. "writes": two tasks write single blocks at random into eight files of two subvolumes, writeback comes
 * when a file has many dirty blocks, truncates and commits now and then, and at the end everything is written,
 * committed and evicted. "ranges": one task reserves every other block of one inode in random order, so that as many
 * separate ranges are held at once, then writes them back. The order of events is that of kernel 6.18 in real traces.
 */
#ifndef QGREPLAY_TESTS_MKTRACE_LOAD_H
#define QGREPLAY_TESTS_MKTRACE_LOAD_H

#include "mktrace_feed.h"

enum { LOAD_FILES = 8, LOAD_ROOTS = 2, LOAD_BLOCKS = 4096, LOAD_DIRTY_MAX = 512, LOAD_RUN_MAX = 32 };

#define LOAD_BLOCK 4096ULL
#define LOAD_META 16384ULL

enum { TYPE_DATA, TYPE_PERTRANS, TYPE_PREALLOC, TYPE_COUNT };

struct load_task {
	int pid;
	unsigned cpu;
};

struct load_file {
	uint64_t ino;
	uint64_t blocks;
	unsigned root; /* index */
	unsigned char *reserved;
	uint64_t dirty;
};

struct load_root {
	uint64_t id;
	uint64_t counters[TYPE_COUNT];
	uint64_t pertrans_ever; /* what meta_free_all_pertrans prints: it is never reset */
	uint64_t *flight;
	size_t flight_count;
	size_t flight_room;
};

enum load_stage { STAGE_START, STAGE_RUN, STAGE_FLUSH, STAGE_END };

struct load {
	bool ranges;
	uint64_t goal; /* events, or ranges, before the tail */
	uint64_t done;
	uint64_t random;
	uint64_t time_ns;
	uint64_t generation;
	uint64_t disk;
	enum load_stage stage;
	unsigned flushed;
	struct load_root roots[LOAD_ROOTS];
	struct load_file files[LOAD_FILES];
	unsigned file_count;
	struct record *queue;
	size_t queue_room;
	size_t queue_count;
	size_t queue_next;
};

static const struct load_task load_writers[LOAD_ROOTS] = {{1001, 0}, {1002, 1}};
static const struct load_task load_flusher = {300, 1};
static const struct load_task load_committer = {200, 0};

static inline uint64_t load_random(struct load *load, uint64_t below)
{
	load->random ^= load->random << 13;
	load->random ^= load->random >> 7;
	load->random ^= load->random << 17;
	return load->random % below;
}

static inline void load_emit(
	struct load *load, const struct load_task *task, enum kind kind, const uint64_t *values, size_t count)
{
	struct record *record;

	if (load->queue_count == load->queue_room) {
		load->queue_room = load->queue_room == 0 ? 1024 : load->queue_room * 2;
		load->queue = out_memory(realloc(load->queue, load->queue_room * sizeof(*load->queue)));
	}
	record = &load->queue[load->queue_count++];
	memset(record, 0, sizeof(*record));
	load->time_ns += 500 + load_random(load, 1500);
	record->time_ns = load->time_ns;
	record->kind = kind;
	record->pid = task->pid;
	record->cpu = task->cpu;
	memcpy(record->values, values, count * sizeof(*values));
	load->done += load->ranges ? 0 : 1;
}

#define LOAD_EMIT(load, task, kind, ...)                                                                               \
	load_emit(load, task, kind, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

static inline void load_update(
	struct load *load, const struct load_task *task, struct load_root *root, unsigned type, int64_t diff)
{
	LOAD_EMIT(load, task, KIND_UPDATE, root->id, root->counters[type], (uint64_t)diff, type);
	root->counters[type] += (uint64_t)diff;
}

static inline void load_meta(struct load *load, const struct load_task *task, struct load_root *root, int64_t diff)
{
	LOAD_EMIT(load, task, KIND_META_RESERVE, root->id, (uint64_t)diff, TYPE_PREALLOC);
	if (diff != 0)
		load_update(load, task, root, TYPE_PREALLOC, diff);
}

static inline void load_inode(
	struct load *load, const struct load_task *task, enum kind kind, const struct load_file *file)
{
	LOAD_EMIT(load, task, kind, file->ino, 0, file->blocks * LOAD_BLOCK, load->generation, load->generation, 0,
		load->roots[file->root].id);
}

static inline void load_write(struct load *load, struct load_file *file, uint64_t block)
{
	struct load_root *root = &load->roots[file->root];
	const struct load_task *task = &load_writers[file->root];
	uint64_t bytes = file->reserved[block] ? 0 : LOAD_BLOCK;

	LOAD_EMIT(load, task, KIND_RESERVE, root->id, file->ino, block * LOAD_BLOCK, LOAD_BLOCK, bytes, 1);
	if (bytes > 0)
		load_update(load, task, root, TYPE_DATA, (int64_t)bytes);
	load_meta(load, task, root, LOAD_META);
	if (bytes == 0)
		load_meta(load, task, root, -(int64_t)LOAD_META);
	load_meta(load, task, root, 0);
	if (bytes > 0) {
		file->reserved[block] = 1;
		file->dirty++;
	}
}

static inline void load_flight(struct load_root *root, uint64_t bytes)
{
	if (root->flight_count == root->flight_room) {
		root->flight_room = root->flight_room == 0 ? 256 : root->flight_room * 2;
		root->flight = out_memory(realloc(root->flight, root->flight_room * sizeof(*root->flight)));
	}
	root->flight[root->flight_count++] = bytes;
}

static inline void load_write_back_run(struct load *load, struct load_file *file, uint64_t block, uint64_t blocks)
{
	struct load_root *root = &load->roots[file->root];
	const struct load_task *task = &load_flusher;
	uint64_t start = block * LOAD_BLOCK;
	uint64_t len = blocks * LOAD_BLOCK;
	int64_t meta = (int64_t)(blocks * LOAD_META);

	memset(file->reserved + block, 0, blocks);
	file->dirty -= blocks;
	LOAD_EMIT(load, task, KIND_RELEASE, root->id, file->ino, start, len, len, 2);
	LOAD_EMIT(load, task, KIND_ORDERED_ADD, file->ino, start, load->disk, len, len, len, 1, 0, 1, root->id,
		UINT64_MAX);
	LOAD_EMIT(load, task, KIND_META_CONVERT, root->id, (uint64_t)meta);
	load_update(load, task, root, TYPE_PREALLOC, -meta);
	load_update(load, task, root, TYPE_PERTRANS, meta);
	LOAD_EMIT(load, task, KIND_ORDERED_REMOVE, file->ino, start, load->disk, len, len, 0, 0x61, 0, 2, root->id,
		UINT64_MAX);
	load->disk += len;
	root->pertrans_ever += (uint64_t)meta;
	load_flight(root, len);
}

static inline void load_write_back(struct load *load, struct load_file *file)
{
	uint64_t block = 0;

	while (block < file->blocks && file->dirty > 0) {
		uint64_t end = block;
		while (end < file->blocks && end - block < LOAD_RUN_MAX && file->reserved[end])
			end++;
		if (end > block)
			load_write_back_run(load, file, block, end - block);
		block = end + 1 > block + LOAD_RUN_MAX ? end : end + 1;
	}
}

static inline void load_truncate(struct load *load, struct load_file *file, uint64_t block)
{
	struct load_root *root = &load->roots[file->root];
	const struct load_task *task = &load_writers[file->root];

	for (; block < file->blocks; block++) {
		if (!file->reserved[block])
			continue;
		LOAD_EMIT(load, task, KIND_RELEASE, root->id, file->ino, block * LOAD_BLOCK, LOAD_BLOCK, LOAD_BLOCK, 4);
		load_update(load, task, root, TYPE_DATA, -(int64_t)LOAD_BLOCK);
		load_meta(load, task, root, -(int64_t)LOAD_META);
		file->reserved[block] = 0;
		file->dirty--;
	}
}

static inline void load_commit(struct load *load)
{
	const struct load_task *task = &load_committer;

	for (unsigned i = 0; i < LOAD_ROOTS; i++) {
		struct load_root *root = &load->roots[i];
		if (root->pertrans_ever == 0)
			continue;
		LOAD_EMIT(load, task, KIND_META_CONVERT, root->id, 0);
		LOAD_EMIT(load, task, KIND_META_FREE_ALL, root->id, (uint64_t) - (int64_t)root->pertrans_ever,
			TYPE_PERTRANS);
		if (root->counters[TYPE_PERTRANS] > 0)
			load_update(load, task, root, TYPE_PERTRANS, -(int64_t)root->counters[TYPE_PERTRANS]);
	}
	for (unsigned i = 0; i < LOAD_ROOTS; i++) {
		struct load_root *root = &load->roots[i];
		for (size_t entry = 0; entry < root->flight_count; entry++)
			load_update(load, task, root, TYPE_DATA, -(int64_t)root->flight[entry]);
		root->flight_count = 0;
	}
	LOAD_EMIT(load, task, KIND_COMMIT, ++load->generation, 1);
}

static inline void load_evict(struct load *load, struct load_file *file)
{
	LOAD_EMIT(load, &load_committer, KIND_INODE_EVICT, file->ino, 0, file->blocks * LOAD_BLOCK, load->generation,
		load->generation, 0, load->roots[file->root].id);
	LOAD_EMIT(load, &load_committer, KIND_RELEASE, load->roots[file->root].id, file->ino, 0,
		file->blocks * LOAD_BLOCK, 0, 4);
}

static inline void load_step(struct load *load)
{
	struct load_file *file = &load->files[load_random(load, load->file_count)];
	uint64_t block = load_random(load, file->blocks);

	if (load->ranges) {
		/* An odd step through a power of two visits every other block once, far from the last. */
		load_write(load, file, load->done * 2 * 40503 % file->blocks);
		load->done++;
		return;
	}
	load_write(load, file, block);
	if (file->dirty >= LOAD_DIRTY_MAX)
		load_write_back(load, file);
	else if (load_random(load, 3000) == 0)
		load_truncate(load, file, block);
	else if (load_random(load, 4000) == 0)
		load_commit(load);
}

static inline void load_more(struct load *load)
{
	switch (load->stage) {
	case STAGE_START:
		for (unsigned i = 0; i < load->file_count; i++)
			load_inode(load, &load_writers[load->files[i].root], KIND_INODE_NEW, &load->files[i]);
		load->stage = STAGE_RUN;
		break;
	case STAGE_RUN:
		if (load->done < load->goal)
			load_step(load);
		else
			load->stage = STAGE_FLUSH;
		break;
	case STAGE_FLUSH:
		load_write_back(load, &load->files[load->flushed]);
		if (++load->flushed < load->file_count)
			break;
		load_commit(load);
		for (unsigned i = 0; i < load->file_count; i++)
			load_evict(load, &load->files[i]);
		load->stage = STAGE_END;
		break;
	case STAGE_END:
		break;
	}
}

static inline bool load_next(void *context, struct record *record)
{
	struct load *load = context;

	if (load->queue_next == load->queue_count) {
		load->queue_next = load->queue_count = 0;
		while (load->queue_count == 0 && load->stage != STAGE_END)
			load_more(load);
		if (load->queue_count == 0)
			return false;
	}
	*record = load->queue[load->queue_next++];
	return true;
}

static inline void load_release(struct load *load)
{
	for (unsigned i = 0; i < LOAD_FILES; i++)
		free(load->files[i].reserved);
	for (unsigned i = 0; i < LOAD_ROOTS; i++)
		free(load->roots[i].flight);
	free(load->queue);
}

static inline void load_rewind(void *context)
{
	struct load *load = context;
	bool ranges = load->ranges;
	uint64_t goal = load->goal;

	load_release(load);
	*load = (struct load){.ranges = ranges, .goal = goal};
	load->random = 88172645463325252ULL;
	load->time_ns = 1000ULL * 1000000000;
	load->generation = 10;
	load->disk = 1ULL << 30;
	load->file_count = ranges ? 1 : LOAD_FILES;
	for (unsigned i = 0; i < LOAD_ROOTS; i++)
		load->roots[i].id = 256 + i;
	for (unsigned i = 0; i < load->file_count; i++) {
		struct load_file *file = &load->files[i];
		*file = (struct load_file){.ino = 257 + i / LOAD_ROOTS, .root = i % LOAD_ROOTS, .blocks = LOAD_BLOCKS};
		while (ranges && file->blocks < 2 * goal)
			file->blocks *= 2;
		file->reserved = out_memory(calloc(file->blocks, 1));
	}
}

/* A feed of about `goal` events, or of `goal` ranges held at once; load_release() frees what it takes. */
static inline struct feed load_feed(struct load *load, bool ranges, uint64_t goal)
{
	static const unsigned char fsid[16] = {
		0x6d, 0x6b, 0x74, 0x72, 0x61, 0x63, 0x40, 0x65, 0x80, 0, 0, 0, 0, 0, 0, 1};
	struct feed feed = {load_rewind, load_next, load, 2, 1, {""},
		"200 btrfs-transacti\n300 kworker/u8:3\n1001 wl\n1002 wl\n", {0}};

	*load = (struct load){.ranges = ranges, .goal = goal};
	memcpy(feed.fsid, fsid, sizeof(fsid));
	return feed;
}

#endif
