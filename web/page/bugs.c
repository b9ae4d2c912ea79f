/* SPDX-License-Identifier: GPL-2.0-only */
/* bugs - the catalogue of known bugs, which of them a kernel has, and what this store holds that looks like one. */
#include "analyzer/bugs/bugs.h"

#include <inttypes.h>
#include <string.h>

#include "web/html/html.h"
#include "web/message/query.h"
#include "web/page/bug_badge.h"
#include "web/page/page.h"
#include "web/page/signature_rows.h"

struct view {
	FILE *stream;
	const char *kernel_name; /* as asked for, or NULL */
	struct kernel kernel;
	struct signature_rows rows;
};

static enum err view_read(struct call *call, struct view *view, struct error *error)
{
	static const char *const names[] = {"kernel", NULL};
	const char *name = request_query(call->request, "kernel");
	enum err err = query_check(call, names, error);

	*view = (struct view){.stream = call->response->body};
	if (err == ERR_OK && name != NULL && *name != '\0') {
		view->kernel_name = name;
		view->kernel = kernel_read(name);
		if (!view->kernel.known)
			err = call_refuse(call, 400, error,
				"a kernel is named as uname -r prints it, such as 6.1.72 or 6.1.0-47-amd64, not '%s'",
				name);
	}
	return err == ERR_OK ? signature_rows_read(call, &view->rows, error) : err;
}

/* "6.11 6.10.9" reads "6.11, 6.10.9". */
static void write_list(FILE *stream, const char *words)
{
	for (; *words != '\0'; words++) {
		if (*words == ' ')
			fputc(',', stream);
		fputc(*words, stream);
	}
}

/* The query that keeps the kernel from one page of bugs to the next. */
static void write_query(const struct view *view)
{
	if (view->kernel_name == NULL)
		return;
	fputs("?kernel=", view->stream);
	html_url(view->stream, view->kernel_name);
}

static void write_form(const struct view *view, const char *path)
{
	html_format(view->stream,
		"<form class=\"filter\" method=\"get\" action=\"%s\">\n<label>Kernel <input name=\"kernel\" "
		"placeholder=\"6.1.0-47-amd64\" size=\"28\" maxlength=\"200\" spellcheck=\"false\" "
		"value=\"%s\"></label>\n<button type=\"submit\">Check</button>",
		path, view->kernel_name);
	if (view->kernel_name != NULL)
		html_format(view->stream, " <a href=\"%s\">Any kernel</a>", path);
	fputs("\n<small class=\"muted\">as <code>uname -r</code> prints it; <code>uname -v</code> behind it tells "
	      "more of Debian’s kernels</small>\n</form>\n",
		view->stream);
}

static void write_kernel(const struct view *view)
{
	html_format(view->stream, "<b>%s</b>", view->kernel_name);
	if (kernel_is_translated(&view->kernel, view->kernel_name))
		html_format(view->stream, " (stable %lu.%lu.%lu)", view->kernel.major, view->kernel.minor,
			view->kernel.low);
}

static void write_verdict(const struct view *view)
{
	unsigned counts[BUG_APPLIES_COUNT] = {0};
	const struct bug *bug;

	if (view->kernel_name == NULL)
		return;
	for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++)
		counts[bug_applies(bug, &view->kernel)]++;
	fputs("<p class=\"notice notice-info\">Kernel ", view->stream);
	write_kernel(view);
	html_format(view->stream,
		" is <b>affected</b> by %u, and should have the fix of %u; of %u its name cannot tell.</p>\n",
		counts[BUG_AFFECTED], counts[BUG_FIXED], counts[BUG_UNKNOWN]);
}

