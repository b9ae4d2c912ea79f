/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/finding.h"

#include <stdlib.h>

static const struct {
	const char *name;
	enum finding_severity severity;
	bool counts_events;
} kinds[FINDING_KIND_COUNT] = {
	[FINDING_FOREIGN_FREE] = {"foreign-free", SEVERITY_ERROR, false},
	[FINDING_UNDERFLOW] = {"underflow", SEVERITY_ERROR, false},
	[FINDING_LEAK] = {"leak", SEVERITY_ERROR, false},
	[FINDING_TRUNCATED_COUNT] = {"truncated-count", SEVERITY_ERROR, false},
	[FINDING_STALE_FREE] = {"stale-free", SEVERITY_ERROR, false},
	[FINDING_COMMIT_MISMATCH] = {"commit-mismatch", SEVERITY_ERROR, false},
	[FINDING_META_IMBALANCE] = {"meta-imbalance", SEVERITY_ERROR, false},
	[FINDING_LIMIT_EXCEEDED] = {"limit-exceeded", SEVERITY_ERROR, false},
	[FINDING_UNEXPLAINED] = {"unexplained", SEVERITY_ERROR, false},
	[FINDING_UNRESERVED_WRITE] = {"unreserved-write", SEVERITY_WARNING, false},
	[FINDING_OVER_BROAD_ROLLBACK] = {"over-broad-rollback", SEVERITY_NOTE, false},
	[FINDING_QUOTA_EPOCH] = {"quota-epoch", SEVERITY_NOTE, false},
	[FINDING_LOST_EVENTS] = {"lost-events", SEVERITY_NOTE, true},
	[FINDING_MISSING_HEAD] = {"missing-head", SEVERITY_NOTE, false},
	[FINDING_GARBAGE_TYPE] = {"garbage-type", SEVERITY_NOTE, true},
	[FINDING_LOG_MISMATCH] = {"log-mismatch", SEVERITY_NOTE, false},
};

static const char *const severities[SEVERITY_COUNT] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

static const char *const certainties[CERTAINTY_COUNT] = {
	[CERTAINTY_LIKELY] = "likely",
	[CERTAINTY_PROVEN] = "proven",
};

static const char *const wheres[LEAK_WHERE_COUNT] = {
	[LEAK_NOWHERE] = "",
	[LEAK_RANGE] = "range",
	[LEAK_FLIGHT] = "flight",
	[LEAK_COUNTER] = "counter",
	[LEAK_META] = "meta",
};

static const char *const paths[PATH_COUNT] = {
	[PATH_NONE] = "",
	[PATH_TRACED_FREE] = "traced-free",
	[PATH_ROLLBACK] = "rollback",
	[PATH_COMMIT] = "commit",
	[PATH_FREE] = "free",
	[PATH_SILENT_CLEAR] = "silent-clear",
	[PATH_EVICTED] = "evicted",
	[PATH_NOCOW_RELEASED] = "nocow-released",
	[PATH_NEVER_DROPPED] = "never-dropped",
	[PATH_RESIDUE] = "residue",
	[PATH_OLDER_WRITEBACK] = "older-writeback",
	[PATH_NOT_TAKEN_BACK] = "not-taken-back",
	[PATH_STALE_FREED] = "stale-freed",
	[PATH_STALE_RELEASED] = "stale-released",
	[PATH_DROPPED_MORE] = "dropped-more",
	[PATH_DROPPED_LESS] = "dropped-less",
	[PATH_NOT_DROPPED] = "not-dropped",
	[PATH_PREALLOC] = "prealloc",
	[PATH_PERTRANS] = "pertrans",
	[PATH_RESERVED_MORE] = "reserved-more",
	[PATH_RESERVED_LESS] = "reserved-less",
	[PATH_CLEARED_MORE] = "cleared-more",
	[PATH_CLEARED_LESS] = "cleared-less",
	[PATH_COUNTER_JUMP] = "counter-jump",
};

const char *finding_kind_name(enum finding_kind kind)
{
	return kinds[kind].name;
}

enum finding_severity finding_severity_of(enum finding_kind kind)
{
	return kinds[kind].severity;
}

bool finding_counts_events(enum finding_kind kind)
{
	return kinds[kind].counts_events;
}

const char *finding_severity_name(enum finding_severity severity)
{
	return severities[severity];
}

const char *finding_certainty_name(enum finding_certainty certainty)
{
	return certainties[certainty];
}

const char *finding_where_name(enum leak_where where)
{
	return wheres[where];
}

const char *finding_path_name(enum finding_path path)
{
	return paths[path];
}

void finding_release(struct finding *finding)
{
	for (size_t i = 0; i < finding->occurrence_count; i++)
		free(finding->occurrences[i].owners);
	free(finding->occurrences);
	free(finding->evidence);
	free(finding->consequences);
}
