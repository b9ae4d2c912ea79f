/* SPDX-License-Identifier: GPL-2.0-only */
/* report_json - the report for machines; described by schema/report.schema.json. */
#include <stdlib.h>
#include <string.h>

#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/explain.h"
#include "analyzer/report/report_log.h"
#include "analyzer/report/report_whatif.h"
#include "base/json.h"
#include "base/memory.h"

/* Keys of the counts of events, in the order of the document. */
static const struct {
	const char *key;
	enum event_kind kind;
} event_keys[] = {
	{"reserve", EVENT_RESERVE_DATA},
	{"update_reserve", EVENT_UPDATE_RESERVE},
	{"meta_reserve", EVENT_META_RESERVE},
	{"meta_convert", EVENT_META_CONVERT},
	{"meta_free_all_pertrans", EVENT_META_FREE_ALL_PERTRANS},
	{"free_delayed_ref", EVENT_FREE_DELAYED_REF},
	{"account_extents", EVENT_ACCOUNT_EXTENTS},
	{"account_extent", EVENT_ACCOUNT_EXTENT},
	{"update_counters", EVENT_UPDATE_COUNTERS},
	{"num_dirty_extents", EVENT_NUM_DIRTY_EXTENTS},
	{"transaction_commit", EVENT_TRANSACTION_COMMIT},
	{"inode_new", EVENT_INODE_NEW},
	{"inode_request", EVENT_INODE_REQUEST},
	{"inode_evict", EVENT_INODE_EVICT},
	{"ordered_extent_add", EVENT_ORDERED_ADD},
	{"ordered_extent_remove", EVENT_ORDERED_REMOVE},
	{"ordered_extent_split", EVENT_ORDERED_SPLIT},
	{"set_extent_bit", EVENT_SET_EXTENT_BIT},
	{"clear_extent_bit", EVENT_CLEAR_EXTENT_BIT},
	{"add_delayed_ref_head", EVENT_ADD_DELAYED_REF_HEAD},
	{"add_delayed_data_ref", EVENT_ADD_DELAYED_DATA_REF},
	{"run_delayed_data_ref", EVENT_RUN_DELAYED_DATA_REF},
	{"sync_file", EVENT_SYNC_FILE},
	{"print", EVENT_PRINT},
};

static void number_or_null(struct json *json, const char *key, uint64_t value, bool known)
{
	if (known)
		json_number(json, key, value);
	else
		json_null(json, key);
}

static void write_events(struct json *json, const struct report_trace *trace)
{
	const struct replay_result *result = trace->result;

	json_object(json, "events");
	json_number(json, "total", result->events);
	json_number(json, "release", result->event_counts[EVENT_RELEASE_DATA] - trace->free_events);
	json_number(json, "free", trace->free_events);
	for (size_t i = 0; i < sizeof(event_keys) / sizeof(event_keys[0]); i++)
		json_number(json, event_keys[i].key, result->event_counts[event_keys[i].kind]);
	json_object_end(json);
}

static void write_root(struct json *json, const struct report_trace *trace, const struct root_totals *root)
{
	json_object(json, NULL);
	json_number(json, "root", root->root);
	json_number(json, "reserved_bytes", root->reserved_bytes);
	json_number(json, "released_bytes", root->released_bytes);
	json_number(json, "freed_bytes", root->freed_bytes);
	json_number(json, "dropped_bytes", root->dropped_bytes);
	number_or_null(json, "peak_bytes", root->peak_bytes, root->counter_known);
	json_object(json, "end");
	json_number(json, "ranges_bytes", root->end_ranges_bytes);
	json_number(json, "flight_bytes", root->end_flight_bytes);
	number_or_null(json, "counter_bytes", root->end_counter_bytes, root->counter_known);
	number_or_null(json, "unknown_bytes", root->end_unknown_bytes, root->counter_known);
	json_object_end(json);
	json_number(json, "leaked_bytes", root->leaked_bytes);
	json_number(json, "underflow_bytes", root->underflow_bytes);
	report_whatif_member(json, trace, root);
	json_object_end(json);
}

