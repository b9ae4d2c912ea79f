/* SPDX-License-Identifier: GPL-2.0-only */
/* samples_kept - for tests: holds the samples of a replay in memory until the curves are drawn. */
#ifndef QGREPLAY_TESTS_SAMPLES_KEPT_H
#define QGREPLAY_TESTS_SAMPLES_KEPT_H

#include <string.h>

#include "analyzer/whatif.h"
#include "base/memory.h"

struct samples_kept {
	struct whatif_sample *all;
	size_t count;
	size_t capacity;
};

/* The take() of a sink whose context is a struct samples_kept, all zeros at first; `all` is freed by the test. */
static inline void samples_keep(void *context, const struct whatif_sample *samples, size_t count)
{
	struct samples_kept *kept = context;

	kept->all = memory_grown(kept->all, &kept->capacity, kept->count + count, sizeof(*kept->all));
	memcpy(kept->all + kept->count, samples, count * sizeof(*samples));
	kept->count += count;
}

#endif
