/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_junit - the report as JUnit XML, for runs of tests (xfstests under CI).
 *
 * A trace is a test suite. Its tests are that it could be read, and one for each kind of finding, whether found or not,
 * so that the list of tests is the same in every run. A kind below --fail-on does not fail: what was found of it stands
 * in the output of its test. Readers keep one failure of a test, so all findings of a kind are in one.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "analyzer/report/report.h"
#include "base/utf8.h"
#include "base/xml.h"

/* Findings told in full in one test; a page in Jenkins shows no more with comfort. */
enum { JUNIT_TOLD = 10, JUNIT_WIDTH = 96 };

struct suite {
	FILE *stream;
	const struct report_options *options;
	const struct report_trace *trace;
};

static bool is_test(const struct suite *suite, enum finding_kind kind)
{
	enum finding_severity severity = finding_severity_of(kind);

	return severity >= SEVERITY_WARNING || severity >= suite->options->fail_on;
}

/* What of a kind makes its test fail, or what does not: a finding may be less severe than most of its kind. */
static bool is_told(const struct suite *suite, const struct finding *finding, enum finding_kind kind, bool failing)
{
	return finding->kind == kind && (finding->severity >= suite->options->fail_on) == failing &&
	       report_shows_finding(suite->options, suite->trace, finding);
}

static uint64_t count_of(const struct suite *suite, enum finding_kind kind, bool failing)
{
	const struct replay_result *result = suite->trace->result;
	uint64_t count = 0;

	for (size_t i = 0; i < result->finding_count; i++)
		count += is_told(suite, &result->findings[i], kind, failing);
	return count;
}

/* Jenkins takes what stands before the last dot of a class for its package. */
static void write_class(FILE *stream, const char *name)
{
	char *class = NULL;

	if (asprintf(&class, "qgreplay.%s", name) < 0)
		abort();
	for (char *at = strchr(class, '.') + 1; *at != '\0'; at++)
		if (*at == '.')
			*at = '_';
	xml_attribute(stream, "classname", class);
	free(class);
}

static void begin_test(FILE *stream, const char *trace, const char *test)
{
	fputs("    <testcase", stream);
	write_class(stream, trace);
	xml_attribute(stream, "name", test);
	fputc('>', stream);
}

static void put_wrapped(FILE *stream, const char *text)
{
	char *wrapped = NULL;
	size_t size = 0;
	FILE *buffer = open_memstream(&wrapped, &size);

	if (buffer == NULL)
		abort();
	words_wrapped(buffer, text, "", JUNIT_WIDTH);
	fclose(buffer);
	xml_text(stream, wrapped);
	free(wrapped);
}

static void put_evidence(const struct suite *suite, const struct finding *finding)
{
	for (size_t i = 0; i < finding->evidence_count; i++) {
		const struct event *event = &finding->evidence[i].event;
		char text[EVENT_TEXT_MAX];
		char line[EVENT_TEXT_MAX + 200];

		if (finding->evidence[i].occurrence != 0)
			continue;
		snprintf(line, sizeof(line), "  %s [%03u] %s: %s\n",
			words_task(suite->trace->comms, explain_task(event)).text, event->cpu,
			words_time(event->time_ns).text, event_text(event, text, sizeof(text)));
		xml_text(suite->stream, line);
	}
}

static void put_finding(const struct suite *suite, const struct finding *finding)
{
	char *headline = explain_headline(finding, suite->trace->comms);
	char *text = explain_text(finding, suite->trace->comms);
	const char *doubt = explain_doubt(finding);

	fprintf(suite->stream, "#%" PRIu32 " ", finding->id);
	xml_text(suite->stream, headline);
	fprintf(suite->stream, " [%s, %s]\n", finding_certainty_name(finding->certainty),
		explain_signature(finding).text);
	put_wrapped(suite->stream, text);
	if (doubt != NULL)
		put_wrapped(suite->stream, doubt);
	put_evidence(suite, finding);
	fputc('\n', suite->stream);
	free(headline);
	free(text);
}

static void put_findings(const struct suite *suite, enum finding_kind kind, bool failing)
{
	const struct replay_result *result = suite->trace->result;
	uint64_t count = count_of(suite, kind, failing);
	uint64_t told = 0;

	for (size_t i = 0; i < result->finding_count && told < JUNIT_TOLD; i++) {
		if (!is_told(suite, &result->findings[i], kind, failing))
			continue;
		put_finding(suite, &result->findings[i]);
		told++;
	}
	if (count > told)
		fprintf(suite->stream, "... and %s more\n", words_number(count - told).text);
}

/* The headline of the first, and how many more there are. */
static void put_failure_head(const struct suite *suite, enum finding_kind kind, uint64_t count)
{
	const struct finding *first = suite->trace->result->findings;
	char *headline;
	char *message = NULL;

	while (!is_told(suite, first, kind, true))
		first++;
	headline = explain_headline(first, suite->trace->comms);
	if (asprintf(&message, "%s%s%s%s", headline, count > 1 ? ", and " : "",
		    count > 1 ? words_number(count - 1).text : "", count > 1 ? " more" : "") < 0)
		abort();
	fputs("\n      <failure", suite->stream);
	xml_attribute(suite->stream, "message", message);
	xml_attribute(suite->stream, "type", finding_kind_name(kind));
	fputc('>', suite->stream);
	free(headline);
	free(message);
}

