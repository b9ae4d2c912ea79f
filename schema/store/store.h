/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store - one file of traces, their events, and what was found in them.
 *
 * The only way to it, without a type of the library behind it, so that another one can take its place. A store is used
 * by one thread. Each change is a transaction of its own: it is there whole, or not at all, whatever ends the program.
 * Errors name the file, and the remedy.
 */
#ifndef QGREPLAY_SCHEMA_STORE_STORE_H
#define QGREPLAY_SCHEMA_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "schema/rows/rows.h"

struct store;

enum store_mode {
	STORE_READ,  /* must exist; nothing is written, also where the folder is read-only */
	STORE_WRITE, /* must exist; brought to the newest schema, under lock */
	STORE_CREATE /* the same; made when there is none */
};

struct store_options {
	enum store_mode mode;
	uint32_t wait_ms; /* how long to wait for another writer; 0: STORE_WAIT_MS */
};

enum { STORE_WAIT_MS = 30000 };

/*
 * Opens the store `name`. On success `*store` is the caller's, to be closed by store_close(), which accepts NULL.
 * Errors: ERR_USAGE when it does not exist; ERR_INPUT when it is no store, is damaged, or was made by a newer program
 * (STORE_READ: or an older one); ERR_SYSTEM for no permission, no space, or a lock that another process holds.
 */
enum err store_open(struct store **store, const char *name, const struct store_options *options, struct error *error);
void store_close(struct store *store);

/* How long this store waits for another writer from now on; 0: not at all. */
void store_wait(struct store *store, uint32_t wait_ms);

/* Whether the file that is open has that name no more: it was moved or deleted, or another one was put in its place. */
bool store_has_moved(const struct store *store);

/* The id of the trace with this SHA-256; 0 when there is none. */
enum err store_find_trace(struct store *store, const char *sha256, uint64_t *id, struct error *error);

/* What only the process that opened the file knows of a trace. */
struct store_facts {
	const char *sha256; /* or NULL */
	const char *name;
	const char *host; /* or NULL */
	uint64_t file_bytes;
	uint64_t recorded_at; /* seconds since 1970; 0: unknown */
	uint64_t now;	      /* the same, of the import or replay */
};

/* What became of a file of rows. */
struct store_loaded {
	uint64_t trace;
	uint64_t replay; /* 0: it held none */
	bool known;	 /* the trace was there before, with that SHA-256; nothing was loaded */
};

/*
 * Loads the rows of a new trace and its replay from the file `fd` (schema/rows/rows_file.h), in one transaction.
 * Errors: those of rows_file_read(); ERR_INPUT when the rows do not fit together; ERR_SYSTEM.
 */
enum err store_load_trace(
	struct store *store, int fd, const struct store_facts *facts, struct store_loaded *loaded, struct error *error);

/* The same for a new replay of trace `trace`: of `facts` only `now` is used. Samples of those before are dropped. */
enum err store_load_replay(struct store *store, int fd, uint64_t trace, const struct store_facts *facts,
	struct store_loaded *loaded, struct error *error);

/* The ids of all traces, lowest first; an array to be freed. */
enum err store_trace_ids(struct store *store, uint64_t **ids, size_t *count, struct error *error);

/* The ids of a trace's replays, oldest first; the last one is current. Errors: ERR_USAGE when there is no such trace.
 */
enum err store_replay_ids(struct store *store, uint64_t trace, uint64_t **ids, size_t *count, struct error *error);

/*
 * Hands all rows of `table` that hang under `owner` (the id of a trace or replay; of the row itself for ROW_TRACE and
 * ROW_REPLAY) to `sink`. ROW_TRACE has the host's name. Errors: those of the sink; ERR_INPUT; ERR_SYSTEM.
 */
enum err store_each(
	struct store *store, enum row_table table, uint64_t owner, const struct row_sink *sink, struct error *error);

/*
 * The same of one finding of a replay: ROW_FINDING, ROW_OCCURRENCE, ROW_OWNER, ROW_EVIDENCE. ROW_FINDING comes with
 * what else was found beside it, as far as it matters for the cause: the first of each kind and path on its root, and
 * beside a leak those by bits that were cleared in silence on any root of its filesystem. All are in the order of their
 * numbers.
 */
enum err store_each_of_finding(struct store *store, enum row_table table, uint64_t replay, uint64_t finding,
	const struct row_sink *sink, struct error *error);

/* A part of a trace: what lies between, both ends included. */
struct store_slice {
	uint64_t first_seq;
	uint64_t last_seq; /* UINT64_MAX: to the end */
};

/* Hands the blocks (ROW_EVENT_BLOCK) that hold any of the slice to `sink`. */
enum err store_each_block(struct store *store, uint64_t trace, const struct store_slice *slice,
	const struct row_sink *sink, struct error *error);

/*
 * Several reads that belong together see the same moment: what others write in between is not seen. Ended by
 * store_snapshot_end(), which must come soon, because the log of the writers grows meanwhile.
 */
enum err store_snapshot(struct store *store, struct error *error);
void store_snapshot_end(struct store *store);

/* What is said of a signature by people; a member that is NULL stays as it is. */
struct signature_change {
	const char *state; /* open, known, fixed, ignored */
	const char *note;  /* in one line, at most STORE_NOTE_BYTES */
	bool clear_note;
};

enum { STORE_NOTE_BYTES = 4000 };

/* `*found` says whether there is such a signature. Errors: ERR_USAGE for another state; ERR_LIMIT for a longer note. */
enum err store_change_signature(struct store *store, const char *signature, const struct signature_change *change,
	bool *found, struct error *error);

/* How the store is: for who watches over it. */
struct store_health {
	uint64_t schema; /* version of its tables */
	uint64_t db_bytes;
	uint64_t wal_bytes;	  /* of the log of the writers; grows while somebody reads for long */
	uint64_t disk_free_bytes; /* of the file system, for who is not root */
	bool writable;		  /* as far as permissions say */
};

/* Errors: ERR_SYSTEM when the file is gone, or cannot be looked at; those of a query. */
enum err store_health(struct store *store, struct store_health *health, struct error *error);

/* Deletes a trace with all that hangs under it; `*freed_bytes` is by how much the file shrank. Errors: ERR_USAGE. */
enum err store_delete_trace(struct store *store, uint64_t trace, uint64_t *freed_bytes, struct error *error);

/* The result of a query, as values of all kinds. */
struct store_query_sink {
	/* Once, before any row; `names` lives as long as the call. */
	enum err (*columns)(void *context, const char *const *names, size_t count, struct error *error);
	enum err (*row)(void *context, const struct row_value *values, size_t count, struct error *error);
	void *context;
};

/*
 * Runs one SQL query that reads, the tables `event` and `gap` among those that can be read. What writes, attaches or
 * loads is refused. Errors: ERR_USAGE with what the parser says; those of the sink; ERR_INPUT; ERR_SYSTEM.
 */
enum err store_query(struct store *store, const char *sql, const struct store_query_sink *sink, struct error *error);

/* A row a finding. */
enum store_findings_form {
	STORE_FINDINGS_COLUMNS, /* those of the table, after `trace` and with `fsid`, the id of the filesystem */
	STORE_FINDINGS_OBJECTS	/* one: JSON with the same keys, its mismatches, whose they were, and the evidence */
};

/* The findings of the last replay of a trace, by number; none where there is no such trace. Errors: as store_query().
 */
enum err store_findings(struct store *store, uint64_t trace, enum store_findings_form form,
	const struct store_query_sink *sink, struct error *error);

#endif
