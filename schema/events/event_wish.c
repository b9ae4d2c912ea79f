/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/events/event_wish.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

_Static_assert(EVENT_COUNT <= 32, "kinds are bits of 32");

/* 2^63: as a double it is exact, INT64_MAX is not. */
#define TOO_LARGE 9223372036854775808.0

static const struct event_range anything = {INT64_MIN, INT64_MAX};
static const struct event_range nothing = {1, 0};

static struct event_range both(struct event_range a, struct event_range b)
{
	return (struct event_range){a.low > b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
}

/* The numbers that stand in this relation to `number`. */
static struct event_range range_of_number(int operation, int64_t number)
{
	switch (operation) {
	case SQLITE_INDEX_CONSTRAINT_EQ:
		return (struct event_range){number, number};
	case SQLITE_INDEX_CONSTRAINT_LT:
		return number == INT64_MIN ? nothing : (struct event_range){INT64_MIN, number - 1};
	case SQLITE_INDEX_CONSTRAINT_LE:
		return (struct event_range){INT64_MIN, number};
	case SQLITE_INDEX_CONSTRAINT_GT:
		return number == INT64_MAX ? nothing : (struct event_range){number + 1, INT64_MAX};
	default:
		return (struct event_range){number, INT64_MAX};
	}
}

static bool wants_less(int operation)
{
	return operation == SQLITE_INDEX_CONSTRAINT_LT || operation == SQLITE_INDEX_CONSTRAINT_LE;
}

/* For what is greater than each number: texts, blobs, large fractions. */
static struct event_range range_below_infinity(int operation)
{
	return wants_less(operation) ? anything : nothing;
}

static struct event_range range_of_fraction(int operation, double value)
{
	int64_t whole;

	if (value >= TOO_LARGE)
		return range_below_infinity(operation);
	if (value < -TOO_LARGE)
		return wants_less(operation) || operation == SQLITE_INDEX_CONSTRAINT_EQ ? nothing : anything;
	whole = (int64_t)value;
	if ((double)whole == value)
		return range_of_number(operation, whole);
	if (operation == SQLITE_INDEX_CONSTRAINT_EQ)
		return nothing;
	/* Between two numbers: a fraction was cut off towards 0. */
	if (wants_less(operation))
		return (struct event_range){INT64_MIN, value < 0 ? whole - 1 : whole};
	return (struct event_range){value < 0 ? whole : whole + 1, INT64_MAX};
}

static struct event_range range_of(int operation, sqlite3_value *value)
{
	switch (sqlite3_value_numeric_type(value)) {
	case SQLITE_NULL:
		return nothing;
	case SQLITE_INTEGER:
		return range_of_number(operation, sqlite3_value_int64(value));
	case SQLITE_FLOAT:
		return range_of_fraction(operation, sqlite3_value_double(value));
	default:
		return range_below_infinity(operation);
	}
}

static uint32_t kind_bit(sqlite3_value *value)
{
	const char *name;

	if (sqlite3_value_type(value) != SQLITE_TEXT)
		return 0;
	name = (const char *)sqlite3_value_text(value);
	for (int kind = 0; name != NULL && kind < EVENT_COUNT; kind++) {
		const char *known = event_kind_name((enum event_kind)kind);

		if ((size_t)sqlite3_value_bytes(value) == strlen(known) && strcmp(known, name) == 0)
			return UINT32_C(1) << kind;
	}
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void add_value(void *context, sqlite3_value *value)
{
	struct event_values *list = context;
	struct event_range range = range_of(SQLITE_INDEX_CONSTRAINT_EQ, value);

	if (range.low > range.high)
		return;
	list->values = memory_grown(list->values, &list->capacity, list->count + 1, sizeof(*list->values));
	list->values[list->count++] = range.low;
}

static void sort_values(struct event_values *list)
{
	size_t kept = 0;

	if (list->count > 1)
		qsort(list->values, list->count, sizeof(*list->values), compare_numbers);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 || list->values[i] != list->values[kept - 1])
			list->values[kept++] = list->values[i];
	list->count = kept;
}

/* What is in both; a second condition on the same column is rare. */
static void intersect(struct event_values *list, const struct event_values *other)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (other->count > 0 && bsearch(&list->values[i], other->values, other->count, sizeof(int64_t),
						compare_numbers) != NULL)
			list->values[kept++] = list->values[i];
	list->count = kept;
}

