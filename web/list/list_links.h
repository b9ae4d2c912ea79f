/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list_links - where cells of lists lead, and words that their filters have: what several views share.
 */
#ifndef QGREPLAY_WEB_LIST_LIST_LINKS_H
#define QGREPLAY_WEB_LIST_LIST_LINKS_H

#include "web/list/list_view.h"

/* By the columns that the list has: trace (or that of the page), fs, root, ino. */
void list_link_trace(FILE *stream, const struct list_row *row);
void list_link_root(FILE *stream, const struct list_row *row);
void list_link_inode(FILE *stream, const struct list_row *row);
/* The events around the one numbered by the column seq. */
void list_link_event(FILE *stream, const struct list_row *row);
void list_link_signature(FILE *stream, const struct list_row *row);

/* The names of a trace by the columns name and trace_name: without folders. */
void list_write_name(FILE *stream, const struct list_row *row);
void list_write_trace_name(FILE *stream, const struct list_row *row);

const char *list_word_kind(size_t index);
const char *list_word_severity(size_t index);
const char *list_word_certainty(size_t index);

#endif
