/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * limits - the limits of the qgroups of one filesystem.
 *
 * What a filesystem lets a qgroup use at most: referenced bytes, exclusive bytes, or neither. Found by the id of the
 * qgroup, level << 48 with the subvolume's id.
 */
#ifndef QGREPLAY_BASE_LIMITS_H
#define QGREPLAY_BASE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMIT_NONE UINT64_MAX

struct limit {
	uint64_t qgid;
	uint64_t max_rfer; /* bytes, or LIMIT_NONE */
	uint64_t max_excl;
};

struct limits {
	struct limit *all; /* in no order before limits_sort() */
	size_t count;
	size_t capacity;
};

/* An empty one is all zero; limits_release() frees what it holds. */
void limits_release(struct limits *limits);

void limits_add(struct limits *limits, struct limit limit);

/* Makes the limits ready to be found. False when a qgroup stands twice; `*twice` is its id. */
bool limits_sort(struct limits *limits, uint64_t *twice);

/* The limits of a qgroup, or NULL when it is not known or has none. `limits` may be NULL. */
const struct limit *limits_find(const struct limits *limits, uint64_t qgid);

#endif
