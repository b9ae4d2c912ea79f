/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/limits.h"

#include <stdlib.h>

#include "base/memory.h"

void limits_release(struct limits *limits)
{
	free(limits->all);
	*limits = (struct limits){0};
}

void limits_add(struct limits *limits, struct limit limit)
{
	limits->all = memory_grown(limits->all, &limits->capacity, limits->count + 1, sizeof(*limits->all));
	limits->all[limits->count++] = limit;
}

static int by_qgid(const void *first, const void *second)
{
	const struct limit *a = first;
	const struct limit *b = second;

	return a->qgid < b->qgid ? -1 : a->qgid > b->qgid;
}

bool limits_sort(struct limits *limits, uint64_t *twice)
{
	if (limits->count > 1)
		qsort(limits->all, limits->count, sizeof(*limits->all), by_qgid);
	for (size_t i = 1; i < limits->count; i++) {
		if (limits->all[i - 1].qgid != limits->all[i].qgid)
			continue;
		*twice = limits->all[i].qgid;
		return false;
	}
	return true;
}

const struct limit *limits_find(const struct limits *limits, uint64_t qgid)
{
	struct limit wanted = {.qgid = qgid};
	const struct limit *found;

	if (limits == NULL || limits->count == 0)
		return NULL;
	found = bsearch(&wanted, limits->all, limits->count, sizeof(wanted), by_qgid);
	return found != NULL && (found->max_rfer != LIMIT_NONE || found->max_excl != LIMIT_NONE) ? found : NULL;
}
