/* SPDX-License-Identifier: GPL-2.0-only */
/* compare_report - the comparison for people and for programs; declared in compare.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/explain/words.h"
#include "analyzer/report/compare.h"
#include "base/json.h"
#include "base/utf8.h"

/* Rows of a list before it is cut short. */
enum { ROWS_SHOWN = 20 };

static const struct {
	const char *name;
	const char *meaning;
} lists[COMPARE_LISTS] = {
	[COMPARE_CAME] = {"came", "in B only"},
	[COMPARE_WENT] = {"went", "in A only"},
	[COMPARE_STAYED] = {"stayed", "in both"},
};

static const char *const plurals[SEVERITY_COUNT] = {
	[SEVERITY_NOTE] = "notes",
	[SEVERITY_WARNING] = "warnings",
	[SEVERITY_ERROR] = "errors",
};

static void put_harmless(FILE *stream, const char *text)
{
	char *harmless = utf8_harmless(text);

	fputs(harmless, stream);
	free(harmless);
}

/* "2 errors, 1 note", or "nothing". */
static void put_severities(FILE *stream, const uint64_t *severities)
{
	const char *comma = "";

	for (int severity = SEVERITY_COUNT - 1; severity >= 0; severity--) {
		if (severities[severity] == 0)
			continue;
		fprintf(stream, "%s%s", comma,
			words_count(severities[severity], finding_severity_name((enum finding_severity)severity),
				plurals[severity])
				.text);
		comma = ", ";
	}
	if (*comma == '\0')
		fputs("nothing", stream);
}

static void put_side(FILE *stream, char letter, const struct compare_side *side)
{
	fprintf(stream, "%c: ", letter);
	put_harmless(stream, side->name);
	fprintf(stream, ": %s", words_count(side->events, "event", "events").text);
	if (side->traces != 1)
		fprintf(stream, " of %s", words_count(side->traces, "trace", "traces").text);
	if (side->lost_marks != 0)
		fprintf(stream, ", lost events in %s", words_count(side->lost_marks, "place", "places").text);
	if (side->unread != 0)
		fprintf(stream, ", %s not read", words_count(side->unread, "trace", "traces").text);
	fputc('\n', stream);
}

/* What a side has not seen cannot be told from what did not happen. */
static void put_doubts(FILE *stream, const struct comparison *comparison)
{
	bool a = comparison->a->lost_marks != 0 || comparison->a->unread != 0;
	bool b = comparison->b->lost_marks != 0 || comparison->b->unread != 0;

	if (a)
		fputs("A has not seen all: what came may have been there before.\n", stream);
	if (b)
		fputs("B has not seen all: what went may still be there.\n", stream);
}

static void put_item(FILE *stream, const struct compare_item *item)
{
	fprintf(stream, "  %s %s", finding_severity_name(item->severity), item->kind);
	if (item->severity != SEVERITY_NOTE)
		fprintf(stream, " [%s]", finding_certainty_name(item->certainty));
	if (item->root != 0)
		fprintf(stream, " root %" PRIu64, item->root);
	if (item->ino != 0)
		fprintf(stream, " inode %" PRIu64, item->ino);
	fputs(": ", stream);
	put_harmless(stream, item->headline);
}

static bool counts_events(const struct compare_item *item)
{
	for (int kind = 0; kind < FINDING_KIND_COUNT; kind++)
		if (strcmp(finding_kind_name((enum finding_kind)kind), item->kind) == 0)
			return finding_counts_events((enum finding_kind)kind);
	return false;
}

static void put_amounts(FILE *stream, const struct compare_item *item)
{
	if (item->findings > 1)
		fprintf(stream, "; %s", words_count(item->findings, "finding", "findings").text);
	if (item->occurrences > 1)
		fprintf(stream, "; %s", words_count(item->occurrences, "time", "times").text);
	if (item->bytes != 0)
		fprintf(stream, "; %s",
			counts_events(item) ? words_count(item->bytes, "event", "events").text
					    : words_bytes(item->bytes).text);
}

static void put_change(FILE *stream, const char *what, uint64_t before, uint64_t after)
{
	if (before != after)
		fprintf(stream, "; %s %s -> %s", what, words_number(before).text, words_number(after).text);
}

static void put_changes(FILE *stream, const struct compare_row *row)
{
	put_change(stream, "findings", row->a->findings, row->b->findings);
	put_change(stream, "times", row->a->occurrences, row->b->occurrences);
	put_change(stream, counts_events(row->b) ? "events" : "bytes", row->a->bytes, row->b->bytes);
	if (row->a->certainty != row->b->certainty)
		fprintf(stream, "; %s -> %s", finding_certainty_name(row->a->certainty),
			finding_certainty_name(row->b->certainty));
	if (row->a->severity != row->b->severity)
		fprintf(stream, "; %s -> %s", finding_severity_name(row->a->severity),
			finding_severity_name(row->b->severity));
}

static void put_facts(FILE *stream, const struct compare_row *row)
{
	const struct compare_item *item = row->b != NULL ? row->b : row->a;

	put_item(stream, item);
	if (row->a != NULL && row->b != NULL)
		put_changes(stream, row);
	else
		put_amounts(stream, item);
}

