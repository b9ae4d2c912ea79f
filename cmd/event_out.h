/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_out - events of a stored trace as ftrace text, comma-separated values, or JSON.
 *
 * The columns are those of the SQL table event, in its order, and numbers have its signs: 64 bits of the kernel as a
 * signed number. What an event does not have is empty, or null. Marks of lost events, which that table leaves out, are
 * of kind lost_events: `start` is then the time of the last event before the gap, `bytes` how many are missing.
 */
#ifndef QGREPLAY_CMD_EVENT_OUT_H
#define QGREPLAY_CMD_EVENT_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/json.h"
#include "cmd/text_out.h"
#include "collector/source.h"
#include "schema/rows/csv.h"

enum event_out_form { EVENT_OUT_TEXT, EVENT_OUT_CSV, EVENT_OUT_JSON, EVENT_OUT_JSONL, EVENT_OUT_COUNT };

/* "text", "csv", "json", "jsonl". */
const char *event_out_form_name(enum event_out_form form);

struct event_out {
	FILE *stream;
	enum event_out_form form;
	uint64_t trace; /* its id */
	const struct trace_info *info;
	const char *title; /* text: what was chosen, for the head; or NULL */
	bool roles;	   /* events of a finding: each has a role, or none */
	bool limited;	   /* no more than `limit` events are put */
	uint64_t limit;
	uint64_t put; /* how many were */
	struct text_out *text;
	struct json json;
	struct csv csv;
};

/*
 * To be called in this order, after the members above `put` are set. `role` is NULL for an event that has none. Errors:
 * those of text_out_event(); ERR_STOPPED when the limit was reached.
 */
void event_out_begin(struct event_out *out);
enum err event_out_put(struct event_out *out, const struct event *event, const char *role, struct error *error);
void event_out_end(struct event_out *out);

/*
 * Between two events: some are missing here, nobody knows how many, or of which CPUs. A text says so to whoever reads
 * it as a trace, lest they conclude anything from what is not there; other forms have no word for it.
 */
void event_out_hole(struct event_out *out);

/* Whether the limit was reached. */
bool event_out_is_full(const struct event_out *out);

#endif
