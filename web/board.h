/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * board - memory that the server shares with its worker processes: what each is at, and that there is work.
 *
 * Written by processes that may be killed at any moment: every bit pattern is a value, and nothing here is believed for
 * more than a progress bar and a counter. What counts is in the store.
 */
#ifndef QGREPLAY_WEB_BOARD_H
#define QGREPLAY_WEB_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

enum { BOARD_WORKERS_MAX = 16 };

/* The worker is just about to take an upload, or to learn that there is none. */
#define BOARD_CLAIMING UINT64_MAX

struct board_worker {
	uint64_t upload; /* id of the upload at hand; 0: none; or BOARD_CLAIMING */
	uint64_t events; /* of it, so far */
	uint64_t done_bytes;
	uint64_t total_bytes; /* 0: unknown */
};

struct board {
	struct board_worker workers[BOARD_WORKERS_MAX];
	_Atomic uint64_t uploads_done; /* since the server was started */
	_Atomic uint64_t uploads_failed;
	_Atomic uint64_t decoders_died; /* of those, by signal, limit or forbidden system call */
	_Atomic uint64_t worker_restarts;
	_Atomic uint64_t events_read;
	int wake_fd; /* an eventfd that counts down: whoever queues an upload adds 1 */
};

#endif
