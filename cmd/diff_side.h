/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diff_side - one side of `qgreplay diff`: a trace that is replayed, or a report that `check --format json` made.
 *
 * Runs in the confined child. Which of the two it is, is recognised by the content.
 */
#ifndef QGREPLAY_CMD_DIFF_SIDE_H
#define QGREPLAY_CMD_DIFF_SIDE_H

#include "analyzer/replay.h"
#include "analyzer/report/compare.h"
#include "base/error.h"

struct diff_input {
	const char *name;
	int fd;	      /* anything that can be read */
	int copy_fd;  /* empty and writable, for what is no regular file */
	int spool_fd; /* another one, for what is packed */
	struct replay_options replay;
};

/*
 * Fills `side`, to be released by compare_release() also after an error. Errors: those of a trace; ERR_INPUT for JSON
 * that is no report, ERR_LIMIT for one that is too large; ERR_SYSTEM. The texts name the input.
 */
enum err diff_side_read(struct compare_side *side, const struct diff_input *input, struct error *error);

#endif
