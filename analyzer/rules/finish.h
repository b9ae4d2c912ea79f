/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * finish - ordered extents that end without an extent on disk.
 */
#ifndef QGREPLAY_ANALYZER_RULES_FINISH_H
#define QGREPLAY_ANALYZER_RULES_FINISH_H

#include "analyzer/rules/rules.h"

/*
 * Whether a bare negative update is the free of an ordered extent that ended without an extent on disk: an I/O error,
 * or truncated to nothing (btrfs_finish_one_ordered(), f63e1164b90b). Its bytes are then out of flight.
 */
bool finish_drops(struct replay *replay, struct root *root, const struct event *update);

#endif
