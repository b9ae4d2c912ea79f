/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_view - a list of the store as a table for people and as JSON and CSV for programs: one description, so that what
 * the page shows and what the API gives are the same.
 *
 * All state is in the URL: its filters by their names, sort=bytes or sort=-bytes (the other way), after=CURSOR,
 * limit=ROWS, format=csv. A filter, a sort or a cursor that is none is refused (400), never passed over; but fields of
 * a form that were left empty are.
 *
 * In CSV, texts that a spreadsheet would take for formulas are led by an apostrophe (schema/rows/csv.h): they come from
 * traces of others. JSON has them as they are.
 */
#ifndef QGREPLAY_WEB_LIST_LIST_VIEW_H
#define QGREPLAY_WEB_LIST_LIST_VIEW_H

#include "schema/store/list.h"
#include "web/message/call.h"

enum cell {
	CELL_TEXT,
	CELL_PROSE,  /* a sentence: takes the width that there is */
	CELL_NUMBER, /* unsigned, with separators */
	CELL_SIGNED,
	CELL_ROOT,  /* unsigned; special trees as negative numbers for people; 0: none is known */
	CELL_INODE, /* 0: none is known */
	CELL_BYTES,
	CELL_OFFSET,  /* of a file */
	CELL_TIME_NS, /* of the trace */
	CELL_SECONDS, /* since 1970 */
	CELL_BADGE,
	CELL_FLAG,
	CELL_CODE /* a word of the program's or the kernel's; "": none */
};

/* All values of a row, for what a cell needs of its neighbours. */
struct list_row {
	enum list list;
	const struct row_value *values;
	const struct list_view *view;
	const struct list_fixed *fixed; /* or NULL */
};

/* A value of a row: 0 and NULL where it is of another kind. */
uint64_t list_row_number(const struct list_row *row, const char *column);
const char *list_row_text(const struct list_row *row, const char *column);

struct list_view_column {
	const char *column; /* of the list */
	enum cell cell;
	const char *title; /* of the table of a page; NULL: for programs only */
	const char *sort;  /* the list's sort by this column, or NULL */
	/* Writes what the cell links to, escaped for an attribute (html_url() for what is not a number), or NULL. */
	void (*link)(FILE *stream, const struct list_row *row);
	/* Instead of the plain value, or NULL. */
	void (*write)(FILE *stream, const struct list_row *row);
	const char *same; /* the filter that makes it the same in all rows: a page that fixes it leaves the column out;
			     or NULL */
};

struct list_view_filter {
	const char *name;		   /* of the list */
	const char *title;		   /* of its field in the form of a page; NULL: not offered there */
	const char *(*word)(size_t index); /* the values that it can have, NULL behind the last; or NULL: any */
	bool negative;			   /* a number that may be given as -9 */
	bool choice;			   /* its field is there only where the page gives its values, as list_choice */
};

struct list_view {
	enum list list;
	const char *path; /* of its API, which the links to JSON and CSV name: "/api/v1/findings"; NULL: it has none */
	const char *none; /* what the page says where there is no row */
	const struct list_view_column
		*columns; /* all of the list, in the order of JSON and CSV; ends with column NULL */
	const struct list_view_filter *filters; /* ends with name NULL */
};

/* The values of a filter, of which a form offers one. */
struct list_choice {
	const char *name; /* of the filter */
	const struct list_choice_value {
		const char *value;
		char text[64]; /* what people read */
	} * values;
	size_t count;
};

/* What a page or another route adds to what the URL says. */
struct list_fixed {
	const struct list_filter *filters; /* of the list, not to be set by the URL */
	size_t filter_count;
	bool form;	  /* a page: with the form of filters */
	unsigned limit;	  /* rows a page where the URL names none; 0: LIST_VIEW_ROWS */
	const char *more; /* a page: where all rows are, when this is an excerpt that cannot be leafed through, for
			     which the URL says nothing; or NULL */
	uint64_t trace;	  /* of the page, for links of lists that do not name it; or 0 */
	const char *path; /* a page: of the API with `filters` in it, where it is not the view's; or NULL */
	const struct list_choice *choice; /* a page with a form: of a filter whose values are of this page; or NULL */
	const char *const *others; /* a page: parameters of its own, ends with NULL: left to it, and kept in links */
};

enum { LIST_VIEW_ROWS = 50, LIST_VIEW_ROWS_MAX = 1000, LIST_VIEW_CSV_MAX = 100000 };

/* Writes the table, what stands above it (form of filters) and below it (pages, JSON, CSV), into an open page. */
enum err list_view_table(
	struct call *call, const struct list_view *view, const struct list_fixed *fixed, struct error *error);

/* Answers as {"items": [...], "next": cursor or null}, or as CSV, with a Link header to the next page. */
enum err list_view_api(
	struct call *call, const struct list_view *view, const struct list_fixed *fixed, struct error *error);

/* A value of the first row of a list, for pages about one thing: NULL texts and 0 where it has none. */
struct list_one {
	struct row_value values[LIST_COLUMNS_MAX]; /* texts are copies */
	size_t count;				   /* 0: there is no row */
	enum list list;
};

enum err list_one_read(struct call *call, enum list list, const struct list_filter *filters, size_t filter_count,
	struct list_one *one, struct error *error);
void list_one_release(struct list_one *one);
uint64_t list_one_number(const struct list_one *one, const char *column);
const char *list_one_text(const struct list_one *one, const char *column);

/* All that there are, one description each. */
extern const struct list_view list_view_findings;
extern const struct list_view list_view_occurrences;
extern const struct list_view list_view_owners;
extern const struct list_view list_view_evidence;
extern const struct list_view list_view_traces;
extern const struct list_view list_view_replays;
extern const struct list_view list_view_roots;
extern const struct list_view list_view_events;
extern const struct list_view list_view_signatures;
extern const struct list_view list_view_signature_traces;
extern const struct list_view list_view_signature_kernels;
extern const struct list_view list_view_uploads;

#endif
