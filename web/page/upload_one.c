/* SPDX-License-Identifier: GPL-2.0-only */
/* upload_one - one upload on its way: asks again each second until there is something better to look at. */
#include <inttypes.h>
#include <string.h>

#include "analyzer/explain/words.h"
#include "web/html/html.h"
#include "web/page/page.h"
#include "web/upload/status.h"

enum { ASK_AGAIN_S = 1 };

static bool is_under_way(const struct upload_status *status)
{
	return strcmp(status->state, "queued") == 0 || strcmp(status->state, "running") == 0;
}

static void write_progress(FILE *stream, const struct upload_status *status)
{
	if (strcmp(status->state, "queued") == 0) {
		fputs("<p>It waits for its turn.</p>\n<progress aria-label=\"Waiting\"></progress>\n", stream);
		return;
	}
	html_format(stream, "<p>It is being read: %s events so far.</p>\n", words_number(status->events).text);
	if (status->total_bytes != 0 && status->done_bytes <= status->total_bytes)
		html_format(stream,
			"<progress aria-label=\"Read\" max=\"%" PRIu64 "\" value=\"%" PRIu64 "\"></progress>\n",
			status->total_bytes, status->done_bytes);
	else
		fputs("<progress aria-label=\"Read\"></progress>\n", stream);
}

static void write_failure(FILE *stream, const struct upload_status *status)
{
	html_format(stream,
		"<div class=\"notice notice-error\"><p><strong>It could not be taken in.</strong> %s.</p></div>\n",
		status->reason);
	fputs("<p>Nothing of it was stored. <code>qgreplay check FILE</code> says the same of the file where it is; <a "
	      "href=\"/upload#accepted\">what is accepted</a>.</p>\n"
	      "<p class=\"actions\"><a class=\"button\" href=\"/upload\">Upload another</a></p>\n",
		stream);
}

static void write_date(FILE *stream, const char *name, uint64_t seconds)
{
	if (seconds == 0)
		return;
	html_format(stream, "<div><dt>%s</dt><dd>", name);
	html_date(stream, seconds);
	fputs("</dd></div>\n", stream);
}

static void write_facts(FILE *stream, const struct upload_status *status)
{
	fputs("<dl class=\"facts\">\n<div><dt>State</dt><dd>", stream);
	html_badge(stream, status->state);
	fputs("</dd></div>\n<div><dt>Size</dt><dd>", stream);
	html_bytes(stream, status->size);
	fputs("</dd></div>\n", stream);
	if (*status->host != '\0')
		html_format(stream, "<div><dt>Host</dt><dd>%s</dd></div>\n", status->host);
	write_date(stream, "Received", status->received_at);
	write_date(stream, "Begun", status->started_at);
	write_date(stream, "Ended", status->ended_at);
	if (status->tries > 1)
		html_format(stream, "<div><dt>Tries</dt><dd>%" PRIu64 "</dd></div>\n", status->tries);
	fputs("</dl>\n", stream);
}

static void write_page(struct call *call, const struct upload_status *status)
{
	static const struct html_crumb crumbs[] = {
		{"Upload", "/upload"}, {"Uploads", "/uploads"}, {"One upload", NULL}, {NULL, NULL}};
	const struct html_page page = {.title = status->name,
		.place = PLACE_UPLOAD,
		.crumbs = crumbs,
		.refresh_s = is_under_way(status) ? ASK_AGAIN_S : 0};
	FILE *stream = call->response->body;

	call->response->private_body = true;
	html_begin(call, &page);
	if (is_under_way(status))
		write_progress(stream, status);
	else if (strcmp(status->state, "failed") == 0)
		write_failure(stream, status);
	else
		fputs("<div class=\"notice notice-warning\"><p>It was taken in; its trace has been deleted "
		      "since.</p></div>\n",
			stream);
	write_facts(stream, status);
	if (is_under_way(status))
		fputs("<p class=\"muted\">This page asks again each second, and leads to the trace when it is "
		      "there.</p>\n",
			stream);
	html_end(call);
}

enum err page_upload_one(struct call *call, struct error *error)
{
	struct upload_status status = {.found = false};
	struct upload_goal goal;
	uint64_t upload;
	enum err err;

	if (!request_capture(call->request, 0, false, &upload))
		return call_refuse(
			call, 404, error, "an upload has a number, '%s' is none", call->request->captures[0]);
	err = upload_status_read(call, upload, &status, error);
	if (err == ERR_OK && !status.found)
		return call_refuse(call, 404, error, "there is no upload %" PRIu64 ", see the list of uploads", upload);
	if (err == ERR_OK && status.trace != 0) {
		err = upload_goal_read(call->store, status.trace, &goal, error);
		if (err == ERR_OK)
			response_see_other(call->response, "%s", goal.page);
	} else if (err == ERR_OK) {
		write_page(call, &status);
	}
	return err;
}
