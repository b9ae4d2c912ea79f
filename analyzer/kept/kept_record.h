/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kept_record - each table's row as a struct, and how the two map. For the files of analyzer/kept only.
 *
 * Texts belong to whoever filled the struct.
 */
#ifndef QGREPLAY_ANALYZER_KEPT_KEPT_RECORD_H
#define QGREPLAY_ANALYZER_KEPT_KEPT_RECORD_H

#include "analyzer/kept/mapping.h"
#include "analyzer/replay.h"

struct trace_record {
	const char *sha256;
	const char *name; /* NULL when it is written: the store knows it */
	const char *status;
	unsigned source; /* in the words that say what a trace is */
	const char *kernel;
	const char *clock;
	uint64_t events;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t skipped_events;
	uint64_t garbled_lines;
	uint64_t lost_marks;
	uint64_t lost_events;
};

struct event_count_record {
	enum event_kind kind;
	uint64_t events;
};

struct name_record {
	enum row_space space;
	uint32_t number;
	const char *name;
};

struct replay_record {
	const char *engine;
	bool fresh;
	bool limited;
	bool logged;
	uint64_t free_events;
	uint64_t chain_breaks;
	uint64_t contradictions;
	uint64_t exchanges;
	uint64_t log_lines;
	uint64_t log_left_out;
};

struct unproven_record {
	enum finding_kind kind;
	uint64_t count;
};

struct filesystem_record {
	uint16_t number;
	const char *fsid;
	uint64_t quota_epochs;
};

struct ledger_record {
	uint16_t filesystem;
	struct root_totals totals;
	bool drawn;
	struct whatif_root curve;
};

struct sample_record {
	uint32_t place;
	uint64_t span;
	uint64_t number;
	struct whatif_point point;
};

struct finding_record {
	struct finding finding;
	const char *signature;
	const char *headline;
};

struct occurrence_record {
	uint32_t finding;
	uint32_t number;
	struct occurrence occurrence;
};

struct owner_record {
	uint32_t finding;
	uint32_t occurrence;
	uint32_t number;
	struct owner owner;
};

/* ROLE_COUNT stands for a consequence. */
struct evidence_record {
	uint32_t finding;
	uint32_t number;
	unsigned role;
	unsigned consequence; /* CONSEQUENCE_COUNT: none */
	bool has_occurrence;  /* evidence */
	bool has_victim;      /* consequences */
	uint32_t occurrence;
	uint64_t victim_bytes;
	uint64_t victim_ino;
	unsigned kind; /* of the event */
	struct event event;
};

struct log_record {
	uint32_t number;
	struct klog_match match;
	struct klog_line line;
	const char *device;
	const char *findings;
};

/* The mapping of a table that has a struct here: all but ROW_EVENT_BLOCK and ROW_QGROUP, for which it is NULL. */
const struct mapping *kept_record_mapping(enum row_table table);

/* Room for the record of any table. */
union kept_record {
	struct trace_record trace;
	struct event_count_record event_count;
	struct name_record name;
	struct replay_record replay;
	struct unproven_record unproven;
	struct filesystem_record filesystem;
	struct ledger_record ledger;
	struct sample_record sample;
	struct finding_record finding;
	struct occurrence_record occurrence;
	struct owner_record owner;
	struct evidence_record evidence;
	struct log_record log;
};

/* Maps a record of `table` and hands the row to `sink`. */
enum err kept_record_put(enum row_table table, const void *record, const struct row_sink *sink, struct error *error);

#endif
