/* SPDX-License-Identifier: GPL-2.0-only */
/* finding - what does not match, told so that somebody who never saw a qgroup trace understands it. */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/explain/explain.h"
#include "web/html/html.h"
#include "web/message/query.h"
#include "web/page/finding_parts.h"
#include "web/page/page.h"

static const char *const names[] = {"occurrence", "from", NULL};

/* Numbers for people begin at 1; 0 is the first where the query says nothing. */
static enum err read_place(struct call *call, const char *name, uint64_t most, uint64_t *place, struct error *error)
{
	const char *text = request_query(call->request, name);
	uint64_t number = 1;

	if (text != NULL && !request_number(&number, text, false))
		return call_refuse(call, 400, error, "%s= wants a number, not '%s'", name, text);
	if (text != NULL && (number == 0 || number > most))
		return call_refuse(call, 404, error,
			"there is no occurrence %" PRIu64 ", only 1 to %" PRIu64 " are kept", number, most);
	*place = number - 1;
	return ERR_OK;
}

static enum err read_query(struct finding_page *page, struct error *error)
{
	uint64_t most = page->finding->occurrence_count;
	uint64_t occurrence = 0;
	enum err err = query_check(page->call, names, error);

	if (err == ERR_OK)
		err = read_place(page->call, "occurrence", most, &occurrence, error);
	page->occurrence = (uint32_t)occurrence;
	if (err == ERR_OK)
		err = read_place(page->call, "from", most, &page->from, error);
	return err;
}

void finding_url(const struct finding_page *page)
{
	if (page->kept)
		html_format(
			page->stream, "/replays/%" PRIu64 "/findings/%" PRIu32, page->proof->replay, page->finding->id);
	else
		html_format(page->stream, "/traces/%" PRIu64 "/findings/%" PRIu32, page->proof->trace_id,
			page->finding->id);
}

/* "Previous" and "next" in the trace, where the findings of a replay are known to be all there. */
static void put_neighbours(const struct finding_page *page)
{
	uint32_t id = page->finding->id;
	uint64_t trace = page->proof->trace_id;

	if (page->kept)
		return;
	fputs("<nav class=\"neighbours\" aria-label=\"Findings of this trace\">", page->stream);
	if (id > 1)
		html_format(page->stream,
			"<a rel=\"prev\" href=\"/traces/%" PRIu64 "/findings/%" PRIu32 "\">← Finding %" PRIu32 "</a>",
			trace, id - 1, id - 1);
	html_format(page->stream, "<span class=\"muted\">%" PRIu32 " of %" PRIu64 "</span>", id,
		page->proof->finding_count);
	if (id < page->proof->finding_count)
		html_format(page->stream,
			"<a rel=\"next\" href=\"/traces/%" PRIu64 "/findings/%" PRIu32 "\">Finding %" PRIu32 " →</a>",
			trace, id + 1, id + 1);
	fputs("</nav>\n", page->stream);
}

static void put_badges(const struct finding_page *page)
{
	const struct finding *finding = page->finding;

	fputs("<div class=\"heading\"><p class=\"badges\">", page->stream);
	html_badge(page->stream, finding_severity_name(finding->severity));
	fputc(' ', page->stream);
	if (finding->severity != SEVERITY_NOTE) {
		html_badge(page->stream, finding_certainty_name(finding->certainty));
		fputc(' ', page->stream);
	}
	html_format(page->stream, "<a class=\"kind\" href=\"/findings?kind=%s\"><code>%s</code></a></p>\n",
		finding_kind_name(finding->kind), finding_kind_name(finding->kind));
	put_neighbours(page);
	fputs("</div>\n", page->stream);
}

/* A permalink leads to what was said then, which may not be what would be said now. */
static void put_age(const struct finding_page *page)
{
	if (!page->kept)
		return;
	if (page->proof->replay == page->proof->current) {
		html_format(page->stream,
			"<p class=\"notice notice-info\">This address stays with replay %" PRIu64
			", which is the last one of <a href=\"/traces/%" PRIu64 "\">its trace</a>.</p>\n",
			page->proof->replay, page->proof->trace_id);
		return;
	}
	html_format(page->stream,
		"<p class=\"notice notice-warning\"><strong>There is a newer replay.</strong> This is what replay "
		"%" PRIu64 " found; <a href=\"/traces/%" PRIu64 "\">the trace</a> was replayed again since (replay "
		"%" PRIu64 "), and its findings may have other numbers, or be gone.</p>\n",
		page->proof->replay, page->proof->trace_id, page->proof->current);
}

