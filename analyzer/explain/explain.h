/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * explain - a finding in words: three sentences for a bug report, what doubt is left, a diagram, a signature.
 *
 * Says only what the finding's own facts and evidence hold. Pure; texts returned are to be freed. Task names may hold
 * any byte: they are made harmless here.
 */
#ifndef QGREPLAY_ANALYZER_EXPLAIN_EXPLAIN_H
#define QGREPLAY_ANALYZER_EXPLAIN_EXPLAIN_H

#include "analyzer/explain/words.h"
#include "analyzer/finding.h"
#include "base/names.h"

/* One paragraph: what happened, why it is wrong, what follows. `comms` is the trace's table of task names. */
char *explain_text(const struct finding *finding, const struct names *comms);

/* What innocent explanation is left and which event would settle it, or NULL when the finding is proven. */
const char *explain_doubt(const struct finding *finding);

/* A few words for a headline or a subject line, such as "wl-152 frees 4,096 bytes reserved by wl-151". */
char *explain_headline(const struct finding *finding, const struct names *comms);

/*
 * The first occurrence as a diagram "Task A | Task B" in the manner of kernel changelogs, in lines of at most `width`
 * columns (EXPLAIN_DIAGRAM_NARROW at least): a column for each task that acts, as many as fit. NULL when the finding
 * has no evidence to draw.
 */
char *explain_diagram(const struct finding *finding, const struct names *comms, unsigned width);

/* Two columns, for a mail; three, for a screen. */
enum { EXPLAIN_DIAGRAM_NARROW = 74, EXPLAIN_DIAGRAM_WIDE = 100 };

/*
 * "v1:" and 16 hexadecimal digits: a fingerprint of kind, path and place, without certainty, pids, times, inodes and
 * sizes, so that the same bug on two hosts has one signature. Permanent: a better algorithm will be "v2:".
 */
struct words explain_signature(const struct finding *finding);

/* Permanent names of roles and consequences: "owner-reserves", "short-release". */
const char *explain_role_name(enum evidence_role role);
const char *explain_consequence_name(enum consequence_kind kind);

/* What an event of this role shows, for people: "the owner reserves the range". */
const char *explain_role(enum evidence_role role);

/* One sentence without a full stop about a consequence. */
char *explain_consequence(const struct consequence *consequence, const struct names *comms);

/* The first occurrence of a finding; one that is all zero, with pid -1, when it has none. Never NULL. */
const struct occurrence *explain_first(const struct finding *finding);

/* The event of that role in the evidence of the first occurrence, or NULL. */
const struct event *explain_event(const struct finding *finding, enum evidence_role role);

/* The task of an event. */
struct task_ref explain_task(const struct event *event);

#endif
