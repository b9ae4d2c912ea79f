/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/store/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/store/handle.h"
#include "schema/store/list_query.h"

/* A list may be asked for anything: how often to look whether it takes too long. */
enum { STEPS_BETWEEN_LOOKS = 20000 };

static enum err no_such(const struct list_info *info, const char *what, const char *name, struct error *error)
{
	error_set(error, ERR_USAGE, "the list of %s has no %s '%s'", info->name, what, name);
	return ERR_USAGE;
}

static const struct list_filter_info *find_filter(const struct list_info *info, const char *name)
{
	for (size_t i = 0; i < LIST_FILTERS_MAX && info->filters[i].name != NULL; i++)
		if (strcmp(info->filters[i].name, name) == 0)
			return &info->filters[i];
	return NULL;
}

static const struct list_sort_info *find_sort(const struct list_info *info, const char *name)
{
	for (size_t i = 0; i < LIST_SORTS_MAX && info->sorts[i].name != NULL; i++)
		if (name == NULL || strcmp(info->sorts[i].name, name) == 0)
			return &info->sorts[i];
	return NULL;
}

static bool wishes(const struct list_wish *wish, const char *filter)
{
	for (size_t i = 0; i < wish->filter_count; i++)
		if (strcmp(wish->filters[i].name, filter) == 0)
			return true;
	return false;
}

static enum err check_filters(const struct list_info *info, const struct list_wish *wish, struct error *error)
{
	for (size_t i = 0; i < wish->filter_count; i++) {
		const struct list_filter_info *filter = find_filter(info, wish->filters[i].name);

		if (filter == NULL)
			return no_such(info, "filter", wish->filters[i].name, error);
		if (filter->kind == LIST_FILTER_TEXT && wish->filters[i].text == NULL)
			return error_set(error, ERR_USAGE, "the filter '%s' needs a text", filter->name);
	}
	for (size_t i = 0; i < LIST_FILTERS_MAX && info->filters[i].name != NULL; i++)
		if (info->filters[i].needed && !wishes(wish, info->filters[i].name))
			return error_set(error, ERR_USAGE, "the list of %s needs the filter '%s'", info->name,
				info->filters[i].name);
	return ERR_OK;
}

static const struct list_way *find_way(
	const struct list_table *table, const struct list_wish *wish, const struct list_sort_info *sort)
{
	const struct list_way *way = table->ways;

	while ((way->filter != NULL && !wishes(wish, way->filter)) ||
		(way->sort != NULL && strcmp(way->sort, sort->name) != 0))
		way++;
	return way;
}

static size_t count_keys(const struct list_sort_info *sort)
{
	size_t count = 0;

	while (sort->keys[count] != NULL)
		count++;
	return count;
}

enum err list_query_plan(struct list_query *query, enum list list, const struct list_wish *wish, struct error *error)
{
	const struct list_table *table = list_table(list);
	const struct list_info *info = &table->info;
	const struct list_sort_info *sort = find_sort(info, wish->sort);
	enum err err = check_filters(info, wish, error);

	if (err != ERR_OK)
		return err;
	if (sort == NULL)
		return no_such(info, "sort", wish->sort, error);
	*query = (struct list_query){.table = table, .wish = wish, .way = find_way(table, wish, sort)};
	query->sort = query->way->in_order == NULL ? sort : find_sort(info, query->way->in_order);
	query->key_count = count_keys(query->sort);
	query->descending = query->sort->descending != wish->reversed;
	while (query->column_count < LIST_COLUMNS_MAX && info->columns[query->column_count].name != NULL)
		query->column_count++;
	if (wish->after.count != 0 && wish->after.count != query->key_count)
		return error_set(
			error, ERR_USAGE, "the place in the list of %s is of another sort, begin again", info->name);
	return ERR_OK;
}

static void print_keys(FILE *text, const struct list_query *query)
{
	for (size_t i = 0; i < query->key_count; i++)
		fprintf(text, "%s%s", i == 0 ? "" : ", ", query->sort->keys[i]);
}

static void print_conditions(FILE *text, const struct list_query *query, const char *beyond)
{
	const struct list_info *info = &query->table->info;
	const char *join = " WHERE ";

	if (query->table->having != NULL) {
		fprintf(text, "%s%s", join, query->table->having);
		join = " AND ";
	}
	for (size_t i = 0; i < query->wish->filter_count; i++) {
		fprintf(text, "%s%s", join, find_filter(info, query->wish->filters[i].name)->sql);
		join = " AND ";
	}
	if (beyond != NULL)
		fprintf(text, "%s%s", join, beyond);
}

