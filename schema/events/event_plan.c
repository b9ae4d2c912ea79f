/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/events/event_plan.h"

#include <string.h>

/* More conditions than this are left to SQLite. */
enum { TERMS_MAX = 32, TERM_LETTERS = 2, COLUMN_LETTER = 'A' };

/* What a plan's number is made of: enum event_order, and bits. */
enum { ORDER_MASK = 3, TRACE_DESCENDS = 4, SEQ_DESCENDS = 8, KIND_DESCENDS = 16 };

/* The planner wants guesses, and asking the tables would cost more than a wrong one. */
#define EVENTS_OF_ALL 1e7
#define EVENTS_OF_TRACE 1e6
#define COST_OF_SCANNED 0.05 /* relative to a row that is handed out */
#define COST_OF_START 50.0

struct guess {
	double scanned;
	double fitting; /* share of them */
	double ranges;	/* share left by ranges: each of their two ends is a term of its own */
	bool one_trace;
	bool one_event;
};

static bool is_range(int operation)
{
	return operation == SQLITE_INDEX_CONSTRAINT_LT || operation == SQLITE_INDEX_CONSTRAINT_LE ||
	       operation == SQLITE_INDEX_CONSTRAINT_GT || operation == SQLITE_INDEX_CONSTRAINT_GE;
}

/* What the scan can be asked of a column: no answer, what it is equal to, or also what it is less or greater than. */
enum answer { ANSWER_NONE, ANSWER_EQUAL, ANSWER_RANGE };

static const enum answer answers[EVENT_COLUMN_COUNT + 1] = {
	[EVENT_COLUMN_TRACE] = ANSWER_RANGE,
	[EVENT_COLUMN_SEQ] = ANSWER_RANGE,
	[EVENT_COLUMN_TIME_NS] = ANSWER_RANGE,
	[EVENT_COLUMN_ROOT] = ANSWER_EQUAL,
	[EVENT_COLUMN_INO] = ANSWER_EQUAL,
	[EVENT_COLUMN_KIND] = ANSWER_EQUAL,
	[EVENT_COLUMN_DAMAGED] = ANSWER_EQUAL,
};

static bool is_answered(enum event_column column, int operation)
{
	if (operation == SQLITE_INDEX_CONSTRAINT_EQ)
		return answers[column] != ANSWER_NONE;
	return is_range(operation) && answers[column] == ANSWER_RANGE;
}

static void guess_term(struct guess *guess, enum event_column column, int operation)
{
	if (is_range(operation)) {
		guess->ranges *= 0.2;
		return;
	}
	if (column == EVENT_COLUMN_TRACE)
		guess->one_trace = true;
	else if (column == EVENT_COLUMN_SEQ)
		guess->one_event = true;
	else if (column == EVENT_COLUMN_KIND)
		guess->fitting *= 0.125;
	else if (column == EVENT_COLUMN_ROOT)
		guess->fitting *= 0.25;
	else if (column == EVENT_COLUMN_INO)
		guess->fitting *= 0.01;
	else if (column == EVENT_COLUMN_TIME_NS)
		guess->ranges *= 1e-5;
}

/* Kinds, roots and inodes of a list are looked for in one go; a list of others is a scan for each. */
static bool takes_list(enum event_column column)
{
	return column == EVENT_COLUMN_KIND || column == EVENT_COLUMN_ROOT || column == EVENT_COLUMN_INO;
}

static void take_term(sqlite3_index_info *info, int term, enum event_column column, char *text, int taken)
{
	int operation = info->aConstraint[term].op;
	bool listed = takes_list(column) && sqlite3_vtab_in(info, term, 1) != 0;

	text[TERM_LETTERS * taken] = (char)(COLUMN_LETTER + (int)column);
	text[TERM_LETTERS * taken + 1] = '=';
	if (listed)
		text[TERM_LETTERS * taken + 1] = 'i';
	else if (operation == SQLITE_INDEX_CONSTRAINT_LT)
		text[TERM_LETTERS * taken + 1] = '<';
	else if (operation == SQLITE_INDEX_CONSTRAINT_LE)
		text[TERM_LETTERS * taken + 1] = '{';
	else if (operation == SQLITE_INDEX_CONSTRAINT_GT)
		text[TERM_LETTERS * taken + 1] = '>';
	else if (operation == SQLITE_INDEX_CONSTRAINT_GE)
		text[TERM_LETTERS * taken + 1] = '}';
	info->aConstraintUsage[term].argvIndex = taken + 1;
	info->aConstraintUsage[term].omit = 1;
}

static int operation_of(char letter)
{
	switch (letter) {
	case '<':
		return SQLITE_INDEX_CONSTRAINT_LT;
	case '{':
		return SQLITE_INDEX_CONSTRAINT_LE;
	case '>':
		return SQLITE_INDEX_CONSTRAINT_GT;
	case '}':
		return SQLITE_INDEX_CONSTRAINT_GE;
	default:
		return SQLITE_INDEX_CONSTRAINT_EQ;
	}
}

/* Kinds are texts, and are equal byte by byte only where nobody asked for something else. */
static bool is_exact(sqlite3_index_info *info, int term, enum event_column column)
{
	const char *collation = column == EVENT_COLUMN_KIND ? sqlite3_vtab_collation(info, term) : NULL;

	return collation == NULL || sqlite3_stricmp(collation, "BINARY") == 0;
}

