/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pipeline - one trace from its descriptor to its result: the only place where collector and analyzer meet.
 */
#ifndef QGREPLAY_CMD_PIPELINE_H
#define QGREPLAY_CMD_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/report/report.h"
#include "base/error.h"

/* How far the reading is, in memory that another process may look at. */
struct pipeline_progress {
	uint64_t events;
	uint64_t done_bytes;
	uint64_t total_bytes; /* 0: unknown */
};

struct pipeline_input {
	uint32_t id;
	int fd;
	int spool_fd;	/* empty and writable, for what must be unpacked; -1 when there is none */
	int samples_fd; /* the same, for what pipeline_draw() needs; 0 when it is not called */
	int rows_fd; /* the same, takes what the store keeps, complete after pipeline_keep(); 0 when nothing is kept */
	bool stored; /* `fd` holds rows of a trace that is in the store (collector/stored.h): only its replay is kept */
	const char *name;
	bool hashed;			    /* the report will show the SHA-256 */
	struct pipeline_progress *progress; /* or NULL */
	struct replay_options replay;
};

struct pipeline;

/*
 * Reads all of the trace and replays it. On success `*pipeline` is the caller's, to be freed by pipeline_free(). The
 * descriptors stay the caller's. Errors: those of source_open() and source_read(), and ERR_INPUT for a
 * trace without any qgroup event; their texts name the trace.
 */
enum err pipeline_run(struct pipeline **pipeline, const struct pipeline_input *input, struct error *error);

/*
 * Draws the counters as they should have been: to be called once, after pipeline_run(). `rows` takes every moment, or
 * is NULL; then nothing is drawn when nothing differs and no `series` is wanted. Errors: those of samples_draw().
 */
enum err pipeline_draw(struct pipeline *pipeline, const struct whatif_rows *rows, bool series, struct error *error);

/* After pipeline_draw(), when there is `rows_fd`. Errors: ERR_SYSTEM, ERR_LIMIT. */
enum err pipeline_keep(struct pipeline *pipeline, const struct pipeline_input *input, struct error *error);

/* What to report; valid until pipeline_free(). */
const struct report_trace *pipeline_trace(const struct pipeline *pipeline);

/* Accepts NULL. */
void pipeline_free(struct pipeline *pipeline);

#endif