static void put_row(FILE *stream, const struct compare_row *row)
{
	put_facts(stream, row);
	if (row->new_signature)
		fputs("; A has none of this kind and path", stream);
	fputc('\n', stream);
}

static void put_list(FILE *stream, const struct comparison *comparison, enum compare_list list,
	const struct compare_options *options)
{
	size_t count = comparison->counts[list];
	size_t shown = options->all || count <= ROWS_SHOWN ? count : ROWS_SHOWN;
	size_t changed = 0;

	fprintf(stream, "\n%s (%s): ", lists[list].name, lists[list].meaning);
	put_severities(stream, comparison->severities[list]);
	for (size_t i = 0; list == COMPARE_STAYED && i < count; i++)
		changed += compare_changed(&comparison->rows[list][i]);
	if (changed != 0)
		fprintf(stream, "; %zu changed", changed);
	fputc('\n', stream);
	for (size_t i = 0; i < shown; i++)
		put_row(stream, &comparison->rows[list][i]);
	if (count > shown)
		fprintf(stream, "  ... and %s (--all shows them)\n",
			words_count(count - shown, "more line", "more lines").text);
}

void compare_text(FILE *stream, const struct comparison *comparison, const struct compare_options *options)
{
	put_side(stream, 'A', comparison->a);
	put_side(stream, 'B', comparison->b);
	put_doubts(stream, comparison);
	for (int list = 0; list < COMPARE_LISTS; list++)
		put_list(stream, comparison, (enum compare_list)list, options);
}

static void put_changes_of(FILE *stream, const struct comparison *comparison, enum compare_list list)
{
	const char *word = list == COMPARE_STAYED ? "changed" : lists[list].name;
	size_t left_out = 0;
	size_t shown = 0;

	for (size_t i = 0; i < comparison->counts[list]; i++) {
		const struct compare_row *row = &comparison->rows[list][i];

		if (list == COMPARE_STAYED && !compare_changed(row))
			continue;
		if (shown++ >= ROWS_SHOWN) {
			left_out++;
			continue;
		}
		fprintf(stream, "  %-7s", word);
		put_facts(stream, row);
		fputc('\n', stream);
	}
	if (left_out != 0)
		fprintf(stream, "  ... and %s that %s\n", words_count(left_out, "more line", "more lines").text, word);
}

void compare_changes_text(FILE *stream, const struct comparison *comparison)
{
	for (int list = 0; list < COMPARE_LISTS; list++)
		put_changes_of(stream, comparison, (enum compare_list)list);
}

static void write_side(struct json *json, const char *key, const struct compare_side *side)
{
	json_object(json, key);
	json_text(json, "name", side->name);
	json_number(json, "traces", side->traces);
	json_number(json, "unread", side->unread);
	json_number(json, "events", side->events);
	json_number(json, "lost_marks", side->lost_marks);
	json_object_end(json);
}

static void number_or_null(struct json *json, const char *key, uint64_t value)
{
	if (value != 0)
		json_number(json, key, value);
	else
		json_null(json, key);
}

static void write_item(struct json *json, const char *key, const struct compare_item *item)
{
	if (item == NULL) {
		json_null(json, key);
		return;
	}
	json_object(json, key);
	json_text(json, "severity", finding_severity_name(item->severity));
	json_text(json, "certainty", finding_certainty_name(item->certainty));
	number_or_null(json, "root", item->root);
	number_or_null(json, "ino", item->ino);
	json_number(json, "findings", item->findings);
	json_number(json, "occurrences", item->occurrences);
	json_number(json, "bytes", item->bytes);
	json_text(json, "headline", item->headline);
	json_object_end(json);
}

static void write_row(struct json *json, enum compare_list list, const struct compare_row *row)
{
	const struct compare_item *item = row->b != NULL ? row->b : row->a;

	json_object(json, NULL);
	json_text(json, "kind", item->kind);
	json_text(json, "signature", item->signature);
	write_item(json, "a", row->a);
	write_item(json, "b", row->b);
	if (list == COMPARE_CAME)
		json_bool(json, "new_signature", row->new_signature);
	if (list == COMPARE_STAYED)
		json_bool(json, "changed", compare_changed(row));
	json_object_end(json);
}

void compare_members_json(struct json *json, const struct comparison *comparison)
{
	for (int list = 0; list < COMPARE_LISTS; list++) {
		json_array(json, lists[list].name);
		for (size_t i = 0; i < comparison->counts[list]; i++)
			write_row(json, (enum compare_list)list, &comparison->rows[list][i]);
		json_array_end(json);
	}
	json_object(json, "summary");
	for (int list = 0; list < COMPARE_LISTS; list++) {
		json_object(json, lists[list].name);
		for (int severity = SEVERITY_COUNT - 1; severity >= 0; severity--)
			json_number(json, plurals[severity], comparison->severities[list][severity]);
		json_object_end(json);
	}
	json_object_end(json);
}

void compare_json(FILE *stream, const struct comparison *comparison, const struct compare_options *options)
{
	struct json json;

	json_init(&json, stream, 2);
	json_object(&json, NULL);
	json_text(&json, "qgreplay", options->version);
	json_number(&json, "format", 1);
	write_side(&json, "a", comparison->a);
	write_side(&json, "b", comparison->b);
	compare_members_json(&json, comparison);
	json_object_end(&json);
	fputc('\n', stream);
}
