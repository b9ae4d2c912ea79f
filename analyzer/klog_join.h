/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * klog_join - what the kernel said in its log, held against what the trace shows.
 *
 * A log knows devices and a trace knows filesystem ids, so they are joined by numbers: qgroup, type, and bytes. The log
 * is limited in rate and begins and ends elsewhere: that it is silent says nothing, and that it speaks of what the
 * trace does not hold is only then a contradiction when the trace shows that very thing otherwise. Pure.
 */
#ifndef QGREPLAY_ANALYZER_KLOG_JOIN_H
#define QGREPLAY_ANALYZER_KLOG_JOIN_H

#include "analyzer/finding.h"
#include "base/klog.h"

struct replay_result;

enum klog_verdict {
	KLOG_AGREES,  /* the trace shows the same, to the byte */
	KLOG_DENIED,  /* the trace shows that counter, completely, and nothing of the kind */
	KLOG_BEYOND,  /* the trace does not reach as far: another filesystem, a gap, no unmount */
	KLOG_CONTEXT, /* nothing to compare: about usage, not reservations */
	KLOG_VERDICT_COUNT
};

enum { KLOG_FINDINGS_MAX = 8 };

struct klog_match {
	const struct klog_line *line;
	enum klog_verdict verdict;
	bool ambiguous;			      /* agrees with several filesystems of the trace */
	uint64_t count;			      /* statements that say the same, of which this is the first */
	uint64_t seen_ns;		      /* underflow that agrees: when the trace shows it, plus 1; otherwise 0 */
	uint32_t findings[KLOG_FINDINGS_MAX]; /* numbers of findings that it supports */
	size_t finding_count;
};

struct klog_join {
	struct klog_match *matches; /* in the order of the log, equal statements joined */
	size_t count;
	uint64_t verdicts[KLOG_VERDICT_COUNT]; /* statements of each verdict */
};

/*
 * Compares a log with the result of a trace; both must outlive the join, which is freed by klog_join_release().
 * `alone`: the log is of this trace only. When it is given for several, no statement is denied, because it may be of
 * another one.
 */
struct klog_join klog_join(const struct klog *klog, const struct replay_result *result, bool alone);
void klog_join_release(struct klog_join *join);

/*
 * Makes the statements that are denied a finding about the trace, a note with number `id`; false when there are none.
 * It owns nothing.
 */
bool klog_join_mismatch(const struct klog_join *join, uint32_t id, struct finding *finding);

/* "agrees", "denied", "beyond", "context"; and the same for people. */
const char *klog_verdict_name(enum klog_verdict verdict);
const char *klog_verdict_words(enum klog_verdict verdict);

/* The statement in the kernel's words, to be freed. */
char *klog_line_text(const struct klog_line *line);

/* Whether one of the statements supports this finding. */
bool klog_join_supports(const struct klog_join *join, const struct finding *finding);

#endif
