/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_spool - the spool and the store of a server, which are no other server's: two would take each other's work for
 * that of a dead one.
 */
#ifndef QGREPLAY_CMD_SERVE_SPOOL_H
#define QGREPLAY_CMD_SERVE_SPOOL_H

#include "base/error.h"
#include "cmd/serve_options.h"

struct serve_spool {
	int spool_fd; /* the lock of the spool: held by all processes that work in it, so that it outlives a supervisor
			 that was killed */
	int store_fd; /* the lock of the store: held by the supervisor */
};

/*
 * Makes the folder and the store where there are none, and locks both. `spool` is to be closed in either case. Errors:
 * ERR_USAGE when another server has one of them; ERR_SYSTEM, ERR_INPUT.
 */
enum err serve_spool_open(struct serve_spool *spool, const struct serve_options *options, struct error *error);
void serve_spool_close(struct serve_spool *spool);

#endif
