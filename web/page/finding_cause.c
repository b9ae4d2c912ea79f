/* SPDX-License-Identifier: GPL-2.0-only */
/* finding_cause - the diagram of a finding, what it may come from, where else it was seen, and how to tell others. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/explain.h"
#include "web/draw/diagram.h"
#include "web/html/html.h"
#include "web/page/finding_parts.h"
#include "web/site.h"

enum { ELSEWHERE_ROWS = 5, OCCURRENCES_OFFERED = 8 };

/* The occurrences of which there is evidence, where there are several. */
static void put_choice(const struct finding_page *page)
{
	const struct finding *finding = page->finding;
	unsigned offered = 0;

	for (uint32_t i = 0; i < finding->occurrence_count && offered < OCCURRENCES_OFFERED; i++)
		offered += diagram_can(finding, i);
	if (offered < 2)
		return;
	offered = 0;
	fputs("<nav class=\"pages\" aria-label=\"Occurrence\"><span>Occurrence</span> ", page->stream);
	for (uint32_t i = 0; i < finding->occurrence_count && offered < OCCURRENCES_OFFERED; i++) {
		if (!diagram_can(finding, i))
			continue;
		offered++;
		if (i == page->occurrence) {
			html_format(page->stream, "<strong aria-current=\"true\">%" PRIu32 "</strong> ", i + 1);
			continue;
		}
		fputs("<a href=\"", page->stream);
		finding_url(page);
		html_format(page->stream, "?occurrence=%" PRIu32 "\">%" PRIu32 "</a> ", i + 1, i + 1);
	}
	fputs("</nav>\n", page->stream);
}

static void put_text_diagram(const struct finding_page *page)
{
	char *text = page->occurrence == 0 ? explain_diagram(page->finding, page->comms, EXPLAIN_DIAGRAM_WIDE) : NULL;

	if (text == NULL)
		return;
	html_format(page->stream,
		"<details>\n<summary>The same as text</summary>\n<pre class=\"proof\" id=\"diagram-text\">%s</pre>\n"
		"<p class=\"actions\"><button type=\"button\" data-copy=\"#diagram-text\" hidden>Copy</button></p>\n"
		"</details>\n",
		text);
	free(text);
}

static void put_ranges(const struct finding_page *page, const struct diagram_wish *wish)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (stream == NULL)
		abort();
	diagram_draw_ranges(stream, page->finding, page->comms, wish);
	if (fclose(stream) != 0)
		abort();
	if (size != 0)
		fprintf(page->stream,
			"<h3>Which bytes of the file</h3>\n<figure class=\"diagram\" tabindex=\"0\" "
			"aria-label=\"Ranges of the events\">\n%s</figure>\n",
			text);
	free(text);
}

static void put_figure(const struct finding_page *page)
{
	const struct diagram_wish wish = {.trace = page->proof->trace_id,
		.marked = page->proof->replay == page->proof->current ? page->finding->id : 0,
		.occurrence = page->occurrence};

	put_choice(page);
	fputs("<figure class=\"diagram\" tabindex=\"0\" aria-label=\"Diagram of the events\">\n", page->stream);
	diagram_draw(page->stream, page->finding, page->comms, &wish);
	fputs("<figcaption>Time goes downwards, a column is a task, and a box an event of the trace, with its number "
	      "and the kernel’s function (without <code>btrfs_</code>).</figcaption>\n</figure>\n",
		page->stream);
	put_text_diagram(page);
	put_ranges(page, &wish);
}

/* The facts stand beside the diagram where there is room. */
void finding_put_diagram(const struct finding_page *page)
{
	fputs("<section class=\"with-facts\">\n<div>\n<h2>What happened</h2>\n", page->stream);
	if (diagram_can(page->finding, page->occurrence))
		put_figure(page);
	else
		fputs("<p class=\"empty\">No events of this occurrence are kept: only the first ones have their "
		      "evidence with them.</p>\n",
			page->stream);
	fputs("</div>\n<div>\n<h2>What it is</h2>\n", page->stream);
	finding_put_facts(page);
	fputs("</div>\n</section>\n", page->stream);
}

