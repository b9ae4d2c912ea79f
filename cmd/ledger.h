/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ledger - the file of `check --ledger`: each root's counter at each moment, as it was and as it should have been.
 *
 * Comma-separated values with a line of names. The lines of a trace are written by a child that may die in the middle:
 * they are then cut off again. A disk that is full does not hide the report: the failure waits until it is asked for.
 */
#ifndef QGREPLAY_CMD_LEDGER_H
#define QGREPLAY_CMD_LEDGER_H

#include <stdio.h>
#include <sys/types.h>

#include "analyzer/report/report.h"
#include "analyzer/whatif.h"
#include "base/error.h"
#include "cmd/new_file.h"

struct ledger {
	struct new_file file; /* without a name: none is wanted, and nothing is done */
	FILE *stream;
	off_t size;  /* of what is complete */
	int failure; /* errno of what went wrong first */
};

/* Opens it. `name` may be NULL. Errors: those of new_file_open(). */
enum err ledger_open(struct ledger *ledger, const char *name, struct error *error);

/* In the child: the rows of a trace, or NULL; ledger_rows_end() frees them, and returns errno of what failed, or 0. */
struct whatif_rows *ledger_rows(
	struct ledger *ledger, const struct report_options *options, const struct report_trace *trace);
int ledger_rows_end(struct ledger *ledger, struct whatif_rows *rows);

/* In the parent: what the child wrote belongs to the ledger, or does not. `failure` is what the child said, or 0. */
void ledger_keep(struct ledger *ledger, int failure);
void ledger_drop(struct ledger *ledger);

/* It is complete. Errors: ERR_SYSTEM, also for what failed before; an older file is as it was then. */
enum err ledger_finish(struct ledger *ledger, struct error *error);

/* Frees what is held, and removes what was not finished. */
void ledger_close(struct ledger *ledger);

#endif