static void write_row(const struct view *view, const struct bug *bug)
{
	uint64_t findings = signature_rows_findings(&view->rows, bug);

	html_format(view->stream, "<tr><td class=\"number\">%u</td>", bug->number);
	if (view->kernel_name != NULL) {
		fputs("<td>", view->stream);
		bug_badge(view->stream, bug_applies(bug, &view->kernel));
		fputs("</td>", view->stream);
	}
	html_format(view->stream, "<td class=\"wide\"><a href=\"/bugs/%s", bug->slug);
	write_query(view);
	html_format(view->stream, "\">%s</a><br><small class=\"muted\">%s</small></td><td>%s</td><td>", bug->slug,
		bug->title, bug_area_name(bug->area));
	if (bug->commit != NULL)
		html_format(view->stream, "<code>%s</code>", bug->commit);
	html_format(view->stream, "</td><td>%s</td><td>", bug->since);
	if (bug->fixed_in != NULL)
		write_list(view->stream, bug->fixed_in);
	else
		fputs("<span class=\"muted\">no fix known</span>", view->stream);
	fputs("</td><td class=\"number\">", view->stream);
	if (findings > 0)
		html_number(view->stream, findings);
	fputs("</td></tr>\n", view->stream);
}

static void write_head(const struct view *view)
{
	fputs("<div class=\"table-wrap\"><table>\n<thead><tr><th scope=\"col\" class=\"number\">#</th>", view->stream);
	if (view->kernel_name != NULL)
		fputs("<th scope=\"col\">This kernel</th>", view->stream);
	fputs("<th scope=\"col\">Bug</th><th scope=\"col\">Area</th><th scope=\"col\">Fix</th><th scope=\"col\">Came "
	      "in</th><th scope=\"col\">Fixed in</th><th scope=\"col\" class=\"number\"><abbr title=\"findings of this "
	      "store whose kind and path it explains\">Findings</abbr></th></tr></thead>\n"
	      "<tbody>\n",
		view->stream);
}

enum err page_bugs(struct call *call, struct error *error)
{
	static const struct html_page page = {.title = "Known bugs", .place = PLACE_BUGS};
	const struct bug *bug;
	struct view view;
	enum err err = view_read(call, &view, error);

	if (err == ERR_OK) {
		html_begin(call, &page);
		fputs("<p class=\"lead\">Reservation bugs of btrfs qgroups that are known, what a trace shows of "
		      "them, and the kernels that have the fix.</p>\n",
			view.stream);
		write_form(&view, "/bugs");
		write_verdict(&view);
		write_head(&view);
		for (size_t i = 0; (bug = bugs_at(i)) != NULL; i++)
			write_row(&view, bug);
		fputs("</tbody>\n</table></div>\n<p class=\"actions\"><a href=\"/api/v1/bugs", view.stream);
		write_query(&view);
		fputs("\">JSON</a> · <a href=\"/api/v1/bugs", view.stream);
		write_query(&view);
		fputs(view.kernel_name == NULL ? "?format=csv\">CSV</a></p>\n" : "&amp;format=csv\">CSV</a></p>\n",
			view.stream);
		html_end(call);
	}
	signature_rows_release(&view.rows);
	return err;
}

static void write_fact(FILE *stream, const char *name, const char *text)
{
	if (text != NULL)
		html_format(stream, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, text);
}

/* The commits, each with a link to where anybody can read it. */
static void write_commits(FILE *stream, const char *name, const char *commits)
{
	if (commits == NULL)
		return;
	html_format(stream, "<div><dt>%s</dt><dd>", name);
	while (*commits != '\0') {
		int length = (int)strcspn(commits, " ");

		fprintf(stream,
			"<a href=\"https://git.kernel.org/linus/%.*s\" rel=\"noreferrer\"><code>%.*s</code></a> ",
			length, commits, length, commits);
		commits += length;
		commits += strspn(commits, " ");
	}
	fputs("</dd></div>\n", stream);
}

static void write_facts(const struct view *view, const struct bug *bug)
{
	FILE *stream = view->stream;

	fputs("<dl class=\"facts\">\n", stream);
	html_format(stream, "<div><dt>Number</dt><dd>%u</dd></div>\n", bug->number);
	write_fact(stream, "Area", bug_area_name(bug->area));
	if (bug->commit == NULL)
		write_fact(stream, "Fix",
			bug->fixed_in != NULL ? "in a release, by a commit that is not known" : "none is known");
	write_commits(stream, "Fix", bug->commit);
	write_commits(stream, "See also", bug->also);
	write_fact(stream, "Came in", bug->since);
	if (bug->fixed_in != NULL) {
		fputs("<div><dt>Fixed in</dt><dd>", stream);
		write_list(stream, bug->fixed_in);
		fputs("</dd></div>\n", stream);
	}
	if (bug->lacking != NULL)
		html_format(
			stream, "<div><dt>Lacking in</dt><dd>%s and before, of that series</dd></div>\n", bug->lacking);
	write_fact(stream, "CVE", bug->cve);
	write_fact(stream, "Not verified", bug->unverified);
	fputs("</dl>\n", stream);
}

