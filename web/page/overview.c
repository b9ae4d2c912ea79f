/* SPDX-License-Identifier: GPL-2.0-only */
/* overview - what is wrong right now, and how good the data is that says so. */
#include <inttypes.h>
#include <string.h>

#include "web/html/html.h"
#include "web/list/list_view.h"
#include "web/message/query.h"
#include "web/page/howto.h"
#include "web/page/overview_parts.h"
#include "web/page/page.h"
#include "web/page/signature_rows.h"

enum { LATEST_TRACES = 8, WORST_SIGNATURES = 10 };

/* Where there is nothing yet: what to do first. */
static void write_welcome(struct call *call)
{
	FILE *stream = call->response->body;

	fputs("<p class=\"lead\">There is no trace here yet. A trace of btrfs’s qgroup events shows which task freed "
	      "bytes that another had reserved, and which bytes nobody will ever free.</p>\n"
	      "<ol class=\"steps\">\n<li><h2>Record</h2>\n<p>While the trouble happens, begun before the filesystem "
	      "is mounted or at least before the load:</p>\n",
		stream);
	howto_record(stream);
	fputs("</li>\n<li><h2>Send it here</h2>\n"
	      "<p class=\"actions\"><a class=\"button button-main\" href=\"/upload\">Upload a "
	      "trace</a></p>\n<p>or</p>\n",
		stream);
	howto_send(call);
	fputs("</li>\n<li><h2>Look at the proof</h2>\n<p>Each upload leads to what was found in it. Meanwhile, <a "
	      "href=\"/bugs\">known bugs</a> tells which ones your kernel has.</p></li>\n</ol>\n",
		stream);
}

static bool is_error(const void *context, const struct signature_row *row)
{
	(void)context;
	return row->findings > 0 && strcmp(row->state, "open") == 0 && strcmp(row->severity, "error") == 0;
}

static bool is_warning(const void *context, const struct signature_row *row)
{
	(void)context;
	return row->findings > 0 && strcmp(row->state, "open") == 0 && strcmp(row->severity, "warning") == 0;
}

static bool is_wrong(const void *context, const struct signature_row *row)
{
	return is_error(context, row) || is_warning(context, row);
}

static size_t count_of(
	const struct signature_rows *rows, bool (*wanted)(const void *context, const struct signature_row *row))
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		count += wanted(NULL, &rows->all[i]) ? 1 : 0;
	return count;
}

static void write_wrong(FILE *stream, const struct signature_rows *rows, const struct list_one *totals)
{
	static const struct signature_choice choice = {.fits = is_wrong, .most = WORST_SIGNATURES};
	size_t wrong = count_of(rows, is_wrong);

	fputs("<section aria-labelledby=\"wrong\">\n<h2 id=\"wrong\">What is wrong now</h2>\n", stream);
	if (wrong > 0)
		signature_rows_table(stream, rows, &choice);
	if (count_of(rows, is_error) == 0)
		html_format(stream,
			"<p class=\"notice notice-done\"><strong>No open errors</strong> in %" PRIu64
			" %s. Whether that means much is for the quality of the data to say, below.</p>\n",
			list_one_number(totals, "traces"), list_one_number(totals, "traces") == 1 ? "trace" : "traces");
	fputs("<p class=\"actions\">", stream);
	if (wrong > WORST_SIGNATURES)
		html_format(stream, "<a href=\"/signatures?state=open&amp;sort=findings\">%zu more</a>\n",
			wrong - WORST_SIGNATURES);
	fputs("<a href=\"/findings\">All findings</a> <a href=\"/signatures\">All signatures</a></p>\n</section>\n",
		stream);
}

static enum err write_latest(struct call *call, struct error *error)
{
	static const struct list_fixed fixed = {.limit = LATEST_TRACES, .more = "/traces"};
	FILE *stream = call->response->body;
	enum err err;

	fputs("<section aria-labelledby=\"latest\">\n<h2 id=\"latest\">Latest traces</h2>\n", stream);
	err = list_view_table(call, &list_view_traces, &fixed, error);
	fputs("</section>\n", stream);
	return err;
}

static enum err write_page(
	struct call *call, const struct list_one *totals, const struct signature_rows *rows, struct error *error)
{
	static const struct html_page page = {.title = "Overview", .place = PLACE_OVERVIEW};
	FILE *stream = call->response->body;
	enum err err = ERR_OK;

	html_begin(call, &page);
	if (list_one_number(totals, "traces") == 0) {
		write_welcome(call);
		overview_uploads(stream, totals);
	} else {
		overview_figures(stream, totals, count_of(rows, is_wrong));
		write_wrong(stream, rows, totals);
		fputs("<div class=\"side-by-side\">\n", stream);
		err = overview_trend(call, error);
		overview_quality(stream, totals, rows);
		fputs("</div>\n", stream);
		if (err == ERR_OK)
			err = write_latest(call, error);
	}
	html_end(call);
	return err;
}

enum err page_overview(struct call *call, struct error *error)
{
	static const char *const names[] = {"days", NULL};
	struct signature_rows rows = {0};
	struct list_one totals = {0};
	enum err err = query_check(call, names, error);

	if (err == ERR_OK)
		err = list_one_read(call, LIST_TOTALS, NULL, 0, &totals, error);
	if (err == ERR_OK)
		err = signature_rows_read(call, &rows, error);
	signature_rows_sort(&rows);
	if (err == ERR_OK)
		err = write_page(call, &totals, &rows, error);
	signature_rows_release(&rows);
	list_one_release(&totals);
	return err;
}
