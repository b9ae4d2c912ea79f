/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_log - what the kernel's log says of a trace, in the parts of the reports; used by report_*.c only.
 */
#ifndef QGREPLAY_ANALYZER_REPORT_REPORT_LOG_H
#define QGREPLAY_ANALYZER_REPORT_REPORT_LOG_H

#include "analyzer/report/report.h"
#include "base/json.h"

/* The member "log" of a trace: an array, or null when no log was given. */
void report_log_write(struct json *json, const struct replay_result *result);

/* The member "log" of a finding: the lines of the log that support it. */
void report_log_write_of(struct json *json, const struct replay_result *result, const struct finding *finding);

/* The same for people, a line each with `indent` in front, at most `limit` of them; returns how many. */
size_t report_log_put_of(FILE *stream, const struct replay_result *result, const struct finding *finding,
	const char *indent, size_t limit);

#endif
