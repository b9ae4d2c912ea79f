/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check_options - the command line of `qgreplay check`.
 */
#ifndef QGREPLAY_CMD_CHECK_OPTIONS_H
#define QGREPLAY_CMD_CHECK_OPTIONS_H

#include "base/error.h"
#include "cmd/command.h"
#include "cmd/report_choice.h"

struct check_options {
	struct report_choice shown;
	bool sandboxed;
	bool fresh;
	const char *limits_name; /* files of --limits, --dmesg and --ledger, or NULL */
	const char *dmesg_name;
	const char *ledger_name;
	const char *cut_name; /* file of --cut, or NULL */
	uint64_t cut_finding;
	const char *db_name; /* of the store, or NULL */
	const char *host;    /* or NULL */
	char **names;	     /* of traces, in argv; "-" is stdin */
	int name_count;
};

/* Text with the lines of help for these options. */
extern const char check_options_help[];

/*
 * Reads `call`'s arguments. With --help only call->help_wanted is set. Errors: ERR_USAGE, with the remedy in the text.
 */
enum err check_options_read(struct check_options *options, struct command_call *call, struct error *error);

#endif
