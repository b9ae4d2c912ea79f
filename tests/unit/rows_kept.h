/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rows_kept - for tests: rows in memory, given back table by table in the order in which a store would.
 */
#ifndef QGREPLAY_TESTS_ROWS_KEPT_H
#define QGREPLAY_TESTS_ROWS_KEPT_H

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schema/rows/rows.h"

struct rows_kept {
	struct row *rows;
	size_t count;
	size_t capacity;
};

static inline enum err rows_keep(void *context, const struct row *row, struct error *error)
{
	struct rows_kept *kept = context;
	struct row *copy;

	(void)error;
	kept->rows = memory_grown(kept->rows, &kept->capacity, kept->count + 1, sizeof(*kept->rows));
	copy = &kept->rows[kept->count++];
	*copy = *row;
	for (size_t i = 0; i < copy->count; i++)
		if (copy->values[i].kind == ROW_TEXT || copy->values[i].kind == ROW_BLOB)
			copy->values[i].bytes = memory_text(row->values[i].bytes, row->values[i].size);
	return ERR_OK;
}

static inline void rows_kept_release(struct rows_kept *kept)
{
	for (size_t i = 0; i < kept->count; i++)
		for (size_t j = 0; j < kept->rows[i].count; j++)
			if (kept->rows[i].values[j].kind == ROW_TEXT || kept->rows[i].values[j].kind == ROW_BLOB)
				free((void *)(uintptr_t)kept->rows[i].values[j].bytes);
	free(kept->rows);
	*kept = (struct rows_kept){0};
}

static inline int rows_kept_compare_value(const struct row_value *a, const struct row_value *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind == ROW_NUMBER)
		return a->number < b->number ? -1 : a->number > b->number;
	return a->kind == ROW_TEXT ? strcmp(a->bytes, b->bytes) : 0;
}

/* Compares by the columns that the table's order lists. */
static inline int rows_kept_compare(const void *first, const void *second)
{
	const struct row *a = first, *b = second;
	const struct row_table_info *info = row_table_info(a->table);
	const char *order = info->order;
	int compared = a->table < b->table ? -1 : a->table > b->table;

	while (compared == 0 && *order != '\0') {
		size_t length = strcspn(order, ",");

		for (size_t i = 0; i < info->column_count && compared == 0; i++)
			if (strlen(info->columns[i]) == length && strncmp(info->columns[i], order, length) == 0)
				compared = rows_kept_compare_value(&a->values[i], &b->values[i]);
		order += length + strspn(order + length, ", ");
	}
	return compared;
}

static inline void rows_kept_order(struct rows_kept *kept)
{
	if (kept->count > 1)
		qsort(kept->rows, kept->count, sizeof(*kept->rows), rows_kept_compare);
}

/* The each() of a source whose context is a struct rows_kept that has been put in order. */
static inline enum err rows_kept_each(
	void *context, enum row_table table, const struct row_sink *sink, struct error *error)
{
	const struct rows_kept *kept = context;
	enum err err = ERR_OK;

	for (size_t i = 0; i < kept->count && err == ERR_OK; i++)
		if (kept->rows[i].table == table)
			err = row_put(sink, &kept->rows[i], error);
	return err;
}

#endif
