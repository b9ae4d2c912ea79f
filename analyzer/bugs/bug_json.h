/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bug_json - a row of the catalogue as JSON, the same from the command line and from the server.
 */
#ifndef QGREPLAY_ANALYZER_BUGS_BUG_JSON_H
#define QGREPLAY_ANALYZER_BUGS_BUG_JSON_H

#include "analyzer/bugs/bugs.h"
#include "base/json.h"

/* Writes an object; `applies` is bug_applies_name() of the kernel that was asked for, or NULL when none was. */
void bug_json(struct json *json, const struct bug *bug, const char *applies);

#endif
