/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/bugs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* An inline extent is the whole of a file of one block. */
static bool is_first_block(const struct finding *finding, const struct replay_result *result)
{
	const struct occurrence *first = finding->occurrences;

	(void)result;
	return finding->occurrence_count != 0 && first->start == 0 && first->len <= 4096;
}

/* An underflow that a foreign free of the same root explains. */
static bool follows_foreign_free(const struct finding *finding, const struct replay_result *result)
{
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *other = &result->findings[i];

		if (other->kind == FINDING_FOREIGN_FREE && other->path == PATH_TRACED_FREE &&
			other->fs == finding->fs && other->root == finding->root)
			return true;
	}
	return false;
}

static bool follows_quota_toggle(const struct finding *finding, const struct replay_result *result)
{
	for (size_t i = 0; i < result->filesystem_count; i++)
		if (result->filesystems[i].fs == finding->fs)
			return result->filesystems[i].quota_epochs > 1;
	return false;
}

static const struct bug bugs[] = {
	{FINDING_FOREIGN_FREE, PATH_TRACED_FREE, "bc42bda22345",
		"btrfs: qgroup: Fix qgroup reserved space underflow by only freeing reserved ranges", "4.13",
		"an error path freed the whole range instead of what its own extent_changeset recorded", NULL},
	{FINDING_FOREIGN_FREE, PATH_ROLLBACK, NULL,
		"qgroup_free_reserved_data() clears by range what another task has reserved since", NULL,
		"the changeset remembers ranges, not ownership, so a late rollback takes bits that changed hands",
		NULL},
	{FINDING_UNDERFLOW, PATH_COMMIT, "bc42bda22345",
		"btrfs: qgroup: Fix qgroup reserved space underflow by only freeing reserved ranges", "4.13",
		"bytes that an error path had already freed are dropped once more at the commit", follows_foreign_free},
	{FINDING_UNDERFLOW, PATH_COMMIT, "af0e2aab3b70", "btrfs: qgroup: flush reservations during quota disable",
		"6.7", "reservations from before quota was switched off are dropped from the new counters",
		follows_quota_toggle},
	{FINDING_UNDERFLOW, PATH_FREE, "af0e2aab3b70", "btrfs: qgroup: flush reservations during quota disable", "6.7",
		"reserved bits from before quota was switched off are freed from the new counters",
		follows_quota_toggle},
	{FINDING_UNDERFLOW, PATH_FREE, "9e65bfca24cf", "btrfs: fix qgroup_free_reserved_data int overflow",
		"6.7 6.1.72", "a byte count that went through an int changes the counter by another amount", NULL},
	{FINDING_TRUNCATED_COUNT, PATH_FREE, "9e65bfca24cf", "btrfs: fix qgroup_free_reserved_data int overflow",
		"6.7 6.1.72", "the freed byte count went through an int: 2 GiB becomes negative, 4 GiB becomes 0",
		NULL},
	{FINDING_TRUNCATED_COUNT, PATH_FREE, "b642b52d0b50", "btrfs: fix qgroup reserve overflow the qgroup limit",
		"5.18", "the changed bytes of an extent_changeset were counted in 32 bits", NULL},
	{FINDING_LEAK, PATH_EVICTED, "30479f31d44d", "btrfs: fix qgroup reserve leaks in cow_file_range",
		"6.11 6.10.9 6.1.135", "a writeback that failed before its ordered extent did not free the range",
		NULL},
	{FINDING_LEAK, PATH_EVICTED, "bab32fc069ce",
		"btrfs: qgroup: Fix the wrong target io_tree when freeing reserved data space", "5.4",
		"an error path cleared the reserved bits in another io_tree, so that nothing was freed", NULL},
	{FINDING_LEAK, PATH_EVICTED, "d4e204948fe3",
		"btrfs: qgroup: Fix reserved data space leak if we have multiple reserve calls", "5.4",
		"an operation that reserved several ranges and then failed freed only the last of them", NULL},
	{FINDING_LEAK, PATH_EVICTED, "c1c050f92d8f",
		"btrfs: fix reservation leak in some error paths when inserting inline extent", "6.19 6.12.70 6.1.163",
		"a failed inline extent left its block reserved", is_first_block},
	{FINDING_LEAK, PATH_SILENT_CLEAR, "a86805504b88", "btrfs: don't clear qgroup reserved bit in release_folio",
		"6.7 6.1.69", "releasing a folio cleared the reserved bits without freeing their bytes", NULL},
	{FINDING_LEAK, PATH_SILENT_CLEAR, "7dbeaad0af7d",
		"btrfs: change timing for qgroup reserved space for ordered extents to fix reserved space leak", "5.9",
		"the bits were cleared between the start of writeback and the end of the ordered extent", NULL},
	{FINDING_LEAK, PATH_SILENT_CLEAR, "fa91e4aa1716",
		"btrfs: qgroup: fix data leak caused by race between writeback and truncate", "5.9",
		"a truncate that raced with writeback cleared the bits, and nobody freed the bytes", NULL},
	{FINDING_LEAK, PATH_NEVER_DROPPED, "f63e1164b90b", "btrfs: free qgroup reserve when ORDERED_IOERR is set",
		"6.7 6.1.69", "an ordered extent that ended with an I/O error kept its reservation", NULL},
	{FINDING_LEAK, PATH_NEVER_DROPPED, "1f2889f5594a",
		"btrfs: fix qgroup reservation leak on failure to allocate ordered extent", "6.16 6.12.36 6.1.149",
		"the range was released for an ordered extent that was never made", NULL},
	{FINDING_LEAK, PATH_NEVER_DROPPED, "d139ded8b9cd",
		"btrfs: qgroup: always free reserved space for extent records", "6.9 6.7.12 6.1.84",
		"the commit skipped accounting, and with it the drop of the reserved bytes", NULL},
	{FINDING_LEAK, PATH_NEVER_DROPPED, "e28b02118b94", "btrfs: free qgroup rsv on io failure", "6.6 6.5.4 6.1.54",
		"a write whose bio failed never gave its reservation back", NULL},
	{FINDING_LEAK, PATH_NEVER_DROPPED, "a3ee79bd8fe1", "btrfs: fix qgroup data rsv leak caused by falloc failure",
		"5.13", "a failed fallocate lost the bytes that it had released", NULL},
	{FINDING_UNRESERVED_WRITE, PATH_OLDER_WRITEBACK, NULL,
		"reserving and dirtying a page are not atomic against writeback of the same page", NULL,
		"an older writeback of the page took the bits between the reserve and the dirtying", NULL},
	{FINDING_UNRESERVED_WRITE, PATH_OLDER_WRITEBACK, "f8da41de0bff",
		"btrfs: do not free data reservation in fallback from inline due to -ENOSPC", "6.19 6.12.81 6.1.168",
		"an inline extent that did not fit freed its reservation and was written as a normal extent",
		is_first_block},
};

