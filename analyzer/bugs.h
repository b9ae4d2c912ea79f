/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bugs - known reservation bugs of btrfs, and which of them a finding looks like.
 *
 * A match says that the mechanism fits, not that it is proven: the trace shows what happened, not which line did it.
 * To add a bug, add a line to the table in bugs.c: the best match of a path stands first.
 */
#ifndef QGREPLAY_ANALYZER_BUGS_H
#define QGREPLAY_ANALYZER_BUGS_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/replay.h"

enum { BUGS_MATCHES_MAX = 8 };

struct bug {
	enum finding_kind kind;
	enum finding_path path;
	const char *commit;   /* first 12 digits; NULL when no fix is known */
	const char *title;    /* subject of the fix, or the name of a weakness without one */
	const char *fixed_in; /* mainline release first, then stable ones: "6.7 6.1.72"; NULL when no fix is known */
	const char *why;      /* what of the bug matches, in one sentence without a full stop */
	/* Further conditions on the finding and on what else the trace holds, or NULL. */
	bool (*fits)(const struct finding *finding, const struct replay_result *result);
};

enum bug_applies { BUG_AFFECTED, BUG_FIXED, BUG_UNKNOWN };

struct bug_match {
	const struct bug *bug;
	enum bug_applies applies;
};

/*
 * The bugs that `finding`, which is one of `result`, looks like, in a trace of a kernel of this release (NULL when
 * unknown): those that the kernel has first, then those that it may have, then those that it has fixed; among equals
 * the best match first. Returns how many went to `matches`.
 */
size_t bugs_match(const struct finding *finding, const struct replay_result *result, const char *release,
	struct bug_match matches[BUGS_MATCHES_MAX]);

/*
 * Whether a kernel of this release (uname -r; NULL when unknown) has the bug. BUG_UNKNOWN when the release alone cannot
 * tell: a series that the table knows no fix for, or a distribution's kernel (6.1.0-47-amd64, 4.18.0-553.el8) whose
 * number does not say which fixes it took.
 */
enum bug_applies bug_applies(const struct bug *bug, const char *release);

/* "affected", "fixed", "unknown". */
const char *bug_applies_name(enum bug_applies applies);

#endif
