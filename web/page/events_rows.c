/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/events_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain.h"
#include "base/memory.h"
#include "web/html/html.h"

enum { ROLES_MAX = 1000, FILESYSTEMS_MAX = 1000, QGROUP_LEVEL_SHIFT = 48, NANOS_SHOWN_BELOW = 1000 };

static char *copied(const struct row_value *value)
{
	return value->kind == ROW_TEXT ? memory_text(value->bytes, value->size) : memory_text("", 0);
}

static enum err take_filesystem(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct events_rows *rows = context;
	const struct row_value *fsid = &values[list_column(LIST_FILESYSTEMS, "fsid")];

	(void)count;
	(void)error;
	rows->filesystems =
		memory_grown(rows->filesystems, &rows->fs_capacity, rows->fs_count + 1, sizeof(rows->filesystems[0]));
	rows->filesystems[rows->fs_count++] =
		(struct events_fs){(uint64_t)values[list_column(LIST_FILESYSTEMS, "number")].number, copied(fsid)};
	return ERR_OK;
}

static enum err take_role(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct events_rows *rows = context;
	const struct row_value *role = &values[list_column(LIST_EVIDENCE, "role")];
	const struct row_value *consequence = &values[list_column(LIST_EVIDENCE, "consequence")];

	(void)count;
	(void)error;
	rows->roles = memory_grown(rows->roles, &rows->role_capacity, rows->role_count + 1, sizeof(rows->roles[0]));
	rows->roles[rows->role_count++] = (struct events_role){
		(uint64_t)values[list_column(LIST_EVIDENCE, "seq")].number,
		copied(consequence->kind == ROW_TEXT ? consequence : role),
	};
	return ERR_OK;
}

enum err events_rows_begin(struct call *call, const struct subject *subject, uint64_t finding, struct events_rows *rows,
	struct error *error)
{
	const struct list_filter filters[] = {
		{.name = "replay", .number = subject->replay}, {.name = "finding", .number = finding}};
	const struct list_wish filesystems = {.filters = filters, .filter_count = 1, .limit = FILESYSTEMS_MAX};
	const struct list_wish roles = {.filters = filters, .filter_count = 2, .limit = ROLES_MAX};
	const struct list_sink fs_sink = {take_filesystem, rows};
	const struct list_sink role_sink = {take_role, rows};
	struct list_place next;
	enum err err = ERR_OK;

	*rows = (struct events_rows){.trace = subject->trace_id, .finding = finding};
	event_row_init(&rows->row);
	if (subject->replay != 0)
		err = store_list(call->store, LIST_FILESYSTEMS, &filesystems, &fs_sink, &next, error);
	if (err == ERR_OK && finding != 0)
		err = store_list(call->store, LIST_EVIDENCE, &roles, &role_sink, &next, error);
	return err;
}

void events_rows_release(struct events_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->all[i].text);
	for (size_t i = 0; i < rows->role_count; i++)
		free(rows->roles[i].role);
	for (size_t i = 0; i < rows->fs_count; i++)
		free(rows->filesystems[i].fsid);
	free(rows->all);
	free(rows->roles);
	free(rows->filesystems);
	gaps_release(&rows->gaps);
	event_row_release(&rows->row);
	*rows = (struct events_rows){0};
}

static uint16_t fs_number(const struct events_rows *rows, const char *fsid)
{
	for (size_t i = 0; fsid != NULL && i < rows->fs_count; i++)
		if (strcmp(rows->filesystems[i].fsid, fsid) == 0)
			return (uint16_t)rows->filesystems[i].number;
	return 0;
}

enum err events_rows_take(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct events_rows *rows = context;
	const char *text = event_row_text(&rows->row, values);
	struct events_one *one;

	(void)count;
	(void)error;
	rows->all = memory_grown(rows->all, &rows->capacity, rows->count + 1, sizeof(rows->all[0]));
	one = &rows->all[rows->count++];
	one->has_page = false;
	event_row_read(&rows->row, values, &one->event);
	one->event.fs = fs_number(rows, event_row_fsid(&rows->row, values));
	one->text = text != NULL ? memory_text(text, strlen(text)) : NULL;
	return ERR_OK;
}

void events_rows_reverse(struct events_rows *rows, size_t first)
{
	for (size_t low = first, high = rows->count; low + 1 < high; low++, high--) {
		struct events_one other = rows->all[low];

		rows->all[low] = rows->all[high - 1];
		rows->all[high - 1] = other;
	}
}

