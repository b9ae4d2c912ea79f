/* SPDX-License-Identifier: GPL-2.0-only */
/* How SQLite goes about each list: no table is read from end to end, and nothing is sorted, but where the list says. */
#include "tests/unit/store_fixture.h"

#include "schema/store/handle.h"
#include "schema/store/list_query.h"

/* Of a way: whether it was seen to do what it says it may. */
struct seen {
	const struct list_way *way;
	bool taken;
	bool scanned;
	bool sorted;
};

static struct seen all_seen[200];

static struct seen *seen_of(const struct list_way *way)
{
	struct seen *seen = all_seen;

	while (seen->way != NULL && seen->way != way)
		seen++;
	assert_true(seen < all_seen + sizeof(all_seen) / sizeof(*all_seen) - 1);
	seen->way = way;
	seen->taken = true;
	return seen;
}

/* A table of others, made for the query: it reads no more of its blocks than what the conditions leave. */
static bool is_table_scan(const char *step)
{
	return strncmp(step, "SCAN", 4) == 0 && strstr(step, "CONSTANT ROW") == NULL &&
	       strstr(step, "VIRTUAL TABLE") == NULL;
}

static void look_at_plan(sqlite3 *db, const struct list_query *query)
{
	struct seen *seen = seen_of(query->way);
	char *sql = list_query_sql(query);
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *plan;

	if (sqlite3_prepare_v2(db, explain, -1, &plan, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(plan, 3);

		seen->scanned = seen->scanned || is_table_scan(step);
		seen->sorted = seen->sorted || strstr(step, "TEMP B-TREE FOR ORDER BY") != NULL ||
			       strstr(step, "TEMP B-TREE FOR GROUP BY") != NULL;
		if (is_table_scan(step) && query->way->scans == NULL)
			fail_msg("'%s' reads all of a table: %s", sql, step);
		if (seen->sorted && query->way->sorts == NULL)
			fail_msg("'%s' sorts: %s", sql, step);
	}
	sqlite3_finalize(plan);
	sqlite3_free(explain);
	free(sql);
}

/* Each order, from the beginning and from a place. */
static void look_at_orders(sqlite3 *db, enum list list, const struct list_filter *filters, size_t count)
{
	const struct list_info *info = list_info(list);

	for (size_t i = 0; i < 4 * LIST_SORTS_MAX && info->sorts[i / 4].name != NULL; i++) {
		struct list_wish wish = {.filters = filters,
			.filter_count = count,
			.sort = info->sorts[i / 4].name,
			.reversed = i % 2 == 1,
			.limit = 50};
		struct list_query query;

		assert_int_equal(list_query_plan(&query, list, &wish, NULL), ERR_OK);
		if (i % 4 >= 2)
			wish.after.count = query.key_count;
		look_at_plan(db, &query);
	}
}

/* The filters that are needed, and those with the numbers `a` and `b`; where they are the same, one. */
static size_t choose(const struct list_info *info, size_t a, size_t b, struct list_filter *filters)
{
	size_t count = 0;

	for (size_t i = 0; i < LIST_FILTERS_MAX && info->filters[i].name != NULL; i++)
		if (info->filters[i].needed || i == a || i == b)
			filters[count++] = (struct list_filter){.name = info->filters[i].name, .text = "x"};
	return count;
}

static void test_lists_go_by_indexes(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = must_open(fixture->db, STORE_CREATE);

	for (enum list list = 0; list < LIST_COUNT; list++) {
		const struct list_info *info = list_info(list);

		for (size_t a = 0; a <= LIST_FILTERS_MAX; a++) {
			for (size_t b = a; b <= LIST_FILTERS_MAX; b++) {
				struct list_filter filters[LIST_FILTERS_MAX];

				look_at_orders(store->db, list, filters, choose(info, a, b, filters));
			}
		}
	}
	store_close(store);
}

/* What is said of a way is true, and each is there for something. Runs after the other. */
static void test_what_is_said_of_ways_is_so(void **state)
{
	test_lists_go_by_indexes(state);
	for (enum list list = 0; list < LIST_COUNT; list++) {
		for (const struct list_way *way = list_table(list)->ways;; way++) {
			struct seen *seen = all_seen;

			while (seen->way != NULL && seen->way != way)
				seen++;
			if (!seen->taken)
				fail_msg("%s: no wish leads to '%s'", list_info(list)->name, way->from);
			if ((way->scans != NULL) != seen->scanned || (way->sorts != NULL) != seen->sorted)
				fail_msg("%s: '%s' scans: %d, sorts: %d", list_info(list)->name, way->from,
					seen->scanned, seen->sorted);
			if (way->filter == NULL && way->sort == NULL)
				break;
		}
	}
}

static void test_names_are_told_apart(void **state)
{
	(void)state;
	for (enum list list = 0; list < LIST_COUNT; list++) {
		const struct list_info *info = list_info(list);

		for (size_t i = 0; i < LIST_COLUMNS_MAX && info->columns[i].name != NULL; i++)
			assert_int_equal(list_column(list, info->columns[i].name), i);
		assert_non_null(info->sorts[0].name);
		for (size_t i = 0; i < LIST_SORTS_MAX && info->sorts[i].name != NULL; i++)
			assert_true(info->sorts[i].keys[0] != NULL);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lists_go_by_indexes),
		TEST(test_what_is_said_of_ways_is_so),
		TEST(test_names_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
