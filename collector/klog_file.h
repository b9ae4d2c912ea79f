/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * klog_file - a kernel's log: what `dmesg` or `journalctl -k` prints, or syslog keeps, packed or not.
 *
 * Statements are found by their own words, whatever stands before them: times, hosts, levels. Other lines are passed
 * over.
 */
#ifndef QGREPLAY_COLLECTOR_KLOG_FILE_H
#define QGREPLAY_COLLECTOR_KLOG_FILE_H

#include "base/error.h"
#include "base/klog.h"

/*
 * Reads all of `fd` into `klog`, which is empty and becomes the caller's, to be freed by klog_release() in either case.
 * ERR_INPUT, with the file's `name`, for a file without any line of a kernel; otherwise the errors of input_open().
 */
enum err klog_file_read(struct klog *klog, int fd, const char *name, struct error *error);

/*
 * Reads the statement of one line, but for its place in the file. False when it holds none.
 */
bool klog_file_parse(struct klog_line *parsed, const char *text, size_t length);

#endif
