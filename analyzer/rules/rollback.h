/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rollback - what a task takes back of its own operation.
 */
#ifndef QGREPLAY_ANALYZER_RULES_ROLLBACK_H
#define QGREPLAY_ANALYZER_RULES_ROLLBACK_H

#include "analyzer/rules/rules.h"

/*
 * What could be taken back of a task's operation: bytes still set and its own, bytes of the same pieces that others
 * have set since, and bytes of which nobody knows. `certain`: the pieces that it newly set are all known.
 */
struct rollback {
	uint64_t own_bytes;
	uint64_t others_bytes;
	uint64_t unknown_bytes;
	bool certain;
};
struct rollback rollback_of(struct replay *replay, const struct claim *operation, bool whole_chain);

/* Tries to explain a bare update as the rollback of the task's own operation; true when it is one. */
bool rule_rollback(struct replay *replay, struct task *task, const struct event *event, bool ranges_done);

/* The counter changed by another amount than was freed, off by a multiple of 2^32: rule 11. */
bool rule_truncated(struct replay *replay, struct task *task, const struct event *event, uint64_t freed_bytes);

#endif
