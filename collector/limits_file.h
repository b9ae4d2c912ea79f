/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * limits_file - limits of qgroups, from what `btrfs qgroup show` prints.
 *
 * A table with its header, of today's btrfs-progs ("Qgroupid Referenced Exclusive Max referenced Max exclusive Parent
 * Child Path") or of those before 6.0 ("qgroupid rfer excl max_rfer max_excl parent child"), with --raw; or the JSON of
 * `btrfs --format json qgroup show`. It needs the options -r or -e, or both. "none" and 0 are no limit.
 */
#ifndef QGREPLAY_COLLECTOR_LIMITS_FILE_H
#define QGREPLAY_COLLECTOR_LIMITS_FILE_H

#include "base/error.h"
#include "base/limits.h"

/*
 * Reads all of `fd` into `limits`, which is empty and becomes the caller's, to be freed by limits_release() in either
 * case. ERR_INPUT, with the file's `name` and the line, for what is no such output; ERR_LIMIT beyond 4 MiB.
 */
enum err limits_file_read(struct limits *limits, int fd, const char *name, struct error *error);

#endif
