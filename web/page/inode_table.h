/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inode_table - the range map as a table: the same for those who cannot see it, or want to copy it.
 */
#ifndef QGREPLAY_WEB_PAGE_INODE_TABLE_H
#define QGREPLAY_WEB_PAGE_INODE_TABLE_H

#include "web/page/inode_map.h"

enum { INODE_TABLE_ROWS = 100 };

/* The boxes in the window, the first INODE_TABLE_ROWS; all are to be had as JSON, by a link. */
void inode_table(FILE *stream, const struct subject *subject, const struct window *window, const struct inode_map *map,
	uint64_t ino);

#endif
