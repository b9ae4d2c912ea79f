/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/replay.h"
#include "base/memory.h"
#include "cmd/keeper.h"
#include "cmd/relay.h"
#include "cmd/samples.h"
#include "collector/hash.h"
#include "collector/source.h"
#include "collector/stored.h"

/* Two that want each moment. */
struct both {
	const struct whatif_rows *of[2];
};

struct pipeline {
	struct source *source;
	struct replay *replay;
	struct samples *samples; /* or NULL */
	struct whatif *what_if;
	struct keeper *keeper; /* or NULL */
	struct both both;
	struct whatif_rows rows; /* hands on to both */
	char sha256[HASH_HEX + 1];
	struct report_trace trace;
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct pipeline *pipeline = context;

	(void)error;
	for (size_t i = 0; i < count; i++)
		if (events[i].kind == EVENT_RELEASE_DATA && events[i].op == EVENT_OP_FREE)
			pipeline->trace.free_events++;
	replay_take(pipeline->replay, events, count);
	return ERR_OK;
}

/* The log of the run knows the version too, which says more of a distribution's kernel than its release. */
static const char *kernel_of(const struct trace_info *info, const struct klog *log)
{
	size_t length = info->kernel != NULL ? strcspn(info->kernel, " ") : 0;

	if (log == NULL || log->kernel == NULL)
		return info->kernel;
	if (info->kernel == NULL)
		return log->kernel;
	return strncmp(info->kernel, log->kernel, length) == 0 && log->kernel[length] == ' ' ? log->kernel
											     : info->kernel;
}

static void describe(struct pipeline *pipeline, const struct pipeline_input *input)
{
	const struct trace_info *info = source_info(pipeline->source);
	struct report_trace *trace = &pipeline->trace;

	trace->id = input->id;
	trace->name = input->name;
	trace->source = row_source_word(info->kind);
	trace->kernel = kernel_of(info, input->replay.log);
	trace->clock = info->clock;
	trace->comms = info->comms;
	trace->fsids = info->fsids;
	trace->texts = info->texts;
	trace->skipped_events = info->skipped_events;
	trace->garbled_lines = info->garbled_lines;
	/* A pipe cannot be read twice, and has no hash. */
	if (input->hashed && input_sha256(input->fd, pipeline->sha256, NULL) == ERR_OK)
		trace->sha256 = pipeline->sha256;
}

/* What is done with the events, each on a thread of its own. */
enum { DOERS_MAX = 2 };

struct fan {
	struct relay *relays[DOERS_MAX];
	size_t count;
	const struct source *source;
	struct pipeline_progress *progress;
};

static void tell_progress(const struct fan *fan, size_t count)
{
	if (fan->progress == NULL)
		return;
	fan->progress->events += count;
	source_position(fan->source, &fan->progress->done_bytes, &fan->progress->total_bytes);
}

static enum err take_for_all(void *context, const struct event *events, size_t count, struct error *error)
{
	const struct fan *fan = context;
	enum err err = ERR_OK;

	for (size_t i = 0; i < fan->count && err == ERR_OK; i++) {
		const struct sink *sink = relay_sink(fan->relays[i]);

		err = sink->take(sink->context, events, count, error);
	}
	tell_progress(fan, count);
	return err;
}

/* The trace is decoded here; beside it, it is replayed, and taken down. What the reader says of an error comes first.
 */
static enum err read_all(struct pipeline *pipeline, const struct pipeline_input *input, struct error *error)
{
	const struct sink replay = {take, pipeline};
	struct fan fan = {.source = pipeline->source, .progress = input->progress};
	const struct sink all = {take_for_all, &fan};
	enum err err;

	fan.relays[fan.count++] = relay_new(&replay);
	if (pipeline->keeper != NULL && !input->stored)
		fan.relays[fan.count++] = relay_new(keeper_events(pipeline->keeper));
	err = source_read(pipeline->source, &all, error);
	for (size_t i = 0; i < fan.count; i++) {
		enum err done = relay_finish(fan.relays[i], err == ERR_OK ? error : NULL);

		err = err != ERR_OK ? err : done;
	}
	return err;
}

