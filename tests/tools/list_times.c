/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_times STORE - how long the findings' pages of 50 rows take the store, in ms, the median of some: by each filter,
 * with its most frequent and its rarest value, in each order, the first page and the thousandth, or the last one where
 * there are fewer. At the end the other lists, as they come first.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/store/list.h"

enum { PAGE_ROWS = 50, TIMES = 9, WALKED_PAGES = 999 };

static const struct {
	const char *filter;
	const char *values; /* a query for values, those of most findings first */
} chosen[] = {
	{NULL, NULL},
	{"kind", "SELECT kind FROM listed GROUP BY kind ORDER BY count(*) DESC"},
	{"severity", "SELECT CASE severity WHEN 2 THEN 'error' WHEN 1 THEN 'warning' ELSE 'note' END FROM listed "
		     "GROUP BY severity ORDER BY count(*) DESC"},
	{"certainty", "SELECT certainty FROM listed GROUP BY certainty ORDER BY count(*) DESC"},
	{"trace", "SELECT trace FROM listed GROUP BY trace ORDER BY count(*) DESC"},
	{"root", "SELECT root FROM listed GROUP BY root ORDER BY count(*) DESC"},
	{"ino", "SELECT ino FROM listed GROUP BY ino ORDER BY count(*) DESC"},
	{"signature", "SELECT signature FROM listed GROUP BY signature ORDER BY count(*) DESC"},
	{"host", "SELECT h.name FROM listed l JOIN host h ON h.id = l.host GROUP BY l.host ORDER BY count(*) DESC"},
	{"fs", "SELECT filesystem FROM listed GROUP BY filesystem ORDER BY count(*) DESC"},
};

/* The first and the last value of a query. */
struct ends {
	size_t rows;
	struct list_filter filters[2];
	char texts[2][300];
};

static enum err take_columns(void *context, const char *const *names, size_t count, struct error *error)
{
	(void)context;
	(void)names;
	(void)count;
	(void)error;
	return ERR_OK;
}

static enum err take_end(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct ends *ends = context;
	size_t end = ends->rows++ == 0 ? 0 : 1;
	struct list_filter *filter = &ends->filters[end];

	(void)count;
	(void)error;
	filter->number = (uint64_t)values[0].number;
	if (values[0].kind == ROW_TEXT) {
		snprintf(ends->texts[end], sizeof(ends->texts[end]), "%s", (const char *)values[0].bytes);
		filter->text = ends->texts[end];
	}
	return ERR_OK;
}

static enum err count_row(void *context, const struct row_value *values, size_t count, struct error *error)
{
	(void)values;
	(void)count;
	(void)error;
	++*(size_t *)context;
	return ERR_OK;
}

static int compare(const void *first, const void *second)
{
	const double *a = first, *b = second;

	return (*a > *b) - (*a < *b);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static enum err time_page(
	struct store *store, enum list list, const struct list_wish *wish, double *median, struct error *error)
{
	double times[TIMES];
	enum err err = ERR_OK;

	for (size_t i = 0; i < TIMES && err == ERR_OK; i++) {
		size_t rows = 0;
		const struct list_sink sink = {count_row, &rows};
		struct list_place next;

		times[i] = now_ms();
		err = store_list(store, list, wish, &sink, &next, error);
		times[i] = now_ms() - times[i];
	}
	qsort(times, TIMES, sizeof(*times), compare);
	*median = times[TIMES / 2];
	return err;
}

/* Walks page by page, which takes what it takes, to the page that is to be measured. */
static enum err walk(struct store *store, struct list_wish *wish, size_t *pages, struct error *error)
{
	enum err err = ERR_OK;

	for (*pages = 1; *pages <= WALKED_PAGES && err == ERR_OK; ++*pages) {
		size_t rows = 0;
		const struct list_sink sink = {count_row, &rows};
		struct list_place next;

		err = store_list(store, LIST_FINDINGS, wish, &sink, &next, error);
		if (next.count == 0)
			break;
		wish->after = next;
	}
	return err;
}

static enum err time_findings(
	struct store *store, const struct list_filter *filter, const char *sort, struct error *error)
{
	struct list_wish wish = {
		.filters = filter, .filter_count = filter == NULL ? 0 : 1, .sort = sort, .limit = PAGE_ROWS};
	double first, later = 0;
	size_t pages = 0;
	enum err err = time_page(store, LIST_FINDINGS, &wish, &first, error);

	if (err == ERR_OK)
		err = walk(store, &wish, &pages, error);
	if (err == ERR_OK)
		err = time_page(store, LIST_FINDINGS, &wish, &later, error);
	if (err == ERR_OK)
		printf("%-10s %-38s %-9s %8.2f %8.2f  page %zu\n", filter == NULL ? "-" : filter->name,
			filter == NULL || filter->text == NULL ? "" : filter->text, sort, first, later, pages);
	return err;
}

static enum err time_filter(struct store *store, size_t which, struct error *error)
{
	static const char *const sorts[] = {"id", "bytes", "severity"};
	struct ends ends = {.rows = 0};
	const struct store_query_sink sink = {take_columns, take_end, &ends};
	bool filtered = chosen[which].filter != NULL;
	enum err err = filtered ? store_query(store, chosen[which].values, &sink, error) : ERR_OK;

	for (size_t i = 0; i < (filtered && ends.rows > 1 ? 2 : 1); i++) {
		ends.filters[i].name = chosen[which].filter;
		for (size_t j = 0; j < 3 && err == ERR_OK; j++)
			err = time_findings(store, filtered ? &ends.filters[i] : NULL, sorts[j], error);
	}
	return err;
}

static enum err time_others(struct store *store, struct error *error)
{
	static const enum list lists[] = {
		LIST_TRACES, LIST_SIGNATURES, LIST_UPLOADS, LIST_REPLAYS, LIST_TREND, LIST_TOTALS};
	enum err err = ERR_OK;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists) && err == ERR_OK; i++) {
		const struct list_info *info = list_info(lists[i]);

		for (size_t j = 0; j < LIST_SORTS_MAX && info->sorts[j].name != NULL && err == ERR_OK; j++) {
			const struct list_wish wish = {.sort = info->sorts[j].name, .limit = PAGE_ROWS};
			double median;

			err = time_page(store, lists[i], &wish, &median, error);
			printf("%-49s %-9s %8.2f\n", info->name, info->sorts[j].name, median);
		}
	}
	return err;
}

int main(int argc, char **argv)
{
	const struct store_options options = {STORE_READ, 0};
	struct error error = {.code = ERR_OK};
	struct store *store = NULL;
	enum err err;

	if (argc != 2) {
		fprintf(stderr, "usage: list_times STORE\n");
		return 2;
	}
	err = store_open(&store, argv[1], &options, &error);
	for (size_t i = 0; i < sizeof(chosen) / sizeof(*chosen) && err == ERR_OK; i++)
		err = time_filter(store, i, &error);
	if (err == ERR_OK)
		err = time_others(store, &error);
	store_close(store);
	if (err != ERR_OK)
		fprintf(stderr, "list_times: %s\n", error.text);
	return err == ERR_OK ? 0 : 2;
}
