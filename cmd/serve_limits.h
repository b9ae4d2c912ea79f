/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_limits - what the decoder of one upload may use, which is less than that of a command: what it unpacks lies on
 * the disk on which other uploads arrive, and mostly the store as well.
 */
#ifndef QGREPLAY_CMD_SERVE_LIMITS_H
#define QGREPLAY_CMD_SERVE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/sandbox.h"

/* What the disk of the spool has, as far as uploads may fill it, and by how many decoders it is shared. */
struct serve_disk {
	uint64_t free_bytes;
	unsigned sharers; /* this one included */
};

/* Looks at the disk. One that does not say what it has counts as endless: then what is written to it is the limit. */
struct serve_disk serve_limits_disk(const char *spool, unsigned sharers);

enum serve_room {
	SERVE_ROOM,    /* for what such an upload unpacks to, if it is no bomb */
	SERVE_CRAMPED, /* less: an upload that fails for that may do well another time */
	SERVE_NO_ROOM  /* not even for a small one: it is not to be tried now */
};

/* The limits for an upload of `size` bytes; without those of time, and what is no limit. */
enum serve_room serve_limits_set(struct sandbox_options *limits, uint64_t size, const struct serve_disk *disk);

#endif
