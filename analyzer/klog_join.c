/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/klog_join.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/replay.h"
#include "base/memory.h"

static const struct {
	const char *name;
	const char *words;
} verdicts[KLOG_VERDICT_COUNT] = {
	[KLOG_AGREES] = {"agrees", "the trace shows the same"},
	[KLOG_DENIED] = {"denied", "the trace shows otherwise"},
	[KLOG_BEYOND] = {"beyond", "not within the trace"},
	[KLOG_CONTEXT] = {"context", "about usage, nothing to compare"},
};

static const char *const counters[] = {
	[EVENT_TYPE_DATA] = "data",
	[EVENT_TYPE_META_PERTRANS] = "meta_pertrans",
	[EVENT_TYPE_META_PREALLOC] = "meta_prealloc",
};

/* One statement while it is compared. */
struct comparison {
	struct klog_match *match;
	const struct replay_result *result;
	bool alone;
	uint64_t filesystems; /* of the trace that it agrees with */
	uint16_t fs;	      /* the first of them */
};

static void agree(struct comparison *comparison, uint16_t fs)
{
	if (comparison->filesystems == 0 || comparison->fs != fs)
		comparison->filesystems++;
	comparison->fs = fs;
	comparison->match->verdict = KLOG_AGREES;
	comparison->match->ambiguous = comparison->filesystems > 1;
}

static void support(struct klog_match *match, const struct finding *finding)
{
	if (match->finding_count < KLOG_FINDINGS_MAX)
		match->findings[match->finding_count++] = finding->id;
}

/* A trace that lost events has not shown everything. */
static bool may_deny(const struct comparison *comparison)
{
	return comparison->alone && comparison->result->lost_marks == 0;
}

static bool same_change(const struct klog_line *line, uint64_t have_bytes, int64_t diff_bytes)
{
	return line->have_bytes == have_bytes && line->bytes == 0 - (uint64_t)diff_bytes;
}

static bool shows_underflow(const struct finding *finding, const struct klog_line *line)
{
	if (finding->root == line->qgid)
		for (size_t i = 0; i < finding->occurrence_count; i++)
			if (finding->occurrences[i].diff_bytes != 0 &&
				same_change(
					line, finding->occurrences[i].have_bytes, finding->occurrences[i].diff_bytes))
				return true;
	for (size_t i = 0; i < finding->consequence_count; i++) {
		const struct event *event = &finding->consequences[i].event;

		if (finding->consequences[i].kind == CONSEQUENCE_UNDERFLOW && event->root == line->qgid &&
			same_change(line, event->bytes, event->diff))
			return true;
	}
	return false;
}

static bool counter_was_seen(const struct replay_result *result, const struct klog_line *line)
{
	for (size_t i = 0; i < result->ends.end_count; i++)
		if (result->ends.ends[i].qgid == line->qgid && result->ends.ends[i].type == line->type)
			return true;
	return false;
}

static void compare_underflow(struct comparison *comparison)
{
	const struct replay_result *result = comparison->result;
	const struct klog_line *line = comparison->match->line;

	for (size_t i = 0; i < result->ends.clamp_count; i++) {
		const struct counter_clamp *clamp = &result->ends.clamps[i];

		if (clamp->qgid != line->qgid || clamp->type != line->type ||
			!same_change(line, clamp->have_bytes, clamp->diff_bytes))
			continue;
		agree(comparison, clamp->fs);
		if (comparison->match->seen_ns == 0)
			comparison->match->seen_ns = clamp->time_ns + 1;
	}
	if (comparison->filesystems == 0) {
		if (may_deny(comparison) && result->ends.clamps_left_out == 0 && counter_was_seen(result, line))
			comparison->match->verdict = KLOG_DENIED;
		return;
	}
	for (size_t i = 0; i < result->finding_count; i++)
		if (shows_underflow(&result->findings[i], line))
			support(comparison->match, &result->findings[i]);
}

static bool is_leak_of(const struct finding *finding, uint64_t qgid, unsigned type)
{
	bool metadata = finding->where == LEAK_META;
	bool pertrans = finding->path == PATH_PERTRANS;

	if (finding->kind != FINDING_LEAK || finding->root != qgid || metadata != (type != EVENT_TYPE_DATA))
		return false;
	return !metadata || pertrans == (type == EVENT_TYPE_META_PERTRANS);
}

static void compare_unreleased(struct comparison *comparison)
{
	const struct replay_result *result = comparison->result;
	const struct klog_line *line = comparison->match->line;
	bool unmounted = false;

	for (size_t i = 0; i < result->ends.end_count; i++) {
		const struct counter_end *end = &result->ends.ends[i];

		if (end->qgid != line->qgid || end->type != line->type)
			continue;
		unmounted = unmounted || end->unmounted;
		if (end->bytes == line->bytes)
			agree(comparison, end->fs);
	}
	if (comparison->filesystems == 0) {
		if (unmounted && may_deny(comparison) && result->ends.ends_left_out == 0)
			comparison->match->verdict = KLOG_DENIED;
		return;
	}
	for (size_t i = 0; i < result->finding_count; i++)
		if (is_leak_of(&result->findings[i], line->qgid, line->type))
			support(comparison->match, &result->findings[i]);
}

/* That something leaked, of whatever qgroup. */
static void compare_leaked(struct comparison *comparison)
{
	const struct replay_result *result = comparison->result;
	bool unmounted = false;

	for (size_t i = 0; i < result->ends.end_count; i++) {
		unmounted = unmounted || result->ends.ends[i].unmounted;
		if (result->ends.ends[i].unmounted && result->ends.ends[i].bytes != 0)
			agree(comparison, result->ends.ends[i].fs);
	}
	if (comparison->filesystems == 0 && unmounted && may_deny(comparison) && result->ends.ends_left_out == 0)
		comparison->match->verdict = KLOG_DENIED;
}

