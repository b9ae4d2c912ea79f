/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * intake - one trace on its way in: the files that it and its reading need, opened where files can be opened, and the
 * confined process that works on them.
 */
#ifndef QGREPLAY_CMD_INTAKE_H
#define QGREPLAY_CMD_INTAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "cmd/pipeline.h"
#include "cmd/progress.h"
#include "cmd/sandbox.h"
#include "cmd/side_files.h"

/* What the command needs beside the trace. */
struct intake_wish {
	const char *limits_name; /* or NULL */
	const char *dmesg_name;	 /* or NULL */
	bool samples;		 /* the counters will be drawn */
	bool rows;		 /* the trace goes to the store: a pipe is copied, because it must be known again */
	bool again;		 /* the trace is read twice: then it must be a file */
	bool confined;		 /* false: --no-sandbox */
};

struct intake {
	struct pipeline_input input; /* its descriptors are those of the intake; the rest is the caller's to fill */
	struct side_files side;
	int again_spool_fd; /* for the second reading, or -1 */
	bool confined;
	struct stat opened;		      /* how the file was then */
	struct progress *progress;	      /* shown while the process works, or NULL; the caller's */
	const struct sandbox_options *limits; /* of the process, or NULL: sandbox_defaults(); the caller's */
};

/*
 * Opens trace `name`, "-" for stdin. input.name is set, and lives as long as `name`. intake_close() is to be called in
 * either case. Errors: ERR_INPUT, naming the file; ERR_USAGE for a pipe that must be read twice; ERR_SYSTEM.
 */
enum err intake_open(struct intake *intake, const char *name, const struct intake_wish *wish, struct error *error);
void intake_close(struct intake *intake);

/* Refuses (ERR_INPUT) a file that was written to since it was opened: what was read of it may be of two states. */
enum err intake_unchanged(const struct intake *intake, struct error *error);

/*
 * Runs `work(context)` in a process that can open nothing. `*finished` lies in memory shared with it: `work` sets it
 * when it ends by itself, and its error text then names the trace. Errors: those of sandbox_run() and of the work.
 */
enum err intake_run(struct intake *intake, enum err (*work)(void *context, struct error *error), void *context,
	uint8_t *finished, struct error *error);

#endif
