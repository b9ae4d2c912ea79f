/* SPDX-License-Identifier: GPL-2.0-only */
/* lists - the pages that are one list of the store each. */
#include "web/html/html.h"
#include "web/list/list_view.h"
#include "web/page/page.h"

static enum err write_page(struct call *call, const struct html_page *page, const struct list_view *view,
	const char *lead, struct error *error)
{
	static const struct list_fixed whole = {.form = true};
	enum err err;

	html_begin(call, page);
	html_format(call->response->body, "<p class=\"lead\">%s</p>\n", lead);
	err = list_view_table(call, view, &whole, error);
	if (err == ERR_OK)
		html_end(call);
	return err;
}

enum err page_findings(struct call *call, struct error *error)
{
	static const struct html_page page = {.title = "Findings", .place = PLACE_FINDINGS};

	return write_page(call, &page, &list_view_findings,
		"What does not match, in the last replay of each trace. One cause on one inode is one finding.", error);
}

enum err page_traces(struct call *call, struct error *error)
{
	static const struct html_page page = {.title = "Traces", .place = PLACE_TRACES};

	return write_page(call, &page, &list_view_traces, "All traces of this store, the newest first.", error);
}

enum err page_uploads(struct call *call, struct error *error)
{
	static const struct html_page page = {.title = "Uploads", .place = PLACE_UPLOAD};

	return write_page(call, &page, &list_view_uploads,
		"Files that were sent to this server, and what became of each.", error);
}
