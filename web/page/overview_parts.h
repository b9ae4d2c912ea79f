/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * overview_parts - sections of the overview; used by overview*.c only.
 */
#ifndef QGREPLAY_WEB_PAGE_OVERVIEW_PARTS_H
#define QGREPLAY_WEB_PAGE_OVERVIEW_PARTS_H

#include "web/list/list_view.h"
#include "web/message/call.h"
#include "web/page/signature_rows.h"

/* `totals` is the row of LIST_TOTALS; `open` counts the signatures that are wrong now. */
void overview_figures(FILE *stream, const struct list_one *totals, uint64_t open);

/* Uploads that are under way or have failed; nothing when there are none. */
void overview_uploads(FILE *stream, const struct list_one *totals);

/* What tells "nothing was found" from "nothing was seen". */
void overview_quality(FILE *stream, const struct list_one *totals, const struct signature_rows *rows);

/* Findings a day; ?days= says of how many. Errors: 400 for a count that is not offered; those of the store. */
enum err overview_trend(struct call *call, struct error *error);

#endif