/* The query that says on which filesystem, where there are several. */
static void write_fs(FILE *stream, const struct events_rows *rows, const struct event *event)
{
	if (rows->fs_count > 1 && event->fs != 0)
		html_format(stream, "?fs=%u", event->fs);
}

/* Subvolumes alone can have pages: not the tree of roots, which commits name, and not qgroups of higher levels. */
static bool may_have_page(const struct event *event)
{
	return event->kind != EVENT_TRANSACTION_COMMIT && event->root != 0 && event->root >> QGROUP_LEVEL_SHIFT == 0;
}

static enum err take_root(void *context, const struct row_value *values, size_t count, struct error *error)
{
	bool *found = context;

	(void)values;
	(void)count;
	(void)error;
	*found = true;
	return ERR_OK;
}

static enum err find_root(
	struct call *call, const struct events_rows *rows, const struct event *event, bool *found, struct error *error)
{
	const struct list_filter filters[] = {
		{.name = "trace", .number = rows->trace},
		{.name = "root", .number = event->root},
		{.name = "fs", .number = event->fs},
	};
	const struct list_wish wish = {.filters = filters, .filter_count = event->fs != 0 ? 3 : 2, .limit = 1};
	const struct list_sink sink = {take_root, found};
	struct list_place next;

	return store_list(call->store, LIST_ROOTS, &wish, &sink, &next, error);
}

/* One before it of the same root, of which it is known; NULL: none. */
static const struct events_one *same_root(const struct events_rows *rows, size_t at)
{
	const struct event *event = &rows->all[at].event;

	for (size_t i = at; i > 0; i--) {
		const struct event *before = &rows->all[i - 1].event;

		if (before->root == event->root && before->fs == event->fs && may_have_page(before))
			return &rows->all[i - 1];
	}
	return NULL;
}

enum err events_rows_find_pages(struct call *call, struct events_rows *rows, struct error *error)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < rows->count; i++) {
		struct events_one *one = &rows->all[i];
		const struct events_one *same = may_have_page(&one->event) ? same_root(rows, i) : NULL;

		if (same != NULL)
			one->has_page = same->has_page;
		else if (may_have_page(&one->event))
			err = find_root(call, rows, &one->event, &one->has_page, error);
	}
	return err;
}

/* "root=257": a value that has a page leads there. */
static void write_field(FILE *stream, const struct events_rows *rows, const struct events_one *one,
	enum event_member member, char *field)
{
	const struct event *event = &one->event;
	char *value = strchr(field, '=');
	bool linked = value != NULL && one->has_page &&
		      (member == EVENT_MEMBER_ROOT || (member == EVENT_MEMBER_INO && event->ino != 0));

	fputc(' ', stream);
	if (!linked) {
		html_text(stream, field);
		return;
	}
	*value++ = '\0';
	html_format(stream, "%s=<a href=\"/traces/%" PRIu64 "/roots/", field, rows->trace);
	html_root(stream, event->root);
	if (member == EVENT_MEMBER_INO)
		html_format(stream, "/inodes/%" PRIu64, event->ino);
	write_fs(stream, rows, event);
	html_format(stream, "\">%s</a>", value);
}

/* The kernel's words: a name, and its fields in the order of event_info(). */
static void write_words(FILE *stream, const struct events_rows *rows, const struct events_one *one)
{
	const struct event_field *fields = event_info((enum event_kind)one->event.kind)->fields;
	char text[EVENT_TEXT_MAX];
	char *rest = NULL;
	char *word = strtok_r(event_text(&one->event, text, sizeof(text)), " ", &rest);

	html_format(stream, "<b>%s</b>", word);
	if (one->text != NULL)
		html_format(stream, " %s", one->text);
	for (size_t i = 0; (word = strtok_r(NULL, " ", &rest)) != NULL; i++)
		write_field(stream, rows, one, fields[i].member, word);
}

/* In words, where it is one that this program knows. */
static const char *role_words(const char *name)
{
	for (int role = 0; name != NULL && role < ROLE_COUNT; role++)
		if (strcmp(explain_role_name((enum evidence_role)role), name) == 0)
			return explain_role((enum evidence_role)role);
	return name;
}

static const char *role_of(const struct events_rows *rows, uint64_t seq)
{
	for (size_t i = 0; i < rows->role_count; i++)
		if (rows->roles[i].seq == seq)
			return rows->roles[i].role;
	return NULL;
}