static void write_kind(const struct suite *suite, enum finding_kind kind)
{
	uint64_t unproven = suite->trace->result->unproven.of[kind];
	uint64_t failing = count_of(suite, kind, true);
	bool told = count_of(suite, kind, false) != 0;

	begin_test(suite->stream, suite->trace->name, finding_kind_name(kind));
	if (failing != 0) {
		put_failure_head(suite, kind, failing);
		put_findings(suite, kind, true);
		fputs("</failure>", suite->stream);
	}
	if (told || unproven != 0) {
		fputs("\n      <system-out>", suite->stream);
		put_findings(suite, kind, false);
		if (unproven != 0)
			fprintf(suite->stream, "%s that the trace cannot prove\n",
				words_count(unproven, "case", "cases").text);
		fputs("</system-out>", suite->stream);
	}
	fputs("</testcase>\n", suite->stream);
}

static void write_property(FILE *stream, const char *name, const char *value)
{
	if (value == NULL)
		return;
	fputs("      <property", stream);
	xml_attribute(stream, "name", name);
	xml_attribute(stream, "value", value);
	fputs("/>\n", stream);
}

static void write_properties(const struct suite *suite)
{
	const struct report_trace *trace = suite->trace;
	char number[32];

	fputs("    <properties>\n", suite->stream);
	write_property(suite->stream, "qgreplay", suite->options->version);
	write_property(suite->stream, "sha256", trace->sha256);
	write_property(suite->stream, "source", trace->source);
	write_property(suite->stream, "kernel", trace->kernel);
	snprintf(number, sizeof(number), "%" PRIu64, trace->result->events);
	write_property(suite->stream, "events", number);
	snprintf(number, sizeof(number), "%" PRIu64, trace->result->lost_marks);
	write_property(suite->stream, "lost_marks", number);
	fputs("    </properties>\n", suite->stream);
}

/* What the trace cannot know, and therefore does not accuse. */
static void write_notes(const struct suite *suite)
{
	const struct replay_result *result = suite->trace->result;
	uint64_t told = 0;

	fputs("    <system-out>", suite->stream);
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];
		char *headline;

		if (finding->severity != SEVERITY_NOTE || is_test(suite, finding->kind) ||
			!report_shows_finding(suite->options, suite->trace, finding) || told++ >= JUNIT_TOLD)
			continue;
		headline = explain_headline(finding, suite->trace->comms);
		fprintf(suite->stream, "note %s: ", finding_kind_name(finding->kind));
		xml_text(suite->stream, headline);
		fputc('\n', suite->stream);
		free(headline);
	}
	if (told > JUNIT_TOLD)
		fprintf(suite->stream, "... and %s\n", words_count(told - JUNIT_TOLD, "more note", "more notes").text);
	fputs("</system-out>\n", suite->stream);
}

static void begin_suite(FILE *stream, const char *name, uint64_t tests, uint64_t failures, uint64_t errors)
{
	fputs("  <testsuite", stream);
	xml_attribute(stream, "name", name);
	fprintf(stream, " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\" skipped=\"0\">\n",
		tests, failures, errors);
}

static void write_trace(const struct report_streams *streams, const struct report_options *options,
	const struct report_trace *trace, const struct report_totals *totals)
{
	struct suite suite = {streams->traces, options, trace};
	uint64_t tests = 1;
	uint64_t failures = 0;

	(void)totals;
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
		tests += is_test(&suite, (enum finding_kind)kind);
		failures += count_of(&suite, (enum finding_kind)kind, true) != 0;
	}
	begin_suite(suite.stream, trace->name, tests, failures, 0);
	write_properties(&suite);
	begin_test(suite.stream, trace->name, "readable");
	fputs("</testcase>\n", suite.stream);
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++)
		if (is_test(&suite, (enum finding_kind)kind))
			write_kind(&suite, (enum finding_kind)kind);
	write_notes(&suite);
	fputs("  </testsuite>\n", suite.stream);
}

static void begin_document(FILE *stream, const struct report_options *options)
{
	(void)options;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"qgreplay\">\n", stream);
}

static void write_end(FILE *stream, const struct report_ending *ending)
{
	for (size_t i = 0; i < ending->failure_count; i++) {
		const struct report_failure *failure = &ending->failures[i];

		begin_suite(stream, failure->name, 1, 0, 1);
		begin_test(stream, failure->name, "readable");
		fputs("\n      <error", stream);
		xml_attribute(stream, "message", failure->error);
		xml_attribute(stream, "type", "unreadable-trace");
		fputs("/></testcase>\n  </testsuite>\n", stream);
	}
	fputs("</testsuites>\n", stream);
}

const struct report_format report_junit = {
	.name = "junit",
	.hashed = true,
	.begin = begin_document,
	.trace = write_trace,
	.middle = report_nothing,
	.end = write_end,
};
