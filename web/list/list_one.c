/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>

#include "base/memory.h"
#include "web/list/list_view.h"

static enum err take(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct list_one *one = context;

	(void)error;
	for (size_t i = 0; i < count; i++) {
		one->values[i] = values[i];
		if (values[i].bytes != NULL)
			one->values[i].bytes = memory_text(values[i].bytes, values[i].size);
	}
	one->count = count;
	return ERR_OK;
}

enum err list_one_read(struct call *call, enum list list, const struct list_filter *filters, size_t filter_count,
	struct list_one *one, struct error *error)
{
	const struct list_wish wish = {.filters = filters, .filter_count = filter_count, .limit = 1};
	struct list_sink sink = {.row = take};
	struct list_place next;

	*one = (struct list_one){.list = list};
	sink.context = one;
	return store_list(call->store, list, &wish, &sink, &next, error);
}

void list_one_release(struct list_one *one)
{
	for (size_t i = 0; i < one->count; i++)
		free((void *)one->values[i].bytes);
	*one = (struct list_one){.list = one->list};
}

uint64_t list_one_number(const struct list_one *one, const char *column)
{
	const struct row_value *value = &one->values[list_column(one->list, column)];

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

const char *list_one_text(const struct list_one *one, const char *column)
{
	const struct row_value *value = &one->values[list_column(one->list, column)];

	return value->kind == ROW_TEXT ? value->bytes : NULL;
}
