/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * meaning - what a kind of finding means, for somebody who sees only its names: of no single finding, without numbers.
 */
#ifndef QGREPLAY_ANALYZER_EXPLAIN_MEANING_H
#define QGREPLAY_ANALYZER_EXPLAIN_MEANING_H

/* A few words for a heading: "a task frees bytes that another reserved". `kind` and `path` are the permanent names, as
 * the store keeps them; those that are unknown (of a newer program) give the name of the kind. */
const char *explain_title(const char *kind, const char *path);

/* What happens and what follows from it, in one or two sentences; "" when the kind is unknown. */
const char *explain_meaning(const char *kind, const char *path);

#endif
