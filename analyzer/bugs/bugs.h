/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bugs - the catalogue of known reservation bugs of btrfs, and which of them a finding looks like.
 *
 * A match says that the mechanism fits, not that it is proven: the trace shows what happened, not which line did it.
 * To add a bug, add a row to bugs_data.c or bugs_data_meta.c. Numbers and slugs are permanent. Sources: the commits
 * themselves, mails of linux-btrfs, changelogs of stable releases and of Debian; what rests on memory alone says so.
 */
#ifndef QGREPLAY_ANALYZER_BUGS_BUGS_H
#define QGREPLAY_ANALYZER_BUGS_BUGS_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/bugs/kernel.h"
#include "analyzer/replay.h"

enum { BUGS_MATCHES_MAX = 8, BUG_SIGNS_MAX = 6 };

enum bug_area { BUG_DATA, BUG_META, BUG_BOOKS, BUG_AREA_COUNT };

/* A way in which a bug shows. */
struct bug_sign {
	enum finding_kind kind;
	enum finding_path path; /* PATH_COUNT: whatever it is */
	/* How well it explains such a finding, among all bugs that do: 1 to 9, the highest stands first; 0 ends a list.
	 */
	unsigned char weight;
	/* Further conditions on the finding and on what else the trace holds, or NULL. */
	bool (*fits)(const struct finding *finding, const struct replay_result *result);
	const char *why; /* what of the bug matches, in one sentence without a full stop */
};

struct bug {
	unsigned number;
	const char *slug;
	enum bug_area area;
	const char *commit; /* the fix, first 12 digits; NULL when none is known */
	const char *also;   /* further commits that belong to it, separated by blanks, or NULL */
	const char *title;  /* subject of the fix, or the name of a weakness without one */
	const char *since;  /* release that brought it in, such as "4.13"; NULL when not known */
	/* Mainline release first (left out when it is not known), then stable ones: "6.7 6.1.72"; NULL: no fix is
	 * known. */
	const char *fixed_in;
	unsigned char rc;    /* candidate of the mainline release that had it first; 0 when not known */
	const char *lacking; /* last release of a stable series that was searched and has no fix, "6.1.192"; or NULL */
	const char *cve;
	const char *unverified; /* what of this row rests on memory alone: "commit", "mainline release"; or NULL */
	const char *shows;	/* what a trace shows of it, in one sentence without a full stop */
	struct bug_sign signs[BUG_SIGNS_MAX];
};

enum bug_applies { BUG_AFFECTED, BUG_FIXED, BUG_UNKNOWN, BUG_APPLIES_COUNT };

struct bug_match {
	const struct bug *bug;
	const char *why;
	enum bug_applies applies;
};

/* Row `index` of the catalogue, in the order of numbers; NULL beyond the last. */
const struct bug *bugs_at(size_t index);

/*
 * The bug of that number ("18"), slug ("stale-bits") or beginning of a commit ("af0e2aab", at least 6 digits, of any
 * commit of the row), or NULL.
 */
const struct bug *bugs_named(const char *name);

/*
 * The bugs that `finding`, which is one of `result`, looks like, in a trace of the kernel that `kernel` names (as for
 * kernel_read()): the best match of its mechanism first, whatever the kernel; among equals those that the kernel has
 * stand before those that it has fixed. Returns how many went to `matches`.
 */
size_t bugs_match(const struct finding *finding, const struct replay_result *result, const char *kernel,
	struct bug_match matches[BUGS_MATCHES_MAX]);

/*
 * The bugs that findings of that kind on that path (by their names, as the store keeps them) may look like, the best
 * match first, where the evidence of a single finding is not at hand. `applies` is BUG_UNKNOWN throughout. Returns how
 * many went to `matches`.
 */
size_t bugs_explaining(const char *kind, const char *path, struct bug_match matches[BUGS_MATCHES_MAX]);

/* Whether the sign is one of findings of that kind on that path. */
bool bug_sign_covers(const struct bug_sign *sign, const char *kind, const char *path);

/*
 * Whether a kernel has the bug. BUG_UNKNOWN when its name alone cannot tell: a series that the catalogue knows no fix
 * for, a distribution's kernel that takes fixes which its number does not show, one from before the bug came in.
 */
enum bug_applies bug_applies(const struct bug *bug, const struct kernel *kernel);

/* "affected", "fixed", "unknown". */
const char *bug_applies_name(enum bug_applies applies);

/* What that means for a finding, as a sentence about "this kernel" without a full stop; `bug` has a known fix or not.
 */
const char *bug_applies_sentence(const struct bug *bug, enum bug_applies applies);

/* "data", "metadata", "bookkeeping". */
const char *bug_area_name(enum bug_area area);

#endif