static void write_filesystems(struct json *json, const struct report_options *options, const struct report_trace *trace)
{
	json_array(json, "filesystems");
	for (size_t i = 0; i < trace->result->filesystem_count; i++) {
		const struct fs_totals *fs = &trace->result->filesystems[i];

		if (!report_shows_filesystem(options, trace, fs->fs))
			continue;
		json_object(json, NULL);
		json_text(json, "fsid", report_fsid(trace, fs->fs));
		json_number(json, "quota_epochs", fs->quota_epochs);
		json_array(json, "roots");
		for (size_t j = 0; j < fs->root_count; j++)
			if (report_shows_root(options, fs->roots[j].root))
				write_root(json, trace, &fs->roots[j]);
		json_array_end(json);
		json_object_end(json);
	}
	json_array_end(json);
}

/* The release, by which hosts are grouped, and the version behind it. */
static void write_kernel(struct json *json, const char *kernel)
{
	size_t length = kernel != NULL ? strcspn(kernel, " ") : 0;
	char *release = kernel != NULL ? memory_text(kernel, length) : NULL;

	json_text(json, "kernel", release);
	json_text(json, "kernel_version", kernel != NULL && kernel[length] != '\0' ? kernel + length + 1 : NULL);
	free(release);
}

static void write_trace(struct json *json, const struct report_options *options, const struct report_trace *trace)
{
	const struct replay_result *result = trace->result;

	json_object(json, NULL);
	json_number(json, "id", trace->id);
	json_text(json, "name", trace->name);
	json_text(json, "sha256", trace->sha256);
	json_text(json, "source", trace->source);
	write_kernel(json, trace->kernel);
	json_text(json, "clock", trace->clock);
	write_events(json, trace);
	json_number(json, "skipped_events", trace->skipped_events);
	json_number(json, "garbled_lines", trace->garbled_lines);
	json_object(json, "lost");
	json_number(json, "marks", result->lost_marks);
	json_number(json, "events", result->lost_events);
	json_object_end(json);
	json_object(json, "order");
	json_number(json, "exchanges", result->exchanges);
	json_number(json, "contradictions", result->contradictions);
	json_number(json, "chain_breaks", result->chain_breaks);
	json_object_end(json);
	number_or_null(json, "first_ns", result->first_ns, result->events != 0);
	number_or_null(json, "last_ns", result->last_ns, result->events != 0);
	write_filesystems(json, options, trace);
	if (trace->left_out_roots != 0)
		json_number(json, "left_out_roots", trace->left_out_roots);
	report_log_write(json, result);
	json_object(json, "unproven");
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++)
		json_number(json, finding_kind_name((enum finding_kind)kind), result->unproven.of[kind]);
	json_object_end(json);
	json_object_end(json);
}

static void write_task(struct json *json, const char *key, const struct names *comms, struct task_ref task)
{
	if (task.pid < 0 && task.comm == 0) {
		json_null(json, key);
		return;
	}
	json_object(json, key);
	number_or_null(json, "pid", (uint64_t)task.pid, task.pid >= 0);
	json_text(json, "comm", task.comm != 0 ? names_text(comms, task.comm) : NULL);
	json_object_end(json);
}

static void write_owners(struct json *json, const struct names *comms, const struct occurrence *occurrence)
{
	json_array(json, "owners");
	for (size_t i = 0; i < occurrence->owner_count; i++) {
		const struct owner *owner = &occurrence->owners[i];
		bool known = owner->task.pid >= 0;

		json_object(json, NULL);
		number_or_null(json, "pid", (uint64_t)owner->task.pid, known);
		json_text(json, "comm", known && owner->task.comm != 0 ? names_text(comms, owner->task.comm) : NULL);
		json_number(json, "bytes", owner->bytes);
		json_number(json, "start", owner->start);
		json_number(json, "len", owner->len);
		number_or_null(json, "time_ns", owner->time_ns, known);
		json_object_end(json);
	}
	json_array_end(json);
}

