/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_limits.h"

#include <sys/statvfs.h>

#include "web/web.h"

#define MEBIBYTE (UINT64_C(1) << 20)

/* What is packed well unpacks to 20 times its size, and a bomb to a thousand times. */
enum { UNPACKED_TIMES = 63, HONEST_TIMES = 20 };

static const uint64_t memory_bytes = 192 * MEBIBYTE;
static const uint64_t output_bytes = 256 * MEBIBYTE;
static const uint64_t output_max_bytes = 16384 * MEBIBYTE;
static const uint64_t output_least_bytes = 16 * MEBIBYTE;

struct serve_disk serve_limits_disk(const char *spool, unsigned sharers)
{
	struct serve_disk disk = {UINT64_MAX, sharers};
	struct statvfs status;
	uint64_t free_bytes;

	if (statvfs(spool, &status) != 0 ||
		__builtin_mul_overflow((uint64_t)status.f_bavail, (uint64_t)status.f_frsize, &free_bytes))
		return disk;
	disk.free_bytes = free_bytes < SPOOL_DISK_FLOOR ? 0 : free_bytes - SPOOL_DISK_FLOOR;
	return disk;
}

/* `least` and so many times the size, but never more than the most. */
static uint64_t output_of(uint64_t least, uint64_t size, uint64_t times)
{
	return size < (output_max_bytes - least) / times ? least + times * size : output_max_bytes;
}

enum serve_room serve_limits_set(struct sandbox_options *limits, uint64_t size, const struct serve_disk *disk)
{
	uint64_t room = disk->free_bytes / (disk->sharers == 0 ? 1 : disk->sharers);

	*limits = sandbox_defaults(size);
	limits->memory_bytes = memory_bytes;
	limits->output_bytes = output_of(output_bytes, size, UNPACKED_TIMES);
	if (room >= limits->output_bytes)
		return SERVE_ROOM;
	limits->output_bytes = room;
	if (room < output_least_bytes)
		return SERVE_NO_ROOM;
	return room < output_of(output_least_bytes, size, HONEST_TIMES) ? SERVE_CRAMPED : SERVE_ROOM;
}
