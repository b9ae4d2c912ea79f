/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signature_kernels - the kernels on which a signature was seen, each held against the fixes of the bugs it looks like.
 */
#ifndef QGREPLAY_WEB_PAGE_SIGNATURE_KERNELS_H
#define QGREPLAY_WEB_PAGE_SIGNATURE_KERNELS_H

#include "analyzer/bugs/bugs.h"
#include "web/message/call.h"

/* Writes a table with a column for each of the first of `matches`. Errors: those of the store. */
enum err signature_kernels_table(struct call *call, const char *signature, const struct bug_match *matches,
	size_t match_count, struct error *error);

#endif
