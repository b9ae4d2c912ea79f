/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * explain_ledger - the sentences about ledgers that do not fit: bytes of an earlier quota epoch, commits that drop
 * other than was released, metadata that does not balance, limits that did not hold, and plain contradictions.
 */
#include <inttypes.h>

#include "analyzer/explain/explain_parts.h"

static void tell_when_and_who(const struct telling *telling)
{
	fprintf(telling->stream, "At %s %s ", words_time(telling->first->time_ns).text,
		words_task(telling->comms, telling->first->task).text);
}

/* "held 4,096 bytes (4 KiB) and was changed by -8192", for what knows the update. */
static void tell_update(const struct telling *telling)
{
	const struct occurrence *first = telling->first;

	if (first->diff_bytes != 0)
		fprintf(telling->stream, ", which held %s, was changed by %" PRId64,
			words_bytes(first->have_bytes).text, first->diff_bytes);
}

static void tell_too_low(const struct telling *telling)
{
	uint64_t below = telling_consequence(telling, CONSEQUENCE_UNDERFLOW);
	uint64_t beyond = telling_consequence(telling, CONSEQUENCE_BEYOND_LIMIT);

	fprintf(telling->stream,
		" From here on the counter of qgroup %s is too low by that amount, so that its limit can be exceeded "
		"by as much",
		words_qgroup(telling->finding->root).text);
	if (below != 0)
		fprintf(telling->stream, ", and a later update underflowed it by %s", words_bytes(below).text);
	if (beyond != 0)
		fprintf(telling->stream, ", and %s were reserved that the limit would have refused",
			words_bytes(beyond).text);
	fputc('.', telling->stream);
}

static void tell_too_high(const struct telling *telling)
{
	fprintf(telling->stream,
		" They stay in the counter of qgroup %s until the filesystem is unmounted, where the kernel warns of "
		"unreleased space, and writers meet the limit that much too early.",
		words_qgroup(telling->finding->root).text);
}

void tell_stale_free(const struct telling *telling)
{
	bool released = telling->finding->path == PATH_STALE_RELEASED;

	tell_when_and_who(telling);
	fprintf(telling->stream, "%s %s of qgroup data reservation of ", released ? "released" : "freed",
		words_bytes(telling->first->bytes).text);
	tell_place(telling);
	fputs(", made before quota was switched off, by ", telling->stream);
	tell_owners(telling);
	tell_repetitions(telling, released ? "such release" : "such free", released ? "such releases" : "such frees");
	fprintf(telling->stream,
		". Switching quota off throws the counters away, but left the EXTENT_QGROUP_RESERVED bits of dirty "
		"data "
		"set, and the new counter was never charged for them: %s",
		released ? "the commit that drops these bytes takes them from what others have reserved since."
			 : "the free took its bytes from what others have reserved since.");
	tell_too_low(telling);
}

static void tell_dropped_more(const struct telling *telling)
{
	fprintf(telling->stream, "%s more from the counter of qgroup %s in a transaction commit than was there to drop",
		words_bytes(telling->first->bytes).text, words_qgroup(telling->finding->root).text);
	tell_repetitions(telling, "such drop", "such drops");
	fputs(". A commit drops what op=release had handed to ordered extents, each once and to the byte; some of "
	      "these "
	      "bytes had been freed before, were dropped twice, or were never reserved.",
		telling->stream);
	tell_too_low(telling);
}

static void tell_dropped_too_little(const struct telling *telling)
{
	bool nothing = telling->finding->path == PATH_NOT_DROPPED;

	fputs(nothing ? "nothing" : "too little", telling->stream);
	fprintf(telling->stream, " from the counter of qgroup %s in a transaction commit for an extent of ",
		words_qgroup(telling->finding->root).text);
	tell_place(telling);
	fprintf(telling->stream, ", to which %s%s had been released", words_bytes(telling->first->bytes).text,
		nothing ? "" : " more");
	tell_repetitions(telling, "such extent", "such extents");
	fprintf(telling->stream, ". The commit accounted for the extent as usage, so that %s are counted twice now.",
		words_bytes(telling->first->bytes).text);
	tell_too_high(telling);
}

void tell_commit_mismatch(const struct telling *telling)
{
	tell_when_and_who(telling);
	fputs("dropped ", telling->stream);
	if (telling->finding->path == PATH_DROPPED_MORE)
		tell_dropped_more(telling);
	else
		tell_dropped_too_little(telling);
}

