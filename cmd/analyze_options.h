/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * analyze_options - the command line of `qgreplay analyze`.
 */
#ifndef QGREPLAY_CMD_ANALYZE_OPTIONS_H
#define QGREPLAY_CMD_ANALYZE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/finding.h"
#include "base/error.h"
#include "cmd/command.h"
#include "cmd/trace_ids.h"

/* What is not said stays as it was at the last replay. */
enum analyze_fresh { ANALYZE_FRESH_AS_BEFORE, ANALYZE_FRESH, ANALYZE_NOT_FRESH };

struct analyze_options {
	const char *db_name;	 /* or NULL */
	const char *dmesg_name;	 /* or NULL */
	struct trace_ids traces; /* none with --all */
	enum analyze_fresh fresh;
	enum finding_severity fail_on;
	bool all; /* all traces of the store */
	bool force;
	bool json;
	bool sandboxed;
};

/* Text with the lines of help for these options. */
extern const char analyze_options_help[];

/*
 * Reads `call`'s arguments; released by analyze_options_release() in either case. With --help only call->help_wanted is
 * set. Errors: ERR_USAGE, with the remedy in the text.
 */
enum err analyze_options_read(struct analyze_options *options, struct command_call *call, struct error *error);
void analyze_options_release(struct analyze_options *options);

#endif