static void print_select(FILE *text, const struct list_query *query, const char *beyond)
{
	const struct list_info *info = &query->table->info;

	fputs("SELECT ", text);
	for (size_t i = 0; i < query->column_count; i++)
		fprintf(text, "%s, ", info->columns[i].sql);
	print_keys(text, query);
	fprintf(text, " FROM %s", query->way->from);
	print_conditions(text, query, beyond);
	if (query->table->group != NULL)
		fprintf(text, " GROUP BY %s", query->table->group);
}

/* All keys at once. */
static char *beyond_keys(const struct list_query *query)
{
	char *condition = NULL;
	size_t size;
	FILE *text = open_memstream(&condition, &size);

	if (text == NULL)
		abort();
	fputc('(', text);
	print_keys(text, query);
	fprintf(text, ") %c (?", query->descending ? '<' : '>');
	for (size_t i = 1; i < query->key_count; i++)
		fputs(", ?", text);
	fputc(')', text);
	fclose(text);
	return condition;
}

/* The rest of those with the same first key, or those beyond it. */
static char *beyond_key(const struct list_query *query, bool same)
{
	const char *const *keys = query->sort->keys;
	char order = query->descending ? '<' : '>';
	char *condition = NULL;
	int length = same ? asprintf(&condition, "%s = ? AND %s %c ?", keys[0], keys[1], order)
			  : asprintf(&condition, "%s %c ?", keys[0], order);

	if (length < 0)
		abort();
	return condition;
}

/*
 * SQLite compares rows of values by an index, but never with the id that ends it: where a key has many ties, as
 * severities have, it would pass over all of them. Two queries for the two halves go by the index whole, and are merged
 * as they come.
 */
static void print_selects(FILE *text, const struct list_query *query)
{
	char *beyond = NULL;

	if (list_query_is_split(query)) {
		beyond = beyond_key(query, true);
		print_select(text, query, beyond);
		fputs(" UNION ALL ", text);
		free(beyond);
		beyond = beyond_key(query, false);
	} else if (query->wish->after.count != 0) {
		beyond = beyond_keys(query);
	}
	print_select(text, query, beyond);
	free(beyond);
}

bool list_query_is_split(const struct list_query *query)
{
	return query->wish->after.count == 2 && query->sort->text_key == NULL && query->table->group == NULL;
}

char *list_query_sql(const struct list_query *query)
{
	char *sql = NULL;
	size_t size;
	FILE *text = open_memstream(&sql, &size);

	if (text == NULL)
		abort();
	print_selects(text, query);
	for (size_t i = 1; i <= query->key_count; i++)
		fprintf(text, "%s%zu%s", i == 1 ? " ORDER BY " : ", ", query->column_count + i,
			query->descending ? " DESC" : "");
	fputs(" LIMIT ?", text);
	fclose(text);
	return sql;
}

