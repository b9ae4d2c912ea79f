/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check_cut - `check --cut FINDING FILE`: the few events of one finding as a text that replays to the same finding.
 *
 * The parent opens the file, the confined child reads the trace a second time and fills it, the parent puts it in
 * place. What is written was read back and replayed before.
 */
#ifndef QGREPLAY_CMD_CHECK_CUT_H
#define QGREPLAY_CMD_CHECK_CUT_H

#include "analyzer/report/report.h"
#include "base/error.h"

struct check_cut_request {
	const struct report_trace *trace; /* of the first reading */
	uint64_t finding;		  /* its number */
	int trace_fd;			  /* a regular file */
	int spool_fd;			  /* another than the first reading's, or -1 */
	int output_fd;
	struct replay_options replay; /* as in the first reading */
};

/*
 * Refuses (ERR_USAGE) to write over a file that is no earlier cut: with FILE forgotten, the next trace on the command
 * line would stand in its place.
 */
enum err check_cut_spares(const char *name, struct error *error);

/*
 * Writes the cut. Errors: ERR_USAGE when there is no such finding; ERR_INPUT when it cannot be cut; ERR_LIMIT when too
 * many events would have to be looked at; those of reading a trace; ERR_SYSTEM. The texts name the trace.
 */
enum err check_cut_write(const struct check_cut_request *request, struct error *error);

#endif