static const char *const applies_names[] = {
	[BUG_AFFECTED] = "affected",
	[BUG_FIXED] = "fixed",
	[BUG_UNKNOWN] = "unknown",
};

const char *bug_applies_name(enum bug_applies applies)
{
	return applies_names[applies];
}

struct release {
	unsigned long part[3]; /* 6, 1, 72 */
	bool candidate;	       /* -rc: somewhere before the release of its number */
	bool distribution;     /* the third number is a distribution's, not the stable series' */
};

/* Reads "6.1.72", "6.7", "6.19.0-rc3", "6.1.0-47-amd64". False when it begins with something else. */
static bool read_release(const char *text, struct release *release)
{
	*release = (struct release){0};
	for (int i = 0; i < 3; i++) {
		char *end;

		if (*text < '0' || *text > '9')
			return i > 1;
		release->part[i] = strtoul(text, &end, 10);
		text = end;
		if (*text != '.')
			break;
		text++;
	}
	release->candidate = strncmp(text, "-rc", 3) == 0;
	release->distribution = release->part[2] == 0 && *text == '-' && !release->candidate;
	return true;
}

static bool same_series(const struct release *a, const struct release *b)
{
	return a->part[0] == b->part[0] && a->part[1] == b->part[1];
}

static bool series_before(const struct release *a, const struct release *b)
{
	return a->part[0] < b->part[0] || (a->part[0] == b->part[0] && a->part[1] < b->part[1]);
}

/* A stable series: its own fix decides where the table has one. */
static enum bug_applies applies_in_stable(const char *fixes, const struct release *kernel)
{
	struct release fix;

	if (kernel->distribution || kernel->candidate)
		return BUG_UNKNOWN;
	for (const char *at = fixes; at != NULL; at = strchr(at, ' ')) {
		at += *at == ' ' ? 1 : 0;
		if (read_release(at, &fix) && same_series(&fix, kernel))
			return kernel->part[2] >= fix.part[2] ? BUG_FIXED : BUG_AFFECTED;
	}
	return kernel->part[2] == 0 ? BUG_AFFECTED : BUG_UNKNOWN;
}

enum bug_applies bug_applies(const struct bug *bug, const char *release)
{
	struct release kernel;
	struct release mainline;

	if (bug->fixed_in == NULL)
		return BUG_AFFECTED;
	if (release == NULL || !read_release(release, &kernel) || !read_release(bug->fixed_in, &mainline))
		return BUG_UNKNOWN;
	if (series_before(&kernel, &mainline))
		return applies_in_stable(bug->fixed_in, &kernel);
	if (same_series(&kernel, &mainline) && kernel.candidate)
		return BUG_UNKNOWN;
	return BUG_FIXED;
}

size_t bugs_match(const struct finding *finding, const struct replay_result *result, const char *release,
	struct bug_match matches[BUGS_MATCHES_MAX])
{
	static const enum bug_applies order[] = {BUG_AFFECTED, BUG_UNKNOWN, BUG_FIXED};
	size_t count = 0;

	for (size_t rank = 0; rank < sizeof(order) / sizeof(order[0]); rank++) {
		for (size_t i = 0; i < sizeof(bugs) / sizeof(bugs[0]) && count < BUGS_MATCHES_MAX; i++) {
			const struct bug *bug = &bugs[i];

			if (bug->kind != finding->kind || bug->path != finding->path ||
				(bug->fits != NULL && !bug->fits(finding, result)))
				continue;
			if (bug_applies(bug, release) == order[rank])
				matches[count++] = (struct bug_match){bug, order[rank]};
		}
	}
	return count;
}
