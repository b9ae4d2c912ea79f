/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_sarif - the report as SARIF 2.1.0 (OASIS, 2020), for what collects the results of analyses.
 *
 * One run: a rule for each kind of finding, an artifact for each trace, a result for each finding. A trace has no
 * lines, so a result is at its trace and at a logical place: filesystem, root, inode.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/explain.h"
#include "analyzer/report/report.h"
#include "base/json.h"

/* Depth of what stands in the arrays of the run: {"runs": [{"results": [...]}]}. */
enum { RUN_DEPTH = 3, ITEM_DEPTH = 4 };

/* Names are permanent; the descriptions say what is wrong, whatever the path. */
static const struct {
	const char *name;
	const char *description;
} rules[FINDING_KIND_COUNT] = {
	[FINDING_FOREIGN_FREE] = {"ForeignFree", "An error path frees bytes that another operation reserved."},
	[FINDING_UNDERFLOW] = {"Underflow", "More is taken from a qgroup's counter than it holds."},
	[FINDING_LEAK] = {"Leak", "Bytes stay reserved that nothing can free any more."},
	[FINDING_TRUNCATED_COUNT] = {"TruncatedCount", "A byte count loses its upper bits on the way to the counter."},
	[FINDING_STALE_FREE] = {"StaleFree", "Bytes are freed that were reserved before quota was restarted."},
	[FINDING_COMMIT_MISMATCH] = {"CommitMismatch", "A commit drops other bytes than were released for it."},
	[FINDING_META_IMBALANCE] = {"MetaImbalance", "Reserves, conversions and frees of metadata do not add up."},
	[FINDING_LIMIT_EXCEEDED] = {"LimitExceeded", "A reserve succeeds beyond the limit of its qgroup."},
	[FINDING_UNEXPLAINED] = {"Unexplained",
		"The kernel's own numbers contradict each other, and no rule says why."},
	[FINDING_UNRESERVED_WRITE] = {"UnreservedWrite", "Data is written back with less reserved than its length."},
	[FINDING_OVER_BROAD_ROLLBACK] = {"OverBroadRollback", "A rollback clears more than its own request reserved."},
	[FINDING_QUOTA_EPOCH] = {"QuotaEpoch", "Quota or the filesystem was restarted within the trace."},
	[FINDING_LOST_EVENTS] = {"LostEvents", "Events are missing from the trace."},
	[FINDING_MISSING_HEAD] = {"MissingHead", "Bytes were reserved before the trace began."},
	[FINDING_GARBAGE_TYPE] = {"GarbageType", "The kernel writes a type into its events that it never set."},
	[FINDING_LOG_MISMATCH] = {"LogMismatch", "The kernel's log and the trace do not say the same."},
};

static const char *const levels[SEVERITY_COUNT] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

/*
 * The text of a message (SARIF 3.11): braces are doubled, or they would be places for arguments. A "[text](target)"
 * would be a link, and the name of a task may look like one.
 */
static char *message_text(const char *text)
{
	char *message = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&message, &size);

	if (stream == NULL)
		abort();
	for (; *text != '\0'; text++) {
		fputc(*text, stream);
		if (*text == '{' || *text == '}')
			fputc(*text, stream);
		else if (text[0] == ']' && text[1] == '(')
			fputc(' ', stream);
	}
	fclose(stream);
	return message;
}

static void write_message(struct json *json, const char *key, const char *text)
{
	char *message = message_text(text);

	json_object(json, key);
	json_text(json, "text", message);
	json_object_end(json);
	free(message);
}

static bool is_unreserved(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       (byte != '\0' && strchr("-._~/", byte) != NULL);
}

/* A file name as a URI reference (RFC 3986): all but letters, digits and a few marks in percent form, byte by byte. */
static void write_uri(struct json *json, const char *name)
{
	char *uri = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&uri, &size);

	if (stream == NULL)
		abort();
	/* "//" in front would name a host. */
	if (name[0] == '/')
		fputs("file://", stream);
	for (; *name != '\0'; name++) {
		unsigned char byte = (unsigned char)*name;

		if (is_unreserved(byte))
			fputc(byte, stream);
		else
			fprintf(stream, "%%%02X", byte);
	}
	fclose(stream);
	json_text(json, "uri", uri);
	free(uri);
}

static void write_rules(struct json *json)
{
	json_array(json, "rules");
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
		enum finding_severity severity = finding_severity_of((enum finding_kind)kind);

		json_object(json, NULL);
		json_text(json, "id", finding_kind_name((enum finding_kind)kind));
		json_text(json, "name", rules[kind].name);
		write_message(json, "shortDescription", rules[kind].description);
		json_object(json, "defaultConfiguration");
		json_text(json, "level", levels[severity]);
		json_object_end(json);
		json_object_end(json);
	}
	json_array_end(json);
}

