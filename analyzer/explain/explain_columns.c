/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/explain/explain_columns.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/explain_parts.h"

/* A column is text, a blank and a mark; " | " stands between two. "delalloc_reserve_metadata()" must fit. */
enum { MARK_WIDTH = 4, BAR_WIDTH = 3, TEXT_MIN = 27, TEXT_MAX = 31, TASKS_COUNTED = 16, HEAD_INDENT = 5 };

static bool same_task(struct task_ref a, struct task_ref b)
{
	return a.pid == b.pid && a.comm == b.comm;
}

static bool is_owners_role(enum evidence_role role)
{
	return role == ROLE_OWNER_RESERVES || role == ROLE_OWNER_COMPLETE || role == ROLE_OLD_RESERVE;
}

static unsigned column_of(const struct columns *columns, struct task_ref task)
{
	for (unsigned column = columns->count; column-- > COLUMN_A + 1;)
		if (columns->known[column] && same_task(task, columns->heads[column]))
			return column;
	return COLUMN_A;
}

static unsigned column_for(const struct columns *columns, const struct evidence *evidence)
{
	struct task_ref task = explain_task(&evidence->event);
	unsigned column;

	if (!columns->known[COLUMN_B])
		return COLUMN_A;
	if (columns->known[COLUMN_A] && is_owners_role(evidence->role) &&
		(columns->count == 2 || same_task(task, columns->heads[COLUMN_A])))
		return COLUMN_A;
	column = column_of(columns, task);
	if (column != COLUMN_A || columns->count == 2 || same_task(task, columns->heads[COLUMN_A]))
		return column;
	return columns->count - 1;
}

/* Whoever comes first of the others, where no owner is known. */
static void choose_owner(struct columns *columns, const struct finding *finding)
{
	const struct occurrence *first = &finding->occurrences[0];

	for (size_t i = 0; i < finding->evidence_count && !columns->known[COLUMN_A]; i++) {
		struct task_ref task = explain_task(&finding->evidence[i].event);
		bool owners = is_owners_role(finding->evidence[i].role) || !columns->known[COLUMN_B];

		if (finding->evidence[i].occurrence != 0 || (!owners && same_task(task, columns->heads[COLUMN_B])))
			continue;
		columns->heads[COLUMN_A] = task;
		columns->known[COLUMN_A] = true;
	}
	if (first->owner_count != 0 && first->owners[0].task.pid >= 0) {
		columns->heads[COLUMN_A] = first->owners[0].task;
		columns->known[COLUMN_A] = true;
	}
}

struct actor {
	struct task_ref task;
	unsigned acts;
};

/* The tasks of the evidence that have no column yet. */
static size_t count_others(
	const struct columns *columns, const struct finding *finding, struct actor others[TASKS_COUNTED])
{
	size_t count = 0;

	for (size_t i = 0; i < finding->evidence_count; i++) {
		struct task_ref task = explain_task(&finding->evidence[i].event);
		size_t place = 0;

		if (finding->evidence[i].occurrence != 0 || same_task(task, columns->heads[COLUMN_A]) ||
			same_task(task, columns->heads[COLUMN_B]))
			continue;
		while (place < count && !same_task(others[place].task, task))
			place++;
		if (place == TASKS_COUNTED)
			continue;
		if (place == count)
			others[count++] = (struct actor){task, 0};
		others[place].acts++;
	}
	return count;
}

static void choose_others(struct columns *columns, const struct finding *finding, unsigned room)
{
	struct actor others[TASKS_COUNTED];
	size_t count = count_others(columns, finding, others);

	while (columns->count < room) {
		size_t busiest = 0;

		for (size_t i = 1; i < count; i++)
			if (others[i].acts > others[busiest].acts)
				busiest = i;
		if (count == 0 || others[busiest].acts == 0)
			return;
		columns->heads[columns->count] = others[busiest].task;
		columns->known[columns->count++] = true;
		others[busiest].acts = 0;
	}
}

void columns_choose(struct columns *columns, const struct finding *finding, unsigned width)
{
	unsigned room = (width + BAR_WIDTH) / (TEXT_MIN + MARK_WIDTH + BAR_WIDTH);

	columns->count = 2;
	columns->heads[COLUMN_B] = finding->occurrences[0].task;
	columns->known[COLUMN_B] = finding->occurrences[0].task.pid >= 0;
	choose_owner(columns, finding);
	if (columns->known[COLUMN_A] && columns->known[COLUMN_B])
		choose_others(columns, finding, room < COLUMNS_MAX ? room : COLUMNS_MAX);
	columns->text = (width + BAR_WIDTH) / columns->count - BAR_WIDTH - MARK_WIDTH;
	if (columns->text > TEXT_MAX)
		columns->text = TEXT_MAX;
	columns->width = columns->count * (columns->text + MARK_WIDTH + BAR_WIDTH) - BAR_WIDTH + 1;
	if (columns->width > width)
		columns->width = width;
	memcpy(columns->speaks, columns->heads, sizeof(columns->speaks));
}

/* Writes `text` into its column of an otherwise empty line, without blanks at the end. */
static void put_line(const struct columns *columns, unsigned column, const char *text, const char *mark)
{
	int full = (int)(columns->text + MARK_WIDTH);
	int gap = (int)columns->text - (int)words_columns(text);

	for (unsigned i = 0; i < column; i++)
		fprintf(columns->stream, "%*s | ", full, "");
	fputs(text, columns->stream);
	if (column + 1 < columns->count || *mark != '\0')
		fprintf(columns->stream, "%*s %s", gap > 0 ? gap : 0, "", mark);
	for (unsigned i = column + 1; i < columns->count; i++)
		fprintf(columns->stream, "%*s |", i == column + 1 ? MARK_WIDTH - 1 - (int)strlen(mark) : full + 1, "");
	fputc('\n', columns->stream);
}

void columns_put_heading(const struct columns *columns)
{
	for (unsigned i = 0; i < columns->count; i++) {
		int width = (int)(columns->text + MARK_WIDTH) - HEAD_INDENT + (i > 0);
		char head[96];
		int gap;

		if (columns->known[i])
			snprintf(head, sizeof(head), "Task %c: %.64s", 'A' + (int)i,
				words_task(columns->comms, columns->heads[i]).text);
		else
			snprintf(head, sizeof(head), "Task %c", 'A' + (int)i);
		gap = width - (int)words_columns(head);
		fprintf(columns->stream, "%s%*s%s", i > 0 ? " |" : "", HEAD_INDENT, "", head);
		if (i + 1 < columns->count)
			fprintf(columns->stream, "%*s", gap > 0 ? gap : 0, "");
	}
	fputc('\n', columns->stream);
	for (unsigned i = 0; i < columns->width; i++)
		fputc('-', columns->stream);
	fputc('\n', columns->stream);
}

void columns_put(const struct columns *columns, unsigned column, bool marked, const char *format, ...)
{
	char text[160];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put_line(columns, column, text, marked ? "<<<" : "");
}

unsigned columns_turn_to(struct columns *columns, const struct evidence *evidence)
{
	unsigned column = column_for(columns, evidence);
	struct task_ref task = explain_task(&evidence->event);

	if (!same_task(task, columns->speaks[column])) {
		columns_put(columns, column, false, "(%s)", words_task(columns->comms, task).text);
		columns->speaks[column] = task;
	}
	return column;
}
