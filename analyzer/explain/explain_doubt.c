/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_doubt - the innocent explanation that "likely" leaves, and what would settle it. */
#include "analyzer/explain/explain.h"

static const char free_of_anything[] =
	"One innocent explanation is left: a truncate, hole punch or invalidation by the same task. Events "
	"qgroup_meta_reserve and qgroup_update_reserve, recorded from before the write, would settle it.";

static const char rollback[] =
	"One innocent explanation is left: the owner reserved after the rollback, and the clocks of two CPUs show it "
	"the other way round. Events btrfs_clear_extent_bit, recorded with the rest, would settle it.";

static const char quota_toggle[] =
	"One innocent explanation is left: quota was switched off and on, which has no event of its own. A trace that "
	"begins at mount would settle it.";

static const char given_back_later[] =
	"One innocent explanation is left: the bytes are given back after the end of the trace. A trace that goes on "
	"to the unmount would settle it.";

static const char update_missing[] =
	"One innocent explanation is left: a further counter update is missing from the trace. A trace without lost "
	"events would settle it.";

static const char reserved_unseen[] =
	"One innocent explanation is left: a reserve of this quota epoch that the trace does not hold had set the bits "
	"anew. A trace without lost events that begins before quota is switched off would settle it.";

static const char released_unseen[] =
	"One innocent explanation is left: the bytes had been released where the trace does not see it. A trace that "
	"begins at mount would settle it; events btrfs_ordered_extent_add, btrfs_add_delayed_data_ref and "
	"btrfs_qgroup_account_extents, recorded with the rest, would name the extent.";

static const char dropped_unseen[] =
	"One innocent explanation is left: the ordered extent failed or was cut, and its bytes left the counter in an "
	"update that looked like another's. Events btrfs_ordered_extent_remove, btrfs_add_delayed_data_ref and "
	"btrfs_qgroup_account_extents, recorded with the rest, would settle it.";

static const char metadata_toggle[] =
	"One innocent explanation is left: quota was switched off and on, after which the kernel goes on with what its "
	"roots had reserved of metadata before. A trace that begins at mount would settle it.";

static const char qgroup_removed[] =
	"One innocent explanation is left: the qgroup was removed before the unmount, and its counters with it. The "
	"kernel's log of the unmount would settle it: it names each qgroup that has unreleased space.";

static const char limit_overridden[] =
	"One innocent explanation is left: the limit was another one at that time, or quota_override let a task with "
	"CAP_SYS_RESOURCE pass. The output of `btrfs qgroup show -re --raw` from before and after the trace, and "
	"quota_override in sysfs, would settle it.";

static const char other_order[] = "One innocent explanation is left: events of two CPUs happened in another order than "
				  "their clocks show. A trace "
				  "recorded with `trace-cmd record -C mono`, and with btrfs_set_extent_bit and "
				  "btrfs_clear_extent_bit filtered to "
				  "the reserved bit, would settle it.";

static const char dirtied_unseen[] =
	"One innocent explanation is left: the range was dirtied while nothing was being reserved, with quota off or "
	"before the trace. A trace that begins at mount would settle it.";

static const char *const of_kinds[FINDING_KIND_COUNT] = {
	[FINDING_FOREIGN_FREE] = free_of_anything,
	[FINDING_UNDERFLOW] = quota_toggle,
	[FINDING_LEAK] = given_back_later,
	[FINDING_TRUNCATED_COUNT] = update_missing,
	[FINDING_STALE_FREE] = reserved_unseen,
	[FINDING_COMMIT_MISMATCH] = dropped_unseen,
	[FINDING_META_IMBALANCE] = metadata_toggle,
	[FINDING_LIMIT_EXCEEDED] = limit_overridden,
	[FINDING_UNEXPLAINED] = other_order,
	[FINDING_UNRESERVED_WRITE] = dirtied_unseen,
};

/* Where a path leaves another doubt than its kind does. */
static const char *const of_paths[PATH_COUNT] = {
	[PATH_ROLLBACK] = rollback,
	[PATH_DROPPED_MORE] = released_unseen,
	[PATH_COUNTER_JUMP] = update_missing,
};

const char *explain_doubt(const struct finding *finding)
{
	if (finding->certainty == CERTAINTY_PROVEN)
		return NULL;
	if (finding->where == LEAK_META)
		return qgroup_removed;
	return of_paths[finding->path] != NULL ? of_paths[finding->path] : of_kinds[finding->kind];
}
