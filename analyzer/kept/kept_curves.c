/* SPDX-License-Identifier: GPL-2.0-only */
/* Filesystems, ledgers and curves, out of their rows. */
#include <stdlib.h>

#include "analyzer/kept/kept.h"
#include "analyzer/kept/kept_load.h"
#include "base/memory.h"

enum err kept_take_filesystem(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct filesystem_record *from = &record->filesystem;
	struct replay_result *result = &kept->result;

	if (from->number > names_count(kept->fsids))
		return mapping_misfit(ROW_FILESYSTEM, "has a number that stands for no fsid", error);
	result->filesystems = kept_grown(result->filesystems, result->filesystem_count, sizeof(*result->filesystems));
	result->filesystems[result->filesystem_count++] =
		(struct fs_totals){.fs = from->number, .quota_epochs = from->quota_epochs};
	return ERR_OK;
}

/* Rows of roots come in the order of their filesystems. */
static struct fs_totals *fs_of(struct kept *kept, uint16_t number)
{
	struct replay_result *result = &kept->result;

	while (kept->fs_at < result->filesystem_count && result->filesystems[kept->fs_at].fs != number)
		kept->fs_at++;
	return kept->fs_at < result->filesystem_count ? &result->filesystems[kept->fs_at] : NULL;
}

enum err kept_take_ledger(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct ledger_record *from = &record->ledger;
	struct fs_totals *fs = fs_of(kept, from->filesystem);
	struct kept_curve curve = {from->totals.place, from->curve};
	struct root_totals *totals;

	if (fs == NULL)
		return mapping_misfit(ROW_ROOT_LEDGER, "is of a filesystem that is not there", error);
	if (from->drawn && curve.place == 0)
		return mapping_misfit(ROW_ROOT_LEDGER, "has curves, but no place", error);
	fs->roots = kept_grown(fs->roots, fs->root_count, sizeof(*fs->roots));
	totals = &fs->roots[fs->root_count++];
	*totals = from->totals;
	if (!from->drawn) {
		totals->place = 0;
		return ERR_OK;
	}
	curve.root.place = (struct whatif_place){from->filesystem, from->totals.root};
	curve.root.points = NULL;
	curve.root.point_count = 0;
	kept->curves = kept_grown(kept->curves, kept->curve_count, sizeof(*kept->curves));
	kept->curves[kept->curve_count++] = curve;
	return ERR_OK;
}

static int by_place(const void *first, const void *second)
{
	const struct kept_curve *a = first;
	const struct kept_curve *b = second;

	return a->place < b->place ? -1 : a->place > b->place;
}

static void order_curves(struct kept *kept)
{
	if (!kept->curves_ordered && kept->curve_count > 1)
		qsort(kept->curves, kept->curve_count, sizeof(*kept->curves), by_place);
	kept->curves_ordered = true;
}

/* Points come in the order of their places. Those with a span are for plots, and no report shows them. */
enum err kept_take_sample(struct kept *kept, const union kept_record *record, struct error *error)
{
	const struct sample_record *from = &record->sample;
	struct whatif_root *root;

	order_curves(kept);
	if (from->span != 0)
		return ERR_OK;
	while (kept->curve_at < kept->curve_count && kept->curves[kept->curve_at].place != from->place)
		kept->curve_at++;
	if (kept->curve_at == kept->curve_count)
		return mapping_misfit(ROW_SAMPLE, "is of a place that no root has", error);
	root = &kept->curves[kept->curve_at].root;
	if (from->number != root->point_count || root->point_count == WHATIF_POINTS)
		return mapping_misfit(ROW_SAMPLE, "is out of its order", error);
	root->points = kept_grown(root->points, root->point_count, sizeof(*root->points));
	root->points[root->point_count++] = from->point;
	return ERR_OK;
}

/* Places of the store may have holes; those of a plan have none. */
static void renumber(struct kept *kept, struct root_totals *totals)
{
	const struct kept_curve wanted = {.place = totals->place};
	const struct kept_curve *curve;

	if (totals->place == 0)
		return;
	curve = bsearch(&wanted, kept->curves, kept->curve_count, sizeof(wanted), by_place);
	totals->place = (uint32_t)(curve - kept->curves) + 1;
}

enum err kept_end_curves(struct kept *kept, struct error *error)
{
	struct whatif_plan *plan = &kept->result.what_if;

	order_curves(kept);
	for (size_t i = 1; i < kept->curve_count; i++)
		if (kept->curves[i].place == kept->curves[i - 1].place)
			return mapping_misfit(ROW_ROOT_LEDGER, "has the place of another", error);
	for (size_t i = 0; i < kept->result.filesystem_count; i++)
		for (size_t j = 0; j < kept->result.filesystems[i].root_count; j++)
			renumber(kept, &kept->result.filesystems[i].roots[j]);
	if (kept->curve_count == 0)
		return ERR_OK;
	plan->places = memory_zeroed(kept->curve_count * sizeof(*plan->places));
	plan->place_count = kept->curve_count;
	for (size_t i = 0; i < kept->curve_count; i++)
		plan->places[i] = kept->curves[i].root.place;
	kept->what_if = whatif_new(plan, NULL);
	for (size_t i = 0; i < kept->curve_count; i++)
		whatif_restore(kept->what_if, (uint32_t)i + 1, &kept->curves[i].root);
	kept->curve_count = 0;
	kept->trace.what_if = kept->what_if;
	return ERR_OK;
}

void kept_cut_roots(struct kept *kept, size_t most)
{
	struct replay_result *result = &kept->result;
	size_t room = most;
	size_t left = 0;

	for (size_t i = 0; i < result->filesystem_count; i++) {
		struct fs_totals *fs = &result->filesystems[i];
		size_t roots = fs->root_count < room ? fs->root_count : room;

		kept->trace.left_out_roots += fs->root_count - roots;
		fs->root_count = roots;
		if (room > 0 && i < most)
			left = i + 1;
		else
			free(fs->roots);
		room -= roots;
	}
	result->filesystem_count = left;
}
