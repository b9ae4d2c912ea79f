/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/trace_ids.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cmd/command.h"
#include "cmd/stored_spool.h"

static bool holds(const uint64_t *ids, size_t count, uint64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

enum err trace_ids_add(struct trace_ids *ids, const char *text, const char *option, struct error *error)
{
	uint64_t id;
	enum err err = command_number(&id, text, option, false, error);

	if (err != ERR_OK || holds(ids->all, ids->count, id))
		return err;
	ids->all = memory_grown(ids->all, &ids->capacity, ids->count + 1, sizeof(*ids->all));
	ids->all[ids->count++] = id;
	return ERR_OK;
}

enum err trace_ids_check(const struct trace_ids *ids, struct store *store, struct error *error)
{
	uint64_t *known = NULL;
	size_t count = 0;
	enum err err = store_trace_ids(store, &known, &count, error);

	for (size_t i = 0; i < ids->count && err == ERR_OK; i++)
		if (!holds(known, count, ids->all[i]))
			err = stored_spool_no_trace(ids->all[i], error);
	free(known);
	return err;
}

enum err trace_ids_or_all(struct trace_ids *ids, struct store *store, struct error *error)
{
	if (ids->count > 0)
		return trace_ids_check(ids, store, error);
	return store_trace_ids(store, &ids->all, &ids->count, error);
}

void trace_ids_release(struct trace_ids *ids)
{
	free(ids->all);
	*ids = (struct trace_ids){0};
}
