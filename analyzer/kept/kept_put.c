/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "analyzer/kept/kept.h"
#include "analyzer/kept/kept_record.h"
#include "base/utf8.h"

/* Of what a trace says of itself, which may be of any length; names have a limit of their own. */
enum { TEXT_KEPT = 4096 };

static char *harmless_or_null(const char *text)
{
	char *harmless = text != NULL ? utf8_harmless(text) : NULL;
	size_t end = TEXT_KEPT;

	if (harmless == NULL || strlen(harmless) <= TEXT_KEPT)
		return harmless;
	while (((unsigned char)harmless[end] & 0xc0) == 0x80)
		end--;
	harmless[end] = '\0';
	return harmless;
}

static unsigned source_of(const char *word)
{
	unsigned source = 0;

	while (source < ROW_SOURCES - 1 && strcmp(row_source_word(source), word) != 0)
		source++;
	return source;
}

static enum err put_names(
	const struct names *names, enum row_space space, const struct row_sink *sink, struct error *error)
{
	enum err err = ERR_OK;

	for (uint32_t i = 1; names != NULL && i <= names_count(names) && err == ERR_OK; i++) {
		char *name = utf8_harmless(names_text(names, i));
		const struct name_record record = {space, i, name};

		err = kept_record_put(ROW_NAME, &record, sink, error);
		free(name);
	}
	return err;
}

static enum err put_event_counts(const struct replay_result *result, const struct row_sink *sink, struct error *error)
{
	enum err err = ERR_OK;

	for (unsigned kind = EVENT_NONE + 1; kind < EVENT_COUNT && err == ERR_OK; kind++) {
		const struct event_count_record record = {(enum event_kind)kind, result->event_counts[kind]};

		if (kind != EVENT_LOST && record.events != 0)
			err = kept_record_put(ROW_EVENT_COUNT, &record, sink, error);
	}
	return err;
}

enum err kept_put_trace(const struct report_trace *trace, const struct row_sink *sink, struct error *error)
{
	const struct replay_result *result = trace->result;
	char *kernel = harmless_or_null(trace->kernel);
	char *clock = harmless_or_null(trace->clock);
	const struct trace_record record = {.status = "whole",
		.source = source_of(trace->source),
		.kernel = kernel,
		.clock = clock,
		.events = result->events,
		.first_ns = result->first_ns,
		.last_ns = result->last_ns,
		.skipped_events = trace->skipped_events,
		.garbled_lines = trace->garbled_lines,
		.lost_marks = result->lost_marks,
		.lost_events = result->lost_events};
	enum err err = kept_record_put(ROW_TRACE, &record, sink, error);

	free(kernel);
	free(clock);
	if (err == ERR_OK)
		err = put_event_counts(result, sink, error);
	if (err == ERR_OK)
		err = put_names(trace->comms, ROW_SPACE_TASK, sink, error);
	if (err == ERR_OK)
		err = put_names(trace->fsids, ROW_SPACE_FSID, sink, error);
	return err == ERR_OK ? put_names(trace->texts, ROW_SPACE_TEXT, sink, error) : err;
}

static enum err put_replay(const struct report_trace *trace, const struct replay_options *options, const char *engine,
	const struct row_sink *sink, struct error *error)
{
	const struct replay_result *result = trace->result;
	const struct replay_record record = {.engine = engine,
		.fresh = options != NULL && options->fresh,
		.limited = options != NULL && options->limits != NULL,
		.logged = result->log != NULL,
		.free_events = trace->free_events,
		.chain_breaks = result->chain_breaks,
		.contradictions = result->contradictions,
		.exchanges = result->exchanges,
		.log_lines = result->log != NULL ? result->log->file_lines : 0,
		.log_left_out = result->log != NULL ? result->log->left_out : 0};
	enum err err = kept_record_put(ROW_REPLAY, &record, sink, error);

	for (unsigned kind = 0; kind < FINDING_KIND_COUNT && err == ERR_OK; kind++) {
		const struct unproven_record unproven = {(enum finding_kind)kind, result->unproven.of[kind]};

		if (unproven.count != 0)
			err = kept_record_put(ROW_UNPROVEN, &unproven, sink, error);
	}
	return err;
}

static enum err put_points(
	const struct whatif_root *curve, uint32_t place, const struct row_sink *sink, struct error *error)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < curve->point_count && err == ERR_OK; i++) {
		const struct sample_record record = {place, 0, i, curve->points[i]};

		err = kept_record_put(ROW_SAMPLE, &record, sink, error);
	}
	return err;
}

