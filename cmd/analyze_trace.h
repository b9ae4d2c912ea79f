/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * analyze_trace - replays a trace of the store again, and keeps the result beside those of before.
 *
 * The store is open only before and after: the replay runs in a confined process, on a copy of the trace's rows.
 */
#ifndef QGREPLAY_CMD_ANALYZE_TRACE_H
#define QGREPLAY_CMD_ANALYZE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/report/compare.h"
#include "base/error.h"
#include "cmd/analyze_options.h"
#include "cmd/command.h"

/* One replay of a trace, as the store has it. */
struct analyze_replay {
	uint64_t id;  /* 0: there is none */
	char *engine; /* version of the rules, harmless to print; NULL as well */
	bool fresh;   /* its options */
	bool limited;
	bool logged;
};

struct analyze_outcome {
	uint64_t trace;
	char *name; /* of the trace, harmless to print */
	struct analyze_replay before;
	struct analyze_replay after;  /* id 0: there was nothing to do */
	struct compare_side sides[2]; /* the findings of both, when there was something to do */
};

/*
 * Replays trace `trace`, unless its last replay is by the same engine with the same options and --force is not given.
 * `outcome` is to be released by analyze_outcome_release() in either case. Errors: ERR_USAGE when there is no such
 * trace; ERR_INPUT, naming it, when it is damaged; those of the store. `*store_failed` is set when another trace would
 * fare no better.
 */
enum err analyze_trace(struct analyze_outcome *outcome, uint64_t trace, const struct analyze_options *options,
	const struct command_call *call, bool *store_failed, struct error *error);
void analyze_outcome_release(struct analyze_outcome *outcome);

#endif
