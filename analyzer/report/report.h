/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report - the results of traces in a form to print: text for people, JSON for machines, a mail for linux-btrfs, SARIF
 * and JUnit for test runs.
 *
 * A format writes each trace as it comes, and holds no result back: what a trace says goes to two streams ("traces"
 * and "findings"), and the document is then
 *
 *     begin, all of the traces stream, middle, all of the findings stream, end
 *
 * so that the parts can be written by other processes than the one that puts them together. Knows nothing of where the
 * events came from: struct report_trace is filled by the caller. Errors of the streams are the caller's to ask for.
 */
#ifndef QGREPLAY_ANALYZER_REPORT_REPORT_H
#define QGREPLAY_ANALYZER_REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/replay.h"
#include "base/names.h"

/* One trace and its result. Texts may be NULL where the trace does not say. */
struct report_trace {
	uint64_t id; /* place on the command line, from 1; or number in the store */
	const char *name;
	const char *sha256;
	const char *source; /* "trace.dat", "text", "live" */
	const char *kernel;
	const char *clock;
	const struct names *comms;
	const struct names *fsids;
	const struct names *texts; /* of the events "print" */
	uint64_t skipped_events;
	uint64_t garbled_lines;
	uint64_t free_events; /* of the release_data events, those with op=free */
	const struct replay_result *result;
	uint64_t left_out_roots;      /* that the trace has, and `result` has not */
	const struct whatif *what_if; /* the counters as they should have been; NULL when they were not drawn */
};

/* Which findings and totals are shown; what is not set does not restrict. */
struct report_filter {
	const char *fsid; /* the beginning of a filesystem id, lower case */
	bool has_root;
	bool has_ino;
	uint64_t root;
	uint64_t ino;
	uint64_t finding; /* only the one with this number; 0: all */
};

struct report_options {
	const char *version;
	struct report_filter filter;
	bool colour;
	bool all;		       /* text: cut no list short */
	enum finding_severity fail_on; /* mail: tells findings from here on; text: says "FOUND" for them */
};

/*
 * Sums over what the filter let through, for the last line and the exit status. May lie in shared memory: every bit
 * pattern is a value, so that what another process left there can be read without harm.
 */
struct report_totals {
	uint64_t traces;
	uint64_t events;
	uint64_t lost_marks;
	uint64_t severities[SEVERITY_COUNT]; /* findings */
	struct {
		uint64_t findings;
		uint64_t occurrences;
		uint64_t bytes;
	} kinds[FINDING_KIND_COUNT];
	uint64_t places; /* not 0: some trace holds the filesystem and root of the filter, or the filter names none */
};

struct report_streams {
	FILE *traces;
	FILE *findings;
};

/* A trace that could not be read. */
struct report_failure {
	const char *name;
	const char *error;
};

struct report_ending {
	const struct report_options *options;
	const struct report_totals *totals;
	const struct report_failure *failures;
	size_t failure_count;
	int exit_code;
};

/* A form of report. All functions are there; those that have nothing to say are report_nothing(). */
struct report_format {
	const char *name;
	bool hashed;  /* prints the SHA-256 of traces */
	bool what_if; /* prints the counters as they should have been */
	bool series;  /* and how they went, also where nothing differs */
	void (*begin)(FILE *stream, const struct report_options *options);
	/* `totals` hold what the traces before had: 0 traces means that this is the first. */
	void (*trace)(const struct report_streams *streams, const struct report_options *options,
		const struct report_trace *trace, const struct report_totals *totals);
	void (*middle)(FILE *stream, const struct report_options *options);
	void (*end)(FILE *stream, const struct report_ending *ending);
};

/* A begin() or middle() that writes nothing. */
void report_nothing(FILE *stream, const struct report_options *options);

extern const struct report_format report_text;
extern const struct report_format report_json;
extern const struct report_format report_mail;
extern const struct report_format report_sarif;
extern const struct report_format report_junit;

/* The format of that name, or NULL. */
const struct report_format *report_format_named(const char *name);

/* Adds what the filter lets through of a trace to `totals`. Call it after the format's trace(). */
void report_count(struct report_totals *totals, const struct report_options *options, const struct report_trace *trace);

/* Adds `more` to `totals`. Sums stay at UINT64_MAX rather than wrap: `more` may be what a process left that died. */
void report_add(struct report_totals *totals, const struct report_totals *more);

/*
 * What the filter lets through. Notes speak of a whole trace and pass a filter by inode; other findings that know no
 * inode do not.
 */
bool report_shows_finding(
	const struct report_options *options, const struct report_trace *trace, const struct finding *finding);
bool report_shows_filesystem(const struct report_options *options, const struct report_trace *trace, uint16_t fs);
bool report_shows_root(const struct report_options *options, uint64_t root);

/* The id of a filesystem as text, or NULL when the trace has none. */
const char *report_fsid(const struct report_trace *trace, uint16_t fs);

#endif
