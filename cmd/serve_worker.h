/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_worker - takes uploads out of the queue, one after the other, and makes traces of them.
 *
 * A process of its own, of one thread: what an upload does to it is done to no request. The store is open only for the
 * moment of each call, and what else it holds is closed in the process that decodes. It may be killed at any moment:
 * its upload is then given back, and one whose trace was stored already is found by its hash.
 */
#ifndef QGREPLAY_CMD_SERVE_WORKER_H
#define QGREPLAY_CMD_SERVE_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "web/board.h"

struct serve_worker {
	const char *db_name;
	const char *spool;
	bool keep_uploads;
	struct board *board;
	unsigned place;	   /* of this worker on the board */
	int stop_fd;	   /* can be read when it shall end */
	const int *closed; /* descriptors that its decoders have no use for, with stop_fd and the board's among them */
	size_t closed_count;
	void (*say)(const char *line); /* takes one line of trouble */
};

/* Works until stop_fd can be read; an upload that was begun is ended first. Errors: ERR_SYSTEM when it cannot begin. */
enum err serve_worker_run(const struct serve_worker *worker, struct error *error);

#endif
