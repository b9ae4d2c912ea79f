/* SPDX-License-Identifier: GPL-2.0-only */
/* Findings with what belongs to them, and the kernel's log, out of their rows. */
#include <stdlib.h>
#include <string.h>

#include "analyzer/kept/kept_load.h"
#include "base/memory.h"

/* The number that a task's name has here. */
static bool rename_task(const struct kept *kept, uint32_t *comm)
{
	if (*comm > kept->task_count)
		return false;
	if (*comm != 0)
		*comm = kept->tasks[*comm - 1];
	return true;
}

static enum err no_task(enum row_table table, struct error *error)
{
	return mapping_misfit(table, "names a task that is not there", error);
}

static struct finding *finding_of(struct kept *kept, uint32_t number)
{
	if (kept->only != 0)
		return number == kept->only && kept->has_only ? &kept->result.findings[0] : NULL;
	return number > 0 && number <= kept->result.finding_count ? &kept->result.findings[number - 1] : NULL;
}

static enum err no_finding(enum row_table table, struct error *error)
{
	return mapping_misfit(table, "is of a finding that is not there", error);
}

static enum err not_in_order(enum row_table table, struct error *error)
{
	return mapping_misfit(table, "is out of its order, or one too many", error);
}

/* Numbers have no hole; those beside an only one rise. */
static bool is_in_order(const struct kept *kept, uint32_t number)
{
	return kept->only == 0 ? number == kept->result.finding_count + 1 : number > kept->last;
}

/* Puts the only finding before those beside it. */
static void put_first(struct replay_result *result)
{
	struct finding only = result->findings[result->finding_count - 1];

	memmove(result->findings + 1, result->findings, (result->finding_count - 1) * sizeof(*result->findings));
	result->findings[0] = only;
}

enum err kept_take_finding(struct kept *kept, const union kept_record *record, struct error *error)
{
	struct replay_result *result = &kept->result;
	struct finding *finding;

	if (!is_in_order(kept, record->finding.finding.id))
		return not_in_order(ROW_FINDING, error);
	if (record->finding.finding.fs > names_count(kept->fsids))
		return mapping_misfit(ROW_FINDING, "names a filesystem that is not there", error);
	result->findings = kept_grown(result->findings, result->finding_count, sizeof(*result->findings));
	finding = &result->findings[result->finding_count++];
	*finding = record->finding.finding;
	finding->occurrences = NULL;
	finding->evidence = NULL;
	finding->consequences = NULL;
	finding->occurrence_count = finding->evidence_count = finding->consequence_count = 0;
	kept->last = finding->id;
	if (finding->id == kept->only) {
		kept->has_only = true;
		put_first(result);
	}
	return ERR_OK;
}

enum err kept_take_occurrence(struct kept *kept, const union kept_record *record, struct error *error)
{
	struct finding *finding = finding_of(kept, record->occurrence.finding);
	struct occurrence occurrence = record->occurrence.occurrence;

	if (finding == NULL)
		return no_finding(ROW_OCCURRENCE, error);
	if (record->occurrence.number != finding->occurrence_count ||
		finding->occurrence_count == FINDING_OCCURRENCES_KEPT)
		return not_in_order(ROW_OCCURRENCE, error);
	if (!rename_task(kept, &occurrence.task.comm))
		return no_task(ROW_OCCURRENCE, error);
	occurrence.owners = NULL;
	occurrence.owner_count = 0;
	finding->occurrences =
		kept_grown(finding->occurrences, finding->occurrence_count, sizeof(*finding->occurrences));
	finding->occurrences[finding->occurrence_count++] = occurrence;
	return ERR_OK;
}

enum err kept_take_owner(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct owner_record *from = &record->owner;
	struct finding *finding = finding_of(kept, from->finding);
	struct owner owner = from->owner;
	struct occurrence *occurrence;

	if (finding == NULL || from->occurrence >= finding->occurrence_count)
		return no_finding(ROW_OWNER, error);
	occurrence = &finding->occurrences[from->occurrence];
	if (from->number != occurrence->owner_count)
		return not_in_order(ROW_OWNER, error);
	if (!rename_task(kept, &owner.task.comm))
		return no_task(ROW_OWNER, error);
	occurrence->owners = kept_grown(occurrence->owners, occurrence->owner_count, sizeof(*occurrence->owners));
	occurrence->owners[occurrence->owner_count++] = owner;
	return ERR_OK;
}

static enum err add_evidence(
	struct finding *finding, const struct evidence_record *from, const struct event *event, struct error *error)
{
	const struct evidence evidence = {*event, (enum evidence_role)from->role, from->occurrence};

