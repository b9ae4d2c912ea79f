/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/report/report_whatif.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/explain/words.h"
#include "analyzer/whatif.h"

enum { COLUMNS = 10 };

static const char *const heads[COLUMNS] = {"peak", "should be", "at end", "should be", "too low by", "at",
	"byte-seconds", "too high by", "at", "byte-seconds"};

struct cells {
	struct words of[COLUMNS];
};

static struct words number_or_dash(uint64_t value)
{
	return value != 0 ? words_number(value) : (struct words){.text = "-"};
}

static struct words time_or_dash(const struct whatif_damage *damage)
{
	return damage->bytes != 0 ? words_time(damage->time_ns) : (struct words){.text = "-"};
}

static struct cells cells_of(const struct whatif_root *root)
{
	return (struct cells){{words_number(root->was_peak), words_number(root->should_peak),
		words_number(root->was_end), words_number(root->should_end), number_or_dash(root->too_low.bytes),
		time_or_dash(&root->too_low), number_or_dash(root->too_low.byte_seconds),
		number_or_dash(root->too_high.bytes), time_or_dash(&root->too_high),
		number_or_dash(root->too_high.byte_seconds)}};
}

/* The curves of a root that belongs into the table, or NULL. */
static const struct whatif_root *shown(const struct page *page, const struct root_totals *totals)
{
	const struct whatif_root *root = whatif_of(page->trace->what_if, totals->place);

	if (root == NULL || !root->differs || !report_shows_root(page->options, totals->root))
		return NULL;
	return root;
}

/* A dash takes no room: a column of nothing else is left out. */
static void widen(int *width, const char *text)
{
	int length = strcmp(text, "-") != 0 ? (int)strlen(text) : 0;

	if (length > *width)
		*width = length;
}

/* The width of each column, 0 for one that says nothing of any root. Returns whether there is any row. */
static bool find_widths(const struct page *page, const struct fs_totals *fs, int widths[COLUMNS])
{
	bool any = false;

	for (size_t column = 0; column < COLUMNS; column++)
		widths[column] = 0;
	for (size_t i = 0; i < fs->root_count; i++) {
		const struct whatif_root *root = shown(page, &fs->roots[i]);
		struct cells cells;

		if (root == NULL)
			continue;
		any = true;
		cells = cells_of(root);
		for (size_t column = 0; column < COLUMNS; column++)
			widen(&widths[column], cells.of[column].text);
	}
	for (size_t column = 0; column < COLUMNS; column++)
		if (widths[column] > 0)
			widen(&widths[column], heads[column]);
	return any;
}

void report_whatif_table(const struct page *page, const struct fs_totals *fs)
{
	const char *fsid = report_fsid(page->trace, fs->fs);
	int widths[COLUMNS];

	if (!find_widths(page, fs, widths))
		return;
	fprintf(page->stream, "The counters had every free been right, filesystem %s\n  %6s",
		fsid != NULL ? fsid : "not named", "root");
	for (size_t column = 0; column < COLUMNS; column++)
		if (widths[column] != 0)
			fprintf(page->stream, "  %*s", widths[column], heads[column]);
	fputc('\n', page->stream);
	for (size_t i = 0; i < fs->root_count; i++) {
		const struct whatif_root *root = shown(page, &fs->roots[i]);
		struct cells cells;

		if (root == NULL)
			continue;
		cells = cells_of(root);
		fprintf(page->stream, "  %6" PRIu64, fs->roots[i].root);
		for (size_t column = 0; column < COLUMNS; column++)
			if (widths[column] != 0)
				fprintf(page->stream, "  %*s", widths[column], cells.of[column].text);
		fputc('\n', page->stream);
	}
	fputc('\n', page->stream);
}

static void write_damage(struct json *json, const char *key, const struct whatif_damage *damage)
{
	json_object(json, key);
	json_number(json, "bytes", damage->bytes);
	if (damage->bytes != 0)
		json_number(json, "time_ns", damage->time_ns);
	else
		json_null(json, "time_ns");
	json_number(json, "byte_seconds", damage->byte_seconds);
	json_object_end(json);
}

/* The columns of the series, as members of its points. */
static const struct {
	const char *key;
	size_t offset;
} series[] = {
	{"time_ns", offsetof(struct whatif_point, time_ns)},
	{"was_low", offsetof(struct whatif_point, was_low)},
	{"was_high", offsetof(struct whatif_point, was_high)},
	{"should_low", offsetof(struct whatif_point, should_low)},
	{"should_high", offsetof(struct whatif_point, should_high)},
};

static void write_series(struct json *json, const struct whatif_root *root)
{
	json_object(json, "series");
	for (size_t column = 0; column < sizeof(series) / sizeof(series[0]); column++) {
		json_array(json, series[column].key);
		for (size_t i = 0; i < root->point_count; i++) {
			uint64_t value;

			memcpy(&value, (const char *)&root->points[i] + series[column].offset, sizeof(value));
			json_number(json, NULL, value);
		}
		json_array_end(json);
	}
	json_object_end(json);
}

void report_whatif_member(struct json *json, const struct report_trace *trace, const struct root_totals *totals)
{
	const struct whatif_root *root = whatif_of(trace->what_if, totals->place);

	if (root == NULL) {
		json_null(json, "what_if");
		return;
	}
	json_object(json, "what_if");
	json_number(json, "peak_bytes", root->should_peak);
	json_number(json, "end_bytes", root->should_end);
	write_damage(json, "too_low", &root->too_low);
	write_damage(json, "too_high", &root->too_high);
	write_series(json, root);
	json_object_end(json);
}