/* A bound beyond what SQLite can count to is at the end of all numbers; names keep their bits. */
static int64_t bindable(const struct list_filter_info *info, uint64_t number)
{
	return info->amount && number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

static int bind_filters(sqlite3_stmt *prepared, const struct list_query *query, int place)
{
	const struct list_wish *wish = query->wish;

	for (size_t i = 0; i < wish->filter_count; i++, place++) {
		const struct list_filter_info *info = find_filter(&query->table->info, wish->filters[i].name);

		if (info->kind == LIST_FILTER_TEXT)
			sqlite3_bind_text(prepared, place, wish->filters[i].text, -1, SQLITE_STATIC);
		else
			sqlite3_bind_int64(prepared, place, bindable(info, wish->filters[i].number));
	}
	return place;
}

static int bind_keys(sqlite3_stmt *prepared, const struct list_query *query, size_t count, int place)
{
	for (size_t i = 0; i < count; i++, place++) {
		if (query->sort->keys[i] == query->sort->text_key)
			sqlite3_bind_text(prepared, place, query->wish->after.text, -1, SQLITE_STATIC);
		else
			sqlite3_bind_int64(prepared, place, query->wish->after.keys[i]);
	}
	return place;
}

/* As print_selects() wrote the parameters. */
static void bind_wish(sqlite3_stmt *prepared, const struct list_query *query)
{
	const struct list_wish *wish = query->wish;
	int place = bind_filters(prepared, query, 1);

	place = bind_keys(prepared, query, wish->after.count, place);
	if (list_query_is_split(query)) {
		place = bind_filters(prepared, query, place);
		place = bind_keys(prepared, query, 1, place);
	}
	/* One more than asked for tells whether there is a next page. */
	sqlite3_bind_int64(prepared, place, wish->limit >= INT64_MAX ? INT64_MAX : (int64_t)wish->limit + 1);
}

static enum err keep_place(const struct store *store, sqlite3_stmt *prepared, const struct list_query *query,
	struct list_place *place, struct error *error)
{
	*place = (struct list_place){.count = query->key_count};
	for (size_t i = 0; i < query->key_count; i++) {
		int column = (int)(query->column_count + i);
		const char *text;
		size_t length;

		if (query->sort->keys[i] != query->sort->text_key) {
			place->keys[i] = sqlite3_column_int64(prepared, column);
			continue;
		}
		text = (const char *)sqlite3_column_text(prepared, column);
		length = text == NULL ? 0 : strlen(text);
		if (length >= sizeof(place->text))
			return error_set(error, ERR_INPUT, "'%s' holds a name in the list of %s that no program writes",
				store->name, query->table->info.name);
		if (length > 0)
			memcpy(place->text, text, length);
	}
	return ERR_OK;
}

static enum err hand_row(
	sqlite3_stmt *prepared, const struct list_query *query, const struct list_sink *sink, struct error *error)
{
	struct row_value values[LIST_COLUMNS_MAX];

	for (size_t i = 0; i < query->column_count; i++)
		handle_value(prepared, (int)i, &values[i]);
	return sink->row(sink->context, values, query->column_count, error);
}

static enum err fault_of_list(const struct store *store, const struct list_query *query, struct error *error)
{
	int code = sqlite3_extended_errcode(store->db);

	if (code == SQLITE_INTERRUPT)
		return error_set(error, ERR_LIMIT, "the list of %s takes longer than %g seconds, narrow it by a filter",
			query->table->info.name, store->list_ms / 1000.0);
	if (code == SQLITE_CORRUPT_VTAB)
		return error_set(error, ERR_INPUT, "'%s': %s", store->name, sqlite3_errmsg(store->db));
	return fault_of(store, code, error);
}

static enum err hand_page(const struct store *store, sqlite3_stmt *prepared, const struct list_query *query,
	const struct list_sink *sink, struct list_place *next, struct error *error)
{
	struct list_place last = {0};
	uint64_t rows = 0;
	enum err err = ERR_OK;
	int code = SQLITE_DONE;

	while (err == ERR_OK && (code = sqlite3_step(prepared)) == SQLITE_ROW) {
		if (rows++ == query->wish->limit) {
			*next = last;
			return ERR_OK;
		}
		if (rows == query->wish->limit)
			err = keep_place(store, prepared, query, &last, error);
		if (err == ERR_OK)
			err = hand_row(prepared, query, sink, error);
	}
	return err == ERR_OK && code != SQLITE_DONE ? fault_of_list(store, query, error) : err;
}

void store_list_within(struct store *store, uint32_t list_ms)
{
	store->list_ms = list_ms;
}

static struct timespec end_of_patience(uint32_t most_ms)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += most_ms / 1000;
	end.tv_nsec += most_ms % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	return end;
}

static int is_late(void *context)
{
	const struct timespec *end = context;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec || (now.tv_sec == end->tv_sec && now.tv_nsec > end->tv_nsec);
}

enum err store_list(struct store *store, enum list list, const struct list_wish *wish, const struct list_sink *sink,
	struct list_place *next, struct error *error)
{
	const struct list_wish wanted = *wish; /* `next` may be its place */
	struct list_query query;
	struct timespec end;
	sqlite3_stmt *prepared = NULL;
	char *sql;
	enum err err = list_query_plan(&query, list, &wanted, error);

	*next = (struct list_place){0};
	if (err != ERR_OK || wanted.limit == 0)
		return err;
	end = end_of_patience(store->list_ms);
	sqlite3_progress_handler(store->db, STEPS_BETWEEN_LOOKS, is_late, &end);
	sql = list_query_sql(&query);
	err = handle_prepare(store, sql, &prepared, error);
	if (err == ERR_OK) {
		bind_wish(prepared, &query);
		err = hand_page(store, prepared, &query, sink, next, error);
	}
	sqlite3_finalize(prepared);
	sqlite3_progress_handler(store->db, 0, NULL, NULL);
	free(sql);
	return err;
}
