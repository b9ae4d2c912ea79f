/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "analyzer/kept/kept.h"
#include "analyzer/kept/kept_load.h"
#include "base/memory.h"

void *kept_grown(void *old, size_t count, size_t size)
{
	bool full = (count & (count - 1)) == 0;

	return full ? memory_resized(old, count == 0 ? 1 : count * 2, size) : old;
}

static char *copy_or_null(const char *text)
{
	return text != NULL ? memory_text(text, strlen(text)) : NULL;
}

static enum err take_trace(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct trace_record *from = &record->trace;
	struct report_trace *trace = &kept->trace;

	if (kept->has_trace)
		return mapping_misfit(ROW_TRACE, "is one too many", error);
	kept->has_trace = true;
	trace->name = kept->texts[0] = copy_or_null(from->name);
	trace->sha256 = kept->texts[1] = copy_or_null(from->sha256);
	trace->kernel = kept->texts[2] = copy_or_null(from->kernel);
	trace->clock = kept->texts[3] = copy_or_null(from->clock);
	trace->source = row_source_word(from->source);
	trace->skipped_events = from->skipped_events;
	trace->garbled_lines = from->garbled_lines;
	kept->result.events = from->events;
	kept->result.first_ns = from->first_ns;
	kept->result.last_ns = from->last_ns;
	kept->result.lost_marks = from->lost_marks;
	kept->result.lost_events = from->lost_events;
	return ERR_OK;
}

static enum err take_event_count(struct kept *kept, const union kept_record *record, struct error *error)
{
	(void)error;
	kept->result.event_counts[record->event_count.kind] = record->event_count.events;
	return ERR_OK;
}

/*
 * Numbers have no hole, so that they say how many there are. Two tasks may have been made one by making their names
 * harmless: both keep their numbers.
 */
static enum err take_name(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct name_record *from = &record->name;
	uint32_t number;

	if (from->space == ROW_SPACE_TEXT)
		return ERR_OK;
	number =
		names_number(from->space == ROW_SPACE_TASK ? kept->comms : kept->fsids, from->name, strlen(from->name));
	if (from->space == ROW_SPACE_FSID)
		return number == from->number ? ERR_OK : mapping_misfit(ROW_NAME, "is out of its order", error);
	if (from->number != kept->task_count + 1 || number == 0)
		return mapping_misfit(ROW_NAME, "is out of its order", error);
	kept->tasks = kept_grown(kept->tasks, kept->task_count, sizeof(*kept->tasks));
	kept->tasks[kept->task_count++] = number;
	return ERR_OK;
}

static enum err take_replay(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct replay_record *from = &record->replay;

	if (kept->has_replay)
		return mapping_misfit(ROW_REPLAY, "is one too many", error);
	kept->has_replay = true;
	kept->trace.free_events = from->free_events;
	kept->result.chain_breaks = from->chain_breaks;
	kept->result.contradictions = from->contradictions;
	kept->result.exchanges = from->exchanges;
	if (from->free_events > kept->result.event_counts[EVENT_RELEASE_DATA])
		return mapping_misfit(ROW_REPLAY, "counts more frees than there are events", error);
	if (!from->logged)
		return ERR_OK;
	kept->result.log = &kept->log;
	kept->log.file_lines = from->log_lines;
	kept->log.left_out = from->log_left_out;
	return ERR_OK;
}

static enum err take_unproven(struct kept *kept, const union kept_record *record, struct error *error)
{
	(void)error;
	kept->result.unproven.of[record->unproven.kind] = record->unproven.count;
	return ERR_OK;
}

