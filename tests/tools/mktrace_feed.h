/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mktrace_feed - where the events of a trace come from: a script or a made-up load.
 *
 * A feed gives all events in the order of time. It is read once per CPU and buffer, so that no trace is ever held in
 * memory; it must give the same events each time.
 */
#ifndef QGREPLAY_TESTS_MKTRACE_FEED_H
#define QGREPLAY_TESTS_MKTRACE_FEED_H

#include "mktrace_kinds.h"

enum { BUFFERS_MAX = 16, CPUS_MAX = 256 };

struct feed {
	void (*rewind)(void *context);
	bool (*next)(void *context, struct record *record); /* false at the end */
	void *context;
	unsigned cpus;
	unsigned buffers;		       /* at least 1: the main buffer */
	const char *buffer_names[BUFFERS_MAX]; /* [0] is "" */
	const char *cmdlines;		       /* "PID COMM\n" lines */
	unsigned char fsid[16];
};

#endif
