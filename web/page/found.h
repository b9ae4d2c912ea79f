/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * found - the findings of a root or an inode, in the order of their first occurrence: for marks in pictures, and for
 * counts. Pages show them as the list that they are.
 */
#ifndef QGREPLAY_WEB_PAGE_FOUND_H
#define QGREPLAY_WEB_PAGE_FOUND_H

#include "web/page/subject.h"

enum { FOUND_MAX = 1000 };

struct found_one {
	uint32_t number;
	uint64_t time_ns;
	uint64_t ino;
	uint64_t bytes;
	char *headline;
	char *severity;
	char *kind;
};

struct found {
	struct found_one *all;
	size_t count;
	size_t capacity;
	bool more; /* there are others than these */
};

/* Those of the subject's root; `ino` 0: of all its inodes. To be released on every way out. */
enum err found_read(
	struct call *call, const struct subject *subject, uint64_t ino, struct found *found, struct error *error);
void found_release(struct found *found);

#endif
