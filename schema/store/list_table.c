/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/store/list_table.h"

#include <stdlib.h>
#include <string.h>

static const struct list_table *const tables[LIST_COUNT] = {
	[LIST_FINDINGS] = &list_table_findings,
	[LIST_OCCURRENCES] = &list_table_occurrences,
	[LIST_OWNERS] = &list_table_owners,
	[LIST_EVIDENCE] = &list_table_evidence,
	[LIST_TRACES] = &list_table_traces,
	[LIST_REPLAYS] = &list_table_replays,
	[LIST_FILESYSTEMS] = &list_table_filesystems,
	[LIST_ROOTS] = &list_table_roots,
	[LIST_SAMPLES] = &list_table_samples,
	[LIST_EVENTS] = &list_table_events,
	[LIST_GAPS] = &list_table_gaps,
	[LIST_EVENT_COUNTS] = &list_table_event_counts,
	[LIST_UNPROVEN] = &list_table_unproven,
	[LIST_LOG_LINES] = &list_table_log_lines,
	[LIST_SIGNATURES] = &list_table_signatures,
	[LIST_SIGNATURE_TRACES] = &list_table_signature_traces,
	[LIST_SIGNATURE_KERNELS] = &list_table_signature_kernels,
	[LIST_UPLOADS] = &list_table_uploads,
	[LIST_TREND] = &list_table_trend,
	[LIST_TOTALS] = &list_table_totals,
};

const struct list_table *list_table(enum list list)
{
	return tables[list];
}

const struct list_info *list_info(enum list list)
{
	return &tables[list]->info;
}

size_t list_column(enum list list, const char *name)
{
	const struct list_info *info = list_info(list);

	for (size_t i = 0; info->columns[i].name != NULL; i++)
		if (strcmp(info->columns[i].name, name) == 0)
			return i;
	abort();
}