/* The terms that the scan answers by itself, as letters in `text`. */
static int take_terms(
	sqlite3_index_info *info, const enum event_column *columns, size_t count, char *text, struct guess *guess)
{
	int taken = 0;

	for (int i = 0; i < info->nConstraint && taken < TERMS_MAX; i++) {
		const struct sqlite3_index_constraint *term = &info->aConstraint[i];
		enum event_column column = EVENT_COLUMN_COUNT;

		if (term->iColumn >= 0 && (size_t)term->iColumn < count)
			column = columns[term->iColumn];
		if (!is_answered(column, term->op) || !is_exact(info, i, column))
			continue;
		if (!term->usable && column == EVENT_COLUMN_DAMAGED)
			return -1;
		if (!term->usable)
			continue;
		take_term(info, i, column, text, taken);
		guess_term(guess, column, term->op);
		taken++;
	}
	text[TERM_LETTERS * taken] = '\0';
	return taken;
}

static int bit_of_descent(enum event_column column)
{
	return column == EVENT_COLUMN_TRACE ? TRACE_DESCENDS
	       : column == EVENT_COLUMN_SEQ ? SEQ_DESCENDS
					    : KIND_DESCENDS;
}

/* The orders that the scan can deliver. What comes after seq is decided by what came before. */
static const struct {
	enum event_order order;
	enum event_column columns[3];
} orders[] = {
	{EVENT_BY_SEQ, {EVENT_COLUMN_TRACE, EVENT_COLUMN_SEQ, EVENT_COLUMN_COUNT}},
	{EVENT_BY_KIND, {EVENT_COLUMN_KIND, EVENT_COLUMN_TRACE, EVENT_COLUMN_SEQ}},
	{EVENT_BY_TRACE_AND_KIND, {EVENT_COLUMN_TRACE, EVENT_COLUMN_KIND, EVENT_COLUMN_SEQ}},
};

static bool try_order(
	sqlite3_index_info *info, const enum event_column *columns, size_t count, size_t which, bool one_trace)
{
	size_t at = 0;
	int number = (int)orders[which].order;

	for (int i = 0; i < info->nOrderBy; i++) {
		const struct sqlite3_index_orderby *term = &info->aOrderBy[i];
		enum event_column column = EVENT_COLUMN_COUNT;

		if (term->iColumn >= 0 && (size_t)term->iColumn < count)
			column = columns[term->iColumn];
		if (column == EVENT_COLUMN_COUNT)
			return false;
		if (column == EVENT_COLUMN_TRACE && one_trace)
			continue;
		if (at < 3 && orders[which].columns[at] == EVENT_COLUMN_TRACE && one_trace)
			at++;
		if (at == 3 || orders[which].columns[at] != column)
			return false;
		number |= term->desc ? bit_of_descent(column) : 0;
		at++;
	}
	info->idxNum = number;
	return true;
}

static void choose_order(sqlite3_index_info *info, const enum event_column *columns, size_t count, struct guess *guess)
{
	info->idxNum = EVENT_BY_SEQ;
	for (size_t i = 0; info->nOrderBy > 0 && i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (!try_order(info, columns, count, i, guess->one_trace))
			continue;
		info->orderByConsumed = 1;
		/* A pass over the blocks for each kind, where they must be decoded. */
		if (orders[i].order != EVENT_BY_SEQ && guess->fitting < 1)
			guess->scanned *= 8;
		return;
	}
}

int event_plan_make(sqlite3_index_info *info, const enum event_column *columns, size_t count)
{
	struct guess guess = {.fitting = 1, .ranges = 1};
	char text[TERM_LETTERS * TERMS_MAX + 1];
	int taken = take_terms(info, columns, count, text, &guess);

	if (taken < 0)
		return SQLITE_CONSTRAINT;
	guess.scanned = (guess.one_trace ? EVENTS_OF_TRACE : EVENTS_OF_ALL) * guess.ranges;
	if (guess.one_event)
		guess.scanned = guess.one_trace ? 1 : 10;
	choose_order(info, columns, count, &guess);
	info->estimatedRows = (sqlite3_int64)(guess.scanned * guess.fitting) + 1;
	info->estimatedCost = COST_OF_START + guess.scanned * (COST_OF_SCANNED + guess.fitting);
	if (guess.one_trace && guess.one_event)
		info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
	info->idxStr = sqlite3_mprintf("%s", text);
	info->needToFreeIdxStr = 1;
	return info->idxStr != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

int event_plan_read(struct event_wish *wish, int number, const char *text, int value_count, sqlite3_value **values)
{
	int code = SQLITE_OK;

	wish->order = (enum event_order)(number & ORDER_MASK);
	wish->trace_descends = (number & TRACE_DESCENDS) != 0;
	wish->seq_descends = (number & SEQ_DESCENDS) != 0;
	wish->kind_descends = (number & KIND_DESCENDS) != 0;
	for (int i = 0; i < value_count && code == SQLITE_OK; i++) {
		enum event_column column = (enum event_column)(text[TERM_LETTERS * i] - COLUMN_LETTER);
		char letter = text[TERM_LETTERS * i + 1];

		code = event_wish_restrict(wish, column, operation_of(letter), values[i], letter == 'i');
	}
	return code;
}
