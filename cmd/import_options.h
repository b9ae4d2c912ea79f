/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * import_options - the command line of `qgreplay import`.
 */
#ifndef QGREPLAY_CMD_IMPORT_OPTIONS_H
#define QGREPLAY_CMD_IMPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/finding.h"
#include "base/error.h"
#include "cmd/command.h"

/* Names of files, or patterns. */
struct import_names {
	char **all;
	size_t count;
	size_t capacity;
};

struct import_options {
	const char *db_name;
	const char *host;	 /* or NULL */
	const char *limits_name; /* or NULL */
	const char *dmesg_name;	 /* or NULL */
	enum finding_severity fail_on;
	uint32_t wait_ms; /* 0: as long as the store does by itself */
	bool json;
	bool fresh;
	bool sandboxed;
	struct import_names names; /* after patterns were replaced by what fits them */
	struct import_names unfit; /* patterns that no file fits */
};

/* Text with the lines of help for these options. */
extern const char import_options_help[];

/*
 * Reads `call`'s arguments; released by import_options_release() in either case. With --help only call->help_wanted is
 * set. Errors: ERR_USAGE, with the remedy in the text.
 */
enum err import_options_read(struct import_options *options, struct command_call *call, struct error *error);
void import_options_release(struct import_options *options);

#endif
