/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export_findings - the findings of a stored trace for other programs, and what is known of the trace itself.
 */
#ifndef QGREPLAY_CMD_EXPORT_FINDINGS_H
#define QGREPLAY_CMD_EXPORT_FINDINGS_H

#include <stdio.h>

#include "base/error.h"
#include "schema/store/store.h"

/* A line for each finding of the last replay, with the columns of the table. Errors: those of the store. */
enum err export_findings_csv(FILE *stream, struct store *store, uint64_t trace, struct error *error);

/* An object for each, on a line of its own, with its mismatches, whose they were, and the evidence. */
enum err export_findings_jsonl(FILE *stream, struct store *store, uint64_t trace, struct error *error);

/*
 * One object: the rows of the trace, of its last replay, and of all that hangs under them and is no event, name,
 * finding or sample. Errors: those of the store.
 */
enum err export_facts(FILE *stream, struct store *store, uint64_t trace, struct error *error);

#endif