/* "No findings" must not be said of a trace that could have none. */
static enum err refuse_empty(const struct pipeline *pipeline, const char *name, struct error *error)
{
	const uint64_t *counts = pipeline->trace.result->event_counts;
	uint64_t events = counts[EVENT_RESERVE_DATA] + counts[EVENT_RELEASE_DATA] + counts[EVENT_UPDATE_RESERVE] +
			  counts[EVENT_META_RESERVE] + counts[EVENT_META_CONVERT] +
			  counts[EVENT_META_FREE_ALL_PERTRANS];

	if (events > 0)
		return ERR_OK;
	return error_set(
		error, ERR_INPUT, "cannot check '%s': it holds no qgroup event, record with -e 'btrfs:*qgroup*'", name);
}

enum err pipeline_run(struct pipeline **pipeline, const struct pipeline_input *input, struct error *error)
{
	struct pipeline *made = memory_zeroed(sizeof(*made));
	enum err err = input->stored ? source_open_stored(&made->source, input->fd, input->name, error)
				     : source_open(&made->source, input->fd, input->spool_fd, input->name, error);

	if (err == ERR_OK && input->rows_fd > 0)
		made->keeper = keeper_new(input->rows_fd);
	if (err == ERR_OK) {
		struct replay_options options = input->replay;

		if (input->samples_fd > 0) {
			made->samples = samples_new(input->samples_fd);
			options.samples = samples_sink(made->samples);
		}
		made->replay = replay_new(&options);
		err = read_all(made, input, error);
	}
	if (err == ERR_OK) {
		made->trace.result = replay_finish(made->replay);
		err = refuse_empty(made, input->name, error);
	}
	if (err == ERR_OK)
		describe(made, input);
	if (err == ERR_OK && made->keeper != NULL && !input->stored)
		err = keeper_put_trace(made->keeper, &made->trace, input->replay.limits, error);
	if (err == ERR_OK)
		*pipeline = made;
	else
		pipeline_free(made);
	return err;
}

static void take_for_both(void *context, const struct whatif_row *row)
{
	const struct both *both = context;

	for (size_t i = 0; i < 2; i++)
		if (both->of[i] != NULL)
			both->of[i]->take(both->of[i]->context, row);
}

enum err pipeline_draw(struct pipeline *pipeline, const struct whatif_rows *rows, bool series, struct error *error)
{
	const struct replay_result *result = pipeline->trace.result;
	bool wanted = rows != NULL || pipeline->keeper != NULL;
	enum err err;

	pipeline->both.of[0] = rows;
	pipeline->both.of[1] = pipeline->keeper == NULL ? NULL : keeper_counters(pipeline->keeper);
	pipeline->rows = (struct whatif_rows){take_for_both, &pipeline->both};

	if (!wanted && !series && result->what_if.step_count == 0)
		return ERR_OK;
	pipeline->what_if = whatif_new(&result->what_if, wanted ? &pipeline->rows : NULL);
	err = samples_draw(pipeline->samples, pipeline->what_if, result->last_ns, error);
	if (err == ERR_OK)
		pipeline->trace.what_if = pipeline->what_if;
	return err;
}

enum err pipeline_keep(struct pipeline *pipeline, const struct pipeline_input *input, struct error *error)
{
	if (pipeline->what_if == NULL || pipeline->trace.what_if == NULL)
		return error_set(error, ERR_SYSTEM, "cannot keep the counters of '%s' in a temporary file, set TMPDIR",
			input->name);
	return keeper_finish(pipeline->keeper, &pipeline->trace, &input->replay, error);
}

const struct report_trace *pipeline_trace(const struct pipeline *pipeline)
{
	return &pipeline->trace;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	whatif_free(pipeline->what_if);
	replay_free(pipeline->replay);
	samples_free(pipeline->samples);
	source_close(pipeline->source);
	keeper_free(pipeline->keeper);
	free(pipeline);
}