static void write_this_kernel(const struct view *view, const struct bug *bug)
{
	enum bug_applies applies = bug_applies(bug, &view->kernel);

	if (view->kernel_name == NULL)
		return;
	fputs("<p class=\"notice notice-info\">Kernel ", view->stream);
	write_kernel(view);
	fputs(": ", view->stream);
	bug_badge(view->stream, applies);
	html_format(view->stream, " %s.</p>\n", bug_applies_sentence(bug, applies));
}

static void write_signs(const struct view *view, const struct bug *bug)
{
	fputs("<h2>What it explains</h2>\n<div class=\"table-wrap\"><table>\n<thead><tr><th "
	      "scope=\"col\">Finding</th><th scope=\"col\">Why</th></tr></thead>\n<tbody>\n",
		view->stream);
	for (size_t i = 0; i < BUG_SIGNS_MAX && bug->signs[i].weight != 0; i++) {
		const struct bug_sign *sign = &bug->signs[i];
		const char *kind = finding_kind_name(sign->kind);
		const char *path = sign->path != PATH_COUNT ? finding_path_name(sign->path) : "";

		html_format(view->stream,
			"<tr><td><a href=\"/findings?kind=%s\">%s</a>%s%s</td><td class=\"wide\">%s%s", kind, kind,
			*path != '\0' ? " · " : "", path, sign->why,
			sign->fits != NULL ? " (where the evidence shows it)" : "");
		fputs("</td></tr>\n", view->stream);
	}
	fputs("</tbody>\n</table></div>\n", view->stream);
}

static bool fits(const void *context, const struct signature_row *row)
{
	return row->findings > 0 && signature_row_fits(row, context);
}

static void write_seen(const struct view *view, const struct bug *bug)
{
	const struct signature_choice choice = {.fits = fits, .context = bug};

	fputs("<h2>In this store</h2>\n", view->stream);
	if (signature_rows_findings(&view->rows, bug) == 0) {
		fputs("<p class=\"empty\">Nothing that looks like it.</p>\n", view->stream);
		return;
	}
	fputs("<p>Findings of a kind and path that it explains. Which known bug a single finding looks like most is "
	      "said on its page, where the evidence is weighed.</p>\n",
		view->stream);
	signature_rows_table(view->stream, &view->rows, &choice);
}

static void write_bug(struct call *call, const struct view *view, const struct bug *bug)
{
	const struct html_crumb crumbs[] = {{"Known bugs", "/bugs"}, {bug->slug, NULL}, {NULL, NULL}};
	const struct html_page page = {.title = bug->title, .place = PLACE_BUGS, .crumbs = crumbs};

	html_begin(call, &page);
	html_format(view->stream, "<p class=\"lead\">A trace shows that %s.</p>\n", bug->shows);
	write_facts(view, bug);
	write_form(view, call->request->path);
	write_this_kernel(view, bug);
	write_signs(view, bug);
	write_seen(view, bug);
	html_format(view->stream, "<p class=\"actions\"><a href=\"/api/v1/bugs/%s", bug->slug);
	write_query(view);
	fputs("\">JSON</a></p>\n", view->stream);
	html_end(call);
}

enum err page_bug(struct call *call, struct error *error)
{
	const char *name = call->request->captures[0];
	const struct bug *bug = bugs_named(name);
	struct view view = {0};
	enum err err;

	if (bug == NULL)
		return call_refuse(call, 404, error,
			"there is no bug '%s' in the catalogue, the list of known bugs has numbers, ids and commits",
			name);
	err = view_read(call, &view, error);
	if (err == ERR_OK)
		write_bug(call, &view, bug);
	signature_rows_release(&view.rows);
	return err;
}
