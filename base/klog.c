/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/klog.h"

#include <stdlib.h>

static const char *const names[KLOG_KIND_COUNT] = {
	[KLOG_UNDERFLOW] = "underflow",
	[KLOG_UNRELEASED] = "unreleased",
	[KLOG_LEAKED] = "leaked",
	[KLOG_LEAKING] = "leaking",
	[KLOG_INCONSISTENT] = "inconsistent",
};

void klog_release(struct klog *klog)
{
	free(klog->lines);
	free(klog->kernel);
	*klog = (struct klog){0};
}

const char *klog_kind_name(enum klog_kind kind)
{
	return names[kind];
}
