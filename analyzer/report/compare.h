/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compare - which findings came and went between two traces or two runs.
 *
 * Pure. A finding is known again by its signature, and by its root and inode where both sides know them; filesystems
 * are not compared, because each run may make its own. Findings that agree in all three are one row, which counts them.
 */
#ifndef QGREPLAY_ANALYZER_REPORT_COMPARE_H
#define QGREPLAY_ANALYZER_REPORT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/finding.h"

struct json;
struct report_trace;

/* One finding, or several that are alike. Texts are owned by the side that it was added to, and are never NULL. */
struct compare_item {
	char *signature;
	char *kind;
	char *headline; /* of the first; any bytes */
	enum finding_severity severity;
	enum finding_certainty certainty; /* the highest */
	uint64_t root;			  /* 0: unknown */
	uint64_t ino;			  /* 0: unknown */
	uint64_t findings;
	uint64_t occurrences; /* sums stay at UINT64_MAX rather than wrap */
	uint64_t bytes;
};

struct compare_side {
	char *name;
	struct compare_item *items;
	size_t count;
	size_t capacity;
	uint64_t traces;
	uint64_t unread; /* traces that could not be read */
	uint64_t events;
	uint64_t lost_marks;
};

/* Adds a copy of `item`; its texts become the side's. */
void compare_add(struct compare_side *side, const struct compare_item *item);
void compare_release(struct compare_side *side);

/* Adds all findings of a trace, and counts it with its events and marks of loss. */
void compare_add_trace(struct compare_side *side, const struct report_trace *trace);

/* A row of the comparison: NULL where a side has nothing. */
struct compare_row {
	const struct compare_item *a;
	const struct compare_item *b;
	bool new_signature; /* came: A has no finding of this signature at all */
};

enum compare_list { COMPARE_CAME, COMPARE_WENT, COMPARE_STAYED, COMPARE_LISTS };

/* The most severe first, then by kind, signature, root and inode. */
struct comparison {
	const struct compare_side *a;
	const struct compare_side *b;
	struct compare_row *rows[COMPARE_LISTS];
	size_t counts[COMPARE_LISTS];
	/* Findings, not rows; of those that stayed, as B has them. */
	uint64_t severities[COMPARE_LISTS][SEVERITY_COUNT];
};

/* Compares; items of both sides are put in order and joined. The rows point into the sides. */
void compare_sides(struct comparison *comparison, struct compare_side *a, struct compare_side *b);
void comparison_release(struct comparison *comparison);

/* Whether a row that stayed has other counts, bytes, certainty or severity than before. */
bool compare_changed(const struct compare_row *row);

struct compare_options {
	const char *version;
	bool all; /* cut no list short */
	enum finding_severity fail_on;
};

/* Reports, complete; described by schema/diff.schema.json in the case of JSON. */
void compare_text(FILE *stream, const struct comparison *comparison, const struct compare_options *options);
void compare_json(FILE *stream, const struct comparison *comparison, const struct compare_options *options);

/* Parts of them, for a report of many comparisons: a line for each row that came, went, or stayed and changed... */
void compare_changes_text(FILE *stream, const struct comparison *comparison);

/* ... and the lists and their summary, as members of the object that is open. */
void compare_members_json(struct json *json, const struct comparison *comparison);

#endif
