/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/ledger/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Evidence that is kept for what the acting task does. */
enum { STORY_EVENTS = 16 };

/*
 * How many mismatches a group has. Beyond the limit warnings and notes are only counted, so that memory stays bounded;
 * an error must stay revocable to the end.
 */
struct group_tally {
	struct table_entry entry;
	uint64_t kept;
	uint64_t counted;
	uint64_t counted_bytes;
};

void verdicts_init(struct verdicts *verdicts)
{
	*verdicts = (struct verdicts){0};
	table_init(&verdicts->tallies);
}

void verdicts_release(struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		verdict_free(verdicts->all[i]);
	free(verdicts->all);
	table_free_all(&verdicts->tallies);
}

struct verdict *verdict_new(struct verdict_group_key key, const struct event *event)
{
	struct verdict *verdict = memory_zeroed(sizeof(*verdict));

	verdict->key = key;
	verdict->certainty = CERTAINTY_PROVEN;
	verdict->number = event->number;
	verdict->occurrence.time_ns = event->time_ns;
	verdict->occurrence.root = key.root;
	verdict->occurrence.ino = key.ino;
	verdict->occurrence.start = event->start;
	verdict->occurrence.len = event->len;
	verdict->occurrence.task = (struct task_ref){event->pid, event->comm};
	return verdict;
}

void verdict_free(struct verdict *verdict)
{
	if (verdict == NULL)
		return;
	free(verdict->occurrence.owners);
	free(verdict->evidence);
	free(verdict->consequences);
	free(verdict->returned);
	free(verdict);
}

void verdict_owner(struct verdict *verdict, struct owner owner)
{
	struct occurrence *occurrence = &verdict->occurrence;

	occurrence->owners =
		memory_resized(occurrence->owners, occurrence->owner_count + 1, sizeof(*occurrence->owners));
	occurrence->owners[occurrence->owner_count++] = owner;
}

void verdict_evidence(struct verdict *verdict, const struct event *event, enum evidence_role role)
{
	bool owners = role == ROLE_OWNER_RESERVES || role == ROLE_OWNER_COMPLETE || role == ROLE_OLD_RESERVE;

	if (verdict->evidence_count >= (owners ? FINDING_EVIDENCE_KEPT - STORY_EVENTS : FINDING_EVIDENCE_KEPT))
		return;
	verdict->evidence = memory_resized(verdict->evidence, verdict->evidence_count + 1, sizeof(*verdict->evidence));
	verdict->evidence[verdict->evidence_count++] = (struct evidence){.event = *event, .role = role};
}

static void extend(struct occurrence *occurrence, struct claim_part part)
{
	uint64_t end = occurrence->start + occurrence->len;

	if (occurrence->bytes == 0) {
		occurrence->start = part.start;
		end = part.end;
	}
	if (part.start < occurrence->start)
		occurrence->start = part.start;
	occurrence->len = (part.end > end ? part.end : end) - occurrence->start;
	occurrence->bytes += part.end - part.start;
}

static bool same_reserve(const struct owner *a, const struct owner *b)
{
	return a->start + a->len == b->start && a->time_ns == b->time_ns && a->task.pid == b->task.pid;
}

void verdict_claim(struct verdict *verdict, const struct claim *claim, struct claim_part part)
{
	struct occurrence *occurrence = &verdict->occurrence;
	uint64_t bytes = part.end - part.start;
	struct owner owner = {.task = {-1, 0}, .bytes = bytes, .start = part.start, .len = bytes};
	struct owner *last = occurrence->owner_count > 0 ? &occurrence->owners[occurrence->owner_count - 1] : NULL;

	extend(occurrence, part);
	if (claim != NULL) {
		owner.task = (struct task_ref){claim->event.pid, claim->event.comm};
		owner.time_ns = claim->event.time_ns;
	}
	if (last != NULL && same_reserve(last, &owner)) {
		last->bytes += bytes;
		last->len += bytes;
		return;
	}
	if (occurrence->owner_count >= VERDICT_OWNERS_KEPT)
		return;
	verdict_owner(verdict, owner);
	if (claim == NULL)
		return;
	verdict_evidence(verdict, &claim->event, claim->stale ? ROLE_OLD_RESERVE : ROLE_OWNER_RESERVES);
	if (claim->complete && !claim->stale) {
		struct event settled = claim_noted(claim, &claim->settled);

		verdict_evidence(verdict, &settled, ROLE_OWNER_COMPLETE);
	}
}