/* The statement names no root: the inode and a range that overlaps must do. */
static void compare_leaking(struct comparison *comparison)
{
	const struct replay_result *result = comparison->result;
	const struct klog_line *line = comparison->match->line;

	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];
		bool overlaps = false;

		if (finding->kind != FINDING_LEAK || finding->ino != line->ino)
			continue;
		for (size_t j = 0; j < finding->occurrence_count && !overlaps; j++) {
			const struct occurrence *occurrence = &finding->occurrences[j];

			overlaps =
				occurrence->len != 0 && occurrence->start <= line->end &&
				(line->start <= occurrence->start || line->start - occurrence->start < occurrence->len);
		}
		if (!overlaps)
			continue;
		agree(comparison, finding->fs);
		support(comparison->match, finding);
	}
}

static void compare_usage(struct comparison *comparison)
{
	comparison->match->verdict = KLOG_CONTEXT;
}

static void (*const compare[KLOG_KIND_COUNT])(struct comparison *) = {
	[KLOG_UNDERFLOW] = compare_underflow,
	[KLOG_UNRELEASED] = compare_unreleased,
	[KLOG_LEAKED] = compare_leaked,
	[KLOG_LEAKING] = compare_leaking,
	[KLOG_INCONSISTENT] = compare_usage,
};

static bool same_statement(const struct klog_line *a, const struct klog_line *b)
{
	return a->kind == b->kind && a->qgid == b->qgid && a->type == b->type && a->have_bytes == b->have_bytes &&
	       a->bytes == b->bytes && a->ino == b->ino && a->start == b->start && a->end == b->end &&
	       strcmp(a->device, b->device) == 0;
}

/* The match of an equal statement before, or NULL. A log repeats itself mostly at once. */
static struct klog_match *said_before(struct klog_join *join, const struct klog_line *line)
{
	size_t oldest = join->count > 64 ? join->count - 64 : 0;

	for (size_t i = join->count; i-- > oldest;)
		if (same_statement(join->matches[i].line, line))
			return &join->matches[i];
	return NULL;
}

struct klog_join klog_join(const struct klog *klog, const struct replay_result *result, bool alone)
{
	struct klog_join join = {.matches = memory_zeroed(klog->count * sizeof(*join.matches))};

	for (size_t i = 0; i < klog->count; i++) {
		const struct klog_line *line = &klog->lines[i];
		struct klog_match *match = said_before(&join, line);

		if (match == NULL) {
			struct comparison comparison = {&join.matches[join.count], result, alone, 0, 0};

			match = comparison.match;
			*match = (struct klog_match){.line = line, .verdict = KLOG_BEYOND};
			join.count++;
			compare[line->kind](&comparison);
		}
		match->count++;
		join.verdicts[match->verdict]++;
	}
	return join;
}

void klog_join_release(struct klog_join *join)
{
	free(join->matches);
	*join = (struct klog_join){0};
}

bool klog_join_mismatch(const struct klog_join *join, uint32_t id, struct finding *finding)
{
	*finding = (struct finding){.id = id,
		.kind = FINDING_LOG_MISMATCH,
		.severity = finding_severity_of(FINDING_LOG_MISMATCH),
		.certainty = CERTAINTY_PROVEN,
		.occurrence_total = join->verdicts[KLOG_DENIED]};
	for (size_t i = 0; i < join->count; i++) {
		const struct klog_match *match = &join->matches[i];

		if (match->verdict != KLOG_DENIED || match->line->qgid == 0 || match->line->qgid >> 48 != 0)
			continue;
		finding->root = match->line->qgid;
		break;
	}
	return finding->occurrence_total != 0;
}

const char *klog_verdict_name(enum klog_verdict verdict)
{
	return verdicts[verdict].name;
}

const char *klog_verdict_words(enum klog_verdict verdict)
{
	return verdicts[verdict].words;
}

char *klog_line_text(const struct klog_line *line)
{
	char *text = NULL;
	int length = -1;

	switch (line->kind) {
	case KLOG_UNDERFLOW:
		length = asprintf(&text,
			"qgroup %" PRIu64 " %s reserved space underflow, have %" PRIu64 " to free %" PRIu64, line->qgid,
			counters[line->type], line->have_bytes, line->bytes);
		break;
	case KLOG_UNRELEASED:
		length = asprintf(&text, "qgroup %" PRIu64 "/%" PRIu64 " has unreleased space, type %u rsv %" PRIu64,
			line->qgid >> 48, line->qgid & ((UINT64_C(1) << 48) - 1), (unsigned)line->type, line->bytes);
		break;
	case KLOG_LEAKED:
		length = asprintf(&text, "qgroup reserved space leaked");
		break;
	case KLOG_LEAKING:
		length = asprintf(&text,
			"leaking qgroup reserved space, ino: %" PRIu64 ", start: %" PRIu64 ", end: %" PRIu64, line->ino,
			line->start, line->end);
		break;
	case KLOG_INCONSISTENT:
	case KLOG_KIND_COUNT:
		length = asprintf(&text, "qgroup marked inconsistent");
		break;
	}
	if (length < 0)
		abort();
	return text;
}

bool klog_join_supports(const struct klog_join *join, const struct finding *finding)
{
	for (size_t i = 0; i < join->count; i++)
		for (size_t j = 0; j < join->matches[i].finding_count; j++)
			if (join->matches[i].findings[j] == finding->id)
				return true;
	return false;
}
