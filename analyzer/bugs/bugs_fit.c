/* SPDX-License-Identifier: GPL-2.0-only */
/* bugs_fit - the conditions under which a row of the catalogue fits a finding, read off the finding's own evidence. */
#include "analyzer/bugs/bugs_parts.h"
#include "analyzer/explain/explain.h"

static const uint64_t int_end = UINT64_C(1) << 31;

static bool has(const struct finding *finding, enum evidence_role role)
{
	return explain_event(finding, role) != NULL;
}

static bool same_root(const struct finding *a, const struct finding *b)
{
	return a->fs == b->fs && a->root == b->root;
}

/* Another finding of that kind and path (PATH_NONE: any) in the same root. */
static bool beside(const struct finding *finding, const struct replay_result *result, enum finding_kind kind,
	enum finding_path path)
{
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *other = &result->findings[i];

		if (other != finding && other->kind == kind && (path == PATH_NONE || other->path == path) &&
			same_root(other, finding))
			return true;
	}
	return false;
}

bool fit_first_block(const struct finding *finding, const struct replay_result *result)
{
	const struct occurrence *first = explain_first(finding);

	(void)result;
	return first->start == 0 && first->len != 0 && first->len <= 4096;
}

bool fit_failed_write(const struct finding *finding, const struct replay_result *result)
{
	(void)result;
	return has(finding, ROLE_META_FAILS) && !has(finding, ROLE_OWNER_COMPLETE);
}

bool fit_unfinished_write(const struct finding *finding, const struct replay_result *result)
{
	return has(finding, ROLE_OWNER_RESERVES) && !has(finding, ROLE_OWNER_COMPLETE) &&
	       result->event_counts[EVENT_META_RESERVE] != 0;
}

bool fit_dirty_data(const struct finding *finding, const struct replay_result *result)
{
	(void)result;
	return has(finding, ROLE_OWNER_COMPLETE);
}

bool fit_invalidated(const struct finding *finding, const struct replay_result *result)
{
	if (!has(finding, ROLE_OWNER_COMPLETE))
		return false;
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *other = &result->findings[i];

		if (other->fs == finding->fs && other->kind == FINDING_LEAK && other->path == PATH_SILENT_CLEAR)
			return true;
	}
	return false;
}

bool fit_several_reserves(const struct finding *finding, const struct replay_result *result)
{
	const struct occurrence *first = explain_first(finding);

	(void)result;
	if (first->owner_count < 2 || has(finding, ROLE_OWNER_COMPLETE) || has(finding, ROLE_META_FAILS))
		return false;
	for (size_t i = 1; i < first->owner_count; i++)
		if (first->owners[i].task.pid != first->owners[0].task.pid)
			return false;
	return first->owners[0].task.pid >= 0;
}

bool fit_after_foreign_free(const struct finding *finding, const struct replay_result *result)
{
	return beside(finding, result, FINDING_FOREIGN_FREE, PATH_TRACED_FREE);
}

bool fit_after_rollback(const struct finding *finding, const struct replay_result *result)
{
	return beside(finding, result, FINDING_FOREIGN_FREE, PATH_ROLLBACK);
}

bool fit_after_truncation(const struct finding *finding, const struct replay_result *result)
{
	return finding->bytes >= int_end && beside(finding, result, FINDING_TRUNCATED_COUNT, PATH_NONE);
}

bool fit_quota_toggled(const struct finding *finding, const struct replay_result *result)
{
	for (size_t i = 0; i < result->filesystem_count; i++)
		if (result->filesystems[i].fs == finding->fs)
			return result->filesystems[i].quota_epochs > 1;
	return false;
}

bool fit_beyond_int(const struct finding *finding, const struct replay_result *result)
{
	const struct occurrence *first = explain_first(finding);
	uint64_t change = first->diff_bytes < 0 ? 0 - (uint64_t)first->diff_bytes : (uint64_t)first->diff_bytes;

	(void)result;
	return first->bytes >= int_end || first->have_bytes >= int_end || change >= int_end;
}

bool fit_ordered(const struct finding *finding, const struct replay_result *result)
{
	(void)result;
	return has(finding, ROLE_ORDERED);
}

bool fit_not_ordered(const struct finding *finding, const struct replay_result *result)
{
	(void)result;
	return !has(finding, ROLE_ORDERED);
}
