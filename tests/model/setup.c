/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/model/model.h"
#include "tests/unit/seeded.h"

#include <string.h>

static const char *const bug_names[MODEL_BUGS] = {
	[BUG_NONE] = "none",
	[BUG_FOREIGN_FREE] = "foreign-free",
	[BUG_LOST_ROLLBACK] = "lost-rollback",
	[BUG_SILENT_INVALIDATE] = "silent-invalidate",
	[BUG_NOCOW_RELEASED] = "nocow-released",
	[BUG_WRITEBACK_KEEPS] = "writeback-keeps",
	[BUG_INT_TRUNCATION] = "int-truncation",
	[BUG_COMMIT_DROPS_LENGTH] = "commit-drops-length",
	[BUG_COMMIT_SKIPS] = "commit-skips",
	[BUG_RELEASE_VANISHES] = "release-vanishes",
	[BUG_ERROR_EXTENT_KEEPS] = "error-extent-keeps",
	[BUG_OVER_BROAD] = "over-broad",
	[BUG_META_DOUBLE_FREE] = "meta-double-free",
	[BUG_PERTRANS_STUCK] = "pertrans-stuck",
	[BUG_NO_LIMIT] = "no-limit",
};

const char *model_bug_name(enum model_bug bug)
{
	return bug_names[bug];
}

const char *model_family_name(enum model_family family)
{
	static const char *const names[MODEL_FAMILIES] = {"6.1", "6.12", "6.18"};

	return names[family];
}

const char *model_comm_name(uint32_t comm)
{
	static const char *const names[] = {"<...>", "wl", "kworker/u8:1", "btrfs-cleaner", "umount"};

	return names[comm < sizeof(names) / sizeof(names[0]) ? comm : 0];
}

struct model_setup model_setup_of(uint64_t seed, enum model_bug bug)
{
	struct seeded seeded = seeded_by(seed ^ UINT64_C(0x6d6f64656c));

	struct model_setup setup = {.seed = seed,
		.bug = bug,
		.family = (enum model_family)seeded_below(&seeded, MODEL_FAMILIES),
		.bits = seeded_percent(&seeded, 40),
		.ordered = seeded_percent(&seeded, 80),
		.accounting = seeded_percent(&seeded, 40),
		.races = seeded_percent(&seeded, 25),
		.faults = seeded_percent(&seeded, 60),
		.two = seeded_percent(&seeded, 20),
		.hierarchy = seeded_percent(&seeded, 30),
		.simple = bug == BUG_NONE && seeded_percent(&seeded, 10),
		.remounts = seeded_percent(&seeded, 15),
		.unmounted = seeded_percent(&seeded, 85),
		.actions = 30 + (unsigned)seeded_below(&seeded, 120),
		.crowded = (bug == BUG_NONE || bug == BUG_FOREIGN_FREE) && seeded_percent(&seeded, 15),
		.toggles = seeded_percent(&seeded, 15)};

	setup.simple = setup.simple || (bug != BUG_NONE && seeded_percent(&seeded, 10));
	return setup;
}

bool model_setup_flag(struct model_setup *setup, const char *name, bool value)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {{"bits", &setup->bits}, {"ordered", &setup->ordered}, {"accounting", &setup->accounting},
		{"races", &setup->races}, {"faults", &setup->faults}, {"two", &setup->two},
		{"hierarchy", &setup->hierarchy}, {"simple", &setup->simple}, {"toggles", &setup->toggles},
		{"remounts", &setup->remounts}, {"unmounted", &setup->unmounted}, {"crowded", &setup->crowded}};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(flags[i].name, name) != 0)
			continue;
		*flags[i].flag = value;
		return true;
	}
	return false;
}