static const char preallocated[] =
	"What an operation reserves of META_PREALLOC is freed or converted in the same amount, once. No clamp at 0, no "
	"sweep of a commit, no relation change and no new quota epoch in the trace explains the difference.";

static const char until_commit[] =
	"What is converted to META_PERTRANS is given back at the end of the transaction, as a whole. No clamp at 0, no "
	"relation change and no new quota epoch in the trace explains the difference.";

void tell_meta_imbalance(const struct telling *telling)
{
	fprintf(telling->stream, "At %s %s of reserved metadata space of root %" PRIu64 " do not balance: counter %s",
		words_time(telling->first->time_ns).text, words_bytes(telling->first->bytes).text,
		telling->finding->root, telling_counter(telling));
	tell_update(telling);
	if (telling->first->diff_bytes == 0)
		fprintf(telling->stream, " of qgroup %s", words_qgroup(telling->finding->root).text);
	else
		fprintf(telling->stream, " by %s", words_task(telling->comms, telling->first->task).text);
	tell_repetitions(telling, "such case", "such cases");
	fprintf(telling->stream, ". %s", telling->finding->path == PATH_PERTRANS ? until_commit : preallocated);
	fputs(" Data and metadata share one limit: while the counter is too high, writers meet it too early; while it "
	      "is "
	      "too low, it can be exceeded by as much.",
		telling->stream);
}

void tell_limit_exceeded(const struct telling *telling)
{
	tell_when_and_who(telling);
	fputs("was granted a data reservation in ", telling->stream);
	tell_place(telling);
	fprintf(telling->stream, " that went %s beyond the limit of qgroup %s", words_bytes(telling->first->bytes).text,
		words_qgroup(telling->finding->root).text);
	tell_repetitions(telling, "such reserve", "such reserves");
	fputs(". What the qgroup has accounted and what it has reserved of data and metadata must stay within the "
	      "limit "
	      "with every reserve, at each level; btrfs_qgroup_reserve_data() has to refuse what does not fit with "
	      "EDQUOT. The data will be written and accounted, and later writers are refused for it.",
		telling->stream);
}

static const char bits_by_nobody[] =
	"No release, free, rollback or eviction in the trace had cleared these sectors since they were reserved.";

static const char bits_kept[] =
	"No reserve in the trace had set these sectors since they were cleared, and none was taking them back.";

/* What of the trace speaks against the kernel's count. */
static const struct {
	const char *deed;
	const char *against;
} contradictions[PATH_COUNT] = {
	[PATH_RESERVED_MORE] = {"newly reserved more bytes than were clear, in ", bits_by_nobody},
	[PATH_RESERVED_LESS] = {"newly reserved fewer bytes than were clear, in ", bits_kept},
	[PATH_CLEARED_MORE] = {"cleared more bytes than were reserved, in ", bits_kept},
	[PATH_CLEARED_LESS] = {"cleared fewer bytes than were reserved, in ", bits_by_nobody},
	[PATH_COUNTER_JUMP] = {"changed a counter by what no operation of the trace accounts for, in ",
		"Each change of a counter belongs to a reserve, a free, a rollback, a failed ordered extent or a "
		"commit, and "
		"this one fits none."},
};

void tell_unexplained(const struct telling *telling)
{
	enum finding_path path = telling->finding->path;
	bool known = contradictions[path].deed != NULL;

	tell_when_and_who(telling);
	fputs(known ? contradictions[path].deed : "did what cannot follow from what was before it, in ",
		telling->stream);
	tell_place(telling);
	fprintf(telling->stream, ": %s", words_bytes(telling->first->bytes).text);
	if (telling->first->diff_bytes != 0)
		fprintf(telling->stream, ", counter %s, change %" PRId64, words_bytes(telling->first->have_bytes).text,
			telling->first->diff_bytes);
	tell_repetitions(telling, "such contradiction", "such contradictions");
	fprintf(telling->stream, ". %s",
		known ? contradictions[path].against : "The kernel's own numbers contradict each other.");
	fputs(" The trace is complete here and its order is certain, so that this is a path of the kernel that the "
	      "model "
	      "does not know, or a bug without a name: the reservation of this place is off by as much.",
		telling->stream);
}
