/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/found.h"

#include <stdlib.h>

#include "base/memory.h"

static uint64_t number(const struct row_value *values, const char *column)
{
	const struct row_value *value = &values[list_column(LIST_FINDINGS, column)];

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

static char *text(const struct row_value *values, const char *column)
{
	const struct row_value *value = &values[list_column(LIST_FINDINGS, column)];

	return value->kind == ROW_TEXT ? memory_text(value->bytes, value->size) : memory_text("", 0);
}

static enum err take(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct found *found = context;
	struct found_one *one;

	(void)count;
	(void)error;
	found->all = memory_grown(found->all, &found->capacity, found->count + 1, sizeof(found->all[0]));
	one = &found->all[found->count++];
	*one = (struct found_one){
		.number = (uint32_t)number(values, "number"),
		.time_ns = number(values, "time_ns"),
		.ino = number(values, "ino"),
		.bytes = number(values, "bytes"),
		.headline = text(values, "headline"),
		.severity = text(values, "severity"),
		.kind = text(values, "kind"),
	};
	return ERR_OK;
}

static int by_time(const void *one, const void *other)
{
	const struct found_one *a = one;
	const struct found_one *b = other;

	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

enum err found_read(
	struct call *call, const struct subject *subject, uint64_t ino, struct found *found, struct error *error)
{
	const struct list_filter filters[] = {
		{.name = "trace", .number = subject->trace_id},
		{.name = "root", .number = subject->root},
		{.name = "fs", .number = subject->fs},
		{.name = "ino", .number = ino},
	};
	/* Of too many, the worst: those of a trace are numbered by severity, and have rising ids. */
	const struct list_wish wish = {
		.filters = filters, .filter_count = ino != 0 ? 4 : 3, .reversed = true, .limit = FOUND_MAX};
	const struct list_sink sink = {take, found};
	struct list_place next = {0};
	enum err err;

	*found = (struct found){0};
	err = store_list(call->store, LIST_FINDINGS, &wish, &sink, &next, error);
	found->more = next.count > 0;
	if (found->count > 0)
		qsort(found->all, found->count, sizeof(found->all[0]), by_time);
	return err;
}

void found_release(struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		free(found->all[i].headline);
		free(found->all[i].severity);
		free(found->all[i].kind);
	}
	free(found->all);
	*found = (struct found){0};
}
