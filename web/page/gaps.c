/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/gaps.h"

#include <stdlib.h>

#include "base/memory.h"
#include "web/page/event_row.h"

static enum err take(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct gaps *gaps = context;

	(void)count;
	(void)error;
	gaps->all = memory_grown(gaps->all, &gaps->capacity, gaps->count + 1, sizeof(gaps->all[0]));
	event_row_gap(values, &gaps->all[gaps->count++]);
	return ERR_OK;
}

enum err gaps_read(struct call *call, const struct gaps_wish *wish, struct gaps *gaps, struct error *error)
{
	const struct list_filter filters[] = {
		{.name = "trace", .number = wish->trace},
		{.name = "from_seq", .number = wish->from_seq},
		{.name = "to_seq", .number = wish->to_seq},
	};
	const struct list_wish rows = {.filters = filters, .filter_count = 3, .limit = GAPS_MAX};
	const struct list_sink sink = {take, gaps};
	struct list_place next;

	*gaps = (struct gaps){0};
	return store_list(call->store, LIST_GAPS, &rows, &sink, &next, error);
}

void gaps_release(struct gaps *gaps)
{
	free(gaps->all);
	*gaps = (struct gaps){0};
}