/* An update of a counter by nothing is not traced: no change means that no counter is known. */
static void write_counter(struct json *json, const struct occurrence *occurrence)
{
	bool known = occurrence->diff_bytes != 0;

	number_or_null(json, "have_bytes", occurrence->have_bytes, known);
	if (known)
		json_signed(json, "diff_bytes", occurrence->diff_bytes);
	else
		json_null(json, "diff_bytes");
}

static void write_occurrences(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	json_number(json, "occurrence_count", finding->occurrence_total);
	json_array(json, "occurrences");
	for (size_t i = 0; i < finding->occurrence_count; i++) {
		const struct occurrence *occurrence = &finding->occurrences[i];

		json_object(json, NULL);
		json_number(json, "time_ns", occurrence->time_ns);
		number_or_null(json, "root", occurrence->root, occurrence->root != 0);
		number_or_null(json, "ino", occurrence->ino, occurrence->ino != 0);
		number_or_null(json, "start", occurrence->start, occurrence->len != 0);
		number_or_null(json, "len", occurrence->len, occurrence->len != 0);
		json_number(json, "bytes", occurrence->bytes);
		write_counter(json, occurrence);
		write_task(json, "task", trace->comms, occurrence->task);
		write_owners(json, trace->comms, occurrence);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_event(struct json *json, const struct report_trace *trace, const struct event *event)
{
	char text[EVENT_TEXT_MAX];

	json_number(json, "event", event->number);
	json_number(json, "time_ns", event->time_ns);
	json_number(json, "cpu", event->cpu);
	write_task(json, "task", trace->comms, explain_task(event));
	json_text(json, "text", event_text(event, text, sizeof(text)));
}

static void write_evidence(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	json_array(json, "evidence");
	for (size_t i = 0; i < finding->evidence_count; i++) {
		json_object(json, NULL);
		write_event(json, trace, &finding->evidence[i].event);
		json_text(json, "role", explain_role_name(finding->evidence[i].role));
		json_number(json, "occurrence", finding->evidence[i].occurrence);
		json_object_end(json);
	}
	json_array_end(json);
	json_number(json, "consequence_count", finding->consequence_total);
	json_array(json, "consequences");
	for (size_t i = 0; i < finding->consequence_count; i++) {
		json_object(json, NULL);
		json_text(json, "kind", explain_consequence_name(finding->consequences[i].kind));
		json_number(json, "bytes", finding->consequences[i].bytes);
		number_or_null(json, "ino", finding->consequences[i].ino, finding->consequences[i].ino != 0);
		write_event(json, trace, &finding->consequences[i].event);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_causes(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_match(finding, trace->result, trace->kernel, matches);

	json_array(json, "cause");
	for (size_t i = 0; i < count; i++) {
		json_object(json, NULL);
		json_text(json, "id", matches[i].bug->slug);
		json_text(json, "commit", matches[i].bug->commit);
		json_text(json, "title", matches[i].bug->title);
		json_text(json, "fixed_in", matches[i].bug->fixed_in);
		json_text(json, "why", matches[i].why);
		json_text(json, "applies", bug_applies_name(matches[i].applies));
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_words(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	char *text = explain_text(finding, trace->comms);
	char *diagram = explain_diagram(finding, trace->comms, EXPLAIN_DIAGRAM_WIDE);
	char *headline = explain_headline(finding, trace->comms);

	json_text(json, "headline", headline);
	json_text(json, "text", text);
	json_text(json, "doubt", explain_doubt(finding));
	json_text(json, "diagram", diagram);
	free(headline);
	free(text);
	free(diagram);
}

static void write_finding(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	const struct occurrence *first = explain_first(finding);

	json_object(json, NULL);
	json_number(json, "id", finding->id);
	json_number(json, "trace", trace->id);
	json_text(json, "kind", finding_kind_name(finding->kind));
	json_text(json, "severity", finding_severity_name(finding->severity));
	json_text(json, "certainty", finding_certainty_name(finding->certainty));
	json_text(json, "path", finding->path != PATH_NONE ? finding_path_name(finding->path) : NULL);
	json_text(json, "where", finding->where != LEAK_NOWHERE ? finding_where_name(finding->where) : NULL);
	json_text(json, "fsid", report_fsid(trace, finding->fs));
	number_or_null(json, "root", finding->root, finding->root != 0);
	number_or_null(json, "ino", finding->ino, finding->ino != 0);
	number_or_null(json, "start", first->start, first->len != 0);
	number_or_null(json, "len", first->len, first->len != 0);
	json_number(json, "bytes", finding->bytes);
	number_or_null(json, "time_ns", first->time_ns, finding->occurrence_count != 0);
	write_task(json, "task", trace->comms, first->task);
	write_owners(json, trace->comms, first);
	write_counter(json, first);
	number_or_null(json, "healed_bytes", finding->healed_bytes, finding->kind == FINDING_LEAK);
	json_text(json, "signature", explain_signature(finding).text);
	write_words(json, trace, finding);
	write_causes(json, trace, finding);
	report_log_write_of(json, trace->result, finding);
	write_evidence(json, trace, finding);
	write_occurrences(json, trace, finding);
	json_object_end(json);
}

static void begin_document(FILE *stream, const struct report_options *options)
{
	struct json json;

	json_init(&json, stream, 1);
	json_object(&json, NULL);
	json_text(&json, "qgreplay", options->version);
	json_number(&json, "format", 1);
	json_array(&json, "traces");
}

/* An array of the document goes on in a stream of its own, which this writer takes up where it was left. */
static struct json resumed(FILE *stream, bool first)
{
	return (struct json){.stream = stream, .depth = 2, .broken_depth = 3, .first = first};
}

static void write_trace_and_findings(const struct report_streams *streams, const struct report_options *options,
	const struct report_trace *trace, const struct report_totals *totals)
{
	const struct replay_result *result = trace->result;
	struct json traces = resumed(streams->traces, totals->traces == 0);
	uint64_t before = 0;
	struct json findings;

	write_trace(&traces, options, trace);
	for (int severity = 0; severity < SEVERITY_COUNT; severity++)
		before += totals->severities[severity];
	findings = resumed(streams->findings, before == 0);
	for (size_t i = 0; i < result->finding_count; i++)
		if (report_shows_finding(options, trace, &result->findings[i]))
			write_finding(&findings, trace, &result->findings[i]);
}

static void write_middle(FILE *stream, const struct report_options *options)
{
	(void)options;
	fputs("\n  ],\n  \"findings\": [", stream);
}

static void write_end(FILE *stream, const struct report_ending *ending)
{
	struct json json = {.stream = stream, .depth = 1, .broken_depth = 2, .first = false};

	fputs("\n  ]", stream);
	json_array(&json, "failed");
	for (size_t i = 0; i < ending->failure_count; i++) {
		json_object(&json, NULL);
		json_text(&json, "name", ending->failures[i].name);
		json_text(&json, "error", ending->failures[i].error);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object(&json, "summary");
	json_number(&json, "errors", ending->totals->severities[SEVERITY_ERROR]);
	json_number(&json, "warnings", ending->totals->severities[SEVERITY_WARNING]);
	json_number(&json, "notes", ending->totals->severities[SEVERITY_NOTE]);
	json_object_end(&json);
	fputs("\n}\n", stream);
}

const struct report_format report_json = {
	.name = "json",
	.hashed = true,
	.what_if = true,
	.series = true,
	.begin = begin_document,
	.trace = write_trace_and_findings,
	.middle = write_middle,
	.end = write_end,
};
