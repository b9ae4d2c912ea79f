/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_rest - the sentences about what stays behind: leaks, and writes without reservation. */
#include <inttypes.h>

#include "analyzer/explain/explain_parts.h"

static const char cleared_silently[] =
	"A later reserve found the range clear, though no release and no free of it was traced: the "
	"EXTENT_QGROUP_RESERVED bits were cleared, and the bytes never left the counter.";

static const char evicted_with_bits[] =
	"The inode was evicted with the EXTENT_QGROUP_RESERVED bits of that range still set: the task that should have "
	"freed them, on an error path or at writeback, did not.";

static const char nocow_released[] =
	"A NOCOW or PREALLOC write allocates no extent, so its reservation has to be freed when the ordered extent is "
	"made; here it was released (op=release), and no delayed ref will ever drop it.";

static const char never_dropped[] =
	"The range had been released to an ordered extent, and later commits of that root dropped nothing for it.";

static const char only_counter[] =
	"No range of an inode and no ordered extent accounts for these bytes: only the counter holds them.";

static const char metadata_kept[] =
	"An operation reserved them for metadata (META_PREALLOC) and neither freed nor converted them.";

static const char metadata_not_ended[] = "They were converted for a transaction (META_PERTRANS) whose end did not give "
					 "them back: a root that is not among "
					 "those that the commit visits keeps them.";

/* How each path of a leak came about: what was seen, in one sentence. */
static const char *const leak_causes[PATH_COUNT] = {
	[PATH_SILENT_CLEAR] = cleared_silently,
	[PATH_EVICTED] = evicted_with_bits,
	[PATH_NOCOW_RELEASED] = nocow_released,
	[PATH_NEVER_DROPPED] = never_dropped,
	[PATH_RESIDUE] = only_counter,
	[PATH_PREALLOC] = metadata_kept,
	[PATH_PERTRANS] = metadata_not_ended,
};

static const char leak_unexplained[] = "Nothing in the trace gives them back.";

static const char released_before_dirty[] =
	"An older writeback of the same pages had released the bits between the reserve and the dirtying of the page: "
	"reserving and dirtying are not atomic against writeback, in any kernel so far.";

/* How the bits of an unreserved write had gone. */
static const char *const unreserved_causes[PATH_COUNT] = {
	[PATH_OLDER_WRITEBACK] = released_before_dirty,
};

static const char unreserved_unexplained[] = "Nothing in the trace says what had cleared the bits.";

void tell_leak(const struct telling *telling)
{
	const struct finding *finding = telling->finding;
	const struct occurrence *first = telling->first;
	const char *cause = leak_causes[finding->path];
	FILE *stream = telling->stream;

	fprintf(stream, "%s of qgroup %s reservation of root %" PRIu64, words_bytes(finding->bytes).text,
		telling_metadata(telling) ? "metadata" : "data", finding->root);
	if (finding->ino != 0)
		fprintf(stream, ", inode %" PRIu64, finding->ino);
	fputs(" leaked", stream);
	if (finding->occurrence_total > 1)
		fprintf(stream, " in %s, first", words_count(finding->occurrence_total, "piece", "pieces").text);
	if (first->len != 0)
		fprintf(stream, " in range %s", words_range(first->start, first->len).text);
	if (first->owner_count != 0) {
		fputs(", where they belonged to ", stream);
		tell_owners(telling);
	}
	fprintf(stream, ". %s", cause != NULL ? cause : leak_unexplained);
	fprintf(stream,
		" They stay in the counter of qgroup %s until the filesystem is unmounted, where the kernel warns of "
		"unreleased space, and writers meet the limit that much too early",
		words_qgroup(finding->root).text);
	if (finding->healed_bytes != 0)
		fprintf(stream, "; another %s had leaked likewise, but a later writer took them over",
			words_bytes(finding->healed_bytes).text);
	fputc('.', stream);
}

void tell_unreserved_write(const struct telling *telling)
{
	const struct finding *finding = telling->finding;
	const struct occurrence *first = telling->first;
	const char *cause = unreserved_causes[finding->path];

	fprintf(telling->stream, "At %s %s sent data of ", words_time(first->time_ns).text,
		words_task(telling->comms, first->task).text);
	tell_place(telling);
	fprintf(telling->stream, " to writeback with %s of it not reserved", words_bytes(first->bytes).text);
	tell_repetitions(telling, "such write", "such writes");
	fprintf(telling->stream, ". %s", cause != NULL ? cause : unreserved_unexplained);
	fputs(" Until a commit accounts for the extent, the limit can be exceeded by as much; the totals stay "
	      "balanced.",
		telling->stream);
}
