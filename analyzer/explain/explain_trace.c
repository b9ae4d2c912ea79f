/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_trace - the sentences about the trace itself: what it lacks, and what it shows that is no damage. */
#include <inttypes.h>

#include "analyzer/explain/explain_parts.h"

void tell_quota_epoch(const struct telling *telling)
{
	fprintf(telling->stream,
		"At %s the counters of the filesystem start again at 0: quota was switched off and on, or the "
		"filesystem "
		"was unmounted and mounted. There is no event for this; reservations from before are void and not held "
		"against anybody.",
		words_time(telling->first->time_ns).text);
}

void tell_lost_events(const struct telling *telling)
{
	const struct event *gap = explain_event(telling->finding, ROLE_GAP);
	uint64_t marks = telling->finding->occurrence_total;

	fprintf(telling->stream, "Events are missing from the trace in %s", words_count(marks, "place", "places").text);
	if (gap != NULL)
		fprintf(telling->stream, ", first on CPU %u before %s", gap->cpu, words_time(gap->time_ns).text);
	fputs(". What the lost events could have touched is unknown from there until the trace proves it again, and "
	      "nothing is held against anybody meanwhile.",
		telling->stream);
}

void tell_missing_head(const struct telling *telling)
{
	const struct finding *finding = telling->finding;

	fputs("The trace begins while data is already reserved", telling->stream);
	if (finding->bytes != 0)
		fprintf(telling->stream,
			": the first counter values of root %" PRIu64 " hold %s that were reserved before",
			finding->root, words_bytes(finding->bytes).text);
	fputs(". Ranges and owners from before are unknown, and nothing is held against anybody for them.",
		telling->stream);
}

/* KERNEL 2.5: qgroup_free_reserved_data() took the end of a range for its length, from 4.13 on. */
void tell_over_broad_rollback(const struct telling *telling)
{
	fprintf(telling->stream, "At %s a failed operation of %s gave back %s in ",
		words_time(telling->first->time_ns).text, words_task(telling->comms, telling->first->task).text,
		words_bytes(telling->first->bytes).text);
	tell_place(telling);
	tell_repetitions(telling, "such rollback", "such rollbacks");
	fputs(", in one step for ranges beyond the one that it was asked to give back: qgroup_free_reserved_data() "
	      "took "
	      "the end of the range for its length. All of it was the operation's own, and the steps that should have "
	      "given it back found nothing left: the sum is right, and nobody is harmed.",
		telling->stream);
}

void tell_garbage_type(const struct telling *telling)
{
	fprintf(telling->stream, "%s of the trace name a counter type that does not exist, first at %s",
		words_count(telling->finding->bytes, "event", "events").text, words_time(telling->first->time_ns).text);
	fputs(": kernels 4.17 to 5.3.7 trace an uninitialised variable there. Counters of metadata cannot be told from "
	      "each other, so that nothing is said of metadata; the counter of data is followed only where a reserve, "
	      "release or free beside it names the amount.",
		telling->stream);
}

void tell_log_mismatch(const struct telling *telling)
{
	fprintf(telling->stream, "%s of the kernel's log cannot be true of this trace",
		words_count(telling->finding->occurrence_total, "line", "lines").text);
	if (telling->finding->root != 0)
		fprintf(telling->stream, ", first about qgroup %s", words_qgroup(telling->finding->root).text);
	fputs(": either the log is of another run or another filesystem, or the trace lacks what the kernel speaks of. "
	      "The "
	      "findings rest on the trace alone.",
		telling->stream);
}
