/* SPDX-License-Identifier: GPL-2.0-only */
/* signatures - the ways in which reservations went wrong, and one of them wherever it was seen. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/meaning.h"
#include "web/api/signature_set.h"
#include "web/html/html.h"
#include "web/list/list_view.h"
#include "web/page/page.h"
#include "web/page/signature_kernels.h"

enum { EXCERPT_ROWS = 10 };

enum err page_signatures(struct call *call, struct error *error)
{
	static const struct html_page page = {.title = "Signatures", .place = PLACE_SIGNATURES};
	static const struct list_fixed fixed = {.form = true};
	enum err err;

	html_begin(call, &page);
	fputs("<p class=\"lead\">Findings of one cause have one signature, on whatever host and kernel it "
	      "strikes.</p>\n",
		call->response->body);
	err = list_view_table(call, &list_view_signatures, &fixed, error);
	html_end(call);
	return err;
}

static const char *word(const struct list_one *one, const char *column)
{
	const char *text = list_one_text(one, column);

	return text != NULL ? text : "";
}

/* Begins with `before`, then the signature as a part of a URL, then `after`; to be freed. */
static char *address(const char *before, const char *signature, const char *after)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (stream == NULL)
		abort();
	fputs(before, stream);
	html_url(stream, signature);
	fputs(after, stream);
	if (fclose(stream) != 0)
		abort();
	return text;
}

static void write_number(FILE *stream, const char *name, uint64_t number)
{
	html_format(stream, "<div><dt>%s</dt><dd>", name);
	html_number(stream, number);
	fputs("</dd></div>\n", stream);
}

static void write_date(FILE *stream, const char *name, uint64_t seconds)
{
	html_format(stream, "<div><dt>%s</dt><dd>", name);
	html_date(stream, seconds);
	fputs("</dd></div>\n", stream);
}

static void write_facts(FILE *stream, const struct list_one *one)
{
	const char *path = word(one, "path");

	fputs("<dl class=\"facts\">\n", stream);
	html_format(stream,
		"<div><dt>Signature</dt><dd><code>%s</code></dd></div>\n<div><dt>Kind</dt><dd>%s</dd></div>\n",
		list_one_text(one, "signature"), list_one_text(one, "kind"));
	if (*path != '\0')
		html_format(stream, "<div><dt>Path</dt><dd>%s</dd></div>\n", path);
	write_number(stream, "Findings", list_one_number(one, "findings"));
	write_number(stream, "Traces", list_one_number(one, "traces"));
	if (list_one_number(one, "hosts") > 0)
		write_number(stream, "Hosts", list_one_number(one, "hosts"));
	fputs("<div><dt>Bytes</dt><dd>", stream);
	html_bytes(stream, list_one_number(one, "bytes"));
	fputs("</dd></div>\n", stream);
	write_date(stream, "First seen", list_one_number(one, "first_seen"));
	write_date(stream, "Last seen", list_one_number(one, "last_seen"));
	fputs("</dl>\n", stream);
}

static void write_bugs(FILE *stream, const struct bug_match *matches, size_t count)
{
	fputs("<h2>Known bugs that look like it</h2>\n", stream);
	if (count == 0) {
		fputs("<p class=\"empty\">None of the catalogue.</p>\n", stream);
		return;
	}
	fputs("<div class=\"table-wrap\"><table>\n<thead><tr><th scope=\"col\">Bug</th><th scope=\"col\">Why</th><th "
	      "scope=\"col\">Fix</th><th scope=\"col\">Fixed in</th></tr></thead>\n<tbody>\n",
		stream);
	for (size_t i = 0; i < count; i++) {
		const struct bug *bug = matches[i].bug;

		html_format(stream,
			"<tr><td class=\"nowrap\"><a href=\"/bugs/%s\" title=\"%s\">%s</a></td><td "
			"class=\"wide\">%s</td><td><code>%s</code></td><td>%s</td></tr>\n",
			bug->slug, bug->title, bug->slug, matches[i].why, bug->commit != NULL ? bug->commit : "–",
			bug->fixed_in != NULL ? bug->fixed_in : "no fix known");
	}
	fputs("</tbody>\n</table></div>\n<p class=\"small muted\">By kind and path alone; on the page of a finding "
	      "its evidence is weighed too, and its kernel held against the fix.</p>\n",
		stream);
}

static void write_note(FILE *stream, const char *note)
{
	if (note == NULL)
		return;
	html_format(stream, "<p>%s</p>\n", note);
}

