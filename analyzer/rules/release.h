/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * release - releases and frees: bits that are cleared.
 */
#ifndef QGREPLAY_ANALYZER_RULES_RELEASE_H
#define QGREPLAY_ANALYZER_RULES_RELEASE_H

#include "analyzer/rules/rules.h"

void rule_release_or_free(struct replay *replay, struct task *task, const struct event *event, bool ranges_done);

#endif
