/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/stored.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "collector/batch.h"
#include "collector/marker.h"
#include "schema/block/block.h"
#include "schema/rows/rows_file.h"

enum { NAME_BYTES_MAX = 4096 };

/*
 * Stored numbers of names against those of the table in memory. They differ where two names became equal when they were
 * made harmless: a table holds each name once.
 */
struct name_map {
	struct names *names;
	uint32_t *numbers; /* of stored number n: numbers[n - 1] */
	size_t count;
	size_t capacity;
};

struct stored {
	struct stored_options options;
	int fd;
	struct trace_info *info;
	bool described;	   /* the row of the trace was there */
	uint64_t expected; /* events of the trace, marks of lost ones not among them */
	struct name_map maps[ROW_SPACES];
	struct block_decoder *decoder;
	const struct sink *sink;
	uint64_t last_number; /* of the events that were pumped */
	uint64_t pumped;      /* as `expected` counts */
	bool hole;	      /* what follows last_number was passed over, and told of */
	bool holes;	      /* anything was */
};

/* The store keeps harmless texts only; who else wrote into the file, nobody knows. */
static char *copy_of(const char *text)
{
	return text == NULL ? NULL : utf8_harmless(text);
}

static enum row_source_kind source_kind_of(const char *word)
{
	for (unsigned i = 0; word != NULL && i < ROW_SOURCES; i++)
		if (strcmp(word, row_source_word(i)) == 0)
			return (enum row_source_kind)i;
	return ROW_SOURCE_TRACE_DAT;
}

static enum err take_trace(struct stored *stored, const struct row *row, struct error *error)
{
	struct trace_info *info = stored->info;

	if (stored->described)
		return error_set(error, ERR_INPUT, "trace '%s' is described twice", stored->options.name);
	stored->described = true;
	info->kind = source_kind_of(row_text(row, ROW_TRACE_SOURCE));
	info->kernel = copy_of(row_text(row, ROW_TRACE_KERNEL));
	info->clock = copy_of(row_text(row, ROW_TRACE_CLOCK));
	info->skipped_events = row_number(row, ROW_TRACE_SKIPPED_EVENTS);
	info->garbled_lines = row_number(row, ROW_TRACE_GARBLED_LINES);
	stored->expected = row_number(row, ROW_TRACE_EVENTS);
	return ERR_OK;
}

static struct name_map *map_of(struct stored *stored, const char *word)
{
	for (unsigned i = 0; word != NULL && i < ROW_SPACES; i++)
		if (strcmp(word, row_space_word(i)) == 0)
			return &stored->maps[i];
	return NULL;
}

static uint32_t number_of(const struct stored *stored, const struct name_map *map, const char *name)
{
	if (map == &stored->maps[ROW_SPACE_TEXT])
		return marker_number(map->names, name, strlen(name));
	return names_number(map->names, name, strnlen(name, NAME_BYTES_MAX));
}

static enum err take_name(struct stored *stored, const struct row *row, struct error *error)
{
	struct name_map *map = map_of(stored, row_text(row, ROW_NAME_SPACE));
	char *name;

	if (map == NULL)
		return ERR_OK;
	name = copy_of(row_text(row, ROW_NAME_NAME));
	if (name == NULL || map->count >= NAMES_TASKS_MAX || row_number(row, ROW_NAME_NUMBER) != map->count + 1) {
		free(name);
		return error_set(error, ERR_INPUT,
			"the names of trace '%s' are damaged: number %" PRIu64 " follows %zu", stored->options.name,
			row_number(row, ROW_NAME_NUMBER), map->count);
	}
	map->numbers = memory_grown(map->numbers, &map->capacity, map->count + 1, sizeof(*map->numbers));
	map->numbers[map->count++] = number_of(stored, map, name);
	free(name);
	return ERR_OK;
}

/* The rows in front of the blocks; ERR_STOPPED at the first block. */
static enum err take_head(void *context, const struct row *row, struct error *error)
{
	struct stored *stored = context;

	if (row->table == ROW_TRACE)
		return take_trace(stored, row, error);
	if (row->table == ROW_NAME)
		return take_name(stored, row, error);
	return row->table == ROW_EVENT_BLOCK ? ERR_STOPPED : ERR_OK;
}

enum err stored_open(struct stored **stored, int fd, const struct stored_options *options, struct trace_info *info,
	struct error *error)
{
	struct stored *made = memory_zeroed(sizeof(*made));
	const struct row_sink sink = {take_head, made};
	enum err err;

	made->options = *options;
	made->fd = fd;
	made->info = info;
	made->maps[ROW_SPACE_TASK].names = info->comms;
	made->maps[ROW_SPACE_FSID].names = info->fsids;
	made->maps[ROW_SPACE_TEXT].names = info->texts;
	made->decoder = block_decoder_new();
	err = rows_file_read(fd, &sink, error);
	if (err == ERR_OK || err == ERR_STOPPED)
		err = made->described ? ERR_OK
				      : error_set(error, ERR_INPUT, "the row of trace '%s' is missing", options->name);
	if (err != ERR_OK) {
		stored_close(made);
		return err;
	}
	*stored = made;
	return ERR_OK;
}

static uint32_t mapped(const struct name_map *map, uint32_t number)
{
	return number > 0 && number <= map->count ? map->numbers[number - 1] : 0;
}