static void put_story(const struct finding_page *page)
{
	char *text = explain_text(page->finding, page->comms);
	const char *doubt = explain_doubt(page->finding);

	html_format(page->stream, "<p class=\"story\">%s</p>\n", text);
	free(text);
	if (doubt != NULL)
		html_format(page->stream,
			"<p class=\"notice notice-warning\"><strong>Likely, not proven.</strong> %s</p>\n", doubt);
}

static enum err put_body(const struct finding_page *page, struct error *error)
{
	enum err err;

	put_badges(page);
	put_age(page);
	put_story(page);
	finding_put_diagram(page);
	finding_put_owners(page);
	finding_put_evidence(page);
	finding_put_consequences(page);
	finding_put_occurrences(page);
	finding_put_log(page);
	finding_put_causes(page);
	err = finding_put_signature(page, error);
	finding_put_sharing(page);
	return err;
}

static enum err write_page(struct finding_page *page, struct error *error)
{
	const struct proof *proof = page->proof;
	char *headline = explain_headline(page->finding, page->comms);
	char trace_url[64];
	char here[32];
	const struct html_crumb crumbs[] = {{"Traces", "/traces"},
		{html_file_name(list_one_text(&proof->facts, "name")), trace_url}, {here, NULL}, {NULL, NULL}};
	const struct html_page frame = {.title = headline, .place = PLACE_FINDINGS, .crumbs = crumbs};
	enum err err = read_query(page, error);

	snprintf(trace_url, sizeof(trace_url), "/traces/%" PRIu64, proof->trace_id);
	snprintf(here, sizeof(here), "Finding %" PRIu32, page->finding->id);
	if (err == ERR_OK) {
		html_begin(page->call, &frame);
		err = put_body(page, error);
	}
	if (err == ERR_OK)
		html_end(page->call);
	free(headline);
	return err;
}

static struct finding_page page_of(struct call *call, const struct proof *proof, bool kept)
{
	return (struct finding_page){.call = call,
		.stream = call->response->body,
		.proof = proof,
		.finding = proof->finding,
		.comms = proof->trace->comms,
		.kept = kept};
}

/* The finding that the path names by its trace. */
static enum err read_path(struct call *call, struct proof *proof, struct error *error)
{
	uint64_t trace;
	uint64_t number;
	enum err err = proof_number(call, 0, "trace", &trace, error);

	*proof = (struct proof){.facts = {.list = LIST_TRACES}};
	if (err == ERR_OK)
		err = proof_number(call, 1, "finding", &number, error);
	return err == ERR_OK ? proof_read(call, trace, number, proof, error) : err;
}

enum err page_finding(struct call *call, struct error *error)
{
	struct finding_page page;
	struct proof proof;
	enum err err = read_path(call, &proof, error);

	if (err == ERR_OK) {
		page = page_of(call, &proof, false);
		err = write_page(&page, error);
	}
	proof_release(&proof);
	return err;
}

enum err page_finding_kept(struct call *call, struct error *error)
{
	struct finding_page page;
	struct proof proof = {.facts = {.list = LIST_TRACES}};
	uint64_t replay;
	uint64_t number;
	enum err err = proof_number(call, 0, "replay", &replay, error);

	if (err == ERR_OK)
		err = proof_number(call, 1, "finding", &number, error);
	if (err == ERR_OK)
		err = proof_read_kept(call, replay, number, &proof, error);
	if (err == ERR_OK) {
		page = page_of(call, &proof, true);
		err = write_page(&page, error);
	}
	proof_release(&proof);
	return err;
}

enum err page_finding_mail(struct call *call, struct error *error)
{
	static const char *const none[] = {NULL};
	struct proof proof;
	enum err err = read_path(call, &proof, error);

	if (err == ERR_OK)
		err = query_check(call, none, error);
	if (err == ERR_OK && proof.finding->severity == SEVERITY_NOTE)
		err = call_refuse(call, 404, error, "a note is nothing to report: there is no mail of it");
	if (err == ERR_OK) {
		call->response->type = RESPONSE_TEXT;
		finding_write_mail(call->response->body, call, &proof);
	}
	proof_release(&proof);
	return err;
}
