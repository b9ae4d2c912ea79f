/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/batch.h"

void batch_init(struct batch *batch, const struct sink *sink)
{
	batch->sink = sink;
	batch->number = 0;
	batch->count = 0;
}

enum err batch_flush(struct batch *batch, struct error *error)
{
	size_t count = batch->count;

	batch->count = 0;
	return count == 0 ? ERR_OK : batch->sink->take(batch->sink->context, batch->events, count, error);
}

enum err batch_add(struct batch *batch, const struct event *event, struct error *error)
{
	struct event *slot = &batch->events[batch->count++];

	*slot = *event;
	slot->number = ++batch->number;
	return batch->count == BATCH_EVENTS ? batch_flush(batch, error) : ERR_OK;
}