/* Neighbours are often less than a microsecond apart, and their order is what matters. */
static void write_delta(FILE *stream, const struct event *event, const struct event *before)
{
	bool back;
	uint64_t delta_ns;

	if (before == NULL)
		return;
	back = event->time_ns < before->time_ns;
	delta_ns = back ? before->time_ns - event->time_ns : event->time_ns - before->time_ns;
	fputs(back ? "−" : "+", stream);
	if (delta_ns < NANOS_SHOWN_BELOW)
		fprintf(stream, "%" PRIu64 " ns", delta_ns);
	else
		html_text(stream, words_span(delta_ns).text);
}

static void write_row(
	FILE *stream, const struct events_rows *rows, const struct events_one *one, const struct event *before)
{
	const struct event *event = &one->event;
	const char *role = role_of(rows, event->number);

	html_format(stream, "<tr id=\"e%" PRIu64 "\"", event->number);
	if (event->number == rows->around)
		fputs(" class=\"marked\" aria-current=\"true\"", stream);
	else if (role != NULL)
		fputs(" class=\"marked\"", stream);
	html_format(stream, "><td class=\"number\"><a href=\"/traces/%" PRIu64 "/events?around=%" PRIu64, rows->trace,
		event->number);
	if (rows->finding != 0)
		html_format(stream, "&amp;finding=%" PRIu64, rows->finding);
	html_format(stream, "#e%" PRIu64 "\">", event->number);
	html_number(stream, event->number);
	fputs("</a></td><td class=\"number\">", stream);
	html_trace_time(stream, event->time_ns);
	fputs("</td><td class=\"number muted nowrap\">", stream);
	write_delta(stream, event, before);
	html_format(stream, "</td><td class=\"number\">%u</td><td class=\"nowrap\">%s</td><td class=\"event-words\">",
		event->cpu, words_task(rows->row.comms, (struct task_ref){event->pid, event->comm}).text);
	write_words(stream, rows, one);
	fputs("</td>", stream);
	if (rows->finding != 0)
		html_format(stream, "<td>%s</td>", role_words(role));
	fputs("</tr>\n", stream);
}

static void write_gap(FILE *stream, const struct events_rows *rows, const struct event *gap)
{
	html_format(stream, "<tr id=\"e%" PRIu64 "\" class=\"gap-row\"><td class=\"number\">", gap->number);
	html_number(stream, gap->number);
	fputs("</td><td class=\"number\">", stream);
	html_trace_time(stream, gap->time_ns);
	html_format(stream, "</td><td></td><td class=\"number\">%u</td><td colspan=\"%u\">", gap->cpu,
		rows->finding != 0 ? 3u : 2u);
	if (gap->bytes != 0)
		html_format(stream, "%s missing here",
			words_count(gap->bytes, "event of this CPU is", "events of this CPU are").text);
	else
		fputs("events of this CPU are missing here, nobody knows how many", stream);
	if (gap->start != 0 && gap->start < gap->time_ns)
		html_format(stream, ": %s without any", words_span(gap->time_ns - gap->start).text);
	fputs("</td></tr>\n", stream);
}

static void write_head(FILE *stream, const struct events_rows *rows)
{
	fputs("<div class=\"table-wrap\" tabindex=\"0\" role=\"region\" aria-label=\"Events\"><table "
	      "class=\"events\">\n<thead><tr><th scope=\"col\" class=\"number\">Event</th><th scope=\"col\" "
	      "class=\"number\">Time</th><th scope=\"col\" class=\"number\">Since</th><th scope=\"col\" "
	      "class=\"number\">CPU</th><th scope=\"col\">Task</th><th scope=\"col\">What the kernel traced</th>",
		stream);
	if (rows->finding != 0)
		html_format(stream, "<th scope=\"col\">In finding %" PRIu64 "</th>", rows->finding);
	fputs("</tr></thead>\n<tbody>\n", stream);
}

void events_rows_write(FILE *stream, const struct events_rows *rows)
{
	const struct event *before = NULL;
	size_t gap = 0;

	write_head(stream, rows);
	for (size_t i = 0; i < rows->count; i++) {
		const struct event *event = &rows->all[i].event;

		for (; gap < rows->gaps.count && rows->gaps.all[gap].number < event->number; gap++)
			write_gap(stream, rows, &rows->gaps.all[gap]);
		write_row(stream, rows, &rows->all[i], before);
		before = event;
	}
	fputs("</tbody>\n</table></div>\n", stream);
}
