/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proof - one finding of a replay with all that its page, its mail and its JSON need, out of the store.
 *
 * Reads the rows of this one finding, however many the replay has, unless a kernel's log was given with it. Errors of
 * its functions are answers: 404 for what is not there, and ERR_INPUT, with the remedy, for rows that do not fit
 * together.
 */
#ifndef QGREPLAY_WEB_PAGE_PROOF_H
#define QGREPLAY_WEB_PAGE_PROOF_H

#include "analyzer/kept/kept.h"
#include "web/list/list_view.h"

struct proof {
	struct list_one facts; /* row of the trace: LIST_TRACES */
	uint64_t trace_id;
	uint64_t replay;	/* that the finding is of */
	uint64_t current;	/* the last one of the trace */
	uint64_t finding_count; /* of the last replay */
	struct kept *kept;
	struct report_trace *trace; /* with other findings too, of which reports want the filter */
	const struct finding *finding;
};

/* The row of a trace; 404 when there is none. To be released by list_one_release(), also after an error. */
enum err proof_facts(struct call *call, uint64_t trace, struct list_one *facts, struct error *error);

/* A finding of the last replay of a trace; and of any replay. To be released by proof_release(), also after an error.
 */
enum err proof_read(struct call *call, uint64_t trace, uint64_t finding, struct proof *proof, struct error *error);
enum err proof_read_kept(
	struct call *call, uint64_t replay, uint64_t finding, struct proof *proof, struct error *error);
void proof_release(struct proof *proof);

/* A whole replay of a trace but for its findings, as report.h has it; to be freed by kept_free(). */
enum err proof_read_trace(struct call *call, const struct list_one *facts, struct kept **kept, struct error *error);

/* The number in the path at `index`; 404, with the name of what it should have been, for what is none. */
enum err proof_number(struct call *call, unsigned index, const char *what, uint64_t *number, struct error *error);

#endif
