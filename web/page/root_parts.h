/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * root_parts - parts of the page of a root, some of which that of an inode has too.
 */
#ifndef QGREPLAY_WEB_PAGE_ROOT_PARTS_H
#define QGREPLAY_WEB_PAGE_ROOT_PARTS_H

#include "web/draw/plot.h"
#include "web/page/found.h"
#include "web/page/window.h"

/* Of the root's own qgroup, as its user listed it beside the trace. */
struct root_limits {
	bool known;
	bool has_rfer;
	bool has_excl;
	uint64_t max_rfer;
	uint64_t max_excl;
};

enum err root_limits_read(
	struct call *call, const struct subject *subject, struct root_limits *limits, struct error *error);

/* Begins the page of the root, or of one of its inodes: "257", NULL: the root itself. */
void root_begin(struct call *call, const struct subject *subject, const char *ino, const char *script);

/* What the page is about, and whether the counter was right, in one sentence. */
void root_lead(FILE *stream, const struct subject *subject);
void root_facts(FILE *stream, const struct subject *subject, const struct root_limits *limits);
void root_legend(FILE *stream, const struct plot *plot);

/* Where its events are, and its points as JSON. */
void root_links(FILE *stream, const struct subject *subject, const struct window *window);

/* The inodes with findings, those with most bytes first. */
void root_inodes(FILE *stream, const struct subject *subject, const struct found *found);

#endif
