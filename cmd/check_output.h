/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check_output - where the report of `check` waits until it is complete, so that nothing half-written is ever seen.
 *
 * Two unlinked files take what the format writes of each trace. The process that writes them may be a child that dies
 * in the middle: what it wrote is then cut off again.
 */
#ifndef QGREPLAY_CMD_CHECK_OUTPUT_H
#define QGREPLAY_CMD_CHECK_OUTPUT_H

#include <sys/types.h>

#include "analyzer/report/report.h"
#include "base/error.h"

struct check_output {
	struct report_streams streams;
	off_t traces_size; /* of what is complete */
	off_t findings_size;
};

/*
 * An empty, unlinked file that can be written and read, in $TMPDIR, /var/tmp or /tmp, or in memory when none of them
 * takes one; closed by the caller. Errors: ERR_SYSTEM.
 */
enum err check_output_spool(int *fd, struct error *error);

/* Opens both files. Errors: ERR_SYSTEM; nothing is left open then. */
enum err check_output_open(struct check_output *output, struct error *error);
void check_output_close(struct check_output *output);

/* In the child: everything is written, as far as the files take it. Errors: ERR_SYSTEM. */
enum err check_output_flush(struct check_output *output, struct error *error);

/* In the parent: what was written since belongs to the report; or does not, and is cut off. */
enum err check_output_keep(struct check_output *output, struct error *error);
enum err check_output_drop(struct check_output *output, struct error *error);

/*
 * Puts the report together and writes it to `fd`. Errors: ERR_SYSTEM; ERR_STOPPED, without a text, when the reader of a
 * pipe has gone.
 */
enum err check_output_send(struct check_output *output, int fd, const struct report_format *format,
	const struct report_ending *ending, struct error *error);

#endif