/* "6.11 6.10.9" reads "6.11, 6.10.9". */
static void put_releases(const struct finding_page *page, const char *releases)
{
	for (; *releases != '\0'; releases++) {
		if (*releases == ' ')
			fputc(',', page->stream);
		fputc(*releases, page->stream);
	}
}

static const char *const applies_classes[BUG_APPLIES_COUNT] = {
	[BUG_AFFECTED] = "error", [BUG_FIXED] = "fixed", [BUG_UNKNOWN] = "other"};

/* "6.1.0-56-amd64 (stable 6.1.192)" */
static void put_kernel(const struct finding_page *page)
{
	const char *name = page->proof->trace->kernel;
	struct kernel kernel = kernel_read(name);
	char *release;

	if (name == NULL) {
		fputs("which kernel this was is not recorded", page->stream);
		return;
	}
	release = strndup(name, strcspn(name, " "));
	if (release == NULL)
		abort();
	html_format(page->stream, "kernel <b>%s</b>", release);
	if (kernel_is_translated(&kernel, name))
		html_format(page->stream, " (stable %lu.%lu.%lu)", kernel.major, kernel.minor, kernel.low);
	free(release);
}

static void put_match(const struct finding_page *page, const struct bug_match *match)
{
	const struct bug *bug = match->bug;

	html_format(page->stream, "<div class=\"cause\">\n<h3><a href=\"/bugs/%s\">%s</a></h3>\n<p>", bug->slug,
		bug->title);
	fputc(toupper((unsigned char)match->why[0]), page->stream);
	html_format(page->stream, "%s.</p>\n<p>", match->why + 1);
	if (bug->commit != NULL)
		html_format(page->stream,
			"Fixed by <a href=\"https://git.kernel.org/linus/%s\" "
			"rel=\"noreferrer\"><code>%s</code></a>",
			bug->commit, bug->commit);
	else
		fputs("No fix is known", page->stream);
	if (bug->fixed_in != NULL) {
		fputs(" in ", page->stream);
		put_releases(page, bug->fixed_in);
	}
	html_format(page->stream, ". <span class=\"badge badge-%s\">%s</span> ", applies_classes[match->applies],
		bug_applies_name(match->applies));
	put_kernel(page);
	html_format(page->stream, ": %s.</p>\n</div>\n", bug_applies_sentence(bug, match->applies));
}

/* Those that the kernel should have fixed are worth a line together, unless it is the best match. */
static void put_alike(const struct finding_page *page, const struct bug_match *matches, size_t count)
{
	bool any = false;

	for (size_t i = 1; i < count; i++) {
		if (matches[i].applies != BUG_FIXED)
			continue;
		fputs(any ? ", " : "<p class=\"small\">Alike, but fixed in this kernel: ", page->stream);
		html_format(page->stream, "<a href=\"/bugs/%s\" title=\"%s\">%s</a>", matches[i].bug->slug,
			matches[i].bug->title, matches[i].bug->slug);
		any = true;
	}
	if (any)
		fputs("</p>\n", page->stream);
}

void finding_put_causes(const struct finding_page *page)
{
	struct bug_match matches[BUGS_MATCHES_MAX];
	const struct report_trace *trace = page->proof->trace;
	size_t count = bugs_match(page->finding, trace->result, trace->kernel, matches);

	if (page->finding->severity == SEVERITY_NOTE && count == 0)
		return;
	fputs("<section>\n<h2>Known bug</h2>\n", page->stream);
	if (count == 0)
		fputs("<p>None of <a href=\"/bugs\">the catalogue</a> fits.</p>\n", page->stream);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || matches[i].applies != BUG_FIXED)
			put_match(page, &matches[i]);
	put_alike(page, matches, count);
	if (count != 0)
		fputs("<p class=\"small muted\">A match says that the mechanism fits: the trace shows what happened, "
		      "not which line of the kernel did it.</p>\n",
			page->stream);
	fputs("</section>\n", page->stream);
}

