/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bugs_parts - the tables of the catalogue, and the conditions that their rows use; used by bugs*.c only.
 */
#ifndef QGREPLAY_ANALYZER_BUGS_BUGS_PARTS_H
#define QGREPLAY_ANALYZER_BUGS_BUGS_PARTS_H

#include "analyzer/bugs/bugs.h"

/* Rows in the order of numbers. */
extern const struct bug bugs_data[];
extern const size_t bugs_data_count;
extern const struct bug bugs_data_meta[];
extern const size_t bugs_data_meta_count;

/* An inline extent is the whole of a file of one block: the finding begins at 0 and is no longer. */
bool fit_first_block(const struct finding *finding, const struct replay_result *result);

/* The owner's metadata reservation failed, and its write never became dirty data. */
bool fit_failed_write(const struct finding *finding, const struct replay_result *result);

/* The trace has metadata events, and none of them shows that the owner's write became dirty data. */
bool fit_unfinished_write(const struct finding *finding, const struct replay_result *result);

/* The owner's write was complete: its data was dirty. */
bool fit_dirty_data(const struct finding *finding, const struct replay_result *result);

/* Dirty data, and bits of the same filesystem were cleared elsewhere without a free: it was no failed writeback. */
bool fit_invalidated(const struct finding *finding, const struct replay_result *result);

/* Several ranges of one task, none complete, and no metadata was refused: one operation with several reserves. */
bool fit_several_reserves(const struct finding *finding, const struct replay_result *result);

/* Another finding of the same root: a traced foreign free, a rollback of another's bits, a truncated count. */
bool fit_after_foreign_free(const struct finding *finding, const struct replay_result *result);
bool fit_after_rollback(const struct finding *finding, const struct replay_result *result);
bool fit_after_truncation(const struct finding *finding, const struct replay_result *result);

/* Quota of the filesystem was switched off and on within the trace. */
bool fit_quota_toggled(const struct finding *finding, const struct replay_result *result);

/* An amount of 2 GiB or more, which an int cannot hold. */
bool fit_beyond_int(const struct finding *finding, const struct replay_result *result);

/* An ordered extent of the released range is among the evidence; or is not. */
bool fit_ordered(const struct finding *finding, const struct replay_result *result);
bool fit_not_ordered(const struct finding *finding, const struct replay_result *result);

#endif
