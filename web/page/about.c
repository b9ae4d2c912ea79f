/* SPDX-License-Identifier: GPL-2.0-only */
/* about - which program this is, what it takes and gives, and what it lets whom do. */
#include <inttypes.h>

#include "analyzer/engine.h"
#include "schema/store/store.h"
#include "web/html/html.h"
#include "web/page/page.h"
#include "web/site.h"

static void write_program(FILE *stream, const struct web_options *options, uint64_t schema)
{
	html_format(stream,
		"<dl class=\"facts\">\n<div><dt>Version</dt><dd>%s</dd></div>\n"
		"<div><dt>Rules</dt><dd><code>%s</code></dd></div>\n",
		options->version, replay_engine());
	html_format(stream, "<div><dt>Tables of the store</dt><dd>version %" PRIu64 "</dd></div>\n", schema);
	fputs("<div><dt>Licence</dt><dd>GPL-2.0-only</dd></div>\n</dl>\n"
	      "<p>qgreplay reads traces of btrfs’s qgroup events and keeps books as the kernel should have kept them: "
	      "which bytes of which file are reserved and by whom, what waits for a commit, and what each counter "
	      "holds. Where the trace contradicts the books, it is a finding: proven when the trace excludes every "
	      "innocent explanation, likely when all but one are. Where events are missing, nothing is concluded from "
	      "what they could have touched.</p>\n",
		stream);
}

static void write_formats(FILE *stream)
{
	fputs("<h2>Formats</h2>\n<ul>\n"
	      "<li>In: trace.dat of version 6 and 7 in either byte order; text of ftrace, <code>trace-cmd "
	      "report</code> and <code>perf script</code>; each of these packed with gzip or zstd</li>\n"
	      "<li>Out: every table as <b>JSON</b> and <b>CSV</b>, with the filters of its page; a finding as "
	      "mail</li>\n"
	      "<li>The store is one SQLite file: <code>qgreplay sql</code> reads it, events included</li>\n</ul>\n",
		stream);
}

static void write_api(FILE *stream)
{
	fputs("<h2>For programs</h2>\n<ul>\n"
	      "<li><a href=\"/api/v1/openapi.json\">openapi.json</a>: the API, as OpenAPI 3.1</li>\n"
	      "<li><a href=\"/static/report.schema.json\">report.schema.json</a>: a trace and a finding as JSON</li>\n"
	      "<li><a href=\"/metrics\">metrics</a>: figures for Prometheus; <a href=\"/healthz\">healthz</a>, <a "
	      "href=\"/readyz\">readyz</a></li>\n"
	      "<li>Uploads that can be resumed: the <a href=\"https://tus.io/protocols/resumable-upload\" "
	      "rel=\"noreferrer\">tus protocol</a> 1.0.0 at <code>/api/v1/tus</code></li>\n</ul>\n",
		stream);
}

static void write_limit(FILE *stream, const char *name, uint64_t bytes)
{
	html_format(stream, "<div><dt>%s</dt><dd>", name);
	html_bytes(stream, bytes);
	fputs("</dd></div>\n", stream);
}

static void write_limits(FILE *stream, const struct web_options *options)
{
	fputs("<h2>Limits of this server</h2>\n<dl class=\"facts\">\n", stream);
	write_limit(stream, "One upload", options->upload_max_bytes);
	write_limit(stream, "All that wait", options->spool_max_bytes);
	if (options->upload_rate != 0)
		html_format(stream, "<div><dt>Uploads from one address</dt><dd>%u a minute</dd></div>\n",
			options->upload_rate);
	html_format(stream,
		"<div><dt>Connections</dt><dd>%u</dd></div>\n<div><dt>From one address</dt><dd>%u</dd></div>\n</dl>\n",
		options->connections, options->connections_each);
}

static void write_rights(struct call *call)
{
	static const char *const words[RIGHT_COUNT] = {[RIGHT_NONE] = "nothing",
		[RIGHT_READ] = "read",
		[RIGHT_UPLOAD] = "read and upload",
		[RIGHT_ADMIN] = "read, upload, and set the state of signatures"};
	FILE *stream = call->response->body;

	fputs("<h2>Who may do what</h2>\n", stream);
	if (call->site->options->token_file == NULL)
		fputs("<p>This server has no token file. It answers on this machine alone, and everybody on it may do "
		      "everything.</p>\n",
			stream);
	else
		fputs("<p>A token gives the right to <b>read</b>, to read and <b>upload</b>, or, as <b>admin</b>, to "
		      "set the state of signatures too. Programs send <code>Authorization: Bearer TOKEN</code>, "
		      "browsers ask for it as a password, with any name.</p>\n",
			stream);
	html_format(stream, "<p>You may %s.</p>\n",
		(unsigned)call->request->right < RIGHT_COUNT ? words[call->request->right] : "");
}

static void write_keys(FILE *stream)
{
	fputs("<h2>Keys</h2>\n"
	      "<p>Where scripts run, <kbd>/</kbd> goes to the filter of a list, <kbd>j</kbd> and <kbd>k</kbd> to the "
	      "next row and the one before, and <kbd>Enter</kbd> opens it.</p>\n",
		stream);
}

static void write_libraries(FILE *stream)
{
	fputs("<h2>What it brings along</h2>\n"
	      "<p>Curves are drawn by <b>Dygraphs</b>, under the MIT licence (<a "
	      "href=\"/static/dygraph-copyright.txt\">its text</a>). Pages fetch nothing from elsewhere.</p>\n",
		stream);
}

enum err page_about(struct call *call, struct error *error)
{
	static const struct html_page page = {.title = "About qgreplay", .place = PLACE_ABOUT};
	FILE *stream = call->response->body;
	struct store_health health;
	enum err err = store_health(call->store, &health, error);

	if (err != ERR_OK)
		return err;
	html_begin(call, &page);
	write_program(stream, call->site->options, health.schema);
	fputs("<div class=\"side-by-side\">\n<section>\n", stream);
	write_formats(stream);
	write_api(stream);
	fputs("</section>\n<section>\n", stream);
	write_limits(stream, call->site->options);
	write_rights(call);
	write_keys(stream);
	write_libraries(stream);
	fputs("</section>\n</div>\n", stream);
	html_end(call);
	return ERR_OK;
}
