/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * side_files - what may be given beside the traces, the limits of qgroups and the kernel's log: opened where files can
 * be opened, and read where hostile bytes do no harm.
 */
#ifndef QGREPLAY_CMD_SIDE_FILES_H
#define QGREPLAY_CMD_SIDE_FILES_H

#include "analyzer/replay.h"
#include "base/error.h"
#include "base/klog.h"
#include "base/limits.h"

struct side_files {
	const char *limits_name; /* NULL where none is given */
	const char *klog_name;
	int limits_fd; /* -1 where none is given */
	int klog_fd;
	struct limits limits;
	struct klog klog;
};

/*
 * Opens what is named: for each trace anew, because what one child has read of a pipe the next cannot read again.
 * side_files_close() is to be called in either case. Errors: ERR_INPUT, naming the file.
 */
enum err side_files_open(struct side_files *files, const char *limits_name, const char *klog_name, struct error *error);
void side_files_close(struct side_files *files);

/*
 * In the child: reads them and puts them into the options of the replay, which must not outlive them; freed by
 * side_files_release(). Errors: those of limits_file_read() and klog_file_read().
 */
enum err side_files_read(struct side_files *files, struct replay_options *options, struct error *error);
void side_files_release(struct side_files *files);

#endif
