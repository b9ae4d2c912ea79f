/* SPDX-License-Identifier: GPL-2.0-only */
/* case_outcome - for tests: what a replay came to, in the words of accounting cases (tests/cases/README.md). */
#ifndef QGREPLAY_TESTS_CASE_OUTCOME_H
#define QGREPLAY_TESTS_CASE_OUTCOME_H

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/replay.h"
#include "collector/source.h"

struct case_outcome {
	const struct trace_info *info;
	const struct replay_result *result;
	const struct whatif *what_if;
};

static inline uint64_t case_root_of(const struct finding *finding)
{
	return finding->root;
}

static inline uint64_t case_ino_of(const struct finding *finding)
{
	return finding->ino;
}

static inline uint64_t case_bytes_of(const struct finding *finding)
{
	return finding->bytes;
}

static inline uint64_t case_start_of(const struct finding *finding)
{
	return finding->occurrences[0].start;
}

static inline uint64_t case_len_of(const struct finding *finding)
{
	return finding->occurrences[0].len;
}

static inline uint64_t case_have_of(const struct finding *finding)
{
	return finding->occurrences[0].have_bytes;
}

static inline uint64_t case_diff_of(const struct finding *finding)
{
	return (uint64_t)finding->occurrences[0].diff_bytes;
}

static inline uint64_t case_actor_of(const struct finding *finding)
{
	return (uint64_t)finding->occurrences[0].task.pid;
}

static inline uint64_t case_times_of(const struct finding *finding)
{
	return finding->occurrence_total;
}

static inline uint64_t case_consequences_of(const struct finding *finding, enum consequence_kind kind)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < finding->consequence_count; i++)
		if (finding->consequences[i].kind == kind)
			bytes += finding->consequences[i].bytes;
	return bytes;
}

static inline uint64_t case_healed_of(const struct finding *finding)
{
	return finding->healed_bytes;
}

/* Bytes of data that were written unreserved as a consequence. */
static inline uint64_t case_short_of(const struct finding *finding)
{
	return case_consequences_of(finding, CONSEQUENCE_SHORT_RELEASE);
}

/* Bytes that were reserved beyond a limit as a consequence. */
static inline uint64_t case_beyond_of(const struct finding *finding)
{
	return case_consequences_of(finding, CONSEQUENCE_BEYOND_LIMIT);
}

static const struct {
	const char *key;
	uint64_t (*value)(const struct finding *finding);
} case_numbers[] = {{"root", case_root_of}, {"ino", case_ino_of}, {"start", case_start_of}, {"len", case_len_of},
	{"bytes", case_bytes_of}, {"by", case_actor_of}, {"have", case_have_of}, {"diff", case_diff_of},
	{"times", case_times_of}, {"short", case_short_of}, {"beyond", case_beyond_of}, {"healed", case_healed_of}};

enum { CASE_NUMBERS = sizeof(case_numbers) / sizeof(case_numbers[0]) };

static inline const char *case_dash(const char *name)
{
	return name[0] != '\0' ? name : "-";
}

/* The finding as a line of a case could say it. */
static inline void case_finding(FILE *out, const struct finding *finding, const struct trace_info *info)
{
	const struct occurrence *first = &finding->occurrences[0];

	fprintf(out, "%s %s %s", finding_kind_name(finding->kind), case_dash(finding_path_name(finding->path)),
		finding_certainty_name(finding->certainty));
	for (size_t i = 0; i < CASE_NUMBERS; i++)
		fprintf(out, " %s=%" PRId64, case_numbers[i].key, (int64_t)case_numbers[i].value(finding));
	fputs(" owner=", out);
	for (size_t i = 0; i < first->owner_count; i++)
		fprintf(out, "%s%d", i > 0 ? "," : "", (int)first->owners[i].task.pid);
	fprintf(out, " where=%s fsid=%s at=%" PRIu64 ".%06u\n", case_dash(finding_where_name(finding->where)),
		case_dash(names_text(info->fsids, finding->fs)), first->time_ns / 1000000000,
		(unsigned)(first->time_ns / 1000 % 1000000));
}

static inline void case_ledger(
	FILE *out, const struct root_totals *root, const struct fs_totals *fs, const struct trace_info *info)
{
	fprintf(out,
		"ledger root=%" PRIu64 " reserved=%" PRIu64 " released=%" PRIu64 " freed=%" PRIu64 " dropped=%" PRIu64
		" ranges=%" PRIu64 " flight=%" PRIu64 " counter=%" PRIu64 " outside=%" PRIu64 " leaked=%" PRIu64
		" underflow=%" PRIu64 " epochs=%" PRIu64 " fsid=%s\n",
		root->root, root->reserved_bytes, root->released_bytes, root->freed_bytes, root->dropped_bytes,
		root->end_ranges_bytes, root->end_flight_bytes, root->end_counter_bytes, root->end_unknown_bytes,
		root->leaked_bytes, root->underflow_bytes, fs->quota_epochs,
		case_dash(names_text(info->fsids, fs->fs)));
}

/* By how much the counter was off at worst, and for how long in bytes times seconds; what it should have come to. */
static inline void case_what_if(
	FILE *out, const struct whatif_root *root, const struct fs_totals *fs, const struct trace_info *info)
{
	if (root == NULL)
		return;
	fprintf(out,
		"what-if root=%" PRIu64 " peak=%" PRIu64 " end=%" PRIu64 " too-low=%" PRIu64 " too-high=%" PRIu64
		" low-area=%" PRIu64 " high-area=%" PRIu64 " twice=%" PRIu64 " fsid=%s\n",
		root->place.root, root->should_peak, root->should_end, root->too_low.bytes, root->too_high.bytes,
		root->too_low.byte_seconds, root->too_high.byte_seconds, root->told_twice,
		case_dash(names_text(info->fsids, fs->fs)));
}

static inline void case_counts(FILE *out, const struct replay_result *result)
{
	uint64_t unproven = 0;

	for (size_t kind = 0; kind < FINDING_KIND_COUNT; kind++)
		unproven += result->unproven.of[kind];
	fprintf(out,
		"counts contradictions=%" PRIu64 " chain-breaks=%" PRIu64 " exchanges=%" PRIu64 " lost=%" PRIu64
		" unproven=%" PRIu64 "\n",
		result->contradictions, result->chain_breaks, result->exchanges, result->lost_events, unproven);
}

static inline void case_root(
	FILE *out, const struct case_outcome *outcome, const struct root_totals *root, const struct fs_totals *fs)
{
	case_ledger(out, root, fs, outcome->info);
	case_what_if(out, whatif_of(outcome->what_if, root->place), fs, outcome->info);
}

/* Everything that an expectation can be about, one line each. */
static inline char *case_outcome(const struct case_outcome *outcome, enum finding_severity severity)
{
	const struct replay_result *result = outcome->result;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < result->finding_count; i++)
		if (result->findings[i].severity >= severity)
			case_finding(out, &result->findings[i], outcome->info);
	for (size_t i = 0; i < result->filesystem_count; i++)
		for (size_t k = 0; k < result->filesystems[i].root_count; k++)
			case_root(out, outcome, &result->filesystems[i].roots[k], &result->filesystems[i]);
	case_counts(out, result);
	fclose(out);
	return text;
}

#endif
