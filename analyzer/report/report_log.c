/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/report/report_log.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/explain/words.h"
#include "analyzer/report/report_page.h"
#include "base/utf8.h"

static const enum page_style styles[KLOG_VERDICT_COUNT] = {
	[KLOG_AGREES] = STYLE_GOOD,
	[KLOG_DENIED] = STYLE_WARNING,
	[KLOG_BEYOND] = STYLE_PLAIN,
	[KLOG_CONTEXT] = STYLE_PLAIN,
};

/* "3 agree, 1 denied" */
static const char *const sums[KLOG_VERDICT_COUNT] = {
	[KLOG_AGREES] = "agree",
	[KLOG_DENIED] = "denied by the trace",
	[KLOG_BEYOND] = "not within the trace",
	[KLOG_CONTEXT] = "about usage",
};

static const char *const types[] = {
	[EVENT_TYPE_DATA] = "DATA",
	[EVENT_TYPE_META_PERTRANS] = "META_PERTRANS",
	[EVENT_TYPE_META_PREALLOC] = "META_PREALLOC",
};

static bool supports(const struct klog_match *match, const struct finding *finding)
{
	for (size_t i = 0; i < match->finding_count; i++)
		if (match->findings[i] == finding->id)
			return true;
	return false;
}

size_t report_log_put_of(FILE *stream, const struct replay_result *result, const struct finding *finding,
	const char *indent, size_t limit)
{
	const struct klog_join *join = &result->join;
	size_t shown = 0;

	for (size_t i = 0; i < join->count && shown < limit; i++) {
		char *text;

		if (!supports(&join->matches[i], finding))
			continue;
		text = klog_line_text(join->matches[i].line);
		fprintf(stream, "%s%s\n", indent, text);
		free(text);
		shown++;
	}
	return shown;
}

void report_page_log_of(const struct page *page, const struct finding *finding)
{
	const struct replay_result *result = page->trace->result;
	size_t limit = page->options->all ? SIZE_MAX : PAGE_OCCURRENCES;

	if (!klog_join_supports(&result->join, finding))
		return;
	fputs("\n  the kernel's log says so too:\n", page->stream);
	report_log_put_of(page->stream, result, finding, "    ", limit);
}

static void put_statement(const struct page *page, const struct klog_match *match)
{
	const struct klog_line *line = match->line;
	char *text = klog_line_text(line);
	char *device = utf8_harmless(line->device);

	fprintf(page->stream, "  line %-6" PRIu64 " %13s  %s%s%s", line->line,
		line->timed ? words_time(line->time_ns).text : "", device, *device != '\0' ? ": " : "", text);
	if (match->count > 1)
		fprintf(page->stream, " (%s)", words_count(match->count, "time", "times").text);
	fprintf(page->stream, "\n%28s", "");
	report_page_styled(page, styles[match->verdict], klog_verdict_words(match->verdict));
	if (match->seen_ns != 0)
		fprintf(page->stream, ", at %s", words_time(match->seen_ns - 1).text);
	for (size_t i = 0; i < match->finding_count; i++)
		fprintf(page->stream, "%s#%" PRIu32, i == 0 ? ": " : ", ", match->findings[i]);
	fputs(match->ambiguous ? " (in several filesystems)\n" : "\n", page->stream);
	free(text);
	free(device);
}

static void put_log_heading(const struct page *page)
{
	const struct replay_result *result = page->trace->result;
	const char *separator = ":";

	fprintf(page->stream, "Kernel log, %s about reservations of qgroups",
		words_count(result->log->count + result->log->left_out, "statement", "statements").text);
	for (int verdict = 0; verdict < KLOG_VERDICT_COUNT; verdict++) {
		uint64_t count = result->join.verdicts[verdict];

		if (count == 0)
			continue;
		fprintf(page->stream, "%s %s %s", separator, words_number(count).text, sums[verdict]);
		separator = ",";
	}
	fputc('\n', page->stream);
}

void report_page_log(const struct page *page)
{
	const struct replay_result *result = page->trace->result;
	size_t shown = result->join.count;

	if (result->log == NULL)
		return;
	if (!page->options->all && shown > PAGE_OCCURRENCES)
		shown = PAGE_OCCURRENCES;
	put_log_heading(page);
	for (size_t i = 0; i < shown; i++)
		put_statement(page, &result->join.matches[i]);
	if (result->join.count > shown)
		fprintf(page->stream, "  and %s more (--all or --format json lists them)\n",
			words_number(result->join.count - shown).text);
	if (result->log->left_out != 0)
		fprintf(page->stream, "  and %s that were not looked at\n", words_number(result->log->left_out).text);
	fputc('\n', page->stream);
}

static void number_or_null(struct json *json, const char *key, uint64_t value, bool known)
{
	if (known)
		json_number(json, key, value);
	else
		json_null(json, key);
}

static void write_statement(struct json *json, const struct klog_match *match)
{
	const struct klog_line *line = match->line;
	bool of_counter = line->kind == KLOG_UNDERFLOW || line->kind == KLOG_UNRELEASED;
	bool of_inode = line->kind == KLOG_LEAKING;
	char *text = klog_line_text(line);

	json_object(json, NULL);
	json_number(json, "line", line->line);
	json_number(json, "count", match->count);
	number_or_null(json, "time_ns", line->time_ns, line->timed);
	json_text(json, "device", line->device[0] != '\0' ? line->device : NULL);
	json_text(json, "kind", klog_kind_name(line->kind));
	json_text(json, "text", text);
	number_or_null(json, "qgid", line->qgid, of_counter);
	json_text(json, "type", of_counter ? types[line->type] : NULL);
	number_or_null(json, "have_bytes", line->have_bytes, line->kind == KLOG_UNDERFLOW);
	number_or_null(json, "bytes", line->bytes, of_counter);
	number_or_null(json, "ino", line->ino, of_inode);
	number_or_null(json, "start", line->start, of_inode);
	number_or_null(json, "end", line->end, of_inode);
	json_text(json, "verdict", klog_verdict_name(match->verdict));
	json_bool(json, "ambiguous", match->ambiguous);
	number_or_null(json, "seen_ns", match->seen_ns - 1, match->seen_ns != 0);
	json_array(json, "findings");
	for (size_t i = 0; i < match->finding_count; i++)
		json_number(json, NULL, match->findings[i]);
	json_array_end(json);
	json_object_end(json);
	free(text);
}

void report_log_write(struct json *json, const struct replay_result *result)
{
	if (result->log == NULL) {
		json_null(json, "log");
		return;
	}
	json_array(json, "log");
	for (size_t i = 0; i < result->join.count; i++)
		write_statement(json, &result->join.matches[i]);
	json_array_end(json);
}

void report_log_write_of(struct json *json, const struct replay_result *result, const struct finding *finding)
{
	json_array(json, "log");
	for (size_t i = 0; i < result->join.count; i++)
		if (supports(&result->join.matches[i], finding))
			json_number(json, NULL, result->join.matches[i].line->line);
	json_array_end(json);
}
