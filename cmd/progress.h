/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * progress - a bar for the one who waits in front of a terminal, when the work on a trace takes longer than a second.
 */
#ifndef QGREPLAY_CMD_PROGRESS_H
#define QGREPLAY_CMD_PROGRESS_H

#include <stdint.h>

#include "cmd/command.h"
#include "cmd/pipeline.h"

struct progress {
	const struct command_call *call;
	const char *name; /* of the trace */
	const struct pipeline_progress *at;
	uint64_t begun_ms;
};

/* The work on a trace begins; `at` is read whenever the bar is drawn. */
void progress_begin(struct progress *progress, const char *name);

/* Draws the bar: the tick of struct sandbox_options, with a struct progress as context. */
void progress_tick(void *context);

/* The work is over: the bar goes. */
void progress_end(const struct progress *progress);

#endif
