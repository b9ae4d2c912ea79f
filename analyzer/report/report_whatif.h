/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_whatif - the counters as they should have been, in reports; used by report_*.c only.
 */
#ifndef QGREPLAY_ANALYZER_REPORT_REPORT_WHATIF_H
#define QGREPLAY_ANALYZER_REPORT_REPORT_WHATIF_H

#include "analyzer/report/report_page.h"
#include "base/json.h"

/* A table of the roots of a filesystem whose counter was off at some time; nothing when there is none. */
void report_whatif_table(const struct page *page, const struct fs_totals *fs);

/* The member "what_if" of a root; null where nothing was drawn. */
void report_whatif_member(struct json *json, const struct report_trace *trace, const struct root_totals *totals);

#endif
