/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * site - what all calls share: how the server was started, its spool, the workers' board, its counters.
 */
#ifndef QGREPLAY_WEB_SITE_H
#define QGREPLAY_WEB_SITE_H

#include "web/board.h"
#include "web/metrics.h"
#include "web/web.h"

struct spool;

struct site {
	const struct web_options *options;
	struct board *board; /* shared with the worker processes */
	struct metrics *metrics;
	struct spool *spool; /* of upload_sweep(), until upload_leave(); only web/upload/ looks into it */
	uint64_t started_at; /* seconds since 1970 */
};

#endif
