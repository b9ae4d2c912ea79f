/* SPDX-License-Identifier: GPL-2.0-only */
/* upload - the page that takes a trace, by a form, by dropping files, or by the command that it shows. */
#include "web/upload/upload.h"

#include <inttypes.h>

#include "web/html/html.h"
#include "web/page/howto.h"
#include "web/page/page.h"
#include "web/site.h"
#include "web/upload/status.h"

/* Better told before somebody sends gigabytes than after. */
static void write_refusal(FILE *stream)
{
	fputs("<p class=\"notice notice-warning\"><strong>You may read here, and not upload.</strong> A token with "
	      "the right to upload is needed: whoever runs this server gives it.</p>\n",
		stream);
}

/* The host stands before the file, so that it is known when the file begins. */
static void write_form(FILE *stream)
{
	fputs("<form class=\"stacked\" id=\"upload\" method=\"post\" action=\"/upload\" "
	      "enctype=\"multipart/form-data\">\n"
	      "<label>Host it was recorded on (optional) <input name=\"host\" maxlength=\"255\" autocomplete=\"off\" "
	      "spellcheck=\"false\"></label>\n"
	      "<div class=\"drop\" id=\"drop\">\n<p id=\"drop-hint\" hidden>Drop traces here, or</p>\n"
	      "<p><label for=\"trace\" class=\"visually-hidden\">Trace file</label><input type=\"file\" id=\"trace\" "
	      "name=\"trace\" required aria-describedby=\"accepted\"></p>\n"
	      "<p><button type=\"submit\" class=\"button-main\">Upload</button></p>\n</div>\n</form>\n"
	      "<div id=\"sent\" aria-live=\"polite\"></div>\n",
		stream);
}

static void write_accepted(struct call *call)
{
	FILE *stream = call->response->body;

	fputs("<h2 id=\"accepted\">What is accepted</h2>\n<ul>\n"
	      "<li><b>trace.dat</b> of trace-cmd, version 6 or 7</li>\n"
	      "<li><b>text</b>: <code>trace</code>, <code>trace_pipe</code>, <code>trace-cmd report</code>, <code>perf "
	      "script</code></li>\n"
	      "<li>any of these packed with <b>gzip</b> or <b>zstd</b>: the content tells, not the name</li>\n<li>up "
	      "to ",
		stream);
	html_bytes(stream, call->site->options->upload_max_bytes);
	fputs(" each</li>\n</ul>\n", stream);
}

static void write_privacy(FILE *stream)
{
	fputs("<h2>What becomes of it</h2>\n"
	      "<p>A trace.dat holds more than its events: kernel symbols, the host’s name, names of processes. It is "
	      "read by a process that can open no file and no network connection. Stored are the events of btrfs, the "
	      "names of tasks and the kernel’s version; the file itself is deleted then, unless whoever runs this "
	      "server keeps uploads.</p>\n"
	      "<p>To share less, send what <code>qgreplay scrub --tasks trace.dat for-the-list.txt</code> leaves of "
	      "it.</p>\n",
		stream);
}

enum err page_upload(struct call *call, struct error *error)
{
	static const struct html_page page = {.title = "Upload a trace", .place = PLACE_UPLOAD, .script = "upload.js"};
	FILE *stream = call->response->body;

	(void)error;
	html_begin(call, &page);
	fputs("<p class=\"lead\">A trace is read and replayed within seconds, and leads to what was found in it.</p>\n"
	      "<div class=\"side-by-side\">\n<section>\n",
		stream);
	if (call->request->right < RIGHT_UPLOAD)
		write_refusal(stream);
	else
		write_form(stream);
	fputs("</section>\n<section class=\"flush\">\n", stream);
	write_accepted(call);
	fputs("</section>\n</div>\n<div class=\"side-by-side\">\n<section>\n<h2>By command</h2>\n"
	      "<p>The slash at the end has curl add the file’s name.</p>\n",
		stream);
	howto_send(call);
	fputs("<h2>To record a trace</h2>\n<p>While the trouble happens, begun before the filesystem is mounted or at "
	      "least before the load:</p>\n",
		stream);
	howto_record(stream);
	fputs("</section>\n<section>\n", stream);
	write_privacy(stream);
	fputs("</section>\n</div>\n<p class=\"actions\"><a href=\"/uploads\">All uploads</a></p>\n", stream);
	html_end(call);
	return ERR_OK;
}

enum err page_upload_sent(struct call *call, struct error *error)
{
	struct upload_ticket ticket;
	struct upload_goal goal;
	enum err err = upload_accept(call, &ticket, error);

	if (err != ERR_OK)
		return err;
	if (ticket.upload != 0) {
		response_see_other(call->response, "/uploads/%" PRIu64, ticket.upload);
		return ERR_OK;
	}
	err = upload_goal_read(call->store, ticket.trace, &goal, error);
	if (err == ERR_OK)
		response_see_other(call->response, "%s", goal.page);
	return err;
}
