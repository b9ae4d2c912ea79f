/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "collector/input.h"
#include "collector/magic.h"
#include "collector/marker.h"
#include "collector/stored.h"
#include "collector/text.h"
#include "collector/tracedat.h"

struct source {
	struct trace_info info;
	char *name;
	struct input *input;
	struct tracedat *tracedat; /* NULL for a text */
	struct stored *stored;	   /* NULL for all that is not of the store */
};

/* Stands between a reader and its sink, to tell errors of the trace, which get its name, from those of the sink. */
struct guard {
	const struct sink *sink;
	bool refused;
};

static enum err guard_take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct guard *guard = context;
	enum err err = guard->sink->take(guard->sink->context, events, count, error);

	guard->refused = err != ERR_OK;
	return err;
}

static enum err open_tracedat(struct source *source, struct error *error)
{
	const unsigned char *data;
	size_t size;
	enum err err = input_map(source->input, &data, &size, error);

	if (err == ERR_OK)
		err = tracedat_open(&source->tracedat, data, size, &source->info, error);
	return err;
}

static enum err recognise(struct source *source, struct error *error)
{
	size_t size;
	const unsigned char *head = input_head(source->input, &size);

	source->info.kind = ROW_SOURCE_TRACE_DAT;
	if (tracedat_recognised(head, size))
		return open_tracedat(source, error);
	source->info.kind = ROW_SOURCE_TEXT;
	return text_recognised(head, size) ? ERR_OK : magic_refuse(head, size, error);
}

static struct source *source_new(const char *name)
{
	struct source *made = memory_zeroed(sizeof(*made));

	made->name = memory_text(name, strlen(name));
	made->info.comms = names_new(NAMES_TASKS_MAX);
	made->info.fsids = names_new(NAMES_FSIDS_MAX);
	made->info.texts = marker_texts_new();
	return made;
}

enum err source_open(struct source **source, int fd, int spool_fd, const char *name, struct error *error)
{
	struct source *made = source_new(name);
	enum err err = input_open(&made->input, fd, spool_fd, error);

	if (err == ERR_OK)
		err = recognise(made, error);
	if (err != ERR_OK) {
		source_close(made);
		return error_wrap(error, "cannot read '%s'", name);
	}
	*source = made;
	return ERR_OK;
}

enum err source_open_stored_part(
	struct source **source, int fd, const struct stored_options *options, struct error *error)
{
	struct source *made = source_new(options->name);
	struct stored_options own = *options;
	enum err err;

	own.name = made->name;
	err = stored_open(&made->stored, fd, &own, &made->info, error);
	if (err != ERR_OK) {
		source_close(made);
		return err;
	}
	*source = made;
	return ERR_OK;
}

enum err source_open_stored(struct source **source, int fd, const char *name, struct error *error)
{
	const struct stored_options options = {.name = name, .whole = true};

	return source_open_stored_part(source, fd, &options, error);
}

enum err source_read(struct source *source, const struct sink *sink, struct error *error)
{
	struct guard guard = {sink, false};
	struct sink guarded = {guard_take, &guard};
	struct bytes bytes = {input_read, source->input};
	enum err err;

	/* It names the trace itself. */
	if (source->stored != NULL)
		return stored_read(source->stored, sink, error);
	err = source->tracedat != NULL ? tracedat_read(source->tracedat, &guarded, error)
				       : text_read(&bytes, &source->info, &guarded, error);

	if (err != ERR_OK && !guard.refused)
		error_wrap(error, "cannot read '%s'", source->name);
	return err;
}

void source_position(const struct source *source, uint64_t *done_bytes, uint64_t *total_bytes)
{
	*done_bytes = *total_bytes = 0;
	if (source->tracedat != NULL)
		tracedat_position(source->tracedat, done_bytes, total_bytes);
	else if (source->input != NULL)
		input_position(source->input, done_bytes, total_bytes);
}

const struct trace_info *source_info(const struct source *source)
{
	return &source->info;
}

void source_close(struct source *source)
{
	if (source == NULL)
		return;
	tracedat_close(source->tracedat);
	stored_close(source->stored);
	input_close(source->input);
	names_free(source->info.comms);
	names_free(source->info.fsids);
	names_free(source->info.texts);
	free(source->info.kernel);
	free(source->info.clock);
	free(source->name);
	free(source);
}
