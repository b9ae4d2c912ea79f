/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/list/list_links.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/finding.h"
#include "web/html/html.h"

static bool has_column(enum list list, const char *name)
{
	for (const struct list_column_info *column = list_info(list)->columns; column->name != NULL; column++)
		if (strcmp(column->name, name) == 0)
			return true;
	return false;
}

static uint64_t trace_of(const struct list_row *row)
{
	if (has_column(row->list, "trace"))
		return list_row_number(row, "trace");
	return row->fixed != NULL ? row->fixed->trace : 0;
}

/* The number of the filesystem, where the list knows it: a page finds it by the root otherwise. */
static void write_filesystem(FILE *stream, const struct list_row *row)
{
	if (has_column(row->list, "fs"))
		html_format(stream, "?fs=%" PRIu64, list_row_number(row, "fs"));
}

void list_link_trace(FILE *stream, const struct list_row *row)
{
	html_format(stream, "/traces/%" PRIu64, trace_of(row));
}

void list_link_root(FILE *stream, const struct list_row *row)
{
	html_format(stream, "/traces/%" PRIu64 "/roots/", trace_of(row));
	html_root(stream, list_row_number(row, "root"));
	write_filesystem(stream, row);
}

void list_link_inode(FILE *stream, const struct list_row *row)
{
	html_format(stream, "/traces/%" PRIu64 "/roots/", trace_of(row));
	html_root(stream, list_row_number(row, "root"));
	html_format(stream, "/inodes/%" PRIu64, list_row_number(row, "ino"));
	write_filesystem(stream, row);
}

void list_link_event(FILE *stream, const struct list_row *row)
{
	const uint64_t seq = list_row_number(row, "seq");

	html_format(stream, "/traces/%" PRIu64 "/events?around=%" PRIu64 "#e%" PRIu64, trace_of(row), seq, seq);
}

void list_link_signature(FILE *stream, const struct list_row *row)
{
	fputs("/signatures/", stream);
	html_url(stream, list_row_text(row, "signature"));
}

void list_write_name(FILE *stream, const struct list_row *row)
{
	html_file(stream, list_row_text(row, "name"));
}

void list_write_trace_name(FILE *stream, const struct list_row *row)
{
	html_file(stream, list_row_text(row, "trace_name"));
}

const char *list_word_kind(size_t index)
{
	return index < FINDING_KIND_COUNT ? finding_kind_name((enum finding_kind)index) : NULL;
}

const char *list_word_severity(size_t index)
{
	return index < SEVERITY_COUNT ? finding_severity_name((enum finding_severity)(SEVERITY_COUNT - 1 - index))
				      : NULL;
}

const char *list_word_certainty(size_t index)
{
	return index < CERTAINTY_COUNT ? finding_certainty_name((enum finding_certainty)index) : NULL;
}