static void settle_names(const struct stored *stored, struct event *event)
{
	event->comm = mapped(&stored->maps[ROW_SPACE_TASK], event->comm);
	event->fs = (uint16_t)mapped(&stored->maps[ROW_SPACE_FSID], event->fs);
	if (event->kind == EVENT_PRINT)
		event->flags = mapped(&stored->maps[ROW_SPACE_TEXT], event->flags);
}

static enum err start_block(struct stored *stored, const struct row *row, struct error *error)
{
	struct block block = {.first_seq = row_number(row, ROW_BLOCK_FIRST_SEQ),
		.first_ns = row_number(row, ROW_BLOCK_FIRST_NS),
		.last_ns = row_number(row, ROW_BLOCK_LAST_NS),
		.checksum = row_number(row, ROW_BLOCK_CHECKSUM)};
	uint64_t events = row_number(row, ROW_BLOCK_EVENTS);
	enum err err;

	if (events == 0 || events > BLOCK_EVENTS_MAX)
		return error_set(error, ERR_INPUT, "it claims %" PRIu64 " events", events);
	if (block.first_seq <= stored->last_number || block.first_seq > UINT64_MAX - events)
		return error_set(error, ERR_INPUT, "its number is out of order");
	block.events = (uint32_t)events;
	block.skip = row_blob(row, ROW_BLOCK_SKIP, &block.skip_size);
	block.payload = row_blob(row, ROW_BLOCK_PAYLOAD, &block.payload_size);
	err = block_decode_start(stored->decoder, &block, error);
	return err == ERR_OK ? block_decode(stored->decoder, BLOCK_ALL, error) : err;
}

static enum err pump_block(struct stored *stored, struct error *error)
{
	const struct block_columns *columns = block_columns(stored->decoder);
	struct event events[BATCH_EVENTS];
	uint32_t done = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK && done < columns->events) {
		size_t count = 0;

		for (; count < BATCH_EVENTS && done < columns->events; count++, done++) {
			block_event(columns, done, &events[count]);
			settle_names(stored, &events[count]);
			stored->pumped += events[count].kind != EVENT_LOST;
		}
		err = stored->sink->take(stored->sink->context, events, count, error);
	}
	return err;
}

static bool all_kinds_known(const struct block_columns *columns)
{
	for (uint32_t i = 0; i < columns->events; i++)
		if (columns->kind[i] == EVENT_NONE || columns->kind[i] >= EVENT_COUNT)
			return false;
	return true;
}

static enum err missing(const struct stored *stored, uint64_t from, uint64_t to, struct error *error)
{
	return error_set(error, ERR_INPUT,
		"trace '%s' is damaged in the store: its events %" PRIu64 " to %" PRIu64
		" are missing, delete it and import it again",
		stored->options.name, from, to);
}

/* Tells of what is damaged or missing, and passes it over, when there is somebody to be told. */
static enum err pass_over(struct stored *stored, const struct error *damage, struct error *error)
{
	if (stored->options.damaged == NULL)
		return error_set(error, damage->code, "%s", damage->text);
	stored->hole = stored->holes = true;
	stored->options.damaged(stored->options.context, damage);
	return ERR_OK;
}

static enum err expect_next(struct stored *stored, uint64_t first, struct error *error)
{
	struct error damage = {0};

	if (!stored->options.whole || stored->hole || first <= stored->last_number + 1)
		return ERR_OK;
	missing(stored, stored->last_number + 1, first - 1, &damage);
	return pass_over(stored, &damage, error);
}

static enum err take_block(void *context, const struct row *row, struct error *error)
{
	struct stored *stored = context;
	struct error damage = {0};
	uint64_t first = row_number(row, ROW_BLOCK_FIRST_SEQ);
	enum err err;

	if (row->table != ROW_EVENT_BLOCK)
		return ERR_OK;
	err = expect_next(stored, first, error);
	if (err != ERR_OK)
		return err;
	err = start_block(stored, row, &damage);
	if (err == ERR_OK && !all_kinds_known(block_columns(stored->decoder)))
		err = error_set(&damage, ERR_INPUT, "it holds an event of no kind");
	if (err != ERR_OK) {
		error_wrap(&damage, "block at event %" PRIu64 " of trace '%s' is damaged", first, stored->options.name);
		return pass_over(stored, &damage, error);
	}
	stored->hole = false;
	stored->last_number = first + block_columns(stored->decoder)->events - 1;
	return pump_block(stored, error);
}

enum err stored_read(struct stored *stored, const struct sink *sink, struct error *error)
{
	const struct row_sink rows = {take_block, stored};
	struct error damage = {0};
	enum err err;

	stored->sink = sink;
	stored->last_number = 0;
	stored->pumped = 0;
	stored->hole = stored->holes = false;
	err = rows_file_read(stored->fd, &rows, error);
	if (err != ERR_OK || !stored->options.whole || stored->holes || stored->pumped >= stored->expected)
		return err;
	missing(stored, stored->pumped + 1, stored->expected, &damage);
	return pass_over(stored, &damage, error);
}

void stored_close(struct stored *stored)
{
	if (stored == NULL)
		return;
	for (size_t i = 0; i < ROW_SPACES; i++)
		free(stored->maps[i].numbers);
	block_decoder_free(stored->decoder);
	free(stored);
}
