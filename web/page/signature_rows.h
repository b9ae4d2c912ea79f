/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signature_rows - the signatures of the store, for pages that speak of several: there are as many as there are ways in
 * which reservations go wrong, a few dozen, however many findings there are.
 */
#ifndef QGREPLAY_WEB_PAGE_SIGNATURE_ROWS_H
#define QGREPLAY_WEB_PAGE_SIGNATURE_ROWS_H

#include "analyzer/bugs/bugs.h"
#include "web/message/call.h"

enum { SIGNATURE_ROWS_MAX = 1000 };

struct signature_row {
	char *signature;
	char *kind;
	char *path;
	char *state;
	char *severity;
	uint64_t findings;
	uint64_t traces;
	uint64_t hosts;
	uint64_t bytes;
	uint64_t last_seen; /* seconds since 1970 */
};

struct signature_rows {
	struct signature_row *all; /* those seen last stand first */
	size_t count;
	size_t capacity;
};

/* Those with a finding in the last replay of a trace, or a state that somebody set. Released by the caller, also after
 * an error. */
enum err signature_rows_read(struct call *call, struct signature_rows *rows, struct error *error);
void signature_rows_release(struct signature_rows *rows);

/* Whether one of the bug's signs is of that kind and path. */
bool signature_row_fits(const struct signature_row *row, const struct bug *bug);

/* The findings of all that fit. */
uint64_t signature_rows_findings(const struct signature_rows *rows, const struct bug *bug);

/* Puts the worst first: by severity, then those that have more findings. */
void signature_rows_sort(struct signature_rows *rows);

/* Which rows a table has: the first `most` that `fits` (with `context`) says yes to. */
struct signature_choice {
	bool (*fits)(const void *context, const struct signature_row *row);
	const void *context;
	size_t most; /* 0: all */
};

/* Writes a table: severity, what it is with a link, state, findings, traces, hosts, bytes, last seen, known bug. */
void signature_rows_table(FILE *stream, const struct signature_rows *rows, const struct signature_choice *choice);

#endif
