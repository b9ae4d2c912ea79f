/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_wish - which events a query asks for, in which order: what stands in its WHERE, as numbers.
 *
 * Numbers are compared as SQLite compares them: signed. Values that no column of numbers can equal (texts, fractions,
 * NULL) are turned into what they mean for such a column, so that nothing has to be compared again.
 */
#ifndef QGREPLAY_SCHEMA_EVENTS_EVENT_WISH_H
#define QGREPLAY_SCHEMA_EVENTS_EVENT_WISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "schema/events/sqlite_api.h"

/* Columns of the tables event and gap. */
enum event_column {
	EVENT_COLUMN_TRACE,
	EVENT_COLUMN_SEQ,
	EVENT_COLUMN_TIME_NS,
	EVENT_COLUMN_CPU,
	EVENT_COLUMN_PID,
	EVENT_COLUMN_COMM,
	EVENT_COLUMN_KIND,
	EVENT_COLUMN_FSID,
	EVENT_COLUMN_ROOT,
	EVENT_COLUMN_INO,
	EVENT_COLUMN_START,
	EVENT_COLUMN_LEN,
	EVENT_COLUMN_BYTES,
	EVENT_COLUMN_DIFF,
	EVENT_COLUMN_FLAGS,
	EVENT_COLUMN_OP,
	EVENT_COLUMN_TYPE,
	EVENT_COLUMN_TEXT,
	EVENT_COLUMN_SINCE_NS,
	EVENT_COLUMN_MISSING,
	EVENT_COLUMN_DAMAGED,
	EVENT_COLUMN_COUNT
};

/* Both ends included; empty when `low` is above `high`. */
struct event_range {
	int64_t low;
	int64_t high;
};

/* Values, ascending, each once. Not set: anything. */
struct event_values {
	bool set;
	size_t count;
	size_t capacity;
	int64_t *values;
};

/* By what the rows are ordered first; within that, by what is left of trace and seq. */
enum event_order { EVENT_BY_SEQ, EVENT_BY_TRACE_AND_KIND, EVENT_BY_KIND };

struct event_wish {
	struct event_range trace;
	struct event_range seq;
	struct event_range time_ns;
	struct event_values root;
	struct event_values ino;
	uint32_t kinds; /* bits of enum event_kind; 0: no event fits */
	enum event_order order;
	bool trace_descends;
	bool seq_descends;
	bool kind_descends;
	bool skip_damaged; /* pass over damaged blocks */
};

/* Asks for all events of those kinds, by trace and seq. Keeps the memory of its lists. */
void event_wish_reset(struct event_wish *wish, uint32_t kinds);
void event_wish_release(struct event_wish *wish);

/*
 * Restricts `column` by one more condition: `operation` is SQLITE_INDEX_CONSTRAINT_EQ, _LT, _LE, _GT or _GE. `listed`:
 * the value stands for a list, of which one must be equal. Returns a code of SQLite; SQLITE_MISUSE for a value that
 * column `damaged` does not know.
 */
int event_wish_restrict(
	struct event_wish *wish, enum event_column column, int operation, sqlite3_value *value, bool listed);

/* Whether no event can fit. */
bool event_wish_is_empty(const struct event_wish *wish);

/* The kinds whose events have that member, as bits. */
uint32_t event_kinds_having(enum event_member member);

#endif
