/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bug_badge - whether a kernel has a bug, as a badge.
 */
#ifndef QGREPLAY_WEB_PAGE_BUG_BADGE_H
#define QGREPLAY_WEB_PAGE_BUG_BADGE_H

#include <stdio.h>

#include "analyzer/bugs/bugs.h"

void bug_badge(FILE *stream, enum bug_applies applies);

#endif
