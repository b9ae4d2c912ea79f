/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diff_report - reads the findings back from a report that `check --format json` made.
 */
#ifndef QGREPLAY_CMD_DIFF_REPORT_H
#define QGREPLAY_CMD_DIFF_REPORT_H

#include <stddef.h>

#include "analyzer/report/compare.h"
#include "base/error.h"

/*
 * Adds what the `size` bytes at `text` say to `side`. Numbers are exact over all 64 bits. Errors: ERR_INPUT when it is
 * no JSON, or none of ours; the text says where, and does not name the file.
 */
enum err diff_report_read(struct compare_side *side, const char *text, size_t size, struct error *error);

#endif
