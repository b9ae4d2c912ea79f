/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/subject.h"

#include <inttypes.h>

#include "web/html/html.h"

static enum err read_trace(struct call *call, const char *text, struct subject *subject, struct error *error)
{
	struct list_filter filter = {.name = "id"};
	enum err err;

	if (!request_number(&subject->trace_id, text, false))
		return call_refuse(
			call, 404, error, "there is no trace '%s', see the list of traces", text ? text : "");
	filter.number = subject->trace_id;
	err = list_one_read(call, LIST_TRACES, &filter, 1, &subject->trace, error);
	if (err != ERR_OK)
		return err;
	if (subject->trace.count == 0)
		return call_refuse(
			call, 404, error, "there is no trace %" PRIu64 ", see the list of traces", subject->trace_id);
	subject->replay = list_one_number(&subject->trace, "replay");
	subject->first_ns = list_one_number(&subject->trace, "first_ns");
	subject->last_ns = list_one_number(&subject->trace, "last_ns");
	return ERR_OK;
}

static enum err count_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	size_t *rows = context;

	(void)values;
	(void)count;
	(void)error;
	++*rows;
	return ERR_OK;
}

static enum err read_root(
	struct call *call, const struct subject_wish *wish, struct subject *subject, struct error *error)
{
	struct list_filter filters[] = {
		{.name = "trace", .number = subject->trace_id}, {.name = "root"}, {.name = "fs"}};
	struct list_wish rows = {.filters = filters, .filter_count = 2, .limit = 2};
	struct list_place next;
	size_t count = 0;
	struct list_sink sink = {count_row, &count};
	size_t filter_count = wish->fs == NULL ? 2 : 3;
	enum err err;

	if (!request_number(&subject->root, wish->root, true))
		return call_refuse(call, 404, error, "'%s' is no number of a root, such as 257 or -9", wish->root);
	if (wish->fs != NULL && !request_number(&subject->fs, wish->fs, false))
		return call_refuse(
			call, 400, error, "'fs' is the number of a filesystem in the trace, not '%s'", wish->fs);
	filters[1].number = subject->root;
	filters[2].number = subject->fs;
	err = store_list(call->store, LIST_ROOTS, &rows, &sink, &next, error);
	if (err == ERR_OK)
		err = list_one_read(call, LIST_ROOTS, filters, filter_count, &subject->ledger, error);
	if (err != ERR_OK)
		return err;
	if (subject->ledger.count == 0)
		return call_refuse(call, 404, error, "trace %" PRIu64 " has no root %s%s%s, see the page of the trace",
			subject->trace_id, wish->root, wish->fs != NULL ? " on filesystem " : "",
			wish->fs != NULL ? wish->fs : "");
	subject->several_fs = count > 1;
	subject->fs = list_one_number(&subject->ledger, "fs");
	subject->fsid = list_one_text(&subject->ledger, "fsid");
	return ERR_OK;
}

enum err subject_read(struct call *call, const struct subject_wish *wish, struct subject *subject, struct error *error)
{
	enum err err;

	*subject = (struct subject){.trace.list = LIST_TRACES, .ledger.list = LIST_ROOTS};
	err = read_trace(call, wish->trace, subject, error);
	if (err == ERR_OK && wish->root != NULL)
		err = read_root(call, wish, subject, error);
	return err;
}

void subject_release(struct subject *subject)
{
	list_one_release(&subject->trace);
	list_one_release(&subject->ledger);
}

void subject_root_path(FILE *stream, const struct subject *subject)
{
	html_format(stream, "/traces/%" PRIu64 "/roots/", subject->trace_id);
	html_root(stream, subject->root);
}

void subject_root_query(FILE *stream, const struct subject *subject, bool more)
{
	if (subject->several_fs)
		html_format(stream, more ? "&amp;fs=%" PRIu64 : "?fs=%" PRIu64, subject->fs);
}

static bool needs_fsid(const struct subject *subject)
{
	return subject->several_fs && subject->fsid != NULL;
}

size_t subject_events(const struct subject *subject, struct list_filter *filters, size_t count)
{
	if (!needs_fsid(subject))
		return count;
	filters[count] = (struct list_filter){.name = "fsid", .text = subject->fsid};
	return count + 1;
}

void subject_events_query(FILE *stream, const struct subject *subject, const char *between)
{
	if (!needs_fsid(subject))
		return;
	fprintf(stream, "%sfsid=", between);
	html_url(stream, subject->fsid);
}
