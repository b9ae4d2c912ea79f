/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ledger - the file of `check --ledger`: each root's counter at each moment, as it was and as it should have been.
 *
 * Comma-separated values with a line of names. It is written beside its place and put there when it is complete, so
 * that nothing half-written is ever seen. The lines of a trace are written by a child that may die in the middle: they
 * are then cut off again. A disk that is full does not hide the report: the failure waits until it is asked for.
 */
#ifndef QGREPLAY_CMD_LEDGER_H
#define QGREPLAY_CMD_LEDGER_H

#include <stdio.h>
#include <sys/types.h>

#include "analyzer/report.h"
#include "analyzer/whatif.h"
#include "base/error.h"

struct ledger {
	const char *name; /* NULL: none is wanted, and nothing is done */
	char *temporary;  /* its name until it is complete */
	FILE *stream;
	off_t size;  /* of what is complete */
	int failure; /* errno of what went wrong first */
};

/* Opens it. `name` may be NULL. Errors: ERR_USAGE when it cannot be made there. */
enum err ledger_open(struct ledger *ledger, const char *name, struct error *error);

/* In the child: the rows of a trace; ledger_rows_end() frees them, and returns errno of what could not be written. */
struct whatif_rows *ledger_rows(
	struct ledger *ledger, const struct report_options *options, const struct report_trace *trace);
int ledger_rows_end(struct ledger *ledger, struct whatif_rows *rows);

/* In the parent: what the child wrote belongs to the ledger, or does not. `failure` is what the child said, or 0. */
void ledger_keep(struct ledger *ledger, int failure);
void ledger_drop(struct ledger *ledger);

/* It is complete. Errors: ERR_SYSTEM, also for what failed before; the old file is as it was then. */
enum err ledger_finish(struct ledger *ledger, struct error *error);

/* Frees what is held, and removes what was not finished. */
void ledger_close(struct ledger *ledger);

#endif
