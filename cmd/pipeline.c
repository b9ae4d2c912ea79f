/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/replay.h"
#include "base/memory.h"
#include "cmd/relay.h"
#include "cmd/samples.h"
#include "collector/hash.h"
#include "collector/source.h"

struct pipeline {
	struct source *source;
	struct replay *replay;
	struct samples *samples; /* or NULL */
	struct whatif *what_if;
	char sha256[HASH_HEX + 1];
	struct report_trace trace;
};

static const char *const source_words[] = {
	[SOURCE_TRACE_DAT] = "trace.dat",
	[SOURCE_TEXT] = "text",
	[SOURCE_LIVE] = "live",
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
	trace->source = source_words[info->kind];
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

/* The trace is decoded here and replayed beside it. What the reader says of an error comes before the replay's. */
static enum err read_all(struct pipeline *pipeline, struct error *error)
{
	const struct sink sink = {take, pipeline};
	struct relay *relay = relay_new(&sink);
	enum err err = source_read(pipeline->source, relay_sink(relay), error);
	enum err replayed = relay_finish(relay, err == ERR_OK ? error : NULL);

	return err != ERR_OK ? err : replayed;
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
	enum err err = source_open(&made->source, input->fd, input->spool_fd, input->name, error);

	if (err == ERR_OK) {
		struct replay_options options = input->replay;

		if (input->samples_fd >= 0) {
			made->samples = samples_new(input->samples_fd);
			options.samples = samples_sink(made->samples);
		}
		made->replay = replay_new(&options);
		err = read_all(made, error);
	}
	if (err == ERR_OK) {
		made->trace.result = replay_finish(made->replay);
		err = refuse_empty(made, input->name, error);
	}
	if (err != ERR_OK) {
		pipeline_free(made);
		return err;
	}
	describe(made, input);
	*pipeline = made;
	return ERR_OK;
}

enum err pipeline_draw(struct pipeline *pipeline, const struct whatif_rows *rows, bool series, struct error *error)
{
	const struct replay_result *result = pipeline->trace.result;
	enum err err;

	if (rows == NULL && !series && result->what_if.step_count == 0)
		return ERR_OK;
	pipeline->what_if = whatif_new(&result->what_if, rows);
	err = samples_draw(pipeline->samples, pipeline->what_if, result->last_ns, error);
	if (err == ERR_OK)
		pipeline->trace.what_if = pipeline->what_if;
	return err;
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
	free(pipeline);
}
