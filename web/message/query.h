/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * query - holds the query of a URL against what a route knows, so that a name that is misspelt is told and not passed
 * over.
 */
#ifndef QGREPLAY_WEB_MESSAGE_QUERY_H
#define QGREPLAY_WEB_MESSAGE_QUERY_H

#include "web/message/call.h"

/* `names` ends with NULL. Errors: 400 for a name that is none of them, or that stands twice. */
enum err query_check(struct call *call, const char *const *names, struct error *error);

/* Whether format= asks for CSV, to which the answer's type is then set; else it is JSON. Errors: 400 for any other. */
enum err query_wants_csv(struct call *call, bool *csv, struct error *error);

#endif
