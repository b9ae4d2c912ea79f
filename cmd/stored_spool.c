/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/stored_spool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cmd/check_output.h"
#include "schema/rows/rows_file.h"

const struct stored_spool_part stored_spool_whole = {.slice = {0, UINT64_MAX}, .first_ns = 0, .last_ns = UINT64_MAX};

struct filter {
	const struct row_sink *target;
	const struct stored_spool_part *part;
	char *name; /* of the trace, when its row was there */
};

static enum err put_head(void *context, const struct row *row, struct error *error)
{
	struct filter *filter = context;

	if (row->table == ROW_TRACE && filter->name == NULL)
		filter->name =
			utf8_harmless(row_text(row, ROW_TRACE_NAME) != NULL ? row_text(row, ROW_TRACE_NAME) : "");
	return row_put(filter->target, row, error);
}

/* Marks of lost events matter to whoever looks at what is around them. */
static bool has_loss(const void *skip, size_t size)
{
	uint32_t counts[EVENT_COUNT];

	return !block_kind_counts(skip, size, counts) || counts[EVENT_LOST] > 0;
}

static enum err put_block(void *context, const struct row *row, struct error *error)
{
	const struct filter *filter = context;
	const struct stored_spool_part *part = filter->part;
	size_t size;
	const void *skip = row_blob(row, ROW_BLOCK_SKIP, &size);

	if (row_number(row, ROW_BLOCK_FIRST_NS) > part->last_ns || row_number(row, ROW_BLOCK_LAST_NS) < part->first_ns)
		return ERR_OK;
	return block_may_hold(skip, size, &part->wish) || has_loss(skip, size) ? row_put(filter->target, row, error)
									       : ERR_OK;
}

enum err stored_spool_no_trace(uint64_t trace, struct error *error)
{
	return error_set(error, ERR_USAGE,
		"there is no trace %" PRIu64 " in the store, 'qgreplay traces' lists which there are", trace);
}

static enum err copy(struct store *store, uint64_t trace, struct filter *filter, struct error *error)
{
	const struct row_sink heads = {put_head, filter};
	const struct row_sink blocks = {put_block, filter};
	enum err err = store_each(store, ROW_TRACE, trace, &heads, error);

	if (err == ERR_OK && filter->name == NULL)
		err = stored_spool_no_trace(trace, error);
	if (err == ERR_OK)
		err = store_each(store, ROW_NAME, trace, &heads, error);
	if (err == ERR_OK)
		err = store_each_block(store, trace, &filter->part->slice, &blocks, error);
	return err;
}

enum err stored_spool_open(struct stored_spool *spool, struct store *store, uint64_t trace,
	const struct stored_spool_part *part, struct error *error)
{
	int fd;
	enum err err = check_output_spool(&fd, error);
	struct rows_writer *writer;
	struct filter filter;

	if (err != ERR_OK)
		return err;
	writer = rows_writer_new(fd);
	filter = (struct filter){rows_writer_sink(writer), part, NULL};
	err = store_snapshot(store, error);
	if (err == ERR_OK) {
		err = copy(store, trace, &filter, error);
		store_snapshot_end(store);
	}
	if (err == ERR_OK)
		err = rows_writer_finish(writer, error);
	rows_writer_free(writer);
	*spool = (struct stored_spool){fd, filter.name};
	if (err != ERR_OK)
		stored_spool_close(spool);
	return err;
}

void stored_spool_close(struct stored_spool *spool)
{
	if (spool->fd > STDERR_FILENO)
		close(spool->fd);
	free(spool->name);
	*spool = (struct stored_spool){0};
}
