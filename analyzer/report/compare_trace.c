/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "analyzer/explain/explain.h"
#include "analyzer/report/compare.h"
#include "analyzer/report/report.h"
#include "base/memory.h"

static char *copy_of(const char *text)
{
	return memory_text(text, strlen(text));
}

static void add_finding(struct compare_side *side, const struct report_trace *trace, const struct finding *finding)
{
	const struct compare_item item = {.signature = copy_of(explain_signature(finding).text),
		.kind = copy_of(finding_kind_name(finding->kind)),
		.headline = explain_headline(finding, trace->comms),
		.severity = finding->severity,
		.certainty = finding->certainty,
		.root = finding->root,
		.ino = finding->ino,
		.findings = 1,
		.occurrences = finding->occurrence_total,
		.bytes = finding->bytes};

	compare_add(side, &item);
}

void compare_add_trace(struct compare_side *side, const struct report_trace *trace)
{
	side->traces++;
	side->events += trace->result->events;
	side->lost_marks += trace->result->lost_marks;
	for (size_t i = 0; i < trace->result->finding_count; i++)
		add_finding(side, trace, &trace->result->findings[i]);
}
