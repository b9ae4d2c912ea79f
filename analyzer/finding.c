/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/finding.h"

#include <stdlib.h>

static const struct {
	const char *name;
	enum finding_severity severity;
} kinds[FINDING_KIND_COUNT] = {
	[FINDING_FOREIGN_FREE] = {"foreign-free", SEVERITY_ERROR},
	[FINDING_UNDERFLOW] = {"underflow", SEVERITY_ERROR},
	[FINDING_LEAK] = {"leak", SEVERITY_ERROR},
	[FINDING_TRUNCATED_COUNT] = {"truncated-count", SEVERITY_ERROR},
	[FINDING_UNRESERVED_WRITE] = {"unreserved-write", SEVERITY_WARNING},
	[FINDING_QUOTA_EPOCH] = {"quota-epoch", SEVERITY_NOTE},
	[FINDING_LOST_EVENTS] = {"lost-events", SEVERITY_NOTE},
	[FINDING_MISSING_HEAD] = {"missing-head", SEVERITY_NOTE},
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
};

const char *finding_kind_name(enum finding_kind kind)
{
	return kinds[kind].name;
}

enum finding_severity finding_severity_of(enum finding_kind kind)
{
	return kinds[kind].severity;
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
