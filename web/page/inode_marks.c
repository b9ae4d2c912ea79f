/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/inode_marks.h"

#include "base/memory.h"

struct reader {
	const struct inode_wish *wish;
	struct inode_map *map;
	const struct found_one *finding;
	size_t first;	   /* of the finding's marks */
	size_t mark_count; /* of all findings, so far */
	size_t capacity;
};

static uint64_t number(enum list list, const struct row_value *values, const char *column)
{
	const struct row_value *value = &values[list_column(list, column)];

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

/* A finding of a root may have occurrences on several inodes. */
static enum err take_occurrence(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct reader *reader = context;
	struct inode_map *map = reader->map;
	struct ranges_mark mark = {
		.finding = reader->finding->number,
		.time_ns = number(LIST_OCCURRENCES, values, "time_ns"),
		.start = number(LIST_OCCURRENCES, values, "start"),
		.len = number(LIST_OCCURRENCES, values, "len"),
		.headline = reader->finding->headline,
	};

	(void)count;
	(void)error;
	if (number(LIST_OCCURRENCES, values, "ino") != reader->wish->ino)
		mark.len = 0;
	map->marks = memory_grown(map->marks, &reader->capacity, reader->mark_count + 1, sizeof(map->marks[0]));
	map->marks[reader->mark_count++] = mark;
	return ERR_OK;
}

/* Owners stand in the order of their occurrences, which are numbered from 0: what was theirs is what was struck. */
static enum err take_owner(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct reader *reader = context;
	uint64_t occurrence = number(LIST_OWNERS, values, "occurrence");
	const struct ranges_mark *of;
	struct range_mark mark;

	(void)count;
	(void)error;
	if (occurrence >= reader->mark_count - reader->first)
		return ERR_OK;
	of = &reader->map->marks[reader->first + occurrence];
	mark = (struct range_mark){
		of->finding, of->time_ns, number(LIST_OWNERS, values, "start"), number(LIST_OWNERS, values, "len")};
	if (of->len != 0)
		range_map_mark(reader->map->map, &mark);
	return ERR_OK;
}

static enum err read_one(struct call *call, struct reader *reader, struct error *error)
{
	const struct list_filter filters[] = {
		{.name = "replay", .number = reader->wish->subject->replay},
		{.name = "finding", .number = reader->finding->number},
	};
	const struct list_wish rows = {.filters = filters, .filter_count = 2, .limit = INODE_MARKS_MAX};
	const struct list_sink occurrences = {take_occurrence, reader};
	const struct list_sink owners = {take_owner, reader};
	struct list_place next;
	enum err err;

	reader->first = reader->mark_count;
	err = store_list(call->store, LIST_OCCURRENCES, &rows, &occurrences, &next, error);
	if (err == ERR_OK)
		err = store_list(call->store, LIST_OWNERS, &rows, &owners, &next, error);
	return err;
}

enum err inode_marks_read(struct call *call, const struct inode_wish *wish, struct inode_map *map, struct error *error)
{
	struct reader reader = {.wish = wish, .map = map};
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < wish->found->count && reader.mark_count < INODE_MARKS_MAX; i++) {
		reader.finding = &wish->found->all[i];
		err = read_one(call, &reader, error);
	}
	for (size_t i = 0; i < reader.mark_count; i++)
		if (map->marks[i].len != 0)
			map->marks[map->mark_count++] = map->marks[i];
	return err;
}
