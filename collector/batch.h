/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * batch - numbers events and hands them to a sink in groups, so that a call per event is not needed.
 */
#ifndef QGREPLAY_COLLECTOR_BATCH_H
#define QGREPLAY_COLLECTOR_BATCH_H

#include "collector/source.h"

enum { BATCH_EVENTS = 512 };

struct batch {
	const struct sink *sink;
	uint64_t number; /* of the last event added */
	size_t count;
	struct event events[BATCH_EVENTS];
};

/* An empty batch for `sink`, which must outlive it. The first event gets number 1. */
void batch_init(struct batch *batch, const struct sink *sink);

/* Copies `event` in, gives it the next number, and passes a full batch on. Errors: those of the sink. */
enum err batch_add(struct batch *batch, const struct event *event, struct error *error);

/* Passes on what is left. Errors: those of the sink. */
enum err batch_flush(struct batch *batch, struct error *error);

#endif
