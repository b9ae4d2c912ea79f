/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_parts - the sections of the page of a trace, each a function; used by trace*.c only.
 */
#ifndef QGREPLAY_WEB_PAGE_TRACE_PARTS_H
#define QGREPLAY_WEB_PAGE_TRACE_PARTS_H

#include "base/event.h"
#include "web/list/list_view.h"

struct trace_page {
	struct call *call;
	FILE *stream;
	uint64_t id;
	uint64_t replay;	      /* the last one; 0: none */
	const struct list_one *facts; /* row of LIST_TRACES */
	uint64_t counts[EVENT_COUNT]; /* events by kind */
};

/* Fills `counts`. */
enum err trace_read_counts(struct trace_page *page, struct error *error);

enum err trace_put_facts(const struct trace_page *page, struct error *error);
void trace_put_counts(const struct trace_page *page);

/* What limits that which the trace can prove: what is missing, what was not recorded, what only may be. */
enum err trace_put_quality(const struct trace_page *page, struct error *error);

/* The limits that were given with it, and what the kernel's log says; nothing where there are none. */
enum err trace_put_limits(const struct trace_page *page, struct error *error);
enum err trace_put_log(const struct trace_page *page, struct error *error);

void trace_put_sharing(const struct trace_page *page);

/* All rows of a list of the trace, or of its replay, that has few: `take` writes one. */
struct trace_rows {
	enum list list;
	struct list_filter filter;
	uint64_t limit;
	void (*take)(void *context, const struct row_value *values);
	void *context;
};

enum err trace_each_row(const struct trace_page *page, const struct trace_rows *rows, struct error *error);

#endif
