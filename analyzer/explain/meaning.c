/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/explain/meaning.h"

#include <stddef.h>
#include <string.h>

#include "analyzer/finding.h"

/* Rows of a path stand before the one of their kind, which takes PATH_COUNT for whatever is left. */
static const struct {
	enum finding_kind kind;
	enum finding_path path;
	const char *title;
	const char *meaning;
} meanings[] = {
	{FINDING_FOREIGN_FREE, PATH_TRACED_FREE, "A task frees bytes that another task reserved",
		"A failing write frees a whole range instead of what it reserved itself, and takes bytes off the "
		"counter that still belong to another task. When those are written, they are taken off a second time."},
	{FINDING_FOREIGN_FREE, PATH_ROLLBACK, "A rollback takes bytes that had changed hands",
		"A failing write takes its reservation back after the range had gone to another task. The counter "
		"loses bytes that are still in use."},
	{FINDING_FOREIGN_FREE, PATH_COUNT, "Bytes are freed that another task reserved",
		"The counter loses bytes that are still in use, and more can be written than the limit allows."},
	{FINDING_UNDERFLOW, PATH_COMMIT, "A commit takes more off a counter than it holds",
		"Bytes were taken off before, by somebody who did not own them; at the commit the counter of "
		"reserved space has fewer than are due."},
	{FINDING_UNDERFLOW, PATH_FREE, "A free takes more off a counter than it holds",
		"The counter of reserved space has fewer bytes than the kernel takes off it: it is held at 0, or on "
		"old kernels goes on near 2^64."},
	{FINDING_UNDERFLOW, PATH_COUNT, "A counter of reserved space would pass below zero",
		"More is taken off it than it holds: some of it was taken before, by somebody who did not own it."},
	{FINDING_LEAK, PATH_SILENT_CLEAR, "Reserved bits are cleared and their bytes never freed",
		"The range is free for others to reserve, but its bytes stay on the counter. They count against the "
		"limit until the filesystem is unmounted."},
	{FINDING_LEAK, PATH_EVICTED, "An inode leaves memory with bytes still reserved",
		"Nobody can free them any more. They count against the limit until the filesystem is unmounted: "
		"quota is exceeded with space to spare."},
	{FINDING_LEAK, PATH_NOCOW_RELEASED, "Data written in place is released where it should be freed",
		"Such a write needs no new space, so no commit will ever take the released bytes off the counter."},
	{FINDING_LEAK, PATH_NEVER_DROPPED, "Released bytes that no commit drops",
		"The data went to the disk, and the commits after it did not take its bytes off the counter. They "
		"count twice: as reserved and as used."},
	{FINDING_LEAK, PATH_RESIDUE, "A counter that does not come back to 0",
		"Everything that the trace shows was given back, and the counter still holds bytes. Which task they "
		"belonged to is not in the trace."},
	{FINDING_LEAK, PATH_NOT_TAKEN_BACK, "A failed write leaves its bytes reserved",
		"A later write of the same range takes them over, so that they are freed in the end; until then they "
		"count against the limit."},
	{FINDING_LEAK, PATH_COUNT, "Reserved bytes that nobody gives back",
		"They count against the limit until the filesystem is unmounted: quota is exceeded with space to "
		"spare."},
	{FINDING_TRUNCATED_COUNT, PATH_COUNT, "A count of bytes is cut to 32 bits",
		"The kernel frees or reserves another number of bytes than it says: the amount went through a type "
		"that is too small."},
	{FINDING_STALE_FREE, PATH_STALE_FREED, "Bytes of before quota was switched off are freed from the new counter",
		"The bits were left over when quota was switched off; freeing them takes bytes off a counter that "
		"never had them."},
	{FINDING_STALE_FREE, PATH_STALE_RELEASED, "Bytes of before quota was switched off are dropped by a commit",
		"The bits were left over when quota was switched off; the commit that drops them takes bytes off a "
		"counter that never had them."},
	{FINDING_STALE_FREE, PATH_COUNT, "Bytes of before quota was switched off leave the new counter",
		"It never had them, and loses as many that are still in use."},
	{FINDING_COMMIT_MISMATCH, PATH_DROPPED_MORE, "A commit drops more than was released",
		"The counter loses bytes that are still reserved by others, and more can be written than the limit "
		"allows."},
	{FINDING_COMMIT_MISMATCH, PATH_DROPPED_LESS, "A commit drops less than was released",
		"The rest stays on the counter for good, and counts against the limit."},
	{FINDING_COMMIT_MISMATCH, PATH_NOT_DROPPED, "A commit accounts for an extent and drops nothing for it",
		"Its bytes count twice, as reserved and as used."},
	{FINDING_COMMIT_MISMATCH, PATH_COUNT, "A commit drops other than was released",
		"The counter of reserved space is off from then on."},
	{FINDING_META_IMBALANCE, PATH_PREALLOC, "Metadata that an operation reserved does not balance",
		"More or less was given back or converted than was reserved for operations on that root."},
	{FINDING_META_IMBALANCE, PATH_PERTRANS, "Metadata of a transaction does not balance",
		"What was reserved until the end of the transaction is not what its end gave back."},
	{FINDING_META_IMBALANCE, PATH_COUNT, "Reserved metadata does not balance",
		"More or less was given back than was reserved."},
	{FINDING_LIMIT_EXCEEDED, PATH_COUNT, "A reservation beyond the limit was let through",
		"By the counters that the trace shows, the kernel should have refused it."},
	{FINDING_UNEXPLAINED, PATH_COUNTER_JUMP, "A counter jumps",
		"It changed by bytes that no event of the trace accounts for, with nothing missing between."},
	{FINDING_UNEXPLAINED, PATH_COUNT, "The kernel's numbers contradict each other",
		"A reserve, release or free reports other bytes than the range held by all events before it."},
	{FINDING_UNRESERVED_WRITE, PATH_COUNT, "Data is written back without reservation",
		"The bytes were not counted while they were dirty, so that more could be written than the limit "
		"allows."},
	{FINDING_OVER_BROAD_ROLLBACK, PATH_COUNT, "A failed operation gives back more in one step than it asked for",
		"It also gives back what an earlier step had reserved; the sum is right, and nothing is lost."},
	{FINDING_QUOTA_EPOCH, PATH_COUNT, "Quota was switched off and on, or the filesystem mounted again",
		"All counters begin again at 0; what was reserved before is not judged."},
	{FINDING_LOST_EVENTS, PATH_COUNT, "Events are missing from the trace",
		"The buffer was too small. Whatever they could have touched is left out of the proof, so less can be "
		"found."},
	{FINDING_MISSING_HEAD, PATH_COUNT, "Reservations were made before the trace began",
		"Whose they were is unknown, and nobody is accused of them."},
	{FINDING_GARBAGE_TYPE, PATH_COUNT, "Counter types that do not exist",
		"This kernel traced garbage in a field, so that metadata cannot be judged."},
	{FINDING_LOG_MISMATCH, PATH_COUNT, "The kernel's log says what the trace denies",
		"Either the log is of another time or machine, or the trace lacks events without saying so."},
};

/* The first row that fits, or the count of rows. */
static size_t find(const char *kind, const char *path)
{
	size_t row = 0;

	while (row < sizeof(meanings) / sizeof(meanings[0]) &&
		(strcmp(finding_kind_name(meanings[row].kind), kind) != 0 ||
			(meanings[row].path != PATH_COUNT && strcmp(finding_path_name(meanings[row].path), path) != 0)))
		row++;
	return row;
}

const char *explain_title(const char *kind, const char *path)
{
	size_t row = find(kind, path);

	return row < sizeof(meanings) / sizeof(meanings[0]) ? meanings[row].title : kind;
}

const char *explain_meaning(const char *kind, const char *path)
{
	size_t row = find(kind, path);

	return row < sizeof(meanings) / sizeof(meanings[0]) ? meanings[row].meaning : "";
}