	if (from->consequence != CONSEQUENCE_COUNT ||
		(from->occurrence != 0 && from->occurrence >= finding->occurrence_count))
		return mapping_misfit(ROW_EVIDENCE, "proves what is not there", error);
	if (finding->evidence_count == FINDING_EVIDENCE_KEPT || finding->consequence_count != 0)
		return not_in_order(ROW_EVIDENCE, error);
	finding->evidence = kept_grown(finding->evidence, finding->evidence_count, sizeof(*finding->evidence));
	finding->evidence[finding->evidence_count++] = evidence;
	return ERR_OK;
}

static enum err add_consequence(
	struct finding *finding, const struct evidence_record *from, const struct event *event, struct error *error)
{
	const struct consequence consequence = {
		(enum consequence_kind)from->consequence, *event, from->victim_bytes, from->victim_ino};

	if (from->consequence == CONSEQUENCE_COUNT)
		return mapping_misfit(ROW_EVIDENCE, "does not say which consequence it is", error);
	if (finding->consequence_count == FINDING_CONSEQUENCES_KEPT)
		return not_in_order(ROW_EVIDENCE, error);
	finding->consequences =
		kept_grown(finding->consequences, finding->consequence_count, sizeof(*finding->consequences));
	finding->consequences[finding->consequence_count++] = consequence;
	return ERR_OK;
}

enum err kept_take_evidence(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct evidence_record *from = &record->evidence;
	struct finding *finding = finding_of(kept, from->finding);
	struct event event = from->event;

	if (finding == NULL)
		return no_finding(ROW_EVIDENCE, error);
	if (from->number != finding->evidence_count + finding->consequence_count)
		return not_in_order(ROW_EVIDENCE, error);
	if (from->kind == EVENT_NONE || event.fs > names_count(kept->fsids))
		return mapping_misfit(ROW_EVIDENCE, "is no event of this trace", error);
	if (!rename_task(kept, &event.comm))
		return no_task(ROW_EVIDENCE, error);
	event.kind = (uint8_t)from->kind;
	return from->role == ROLE_COUNT ? add_consequence(finding, from, &event, error)
					: add_evidence(finding, from, &event, error);
}

/* Numbers of findings with blanks between: all of the text, or nothing. */
static bool read_findings(const struct kept *kept, struct klog_match *match, const char *text)
{
	while (*text != '\0') {
		char *end;
		unsigned long number;

		if (*text < '0' || *text > '9' || match->finding_count == KLOG_FINDINGS_MAX)
			return false;
		number = strtoul(text, &end, 10);
		if (number == 0 || number > kept->result.finding_count || (*end != '\0' && *end != ' '))
			return false;
		match->findings[match->finding_count++] = (uint32_t)number;
		text = end + (*end == ' ');
	}
	return true;
}

/* Equal statements are one row with a count; the log has each of them, as it had when it was read. */
static bool add_lines(struct klog *log, const struct klog_line *line, uint64_t count)
{
	if (count == 0 || count > KLOG_LINES_KEPT - log->count)
		return false;
	if (log->lines == NULL)
		log->lines = memory_zeroed(KLOG_LINES_KEPT * sizeof(*log->lines));
	for (uint64_t i = 0; i < count; i++)
		log->lines[log->count++] = *line;
	return true;
}

enum err kept_take_log_line(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct log_record *from = &record->log;
	struct klog_join *join = &kept->result.join;
	struct klog_match match = from->match;
	struct klog_line line = from->line;
	size_t length = strlen(from->device);

	if (from->number != join->count)
		return not_in_order(ROW_LOG_LINE, error);
	if (length >= sizeof(line.device) || line.type > EVENT_TYPE_META_PREALLOC)
		return mapping_misfit(ROW_LOG_LINE, "is nothing that a kernel says", error);
	memset(line.device, 0, sizeof(line.device));
	memcpy(line.device, from->device, length);
	match.finding_count = 0;
	if (!read_findings(kept, &match, from->findings))
		return no_finding(ROW_LOG_LINE, error);
	if (kept->result.log == NULL || !add_lines(&kept->log, &line, match.count))
		return not_in_order(ROW_LOG_LINE, error);
	match.line = &kept->log.lines[kept->log.count - match.count];
	join->matches = kept_grown(join->matches, join->count, sizeof(*join->matches));
	join->matches[join->count++] = match;
	join->verdicts[match.verdict] += match.count;
	return ERR_OK;
}

enum err kept_check_findings(const struct kept *kept, struct error *error)
{
	for (size_t i = 0; i < kept->result.finding_count; i++) {
		const struct finding *finding = &kept->result.findings[i];

		if (finding->occurrence_total < finding->occurrence_count ||
			finding->consequence_total < finding->consequence_count)
			return mapping_misfit(ROW_FINDING, "counts less than there is", error);
	}
	return ERR_OK;
}