static enum err put_filesystem(
	const struct report_trace *trace, const struct fs_totals *fs, const struct row_sink *sink, struct error *error)
{
	char *fsid = harmless_or_null(report_fsid(trace, fs->fs));
	const struct filesystem_record record = {fs->fs, fsid, fs->quota_epochs};
	enum err err = kept_record_put(ROW_FILESYSTEM, &record, sink, error);

	free(fsid);
	for (size_t i = 0; i < fs->root_count && err == ERR_OK; i++) {
		const struct whatif_root *curve = whatif_of(trace->what_if, fs->roots[i].place);
		struct ledger_record ledger = {.filesystem = fs->fs, .totals = fs->roots[i], .drawn = curve != NULL};

		if (curve != NULL)
			ledger.curve = *curve;
		err = kept_record_put(ROW_ROOT_LEDGER, &ledger, sink, error);
		if (err == ERR_OK && curve != NULL)
			err = put_points(curve, ledger.totals.place, sink, error);
	}
	return err;
}

static enum err put_occurrences(const struct finding *finding, const struct row_sink *sink, struct error *error)
{
	enum err err = ERR_OK;

	for (uint32_t i = 0; i < finding->occurrence_count && err == ERR_OK; i++) {
		const struct occurrence_record record = {finding->id, i, finding->occurrences[i]};

		err = kept_record_put(ROW_OCCURRENCE, &record, sink, error);
		for (uint32_t j = 0; j < record.occurrence.owner_count && err == ERR_OK; j++) {
			const struct owner_record owner = {finding->id, i, j, record.occurrence.owners[j]};

			err = kept_record_put(ROW_OWNER, &owner, sink, error);
		}
	}
	return err;
}

static enum err put_evidence(const struct finding *finding, const struct row_sink *sink, struct error *error)
{
	enum err err = ERR_OK;

	for (size_t i = 0; i < finding->evidence_count && err == ERR_OK; i++) {
		const struct evidence *evidence = &finding->evidence[i];
		const struct evidence_record record = {.finding = finding->id,
			.number = (uint32_t)i,
			.role = evidence->role,
			.consequence = CONSEQUENCE_COUNT,
			.has_occurrence = true,
			.occurrence = evidence->occurrence,
			.kind = evidence->event.kind,
			.event = evidence->event};

		err = kept_record_put(ROW_EVIDENCE, &record, sink, error);
	}
	for (size_t i = 0; i < finding->consequence_count && err == ERR_OK; i++) {
		const struct consequence *consequence = &finding->consequences[i];
		const struct evidence_record record = {.finding = finding->id,
			.number = (uint32_t)(finding->evidence_count + i),
			.role = ROLE_COUNT,
			.consequence = consequence->kind,
			.has_victim = true,
			.victim_bytes = consequence->bytes,
			.victim_ino = consequence->ino,
			.kind = consequence->event.kind,
			.event = consequence->event};

		err = kept_record_put(ROW_EVIDENCE, &record, sink, error);
	}
	return err;
}

static enum err put_finding(const struct report_trace *trace, const struct finding *finding,
	const struct row_sink *sink, struct error *error)
{
	const struct words signature = explain_signature(finding);
	char *headline = explain_headline(finding, trace->comms);
	const struct finding_record record = {*finding, signature.text, headline};
	enum err err = kept_record_put(ROW_FINDING, &record, sink, error);

	free(headline);
	if (err == ERR_OK)
		err = put_occurrences(finding, sink, error);
	return err == ERR_OK ? put_evidence(finding, sink, error) : err;
}

/* "3 7" */
static void list_findings(const struct klog_match *match, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < match->finding_count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%u", i == 0 ? "" : " ", match->findings[i]);
}

static enum err put_log_line(
	const struct klog_match *match, uint32_t number, const struct row_sink *sink, struct error *error)
{
	char findings[KLOG_FINDINGS_MAX * sizeof("4294967295")];
	char *device = utf8_harmless(match->line->device);
	const struct log_record record = {number, *match, *match->line, device, findings};
	enum err err;

	list_findings(match, findings, sizeof(findings));
	err = kept_record_put(ROW_LOG_LINE, &record, sink, error);
	free(device);
	return err;
}

enum err kept_put(const struct report_trace *trace, const struct replay_options *options, const char *engine,
	const struct row_sink *sink, struct error *error)
{
	const struct replay_result *result = trace->result;
	enum err err = put_replay(trace, options, engine, sink, error);

	for (size_t i = 0; i < result->filesystem_count && err == ERR_OK; i++)
		err = put_filesystem(trace, &result->filesystems[i], sink, error);
	for (size_t i = 0; i < result->finding_count && err == ERR_OK; i++)
		err = put_finding(trace, &result->findings[i], sink, error);
	for (size_t i = 0; i < result->join.count && err == ERR_OK; i++)
		err = put_log_line(&result->join.matches[i], (uint32_t)i, sink, error);
	return err;
}
