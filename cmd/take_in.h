/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * take_in - one trace on its way from a file into the store: looked up by its hash, decoded and replayed by a confined
 * process, which takes it down as rows, and loaded in one transaction.
 */
#ifndef QGREPLAY_CMD_TAKE_IN_H
#define QGREPLAY_CMD_TAKE_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cmd/deposit.h"
#include "cmd/intake.h"
#include "cmd/progress.h"
#include "cmd/sandbox.h"

/* What the confined process hands back, in memory that it shares with its parent; see check.c. */
struct take_in_shared {
	struct pipeline_progress progress;
	struct report_totals totals;
	uint8_t finished;
};

/* How it is to be done, and of the last trace how it went. */
struct take_in {
	struct deposit deposit;
	struct intake_wish wish;
	struct replay_options replay;
	const char *name;		      /* what the trace is called, or NULL: as its file */
	const struct sandbox_options *limits; /* or NULL: those of a command */
	struct progress *progress;	      /* or NULL */
	/* Set by take_in_open(). */
	struct take_in_shared *shared;
	/* Set by take_in_run(). */
	struct deposit_slip slip;
	bool store_failed; /* the store is to blame, and not the trace */
	bool died;	   /* the confined process did not come to its end */
};

/* Makes the memory that is shared, after the caller has set the members above. Errors: ERR_SYSTEM. */
enum err take_in_open(struct take_in *take, struct error *error);

/* Accepts one that was never opened, all zero. */
void take_in_close(struct take_in *take);

/*
 * Takes in the trace in `file`, "-" for stdin; one that is there already is not read, which slip.loaded tells. Errors:
 * those of intake_open(), deposit_hash(), deposit_look_up(), intake_run() and deposit_load().
 */
enum err take_in_run(struct take_in *take, const char *file, struct error *error);

/* What the store will call it, or called it: as long as `file` and the name live. */
const char *take_in_name(const struct take_in *take, const char *file);

/* Findings of that severity in the last trace, whether it was read now or there before. */
uint64_t take_in_found(const struct take_in *take, enum finding_severity severity);

#endif
