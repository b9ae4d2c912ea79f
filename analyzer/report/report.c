/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/report/report.h"

#include <string.h>

static const struct report_format *const formats[] = {
	&report_text, &report_json, &report_mail, &report_sarif, &report_junit};

const struct report_format *report_format_named(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

void report_nothing(FILE *stream, const struct report_options *options)
{
	(void)stream;
	(void)options;
}

const char *report_fsid(const struct report_trace *trace, uint16_t fs)
{
	return fs != 0 ? names_text(trace->fsids, fs) : NULL;
}

bool report_shows_filesystem(const struct report_options *options, const struct report_trace *trace, uint16_t fs)
{
	const char *wanted = options->filter.fsid;
	const char *fsid = report_fsid(trace, fs);

	return wanted == NULL || (fsid != NULL && strncmp(fsid, wanted, strlen(wanted)) == 0);
}

bool report_shows_root(const struct report_options *options, uint64_t root)
{
	return !options->filter.has_root || root == options->filter.root;
}

bool report_shows_finding(
	const struct report_options *options, const struct report_trace *trace, const struct finding *finding)
{
	const struct report_filter *filter = &options->filter;
	bool note = finding->severity == SEVERITY_NOTE;

	if (filter->finding != 0 && finding->id != filter->finding)
		return false;
	if (filter->fsid != NULL && !(note && finding->fs == 0) &&
		!report_shows_filesystem(options, trace, finding->fs))
		return false;
	if (filter->has_root && !(note && finding->root == 0) && finding->root != filter->root)
		return false;
	return !filter->has_ino || note || finding->ino == filter->ino;
}

static void note_place(struct report_totals *totals, const struct report_options *options,
	const struct report_trace *trace, const struct fs_totals *fs)
{
	if (!report_shows_filesystem(options, trace, fs->fs))
		return;
	totals->places += !options->filter.has_root;
	for (size_t i = 0; i < fs->root_count; i++)
		totals->places += report_shows_root(options, fs->roots[i].root);
}

void report_count(struct report_totals *totals, const struct report_options *options, const struct report_trace *trace)
{
	const struct replay_result *result = trace->result;

	totals->traces++;
	totals->events += result->events;
	totals->lost_marks += result->lost_marks;
	totals->places += options->filter.fsid == NULL && !options->filter.has_root;
	for (size_t i = 0; i < result->filesystem_count; i++)
		note_place(totals, options, trace, &result->filesystems[i]);
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		if (!report_shows_finding(options, trace, finding))
			continue;
		totals->severities[finding->severity]++;
		totals->kinds[finding->kind].findings++;
		totals->kinds[finding->kind].occurrences += finding->occurrence_total;
		totals->kinds[finding->kind].bytes += finding->bytes;
	}
}

static void add(uint64_t *sum, uint64_t value)
{
	*sum = value > UINT64_MAX - *sum ? UINT64_MAX : *sum + value;
}

void report_add(struct report_totals *totals, const struct report_totals *more)
{
	add(&totals->traces, more->traces);
	add(&totals->events, more->events);
	add(&totals->lost_marks, more->lost_marks);
	add(&totals->places, more->places);
	for (int severity = 0; severity < SEVERITY_COUNT; severity++)
		add(&totals->severities[severity], more->severities[severity]);
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++) {
		add(&totals->kinds[kind].findings, more->kinds[kind].findings);
		add(&totals->kinds[kind].occurrences, more->kinds[kind].occurrences);
		add(&totals->kinds[kind].bytes, more->kinds[kind].bytes);
	}
}