void verdict_consequence(struct verdict *verdict, enum consequence_kind kind, const struct event *event, uint64_t bytes)
{
	if (verdict->consequence_count >= FINDING_CONSEQUENCES_KEPT)
		return;
	verdict->consequences =
		memory_resized(verdict->consequences, verdict->consequence_count + 1, sizeof(*verdict->consequences));
	verdict->consequences[verdict->consequence_count++] =
		(struct consequence){.kind = kind, .event = *event, .bytes = bytes, .ino = event->ino};
}

static void add_return(struct verdict *verdict, const struct event *event, uint64_t bytes, bool again)
{
	verdict->returned = memory_grown(verdict->returned, &verdict->returned_capacity, verdict->returned_count + 1,
		sizeof(*verdict->returned));
	verdict->returned[verdict->returned_count++] =
		(struct verdict_return){event->number, event->time_ns, bytes, again};
}

void verdict_returned(struct verdict *verdict, const struct event *event, uint64_t bytes)
{
	add_return(verdict, event, bytes, false);
}

void verdict_taken_again(struct verdict *verdict, const struct event *event, uint64_t bytes)
{
	add_return(verdict, event, bytes, true);
}

static struct group_tally *tally_of(struct verdicts *verdicts, const struct verdict_group_key *key)
{
	uint64_t packed =
		(uint64_t)key->kind << 48 | (uint64_t)key->path << 32 | (uint64_t)key->where << 16 | (uint64_t)key->fs;
	struct table_key table_key = {packed, key->root, key->ino};
	struct group_tally *tally = (struct group_tally *)table_find(&verdicts->tallies, table_key);

	if (tally == NULL) {
		tally = memory_zeroed(sizeof(*tally));
		tally->entry.key = table_key;
		table_add(&verdicts->tallies, &tally->entry);
	}
	return tally;
}

struct verdict *verdicts_add(struct verdicts *verdicts, struct verdict *verdict)
{
	struct group_tally *tally = tally_of(verdicts, &verdict->key);

	if (tally->kept >= FINDING_OCCURRENCES_KEPT && finding_severity_of(verdict->key.kind) != SEVERITY_ERROR) {
		tally->counted++;
		tally->counted_bytes += verdict->occurrence.bytes;
		verdict_free(verdict);
		return NULL;
	}
	tally->kept++;
	verdict->found_ns = verdicts->now_ns;
	verdicts->all = memory_grown(verdicts->all, &verdicts->capacity, verdicts->count + 1, sizeof(struct verdict *));
	verdicts->all[verdicts->count++] = verdict;
	return verdict;
}