/* The form stands where its sender may send it; what others see is in the state and the note alone. */
static void write_form(struct call *call, const struct list_one *one)
{
	FILE *stream = call->response->body;
	const char *state = list_one_text(one, "state");

	fputs("<h2>State</h2>\n", stream);
	if (call->request->right < RIGHT_ADMIN) {
		fputs("<p>", stream);
		html_badge(stream, state);
		fputs("</p>\n", stream);
		write_note(stream, list_one_text(one, "note"));
		return;
	}
	fputs("<form class=\"stacked\" method=\"post\" action=\"/signatures/", stream);
	html_url(stream, list_one_text(one, "signature"));
	fputs("\">\n<label>State <select name=\"state\">", stream);
	for (size_t i = 0; signature_states[i] != NULL; i++)
		html_format(stream, "<option%s>%s</option>",
			state != NULL && strcmp(state, signature_states[i]) == 0 ? " selected" : "",
			signature_states[i]);
	html_format(stream, "</select></label>\n<label>Note <textarea name=\"note\" rows=\"3\" maxlength=\"%u\">\n",
		(unsigned)STORE_NOTE_BYTES);
	html_text(stream, list_one_text(one, "note"));
	fputs("</textarea></label>\n<div><button type=\"submit\">Save</button></div>\n</form>\n"
	      "<p class=\"small muted\">Known, fixed and ignored signatures are not counted as open on the overview; "
	      "their findings stay.</p>\n",
		stream);
}

static enum err write_lists(struct call *call, const char *signature, struct error *error)
{
	const struct list_filter filter = {.name = "signature", .text = signature};
	char *findings = address("/findings?signature=", signature, "");
	char *traces = address("/api/v1/signatures/", signature, "/traces");
	const struct list_fixed of_findings = {
		.filters = &filter, .filter_count = 1, .limit = EXCERPT_ROWS, .more = findings};
	const struct list_fixed of_traces = {
		.filters = &filter, .filter_count = 1, .limit = EXCERPT_ROWS, .more = traces, .path = traces};
	FILE *stream = call->response->body;
	enum err err;

	fputs("<h2>Findings</h2>\n", stream);
	err = list_view_table(call, &list_view_findings, &of_findings, error);
	fputs("<h2>Traces</h2>\n", stream);
	if (err == ERR_OK)
		err = list_view_table(call, &list_view_signature_traces, &of_traces, error);
	free(findings);
	free(traces);
	return err;
}

static enum err write_page(struct call *call, const struct list_one *one, struct error *error)
{
	const char *signature = list_one_text(one, "signature");
	const char *kind = word(one, "kind");
	const char *path = word(one, "path");
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_explaining(kind, path, matches);
	const struct html_crumb crumbs[] = {{"Signatures", "/signatures"}, {signature, NULL}, {NULL, NULL}};
	const struct html_page page = {.title = explain_title(kind, path), .place = PLACE_SIGNATURES, .crumbs = crumbs};
	FILE *stream = call->response->body;
	enum err err;

	html_begin(call, &page);
	html_format(stream, "<p class=\"lead\">%s</p>\n<p>", explain_meaning(kind, path));
	html_badge(stream, list_one_text(one, "severity"));
	fputc(' ', stream);
	html_badge(stream, list_one_text(one, "state"));
	fputs("</p>\n", stream);
	write_facts(stream, one);
	fputs("<div class=\"side-by-side\">\n<section>\n", stream);
	write_bugs(stream, matches, count);
	fputs("</section>\n<section>\n", stream);
	write_form(call, one);
	fputs("</section>\n</div>\n", stream);
	fputs("<h2>Kernels</h2>\n", stream);
	err = signature_kernels_table(call, signature, matches, count, error);
	if (err == ERR_OK)
		err = write_lists(call, signature, error);
	html_end(call);
	return err;
}

enum err page_signature(struct call *call, struct error *error)
{
	const struct list_filter filter = {.name = "signature", .text = call->request->captures[0]};
	struct list_one one = {0};
	enum err err = list_one_read(call, LIST_SIGNATURES, &filter, 1, &one, error);

	if (err == ERR_OK && one.count == 0)
		err = call_refuse(
			call, 404, error, "there is no signature '%s', see the list of signatures", filter.text);
	if (err == ERR_OK)
		err = write_page(call, &one, error);
	list_one_release(&one);
	return err;
}

enum err page_signature_change(struct call *call, struct error *error)
{
	enum err err =
		signature_set(call, request_form(call->request, "state"), request_form(call->request, "note"), error);
	char *page;

	if (err != ERR_OK)
		return err;
	page = address("/signatures/", call->request->captures[0], "");
	response_see_other(call->response, "%s", page);
	free(page);
	return ERR_OK;
}
