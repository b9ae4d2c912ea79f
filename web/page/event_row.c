/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/event_row.h"

#include <string.h>

enum column {
	SEQ,
	TIME,
	CPU,
	PID,
	COMM,
	KIND,
	FSID,
	ROOT,
	INO,
	START,
	LEN,
	BYTES,
	DIFF,
	FLAGS,
	OP,
	TYPE,
	TEXT,
	COLUMNS
};

enum { COMM_MAX = 4096 };

_Static_assert((int)COLUMNS <= (int)EVENT_ROW_COLUMNS, "room for the places of all columns");

void event_row_init(struct event_row *row)
{
	static const char *const columns[COLUMNS] = {"seq", "time_ns", "cpu", "pid", "comm", "kind", "fsid", "root",
		"ino", "start", "len", "bytes", "diff", "flags", "op", "type", "text"};

	for (size_t i = 0; i < COLUMNS; i++)
		row->places[i] = list_column(LIST_EVENTS, columns[i]);
	row->comms = names_new(NAMES_TASKS_MAX);
}

void event_row_release(struct event_row *row)
{
	names_free(row->comms);
	row->comms = NULL;
}

static uint64_t number(const struct event_row *row, const struct row_value *values, enum column column)
{
	const struct row_value *value = &values[row->places[column]];

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

static const char *text(const struct event_row *row, const struct row_value *values, enum column column)
{
	const struct row_value *value = &values[row->places[column]];

	return value->kind == ROW_TEXT ? value->bytes : NULL;
}

static uint8_t kind_of(const char *name)
{
	for (int kind = EVENT_NONE + 1; name != NULL && kind < EVENT_COUNT; kind++)
		if (strcmp(event_kind_name((enum event_kind)kind), name) == 0)
			return (uint8_t)kind;
	return EVENT_NONE;
}

/* Of what has no word, the number stands in the column. */
static uint8_t op_of(const struct event *event, const char *word, uint64_t otherwise)
{
	static const uint8_t ops[] = {EVENT_OP_RESERVE, EVENT_OP_RELEASE, EVENT_OP_FREE};

	for (size_t i = 0; word != NULL && i < sizeof(ops); i++) {
		const char *name = event_op_name(&(struct event){.kind = event->kind, .op = ops[i]});

		if (name != NULL && strcmp(name, word) == 0)
			return ops[i];
	}
	return (uint8_t)otherwise;
}

static uint8_t type_of(const char *word)
{
	for (uint8_t type = 0; word != NULL && type <= EVENT_TYPE_META_PREALLOC; type++)
		if (strcmp(event_type_name(&(struct event){.type = type}), word) == 0)
			return type;
	return EVENT_TYPE_UNKNOWN;
}

void event_row_read(const struct event_row *row, const struct row_value *values, struct event *event)
{
	const struct row_value *comm = &values[row->places[COMM]];

	*event = (struct event){
		.number = number(row, values, SEQ),
		.time_ns = number(row, values, TIME),
		.root = number(row, values, ROOT),
		.ino = number(row, values, INO),
		.start = number(row, values, START),
		.len = number(row, values, LEN),
		.bytes = number(row, values, BYTES),
		.diff = (int64_t)number(row, values, DIFF),
		.pid = (int32_t)number(row, values, PID),
		.flags = (uint32_t)number(row, values, FLAGS),
		.cpu = (uint16_t)number(row, values, CPU),
		.kind = kind_of(text(row, values, KIND)),
		.type = type_of(text(row, values, TYPE)),
	};
	event->op = op_of(event, text(row, values, OP), number(row, values, OP));
	/* A name is at most 4096 bytes long, or it is none. */
	if (comm->kind == ROW_TEXT && comm->size > 0 && comm->size <= COMM_MAX)
		event->comm = names_number(row->comms, comm->bytes, comm->size);
}

const char *event_row_fsid(const struct event_row *row, const struct row_value *values)
{
	return text(row, values, FSID);
}

const char *event_row_text(const struct event_row *row, const struct row_value *values)
{
	return text(row, values, TEXT);
}

void event_row_gap(const struct row_value *values, struct event *event)
{
	static const char *const columns[] = {"seq", "cpu", "time_ns", "since_ns", "events"};
	uint64_t numbers[5];

	for (size_t i = 0; i < 5; i++) {
		const struct row_value *value = &values[list_column(LIST_GAPS, columns[i])];

		numbers[i] = value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
	}
	*event = (struct event){
		.kind = EVENT_LOST,
		.number = numbers[0],
		.cpu = (uint16_t)numbers[1],
		.time_ns = numbers[2],
		.start = numbers[3],
		.bytes = numbers[4],
		.pid = -1,
	};
}
