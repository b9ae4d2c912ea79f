/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/signature_kernels.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schema/store/list.h"
#include "web/html/html.h"
#include "web/page/bug_badge.h"

enum { KERNELS_SHOWN = 100, BUGS_SHOWN = 3 };

struct table {
	FILE *stream;
	const struct bug_match *matches;
	size_t match_count;
};

static const struct row_value *value_of(const struct row_value *values, const char *column)
{
	return &values[list_column(LIST_SIGNATURE_KERNELS, column)];
}

static uint64_t number_of(const struct row_value *values, const char *column)
{
	const struct row_value *value = value_of(values, column);

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

/* A release, and behind a blank what uname -v says: that stands in small letters. */
static void write_kernel(FILE *stream, const char *name)
{
	size_t length = name != NULL ? strcspn(name, " ") : 0;
	char *release;

	if (name == NULL) {
		fputs("<span class=\"muted\">not known</span>", stream);
		return;
	}
	release = memory_text(name, length);
	html_text(stream, release);
	free(release);
	if (name[length] != '\0')
		html_format(stream, "<br><small class=\"muted\">%s</small>", name + length + 1);
}

static enum err take(void *context, const struct row_value *values, size_t count, struct error *error)
{
	const struct table *table = context;
	const struct row_value *value = value_of(values, "kernel");
	const char *name = value->kind == ROW_TEXT ? value->bytes : NULL;
	struct kernel kernel = kernel_read(name);

	(void)count;
	(void)error;
	fputs("<tr><td>", table->stream);
	write_kernel(table->stream, name);
	fputs("</td><td class=\"number\">", table->stream);
	html_number(table->stream, number_of(values, "traces"));
	fputs("</td><td class=\"number\">", table->stream);
	html_number(table->stream, number_of(values, "findings"));
	fputs("</td><td class=\"number\">", table->stream);
	html_bytes(table->stream, number_of(values, "bytes"));
	fputs("</td>", table->stream);
	for (size_t i = 0; i < table->match_count; i++) {
		fputs("<td>", table->stream);
		bug_badge(table->stream, bug_applies(table->matches[i].bug, &kernel));
		fputs("</td>", table->stream);
	}
	fputs("</tr>\n", table->stream);
	return ERR_OK;
}

static void write_links(FILE *stream, const char *signature)
{
	fputs("<p class=\"actions\"><a href=\"/api/v1/signatures/", stream);
	html_url(stream, signature);
	fputs("/kernels\">JSON</a> <a href=\"/api/v1/signatures/", stream);
	html_url(stream, signature);
	fputs("/kernels?format=csv\">CSV</a></p>\n", stream);
}

enum err signature_kernels_table(struct call *call, const char *signature, const struct bug_match *matches,
	size_t match_count, struct error *error)
{
	const struct list_filter filter = {.name = "signature", .text = signature};
	const struct list_wish wish = {.filters = &filter, .filter_count = 1, .limit = KERNELS_SHOWN};
	struct table table = {call->response->body, matches, match_count < BUGS_SHOWN ? match_count : BUGS_SHOWN};
	const struct list_sink sink = {take, &table};
	struct list_place next;
	enum err err;

	fputs("<div class=\"table-wrap\"><table>\n<thead><tr><th scope=\"col\">Kernel</th>"
	      "<th scope=\"col\" class=\"number\">Traces</th><th scope=\"col\" class=\"number\">Findings</th>"
	      "<th scope=\"col\" class=\"number\">Bytes</th>",
		table.stream);
	for (size_t i = 0; i < table.match_count; i++)
		html_format(table.stream, "<th scope=\"col\">%s</th>", matches[i].bug->slug);
	fputs("</tr></thead>\n<tbody>\n", table.stream);
	err = store_list(call->store, LIST_SIGNATURE_KERNELS, &wish, &sink, &next, error);
	fputs("</tbody>\n</table></div>\n", table.stream);
	write_links(table.stream, signature);
	return err;
}
