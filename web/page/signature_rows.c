/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/signature_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/meaning.h"
#include "base/memory.h"
#include "schema/store/list.h"
#include "web/html/html.h"

static const struct row_value *value_of(const struct row_value *values, const char *column)
{
	return &values[list_column(LIST_SIGNATURES, column)];
}

static uint64_t number_of(const struct row_value *values, const char *column)
{
	const struct row_value *value = value_of(values, column);

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

static char *text_of(const struct row_value *values, const char *column)
{
	const struct row_value *value = value_of(values, column);

	return value->kind == ROW_TEXT ? memory_text(value->bytes, value->size) : memory_text("", 0);
}

static enum err take(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct signature_rows *rows = context;
	struct signature_row *row;

	(void)count;
	(void)error;
	rows->all = memory_grown(rows->all, &rows->capacity, rows->count + 1, sizeof(*rows->all));
	row = &rows->all[rows->count++];
	*row = (struct signature_row){
		.signature = text_of(values, "signature"),
		.kind = text_of(values, "kind"),
		.path = text_of(values, "path"),
		.state = text_of(values, "state"),
		.severity = text_of(values, "severity"),
		.findings = number_of(values, "findings"),
		.traces = number_of(values, "traces"),
		.hosts = number_of(values, "hosts"),
		.bytes = number_of(values, "bytes"),
		.last_seen = number_of(values, "last_seen"),
	};
	return ERR_OK;
}

enum err signature_rows_read(struct call *call, struct signature_rows *rows, struct error *error)
{
	const struct list_wish wish = {.sort = "last_seen", .limit = SIGNATURE_ROWS_MAX};
	const struct list_sink sink = {take, rows};
	struct list_place next;

	*rows = (struct signature_rows){0};
	return store_list(call->store, LIST_SIGNATURES, &wish, &sink, &next, error);
}

void signature_rows_release(struct signature_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		free(rows->all[i].signature);
		free(rows->all[i].kind);
		free(rows->all[i].path);
		free(rows->all[i].state);
		free(rows->all[i].severity);
	}
	free(rows->all);
	*rows = (struct signature_rows){0};
}

bool signature_row_fits(const struct signature_row *row, const struct bug *bug)
{
	for (size_t i = 0; i < BUG_SIGNS_MAX && bug->signs[i].weight != 0; i++)
		if (bug_sign_covers(&bug->signs[i], row->kind, row->path))
			return true;
	return false;
}

uint64_t signature_rows_findings(const struct signature_rows *rows, const struct bug *bug)
{
	uint64_t findings = 0;

	for (size_t i = 0; i < rows->count; i++)
		if (signature_row_fits(&rows->all[i], bug) &&
			__builtin_add_overflow(findings, rows->all[i].findings, &findings))
			return UINT64_MAX;
	return findings;
}

/* By kind and path alone: the page of the signature has all of them. */
static void write_bug(FILE *stream, const struct signature_row *row)
{
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_explaining(row->kind, row->path, matches);
	const struct bug *bug;

	if (count == 0) {
		fputs("<td class=\"muted\">no known bug</td>", stream);
		return;
	}
	bug = matches[0].bug;
	html_format(stream, "<td class=\"nowrap\"><a href=\"/bugs/%s\" title=\"%s\">%s</a><br><small class=\"muted\">",
		bug->slug, bug->title, bug->slug);
	if (bug->fixed_in != NULL)
		fprintf(stream, "fixed in %.*s", (int)strcspn(bug->fixed_in, " "), bug->fixed_in);
	else
		fputs("no fix known", stream);
	if (count > 1)
		html_format(stream, ", or %zu more", count - 1);
	fputs("</small></td>", stream);
}

/* Traces that were imported without --host are of nobody knows which. */
static void write_hosts(FILE *stream, uint64_t hosts)
{
	if (hosts > 0)
		html_number(stream, hosts);
	else
		fputs("<span class=\"muted\" title=\"not known\">–</span>", stream);
}

static void write_row(FILE *stream, const struct signature_row *row)
{
	fputs("<tr><td>", stream);
	html_badge(stream, row->severity);
	fputs("</td><td class=\"wide\"><a href=\"/signatures/", stream);
	html_url(stream, row->signature);
	html_format(stream, "\">%s</a><br><small class=\"muted\">%s%s%s</small></td><td>",
		explain_title(row->kind, row->path), row->kind, *row->path != '\0' ? " · " : "", row->path);
	html_badge(stream, row->state);
	fputs("</td><td class=\"number\">", stream);
	html_number(stream, row->findings);
	fputs("</td><td class=\"number\">", stream);
	html_number(stream, row->traces);
	fputs("</td><td class=\"number\">", stream);
	write_hosts(stream, row->hosts);
	fputs("</td><td class=\"number\">", stream);
	html_bytes(stream, row->bytes);
	fputs("</td><td>", stream);
	html_date(stream, row->last_seen);
	fputs("</td>", stream);
	write_bug(stream, row);
	fputs("</tr>\n", stream);
}

static unsigned rank_of(const char *severity)
{
	return strcmp(severity, "error") == 0 ? 2 : strcmp(severity, "warning") == 0 ? 1 : 0;
}

static int compare(const void *a, const void *b)
{
	const struct signature_row *one = a;
	const struct signature_row *other = b;
	unsigned ranks[] = {rank_of(one->severity), rank_of(other->severity)};

	if (ranks[0] != ranks[1])
		return ranks[0] < ranks[1] ? 1 : -1;
	if (one->findings != other->findings)
		return one->findings < other->findings ? 1 : -1;
	return strcmp(one->signature, other->signature);
}

void signature_rows_sort(struct signature_rows *rows)
{
	if (rows->count > 1)
		qsort(rows->all, rows->count, sizeof(*rows->all), compare);
}

void signature_rows_table(FILE *stream, const struct signature_rows *rows, const struct signature_choice *choice)
{
	size_t written = 0;

	fputs("<div class=\"table-wrap\"><table>\n<thead><tr><th scope=\"col\">Severity</th>"
	      "<th scope=\"col\">What happens</th><th scope=\"col\">State</th>"
	      "<th scope=\"col\" class=\"number\">Findings</th><th scope=\"col\" class=\"number\">Traces</th>"
	      "<th scope=\"col\" class=\"number\">Hosts</th><th scope=\"col\" class=\"number\">Bytes</th>"
	      "<th scope=\"col\">Last seen</th><th scope=\"col\"><abbr title=\"by kind and path alone: the page of a "
	      "finding weighs its evidence\">Looks like</abbr></th></tr></thead>\n<tbody>\n",
		stream);
	for (size_t i = 0; i < rows->count && (choice->most == 0 || written < choice->most); i++) {
		if (!choice->fits(choice->context, &rows->all[i]))
			continue;
		write_row(stream, &rows->all[i]);
		written++;
	}
	fputs("</tbody>\n</table></div>\n", stream);
}