/* Order matters: each refers to what stands above it. */
static const struct {
	enum row_table table;
	bool of_all; /* says nothing of a single finding */
	enum err (*take)(struct kept *kept, const union kept_record *record, struct error *error);
} steps[] = {
	{ROW_TRACE, false, take_trace},
	{ROW_EVENT_COUNT, false, take_event_count},
	{ROW_NAME, false, take_name},
	{ROW_REPLAY, false, take_replay},
	{ROW_UNPROVEN, false, take_unproven},
	{ROW_FILESYSTEM, false, kept_take_filesystem},
	{ROW_ROOT_LEDGER, true, kept_take_ledger},
	{ROW_SAMPLE, true, kept_take_sample},
	{ROW_FINDING, false, kept_take_finding},
	{ROW_OCCURRENCE, false, kept_take_occurrence},
	{ROW_OWNER, false, kept_take_owner},
	{ROW_EVIDENCE, false, kept_take_evidence},
	{ROW_LOG_LINE, true, kept_take_log_line},
};

struct reading {
	struct kept *kept;
	size_t step;
};

static enum err put(void *context, const struct row *row, struct error *error)
{
	const struct reading *reading = context;
	union kept_record record;
	enum err err;

	memset(&record, 0, sizeof(record));
	err = mapping_read(kept_record_mapping(steps[reading->step].table), row, &record, error);
	return err == ERR_OK ? steps[reading->step].take(reading->kept, &record, error) : err;
}

static enum err load(struct kept *kept, const struct kept_source *source, struct error *error)
{
	struct reading reading = {.kept = kept};
	const struct row_sink sink = {put, &reading};
	enum err err = ERR_OK;

	for (; reading.step < sizeof(steps) / sizeof(steps[0]) && err == ERR_OK; reading.step++) {
		enum row_table table = steps[reading.step].table;
		bool of_trace = table == ROW_TRACE || row_table_info(table)->owner == ROW_OF_TRACE;

		if (steps[reading.step].of_all && kept->only != 0)
			continue;
		err = row_each(of_trace ? source->trace : source->replay, table, &sink, error);
	}
	if (err == ERR_OK && !kept->has_trace)
		return error_set(error, ERR_INPUT, "table 'trace' has no row of it");
	if (err == ERR_OK && !kept->has_replay)
		return error_set(error, ERR_INPUT, "table 'replay' has no row of it");
	if (kept->only != 0 && !kept->has_only)
		kept->result.finding_count = 0;
	if (err == ERR_OK)
		err = kept_check_findings(kept, error);
	return err == ERR_OK ? kept_end_curves(kept, error) : err;
}

enum err kept_load(struct kept **kept, const struct kept_source *source, struct error *error)
{
	struct kept *made = memory_zeroed(sizeof(*made));
	enum err err;

	made->comms = names_new(NAMES_TASKS_MAX);
	made->fsids = names_new(NAMES_FSIDS_MAX);
	made->trace.comms = made->comms;
	made->trace.fsids = made->fsids;
	made->trace.result = &made->result;
	made->only = source->finding;
	err = load(made, source, error);
	if (err != ERR_OK) {
		kept_free(made);
		return err;
	}
	*kept = made;
	return ERR_OK;
}

void kept_free(struct kept *kept)
{
	struct replay_result *result;

	if (kept == NULL)
		return;
	result = &kept->result;
	whatif_free(kept->what_if);
	for (size_t i = 0; i < kept->curve_count; i++)
		free(kept->curves[i].root.points);
	free(kept->curves);
	for (size_t i = 0; i < result->finding_count; i++)
		finding_release(&result->findings[i]);
	free(result->findings);
	for (size_t i = 0; i < result->filesystem_count; i++)
		free(result->filesystems[i].roots);
	free(result->filesystems);
	free(result->what_if.places);
	klog_join_release(&result->join);
	klog_release(&kept->log);
	for (size_t i = 0; i < KEPT_TEXTS; i++)
		free(kept->texts[i]);
	free(kept->tasks);
	names_free(kept->comms);
	names_free(kept->fsids);
	free(kept);
}

struct report_trace *kept_trace(struct kept *kept)
{
	return &kept->trace;
}
