/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_options - the command line of `qgreplay serve`.
 */
#ifndef QGREPLAY_CMD_SERVE_OPTIONS_H
#define QGREPLAY_CMD_SERVE_OPTIONS_H

#include <stdbool.h>

#include "cmd/command.h"
#include "web/web.h"

struct serve_options {
	struct web_options web; /* without `listen_fd` and `log` */
	char *spool;		/* what web.spool is where none was named */
	unsigned workers;
	bool keep_uploads;
};

/* Text with the lines of help for these options. */
extern const char serve_options_help[];

/*
 * Reads `call`'s arguments; released by serve_options_release() in either case. With --help only call->help_wanted is
 * set. Errors: ERR_USAGE, with the remedy in the text.
 */
enum err serve_options_read(struct serve_options *options, struct command_call *call, struct error *error);
void serve_options_release(struct serve_options *options);

#endif
