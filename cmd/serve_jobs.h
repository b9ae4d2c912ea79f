/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_jobs - uploads that are said to be running and that no worker has: they are given back to the queue. Of those
 * that have failed by that, serve_files_tidy() puts the files away.
 */
#ifndef QGREPLAY_CMD_SERVE_JOBS_H
#define QGREPLAY_CMD_SERVE_JOBS_H

#include <stdbool.h>

#include "base/error.h"
#include "web/board.h"

/* Without workers: all that a server of before left behind, or with `stopped` what this one did not come to the end of,
 * which is then no try that counts. Errors: those of the store. */
enum err serve_jobs_give_back_all(const char *db_name, bool stopped, struct error *error);

enum serve_jobs_end {
	SERVE_JOBS_DONE,
	SERVE_JOBS_UNSURE, /* a worker is just taking one: try again soon */
	SERVE_JOBS_TROUBLE /* the store could not be written: `error` says why, try again */
};

/* After a worker died, and its place on the board was cleared: what none of those that live has in hand. */
enum serve_jobs_end serve_jobs_give_back(const char *db_name, const struct board *board, struct error *error);

#endif
