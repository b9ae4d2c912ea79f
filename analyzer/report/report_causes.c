/* SPDX-License-Identifier: GPL-2.0-only */
/* report_causes - which known bugs a finding looks like, in the text report. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/words.h"
#include "analyzer/report/report_page.h"
#include "base/utf8.h"

/* Under the text of a label. */
#define BUG_INDENT "             "

/* "6.11 6.10.9 6.1.135" reads "6.11, 6.10.9, 6.1.135". */
static void put_releases(const struct page *page, const char *releases)
{
	for (; *releases != '\0'; releases++) {
		if (*releases == ' ')
			fputc(',', page->stream);
		fputc(*releases, page->stream);
	}
}

/* "6.1.0-56-amd64 (stable 6.1.192)" */
static void put_kernel(const struct page *page)
{
	const char *name = page->trace->kernel;
	struct kernel kernel = kernel_read(name);
	char *harmless;

	if (name == NULL) {
		fputs("which kernel this was is not recorded", page->stream);
		return;
	}
	harmless = utf8_harmless(name);
	fprintf(page->stream, "kernel %.*s", (int)strcspn(harmless, " "), harmless);
	if (kernel_is_translated(&kernel, name))
		fprintf(page->stream, " (stable %lu.%lu.%lu)", kernel.major, kernel.minor, kernel.low);
	free(harmless);
}

static void put_bug(const struct page *page, const struct bug_match *match)
{
	const struct bug *bug = match->bug;
	char *line;

	report_page_label(page, "known bug");
	if (bug->commit == NULL)
		fprintf(page->stream, "#%u %s: %s\n", bug->number, bug->slug, bug->title);
	else
		fprintf(page->stream, "#%u %s (\"%s\")\n", bug->number, bug->commit, bug->title);
	if (asprintf(&line, "%s.", match->why) < 0)
		abort();
	words_wrapped(page->stream, line, BUG_INDENT, PAGE_WIDTH);
	free(line);
	fputs(BUG_INDENT, page->stream);
	if (bug->fixed_in != NULL) {
		fputs("fixed in ", page->stream);
		put_releases(page, bug->fixed_in);
		fputs("; ", page->stream);
	}
	put_kernel(page);
	fputs(":\n", page->stream);
	words_wrapped(page->stream, bug_applies_sentence(bug, match->applies), BUG_INDENT, PAGE_WIDTH);
}

/* Those that the kernel should have fixed are worth a line together, unless it is the best match. */
static void put_bugs(const struct page *page, const struct bug_match *matches, size_t count)
{
	size_t alike = 0;

	for (size_t i = 0; i < count; i++)
		if (i == 0 || matches[i].applies != BUG_FIXED)
			put_bug(page, &matches[i]);
	for (size_t i = 1; i < count; i++) {
		if (matches[i].applies != BUG_FIXED)
			continue;
		fprintf(page->stream, "%s%s (%.*s)",
			alike++ == 0 ? BUG_INDENT "alike, but fixed in this kernel: " : ", ", matches[i].bug->commit,
			(int)strcspn(matches[i].bug->fixed_in, " "), matches[i].bug->fixed_in);
	}
	if (alike != 0)
		fputc('\n', page->stream);
}

/* The first finding in the trace of the same path, whose causes are printed there. */
static const struct finding *first_alike(const struct page *page, const struct finding *finding)
{
	const struct replay_result *result = page->trace->result;

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *other = &result->findings[i];

		if (other->kind == finding->kind && other->path == finding->path &&
			report_shows_finding(page->options, page->trace, other))
			return other;
	}
	return finding;
}

void report_page_causes(const struct page *page, const struct finding *finding)
{
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_match(finding, page->trace->result, page->trace->kernel, matches);
	const struct finding *alike = first_alike(page, finding);

	fputc('\n', page->stream);
	if (alike != finding) {
		report_page_label(page, "known bug");
		fprintf(page->stream, "as for #%" PRIu32 "\n", alike->id);
		return;
	}
	put_bugs(page, matches, count);
	if (count == 0) {
		report_page_label(page, "known bug");
		fputs("none that fits\n", page->stream);
	}
}
