/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/html/html.h"
#include "web/site.h"
#include "web/static/static.h"

static const struct {
	const char *text;
	const char *url;
} places[] = {
	[PLACE_OVERVIEW] = {"Overview", "/"},
	[PLACE_FINDINGS] = {"Findings", "/findings"},
	[PLACE_TRACES] = {"Traces", "/traces"},
	[PLACE_SIGNATURES] = {"Signatures", "/signatures"},
	[PLACE_BUGS] = {"Known bugs", "/bugs"},
	[PLACE_UPLOAD] = {"Upload", "/upload"},
	[PLACE_ABOUT] = {"About", "/about"},
};

/* `before` and `after` stand around the address of a file that the program brings along. */
static void write_file(FILE *stream, const char *before, const char *name, const char *after)
{
	const struct static_file *file = static_file(name);

	if (file != NULL) {
		fputs(before, stream);
		html_format(stream, "/static/%s?v=%s", file->name, file->version);
		fputs(after, stream);
	}
}

static void write_head(FILE *stream, const struct html_page *page)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"referrer\" content=\"same-origin\">\n",
		stream);
	if (page->refresh_s > 0)
		html_format(stream, "<meta http-equiv=\"refresh\" content=\"%u\">\n", page->refresh_s);
	html_format(stream, "<title>%s · qgreplay</title>\n", page->title);
	write_file(stream, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"", "favicon.svg", "\">\n");
	if (page->chart)
		write_file(stream, "<link rel=\"stylesheet\" href=\"", "dygraph.css", "\">\n");
	write_file(stream, "<link rel=\"stylesheet\" href=\"", "style.css", "\">\n");
	write_file(stream, "<script defer src=\"", "app.js", "\"></script>\n");
	if (page->chart)
		write_file(stream, "<script defer src=\"", "dygraph.min.js", "\"></script>\n");
	if (page->script != NULL)
		write_file(stream, "<script defer src=\"", page->script, "\"></script>\n");
	fputs("</head>\n", stream);
}

static void write_navigation(FILE *stream, enum html_place here)
{
	fputs("<a class=\"skip\" href=\"#main\">Skip to content</a>\n<header class=\"top\">\n"
	      "<a class=\"brand\" href=\"/\">",
		stream);
	write_file(stream, "<img src=\"", "favicon.svg", "\" alt=\"\" width=\"20\" height=\"20\">");
	fputs("qgreplay</a>\n<nav aria-label=\"Main\"><ul>\n", stream);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		html_format(stream, "<li><a href=\"%s\"%s>%s</a></li>\n", places[i].url,
			(enum html_place)i == here ? " aria-current=page" : "", places[i].text);
	fputs("</ul></nav>\n</header>\n", stream);
}

static void write_crumbs(FILE *stream, const struct html_crumb *crumbs)
{
	if (crumbs == NULL)
		return;
	fputs("<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><ol>\n", stream);
	for (; crumbs->text != NULL; crumbs++) {
		if (crumbs->url != NULL) {
			fputs("<li><a href=\"", stream);
			fputs(crumbs->url, stream);
			html_format(stream, "\">%s</a></li>\n", crumbs->text);
		} else {
			html_format(stream, "<li aria-current=\"page\">%s</li>\n", crumbs->text);
		}
	}
	fputs("</ol></nav>\n", stream);
}

void html_begin(struct call *call, const struct html_page *page)
{
	FILE *stream = call->response->body;

	write_head(stream, page);
	fputs("<body>\n", stream);
	write_navigation(stream, page->place);
	write_crumbs(stream, page->crumbs);
	html_format(stream, "<main id=\"main\" tabindex=\"-1\">\n<h1>%s</h1>\n", page->title);
}

void html_end(struct call *call)
{
	FILE *stream = call->response->body;

	fputs("</main>\n<footer class=\"bottom\">", stream);
	html_format(stream, "qgreplay %s · replay of btrfs qgroup reservations · <a href=\"/about\">About</a>",
		call->site != NULL ? call->site->options->version : "");
	fputs("</footer>\n</body>\n</html>\n", stream);
}
