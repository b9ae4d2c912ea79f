/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_free - the sentences about frees: foreign ones, truncated ones, and counters that go below zero. */
#include <inttypes.h>

#include "analyzer/explain/explain_parts.h"

static void tell_traced_mistake(const struct telling *telling)
{
	const struct event *own = explain_event(telling->finding, ROLE_TASK_RESERVES);
	bool failed = explain_event(telling->finding, ROLE_META_FAILS) != NULL;
	FILE *stream = telling->stream;

	if (own != NULL) {
		fprintf(stream, " Its own btrfs_qgroup_reserve_data() of %s had ",
			words_range(own->start, own->len).text);
		if (own->bytes == 0)
			fputs("found all of it reserved already;", stream);
		else
			fprintf(stream, "newly reserved only %s;", words_count(own->bytes, "byte", "bytes").text);
	} else {
		fputs(" It had reserved none of them itself;", stream);
	}
	fputs(failed ? " after its metadata reservation had failed," : " then", stream);
	fputs(" its error path called btrfs_qgroup_free_data() and took back the whole range, whoever had reserved it, "
	      "instead of what its own extent_changeset recorded.",
		stream);
}

static void tell_rollback_mistake(const struct telling *telling)
{
	const struct event *own = explain_event(telling->finding, ROLE_TASK_RESERVES);
	const struct event *taken = explain_event(telling->finding, ROLE_RANGE_TAKEN);
	FILE *stream = telling->stream;

	fputs(" It had reserved the range itself", stream);
	if (own != NULL)
		fprintf(stream, " at %s", words_time(own->time_ns).text);
	if (taken == NULL)
		fputs(", but had lost that reservation", stream);
	else
		fprintf(stream, ", but that reservation had %s at %s",
			taken->op == EVENT_OP_FREE ? "been freed by another" : "gone out with an older writeback",
			words_time(taken->time_ns).text);
	fputs(" before the bits were set anew by the other; its rollback cleared by range what its extent_changeset "
	      "had "
	      "once recorded, whoever owned it by then.",
		stream);
}

static void tell_damage(const struct telling *telling)
{
	struct words qgroup = words_qgroup(telling->finding->root);
	uint64_t unreserved = telling_consequence(telling, CONSEQUENCE_SHORT_RELEASE);
	uint64_t below = telling_consequence(telling, CONSEQUENCE_UNDERFLOW);
	uint64_t beyond = telling_consequence(telling, CONSEQUENCE_BEYOND_LIMIT);
	bool complete = telling->finding->consequence_total <= telling->finding->consequence_count;
	FILE *stream = telling->stream;

	if (unreserved != 0)
		fprintf(stream,
			" As a consequence %s%s of dirty data went to writeback without reservation, so that the limit "
			"of "
			"qgroup %s could be exceeded by as much",
			complete ? "" : "at least ", words_bytes(unreserved).text, qgroup.text);
	else
		fprintf(stream,
			" From here on the reserved space of qgroup %s was too low by that amount, so that its limit "
			"could "
			"be exceeded by as much",
			qgroup.text);
	if (below != 0)
		fprintf(stream, ", and a later commit underflowed the counter by %s", words_bytes(below).text);
	if (beyond != 0)
		fprintf(stream, ", and %s were reserved that the limit would have refused", words_bytes(beyond).text);
	fputc('.', stream);
}

void tell_foreign_free(const struct telling *telling)
{
	const struct occurrence *first = telling->first;

	fprintf(telling->stream, "At %s %s freed %s of qgroup data reservation of ", words_time(first->time_ns).text,
		words_task(telling->comms, first->task).text, words_bytes(first->bytes).text);
	tell_place(telling);
	fputs(", that belonged to ", telling->stream);
	tell_owners(telling);
	tell_repetitions(telling, "such free", "such frees");
	fputc('.', telling->stream);
	if (telling->finding->path == PATH_ROLLBACK)
		tell_rollback_mistake(telling);
	else
		tell_traced_mistake(telling);
	tell_damage(telling);
}

/* The size of a change, also of INT64_MIN. */
static uint64_t magnitude(int64_t diff)
{
	return diff < 0 ? 0 - (uint64_t)diff : (uint64_t)diff;
}

static const char underflow_at_commit[] = ". The update belongs to a transaction commit: the commit drops what ordered "
					  "extents had taken over, so some of "
					  "these bytes had been freed before, or were never reserved.";

static const char underflow_at_free[] = ". The update belongs to a free of reserved data: more was freed than had been "
					"reserved, or the same bytes twice.";

static const char underflow_of_prealloc[] =
	". An operation freed or converted more metadata than it had reserved, or the same bytes twice.";

static const char underflow_of_pertrans[] =
	". The end of a transaction gave back more metadata than had been converted for it.";

static const char *const underflow_causes[PATH_COUNT] = {
	[PATH_COMMIT] = underflow_at_commit,
	[PATH_FREE] = underflow_at_free,
	[PATH_PREALLOC] = underflow_of_prealloc,
	[PATH_PERTRANS] = underflow_of_pertrans,
};

static const char underflow_damage[] =
	" The kernel sets the counter to 0 (with CONFIG_BTRFS_DEBUG it logs \"reserved space underflow\"), so that "
	"bytes "
	"which are still reserved are no longer counted and the limit can be exceeded by as much.";

void tell_underflow(const struct telling *telling)
{
	const struct occurrence *first = telling->first;
	const char *cause = underflow_causes[telling->finding->path];

	fprintf(telling->stream, "At %s %s took %s from the reserved %s space (%s) of qgroup %s, which held only %s",
		words_time(first->time_ns).text, words_task(telling->comms, first->task).text,
		words_bytes(magnitude(first->diff_bytes)).text, telling_metadata(telling) ? "metadata" : "data",
		telling_counter(telling), words_qgroup(telling->finding->root).text,
		words_bytes(first->have_bytes).text);
	tell_repetitions(telling, "such underflow", "such underflows");
	fputs(cause != NULL ? cause : underflow_at_free, telling->stream);
	fputs(underflow_damage, telling->stream);
}

/* What the counter should have lost and did not, or what it lost beyond. */
static void tell_wrong_counter(const struct telling *telling, const struct occurrence *first)
{
	uint64_t changed = magnitude(first->diff_bytes);

	if (first->diff_bytes >= 0)
		fputs(" Taken as an unsigned number the change is larger than any counter: the kernel sets the counter "
		      "to "
		      "0, whatever else was reserved.",
			telling->stream);
	else if (changed < first->bytes)
		fprintf(telling->stream,
			" The counter keeps %s that nothing will ever free, and writers meet the limit that much too "
			"early.",
			words_bytes(first->bytes - changed).text);
	else
		fprintf(telling->stream, " The counter lost %s too many.", words_bytes(changed - first->bytes).text);
}

void tell_truncated_count(const struct telling *telling)
{
	const struct occurrence *first = telling->first;

	fprintf(telling->stream, "At %s %s freed %s of qgroup data reservation of ", words_time(first->time_ns).text,
		words_task(telling->comms, first->task).text, words_bytes(first->bytes).text);
	tell_place(telling);
	fprintf(telling->stream, ", but the counter of qgroup %s, which held %s, was changed by %" PRId64,
		words_qgroup(telling->finding->root).text, words_bytes(first->have_bytes).text, first->diff_bytes);
	tell_repetitions(telling, "such free", "such frees");
	fputs(". The two differ by a multiple of 2^32: the byte count went through a 32-bit variable on its way.",
		telling->stream);
	tell_wrong_counter(telling, first);
}