void verdicts_revoke(struct verdicts *verdicts, uint16_t fs, uint64_t from_ns)
{
	for (size_t i = verdicts->count; i-- > 0 && verdicts->all[i]->found_ns >= from_ns;) {
		struct verdict *verdict = verdicts->all[i];

		if ((fs == UINT16_MAX || verdict->key.fs == fs) &&
			(finding_severity_of(verdict->key.kind) != SEVERITY_NOTE ||
				verdict->key.kind == FINDING_QUOTA_EPOCH))
			verdict->revoked = true;
	}
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_keys(const struct verdict_group_key *a, const struct verdict_group_key *b)
{
	int order = compare_numbers(a->kind, b->kind);

	if (order == 0)
		order = compare_numbers(a->path, b->path);
	if (order == 0)
		order = compare_numbers(a->where, b->where);
	if (order == 0)
		order = compare_numbers(a->fs, b->fs);
	if (order == 0)
		order = compare_numbers(a->root, b->root);
	return order != 0 ? order : compare_numbers(a->ino, b->ino);
}

static int by_group_and_time(const void *first, const void *second)
{
	const struct verdict *a = *(struct verdict *const *)first;
	const struct verdict *b = *(struct verdict *const *)second;
	int order = compare_keys(&a->key, &b->key);

	if (order == 0)
		order = compare_numbers(a->occurrence.time_ns, b->occurrence.time_ns);
	return order != 0 ? order : compare_numbers(a->occurrence.start, b->occurrence.start);
}

static int by_severity_and_time(const void *first, const void *second)
{
	const struct finding *a = first;
	const struct finding *b = second;
	int order = compare_numbers(b->severity, a->severity);

	if (order == 0)
		order = compare_numbers(a->occurrences[0].time_ns, b->occurrences[0].time_ns);
	return order != 0 ? order : compare_numbers(a->kind, b->kind);
}

/* What is healed harms nobody any more. */
static enum finding_severity severity_of(const struct verdict_group_key *key)
{
	return key->path == PATH_NOT_TAKEN_BACK ? SEVERITY_NOTE : finding_severity_of(key->kind);
}

static void begin_finding(struct verdicts *verdicts, struct finding *finding, const struct verdict *verdict)
{
	const struct group_tally *tally = tally_of(verdicts, &verdict->key);

	*finding = (struct finding){.kind = verdict->key.kind,
		.severity = severity_of(&verdict->key),
		.certainty = verdict->certainty,
		.path = verdict->key.path,
		.where = verdict->key.where,
		.fs = verdict->key.fs,
		.root = verdict->key.root,
		.ino = verdict->key.ino,
		.bytes = tally->counted_bytes,
		.occurrence_total = tally->counted};
}

static void add_evidence(struct finding *finding, const struct verdict *verdict, uint32_t occurrence)
{
	if (finding->evidence_count + verdict->evidence_count > FINDING_EVIDENCE_KEPT)
		return;
	finding->evidence = memory_resized(
		finding->evidence, finding->evidence_count + verdict->evidence_count, sizeof(*finding->evidence));
	for (size_t i = 0; i < verdict->evidence_count; i++) {
		finding->evidence[finding->evidence_count] = verdict->evidence[i];
		finding->evidence[finding->evidence_count++].occurrence = occurrence;
	}
}

static void add_consequences(struct finding *finding, const struct verdict *verdict)
{
	size_t room = FINDING_CONSEQUENCES_KEPT - finding->consequence_count;
	size_t count = verdict->consequence_count < room ? verdict->consequence_count : room;

	finding->consequence_total += verdict->consequence_count;
	finding->consequences = memory_resized(
		finding->consequences, finding->consequence_count + count, sizeof(*finding->consequences));
	for (size_t i = 0; i < count; i++)
		finding->consequences[finding->consequence_count++] = verdict->consequences[i];
}

/* A group is as certain as its most certain mismatch. */
static void add_occurrence(struct finding *finding, struct verdict *verdict, size_t *capacity)
{
	add_evidence(finding, verdict, (uint32_t)finding->occurrence_count);
	add_consequences(finding, verdict);
	if (finding->occurrence_count < FINDING_OCCURRENCES_KEPT) {
		finding->occurrences = memory_grown(
			finding->occurrences, capacity, finding->occurrence_count + 1, sizeof(*finding->occurrences));
		finding->occurrences[finding->occurrence_count++] = verdict->occurrence;
		verdict->occurrence.owners = NULL;
	}
	finding->occurrence_total++;
	finding->bytes += verdict->occurrence.bytes;
	finding->healed_bytes += verdict->healed_bytes;
	if (verdict->certainty > finding->certainty)
		finding->certainty = verdict->certainty;
}

static int by_number(const void *first, const void *second)
{
	const struct evidence *a = first;
	const struct evidence *b = second;
	int order = compare_numbers(a->occurrence, b->occurrence);

	return order != 0 ? order : compare_numbers(a->event.number, b->event.number);
}

static void sort_evidence(struct finding *finding)
{
	if (finding->evidence_count > 1)
		qsort(finding->evidence, finding->evidence_count, sizeof(*finding->evidence), by_number);
}

struct finding *verdicts_findings(struct verdicts *verdicts, size_t *count)
{
	struct finding *findings = NULL;
	size_t capacity = 0;
	size_t occurrence_capacity = 0;
	const struct verdict *previous = NULL;

	*count = 0;
	if (verdicts->count > 1)
		qsort(verdicts->all, verdicts->count, sizeof(struct verdict *), by_group_and_time);
	for (size_t i = 0; i < verdicts->count; i++) {
		struct verdict *verdict = verdicts->all[i];

		if (verdict->revoked)
			continue;
		if (previous == NULL || compare_keys(&previous->key, &verdict->key) != 0) {
			findings = memory_grown(findings, &capacity, *count + 1, sizeof(*findings));
			begin_finding(verdicts, &findings[(*count)++], verdict);
			occurrence_capacity = 0;
		}
		add_occurrence(&findings[*count - 1], verdict, &occurrence_capacity);
		previous = verdict;
	}
	if (*count > 1)
		qsort(findings, *count, sizeof(*findings), by_severity_and_time);
	for (size_t i = 0; i < *count; i++) {
		findings[i].id = (uint32_t)i + 1;
		sort_evidence(&findings[i]);
	}
	return findings;
}
