/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_free - the sentences about frees: foreign ones, truncated ones, and counters that go below zero. */
#include <inttypes.h>

#include "analyzer/explain_parts.h"

static uint64_t consequence_bytes(const struct finding *finding, enum consequence_kind kind)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < finding->consequence_count; i++)
		if (finding->consequences[i].kind == kind)
			sum += finding->consequences[i].bytes;
	return sum;
}

static void tell_traced_mistake(const struct telling *telling)
{
	const struct event *own = evidence_event(telling->finding, ROLE_TASK_RESERVES);
	bool failed = evidence_event(telling->finding, ROLE_META_FAILS) != NULL;

	if (own != NULL)
		fprintf(telling->stream,
			" Its own btrfs_qgroup_reserve_data() of %s had newly reserved only %s there; ",
			words_range(own->start, own->len).text, words_count(own->bytes, "byte", "bytes").text);
	else
		fputs(" It had reserved none of them itself; ", telling->stream);
	fprintf(telling->stream,
		"%s its error path called btrfs_qgroup_free_data() and took back the whole range, whoever had reserved "
		"it, instead of what its own extent_changeset recorded.",
		failed ? "after its metadata reservation had failed," : "then");
}

static void tell_rollback_mistake(const struct telling *telling)
{
	const struct event *own = evidence_event(telling->finding, ROLE_TASK_RESERVES);
	const struct event *taken = evidence_event(telling->finding, ROLE_RANGE_TAKEN);

	fputs(" It had reserved the range itself", telling->stream);
	if (own != NULL)
		fprintf(telling->stream, " at %s", words_time(own->time_ns).text);
	fputs(", but that reservation had gone out with an older writeback", telling->stream);
	if (taken != NULL)
		fprintf(telling->stream, " at %s", words_time(taken->time_ns).text);
	fputs(", and the bits had been set anew by the other; its rollback cleared by range what its changeset had "
	      "once "
	      "recorded, whoever owned it by then.",
		telling->stream);
}

void tell_foreign_free(const struct telling *telling)
{
	const struct finding *finding = telling->finding;
	const struct occurrence *first = telling->first;
	uint64_t unreserved = consequence_bytes(finding, CONSEQUENCE_SHORT_RELEASE);
	uint64_t below = consequence_bytes(finding, CONSEQUENCE_UNDERFLOW);

	fprintf(telling->stream, "At %s %s freed %s of qgroup data reservation of ", words_time(first->time_ns).text,
		words_task(telling->comms, first->task).text, words_bytes(first->bytes).text);
	tell_place(telling);
	fputs(", that belonged to ", telling->stream);
	tell_owners(telling);
	tell_repetitions(telling, "such free", "such frees");
	fputc('.', telling->stream);
	if (finding->path == PATH_ROLLBACK)
		tell_rollback_mistake(telling);
	else
		tell_traced_mistake(telling);
	if (unreserved != 0)
		fprintf(telling->stream,
			" As a consequence %s of dirty data went to writeback without reservation, so that the limit "
			"of qgroup %s could be exceeded by as much",
			words_bytes(unreserved).text, words_qgroup(finding->root).text);
	else
		fprintf(telling->stream,
			" From here on the reserved space of qgroup %s was too low by that amount, so that its limit "
			"could be exceeded by as much",
			words_qgroup(finding->root).text);
	if (below != 0)
		fprintf(telling->stream, ", and a later commit underflowed the counter by %s", words_bytes(below).text);
	fputc('.', telling->stream);
}

/* The size of a change, also of INT64_MIN. */
static uint64_t magnitude(int64_t diff)
{
	return diff < 0 ? 0 - (uint64_t)diff : (uint64_t)diff;
}

void tell_underflow(const struct telling *telling)
{
	const struct occurrence *first = telling->first;

	fprintf(telling->stream, "At %s %s took %s from the reserved data space of qgroup %s, which held only %s",
		words_time(first->time_ns).text, words_task(telling->comms, first->task).text,
		words_bytes(magnitude(first->diff_bytes)).text, words_qgroup(telling->finding->root).text,
		words_bytes(first->have_bytes).text);
	tell_repetitions(telling, "such underflow", "such underflows");
	fputs(telling->finding->path == PATH_COMMIT
			? ". The update belongs to a transaction commit: the commit drops what ordered extents had "
			  "taken over, so some of these bytes had been freed before, or were never reserved."
			: ". The update belongs to a free of reserved data: more was freed than had been reserved, or "
			  "the "
			  "same bytes twice.",
		telling->stream);
	fputs(" The kernel sets the counter to 0 (with CONFIG_BTRFS_DEBUG it logs \"reserved space underflow\"), so "
	      "that "
	      "bytes which are still reserved are no longer counted and the limit can be exceeded by as much.",
		telling->stream);
}

void tell_truncated_count(const struct telling *telling)
{
	const struct occurrence *first = telling->first;
	const struct event *freed = evidence_event(telling->finding, ROLE_TASK_FREES);

	fprintf(telling->stream, "At %s %s freed ", words_time(first->time_ns).text,
		words_task(telling->comms, first->task).text);
	if (freed != NULL && freed->kind == EVENT_RELEASE_DATA)
		fprintf(telling->stream, "%s of ", words_bytes(freed->bytes).text);
	tell_place(telling);
	fprintf(telling->stream, ", but the counter of qgroup %s, which held %s, was changed by %" PRId64,
		words_qgroup(telling->finding->root).text, words_bytes(first->have_bytes).text, first->diff_bytes);
	tell_repetitions(telling, "such free", "such frees");
	fprintf(telling->stream,
		". The two differ by a multiple of 2^32: the byte count went through a 32-bit variable on its way."
		" The counter is wrong by %s from here on.",
		words_bytes(first->bytes).text);
}
