/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/engine.h"
#include "analyzer/kept/kept.h"
#include "analyzer/kept/pyramid.h"
#include "base/limits.h"
#include "base/memory.h"
#include "schema/block/block.h"
#include "schema/rows/rows_file.h"

struct keeper {
	struct rows_writer *writer;
	struct sink sink;
	struct block_coder *coder;
	struct pyramid *pyramid;
	struct event *events; /* of the block that is being filled */
	size_t count;
};

static enum err put_block(struct keeper *keeper, struct error *error)
{
	struct block block;
	struct row row;

	block_encode(keeper->coder, keeper->events, keeper->count, &block);
	keeper->count = 0;
	row_begin(&row, ROW_EVENT_BLOCK);
	row_add_number(&row, block.first_seq);
	row_add_number(&row, block.events);
	row_add_number(&row, block.first_ns);
	row_add_number(&row, block.last_ns);
	row_add_blob(&row, block.skip, block.skip_size);
	row_add_number(&row, block.checksum);
	row_add_blob(&row, block.payload, block.payload_size);
	return row_put(rows_writer_sink(keeper->writer), &row, error);
}

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct keeper *keeper = context;
	enum err err = ERR_OK;

	while (count > 0 && err == ERR_OK) {
		size_t room = BLOCK_EVENTS - keeper->count;
		size_t part = count < room ? count : room;

		memcpy(keeper->events + keeper->count, events, part * sizeof(*events));
		keeper->count += part;
		events += part;
		count -= part;
		if (keeper->count == BLOCK_EVENTS)
			err = put_block(keeper, error);
	}
	return err;
}

struct keeper *keeper_new(int fd)
{
	struct keeper *keeper = memory_zeroed(sizeof(*keeper));

	keeper->writer = rows_writer_new(fd);
	keeper->sink = (struct sink){take, keeper};
	keeper->coder = block_coder_new();
	keeper->pyramid = pyramid_new(rows_writer_sink(keeper->writer));
	keeper->events = memory_zeroed(BLOCK_EVENTS * sizeof(*keeper->events));
	return keeper;
}

void keeper_free(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	rows_writer_free(keeper->writer);
	block_coder_free(keeper->coder);
	pyramid_free(keeper->pyramid);
	free(keeper->events);
	free(keeper);
}

const struct sink *keeper_events(struct keeper *keeper)
{
	return &keeper->sink;
}

static enum err put_limit(const struct row_sink *sink, const struct limit *limit, struct error *error)
{
	struct row row;

	row_begin(&row, ROW_QGROUP);
	row_add_number(&row, limit->qgid);
	if (limit->max_rfer == LIMIT_NONE)
		row_add_null(&row);
	else
		row_add_number(&row, limit->max_rfer);
	if (limit->max_excl == LIMIT_NONE)
		row_add_null(&row);
	else
		row_add_number(&row, limit->max_excl);
	return row_put(sink, &row, error);
}

enum err keeper_put_trace(
	struct keeper *keeper, const struct report_trace *trace, const struct limits *limits, struct error *error)
{
	const struct row_sink *sink = rows_writer_sink(keeper->writer);
	enum err err = keeper->count > 0 ? put_block(keeper, error) : ERR_OK;

	if (err == ERR_OK)
		err = kept_put_trace(trace, sink, error);
	for (size_t i = 0; limits != NULL && i < limits->count && err == ERR_OK; i++)
		err = put_limit(sink, &limits->all[i], error);
	return err;
}

const struct whatif_rows *keeper_counters(struct keeper *keeper)
{
	return pyramid_rows(keeper->pyramid);
}

enum err keeper_finish(struct keeper *keeper, const struct report_trace *trace, const struct replay_options *options,
	struct error *error)
{
	enum err err = pyramid_finish(keeper->pyramid, error);

	if (err == ERR_OK)
		err = kept_put(trace, options, replay_engine(), rows_writer_sink(keeper->writer), error);
	if (err == ERR_OK)
		err = rows_writer_finish(keeper->writer, error);
	return err;
}