static enum err put_elsewhere(const struct finding_page *page, const char *signature, struct error *error)
{
	const struct list_filter filter = {.name = "signature", .text = signature};
	char more[128];
	const struct list_fixed fixed = {.filters = &filter, .filter_count = 1, .limit = ELSEWHERE_ROWS, .more = more};

	snprintf(more, sizeof(more), "/signatures/%.64s", signature);
	return list_view_table(page->call, &list_view_signature_traces, &fixed, error);
}

static void put_state(const struct finding_page *page, const struct list_one *one)
{
	const char *note = list_one_text(one, "note");

	fputs("<p>", page->stream);
	html_badge(page->stream, list_one_text(one, "state"));
	fputs(" <a href=\"/signatures/", page->stream);
	html_url(page->stream, list_one_text(one, "signature"));
	html_format(page->stream, "\"><code>%s</code></a>: the same in ", list_one_text(one, "signature"));
	html_number(page->stream, list_one_number(one, "findings"));
	fputs(list_one_number(one, "findings") == 1 ? " finding of " : " findings of ", page->stream);
	html_number(page->stream, list_one_number(one, "traces"));
	fputs(list_one_number(one, "traces") == 1 ? " trace.</p>\n" : " traces.</p>\n", page->stream);
	if (note != NULL)
		html_format(page->stream, "<p class=\"notice notice-info\">%s</p>\n", note);
}

enum err finding_put_signature(const struct finding_page *page, struct error *error)
{
	struct words signature = explain_signature(page->finding);
	const struct list_filter filter = {.name = "signature", .text = signature.text};
	struct list_one one;
	enum err err = list_one_read(page->call, LIST_SIGNATURES, &filter, 1, &one, error);

	if (err == ERR_OK && one.count != 0) {
		fputs("<section>\n<h2>Where else it was seen</h2>\n", page->stream);
		put_state(page, &one);
		err = put_elsewhere(page, signature.text, error);
		fputs("</section>\n", page->stream);
	}
	list_one_release(&one);
	return err;
}

void finding_write_mail(FILE *stream, struct call *call, const struct proof *proof)
{
	const struct report_options options = {
		.version = call->site != NULL ? call->site->options->version : "",
		.filter = {.finding = proof->finding->id},
		.fail_on = SEVERITY_WARNING,
	};
	const struct report_totals totals = {0};
	const struct report_streams streams = {.traces = stream, .findings = stream};

	report_mail.trace(&streams, &options, proof->trace, &totals);
}

static void put_mail(const struct finding_page *page)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (stream == NULL)
		abort();
	finding_write_mail(stream, page->call, page->proof);
	if (fclose(stream) != 0)
		abort();
	fputs("<p class=\"actions\"><button type=\"button\" data-copy=\"#mail\" hidden>Copy as mail</button>",
		page->stream);
	if (!page->kept) {
		fputs(" <a href=\"", page->stream);
		finding_url(page);
		fputs("/mail\">as plain text</a>", page->stream);
	}
	html_format(page->stream,
		"</p>\n<details>\n<summary>A mail to linux-btrfs</summary>\n<pre class=\"proof\" id=\"mail\">%s</pre>\n"
		"</details>\n",
		text);
	free(text);
}

void finding_put_sharing(const struct finding_page *page)
{
	uint64_t trace = page->proof->trace_id;
	uint32_t id = page->finding->id;

	fputs("<section>\n<h2>To take away</h2>\n", page->stream);
	if (page->finding->severity != SEVERITY_NOTE)
		put_mail(page);
	if (!page->kept) {
		html_format(page->stream,
			"<pre class=\"command\">qgreplay report --trace %" PRIu64 " --finding %" PRIu32
			"\nqgreplay events --trace %" PRIu64 " --around %" PRIu32 "</pre>\n",
			trace, id, trace, id);
		html_format(page->stream,
			"<p class=\"small\">The same on the machine with the store; as <a "
			"href=\"/api/v1/traces/%" PRIu64 "/findings/%" PRIu32 "\">JSON</a>.</p>\n",
			trace, id);
	}
	fputs("</section>\n", page->stream);
}
