/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inode_marks - where the findings of an inode struck its range map. For web/page/inode_map.c.
 */
#ifndef QGREPLAY_WEB_PAGE_INODE_MARKS_H
#define QGREPLAY_WEB_PAGE_INODE_MARKS_H

#include "web/page/inode_map.h"

/* Reads occurrences of wish->found, marks the boxes of map->map by them, and keeps them as map->marks: the first
 * INODE_MARKS_MAX. */
enum err inode_marks_read(struct call *call, const struct inode_wish *wish, struct inode_map *map, struct error *error);

#endif