static void begin_document(FILE *stream, const struct report_options *options)
{
	struct json json;

	json_init(&json, stream, ITEM_DEPTH);
	json_object(&json, NULL);
	json_text(&json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_text(&json, "version", "2.1.0");
	json_array(&json, "runs");
	json_object(&json, NULL);
	json_object(&json, "tool");
	json_object(&json, "driver");
	json_text(&json, "name", "qgreplay");
	json_text(&json, "version", options->version);
	write_rules(&json);
	json_object_end(&json);
	json_object_end(&json);
	json_array(&json, "artifacts");
}

/* Takes an array of the run up in a stream of its own. */
static struct json resumed(FILE *stream, bool first)
{
	return (struct json){.stream = stream, .depth = ITEM_DEPTH, .broken_depth = ITEM_DEPTH, .first = first};
}

static void write_artifact(struct json *json, const struct report_trace *trace)
{
	json_object(json, NULL);
	json_object(json, "location");
	write_uri(json, trace->name);
	json_object_end(json);
	json_array(json, "roles");
	json_text(json, NULL, "analysisTarget");
	json_array_end(json);
	if (trace->sha256 != NULL) {
		json_object(json, "hashes");
		json_text(json, "sha-256", trace->sha256);
		json_object_end(json);
	}
	json_object(json, "properties");
	json_text(json, "kernel", trace->kernel);
	json_text(json, "source", trace->source);
	json_number(json, "events", trace->result->events);
	json_number(json, "lost_marks", trace->result->lost_marks);
	json_object_end(json);
	json_object_end(json);
}

/* What all locations of a result begin with: the trace. */
static void write_physical(struct json *json, const struct report_trace *trace, uint64_t artifact)
{
	json_object(json, "physicalLocation");
	json_object(json, "artifactLocation");
	write_uri(json, trace->name);
	json_number(json, "index", artifact);
	json_object_end(json);
	json_object_end(json);
}

static void write_logical(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	const char *fsid = report_fsid(trace, finding->fs);
	char name[40];
	char full[120];
	int used = snprintf(full, sizeof(full), "%s", fsid != NULL ? fsid : "filesystem");

	snprintf(name, sizeof(name), "%s", fsid != NULL ? fsid : "filesystem");
	if (finding->root != 0) {
		snprintf(name, sizeof(name), "root %" PRIu64, finding->root);
		used += snprintf(full + used, sizeof(full) - (size_t)used, "/%" PRIu64, finding->root);
	}
	if (finding->ino != 0) {
		snprintf(name, sizeof(name), "inode %" PRIu64, finding->ino);
		snprintf(full + used, sizeof(full) - (size_t)used, "/%" PRIu64, finding->ino);
	}
	json_array(json, "logicalLocations");
	json_object(json, NULL);
	json_text(json, "name", name);
	json_text(json, "fullyQualifiedName", full);
	json_text(json, "kind", "resource");
	json_object_end(json);
	json_array_end(json);
}

static void write_evidence(
	struct json *json, const struct report_trace *trace, const struct finding *finding, uint64_t artifact)
{
	json_array(json, "relatedLocations");
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct event *event = &finding->evidence[i].event;
		char text[EVENT_TEXT_MAX];
		char line[EVENT_TEXT_MAX + 300];

		snprintf(line, sizeof(line), "%s: %s [%03u] %s: %s", explain_role(finding->evidence[i].role),
			words_task(trace->comms, explain_task(event)).text, event->cpu, words_time(event->time_ns).text,
			event_text(event, text, sizeof(text)));
		json_object(json, NULL);
		json_number(json, "id", i + 1);
		write_physical(json, trace, artifact);
		write_message(json, "message", line);
		json_object(json, "properties");
		json_text(json, "role", explain_role_name(finding->evidence[i].role));
		json_number(json, "event", event->number);
		json_number(json, "time_ns", event->time_ns);
		json_number(json, "occurrence", finding->evidence[i].occurrence);
		json_object_end(json);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_result_message(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	char *headline = explain_headline(finding, trace->comms);
	char *text = explain_text(finding, trace->comms);
	const char *doubt = explain_doubt(finding);
	char *whole = NULL;

	if (asprintf(&whole, "%s. %s%s%s", headline, text, doubt != NULL ? " " : "", doubt != NULL ? doubt : "") < 0)
		abort();
	write_message(json, "message", whole);
	free(headline);
	free(text);
	free(whole);
}

static void write_cause(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_match(finding, trace->result, trace->kernel, matches);

	json_array(json, "cause");
	for (size_t i = 0; i < count; i++) {
		json_object(json, NULL);
		json_text(json, "commit", matches[i].bug->commit);
		json_text(json, "title", matches[i].bug->title);
		json_text(json, "applies", bug_applies_name(matches[i].applies));
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_properties(struct json *json, const struct report_trace *trace, const struct finding *finding)
{
	json_object(json, "properties");
	json_number(json, "id", finding->id);
	json_number(json, "trace", trace->id);
	json_text(json, "certainty", finding_certainty_name(finding->certainty));
	json_text(json, "path", finding->path != PATH_NONE ? finding_path_name(finding->path) : NULL);
	json_text(json, "where", finding->where != LEAK_NOWHERE ? finding_where_name(finding->where) : NULL);
	json_text(json, "fsid", report_fsid(trace, finding->fs));
	json_number(json, "root", finding->root);
	json_number(json, "ino", finding->ino);
	json_number(json, "bytes", finding->bytes);
	json_number(json, "time_ns", explain_first(finding)->time_ns);
	write_cause(json, trace, finding);
	json_object_end(json);
}

static void write_result(
	struct json *json, const struct report_trace *trace, const struct finding *finding, uint64_t artifact)
{
	json_object(json, NULL);
	json_text(json, "ruleId", finding_kind_name(finding->kind));
	json_number(json, "ruleIndex", (uint64_t)finding->kind);
	json_text(json, "level", levels[finding->severity]);
	write_result_message(json, trace, finding);
	json_array(json, "locations");
	json_object(json, NULL);
	write_physical(json, trace, artifact);
	write_logical(json, trace, finding);
	json_object_end(json);
	json_array_end(json);
	if (finding->occurrence_total != 0)
		json_number(json, "occurrenceCount", finding->occurrence_total);
	json_object(json, "partialFingerprints");
	json_text(json, "qgreplay/v1", explain_signature(finding).text);
	json_object_end(json);
	write_evidence(json, trace, finding, artifact);
	write_properties(json, trace, finding);
	json_object_end(json);
}

static void write_trace(const struct report_streams *streams, const struct report_options *options,
	const struct report_trace *trace, const struct report_totals *totals)
{
	const struct replay_result *result = trace->result;
	struct json artifacts = resumed(streams->traces, totals->traces == 0);
	struct json results;
	uint64_t before = 0;

	write_artifact(&artifacts, trace);
	for (int severity = 0; severity < SEVERITY_COUNT; severity++)
		before += totals->severities[severity];
	results = resumed(streams->findings, before == 0);
	for (size_t i = 0; i < result->finding_count; i++)
		if (report_shows_finding(options, trace, &result->findings[i]))
			write_result(&results, trace, &result->findings[i], totals->traces);
}

static void write_middle(FILE *stream, const struct report_options *options)
{
	(void)options;
	fputs("\n      ],\n      \"results\": [", stream);
}

static void write_failure(struct json *json, const struct report_failure *failure)
{
	json_object(json, NULL);
	json_object(json, "descriptor");
	json_text(json, "id", "unreadable-trace");
	json_object_end(json);
	json_text(json, "level", "error");
	write_message(json, "message", failure->error);
	json_array(json, "locations");
	json_object(json, NULL);
	json_object(json, "physicalLocation");
	json_object(json, "artifactLocation");
	write_uri(json, failure->name);
	json_object_end(json);
	json_object_end(json);
	json_object_end(json);
	json_array_end(json);
	json_object_end(json);
}

static void write_end(FILE *stream, const struct report_ending *ending)
{
	struct json json = {.stream = stream, .depth = RUN_DEPTH, .broken_depth = ITEM_DEPTH};

	fputs("\n      ]", stream);
	json_array(&json, "invocations");
	json_object(&json, NULL);
	json_bool(&json, "executionSuccessful", ending->failure_count == 0);
	json_signed(&json, "exitCode", ending->exit_code);
	json_array(&json, "toolExecutionNotifications");
	for (size_t i = 0; i < ending->failure_count; i++)
		write_failure(&json, &ending->failures[i]);
	json_array_end(&json);
	json_object_end(&json);
	json_array_end(&json);
	fputs("\n    }\n  ]\n}\n", stream);
}

const struct report_format report_sarif = {
	.name = "sarif",
	.hashed = true,
	.begin = begin_document,
	.trace = write_trace,
	.middle = write_middle,
	.end = write_end,
};