static void add_kind(void *kinds, sqlite3_value *value)
{
	*(uint32_t *)kinds |= kind_bit(value);
}

/* Calls `take` for the value, or for each one of the list that it stands for. */
static int each_value(
	sqlite3_value *value, bool listed, void (*take)(void *context, sqlite3_value *value), void *context)
{
	sqlite3_value *item;
	int code;

	if (!listed) {
		take(context, value);
		return SQLITE_OK;
	}
	for (code = sqlite3_vtab_in_first(value, &item); code == SQLITE_OK && item != NULL;
		code = sqlite3_vtab_in_next(value, &item))
		take(context, item);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int restrict_values(struct event_values *values, sqlite3_value *value, bool listed)
{
	struct event_values more = {.set = true};
	int code = each_value(value, listed, add_value, &more);

	sort_values(&more);
	if (values->set) {
		intersect(values, &more);
		free(more.values);
		return code;
	}
	free(values->values);
	*values = more;
	return code;
}

static int restrict_kinds(struct event_wish *wish, sqlite3_value *value, bool listed)
{
	uint32_t kinds = 0;
	int code = each_value(value, listed, add_kind, &kinds);

	wish->kinds &= kinds;
	return code;
}

static int restrict_damaged(struct event_wish *wish, sqlite3_value *value)
{
	const char *word = (const char *)sqlite3_value_text(value);

	if (word == NULL || strcmp(word, "skip") != 0)
		return SQLITE_MISUSE;
	wish->skip_damaged = true;
	return SQLITE_OK;
}

int event_wish_restrict(
	struct event_wish *wish, enum event_column column, int operation, sqlite3_value *value, bool listed)
{
	if (column == EVENT_COLUMN_ROOT)
		return restrict_values(&wish->root, value, listed);
	if (column == EVENT_COLUMN_INO)
		return restrict_values(&wish->ino, value, listed);
	if (column == EVENT_COLUMN_KIND)
		return restrict_kinds(wish, value, listed);
	if (column == EVENT_COLUMN_DAMAGED)
		return restrict_damaged(wish, value);
	if (column == EVENT_COLUMN_TRACE)
		wish->trace = both(wish->trace, range_of(operation, value));
	else if (column == EVENT_COLUMN_SEQ)
		wish->seq = both(wish->seq, range_of(operation, value));
	else
		wish->time_ns = both(wish->time_ns, range_of(operation, value));
	return SQLITE_OK;
}

void event_wish_reset(struct event_wish *wish, uint32_t kinds)
{
	struct event_values root = {.capacity = wish->root.capacity, .values = wish->root.values};
	struct event_values ino = {.capacity = wish->ino.capacity, .values = wish->ino.values};

	*wish = (struct event_wish){
		.trace = anything, .seq = anything, .time_ns = anything, .root = root, .ino = ino, .kinds = kinds};
}

void event_wish_release(struct event_wish *wish)
{
	free(wish->root.values);
	free(wish->ino.values);
	*wish = (struct event_wish){0};
}

static bool is_empty(const struct event_range *range)
{
	return range->low > range->high;
}

bool event_wish_is_empty(const struct event_wish *wish)
{
	return wish->kinds == 0 || is_empty(&wish->trace) || is_empty(&wish->seq) || is_empty(&wish->time_ns) ||
	       (wish->root.set && wish->root.count == 0) || (wish->ino.set && wish->ino.count == 0);
}

uint32_t event_kinds_having(enum event_member member)
{
	uint32_t kinds = 0;

	for (int kind = 0; kind < EVENT_COUNT; kind++)
		if (event_kind_has((enum event_kind)kind, member))
			kinds |= UINT32_C(1) << kind;
	return kinds;
}
