/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * target - takes the target of a request apart: a path, and names with values; each decoded once.
 */
#ifndef QGREPLAY_WEB_HTTP_TARGET_H
#define QGREPLAY_WEB_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "web/message/request.h"

enum { TARGET_PAIRS_MAX = 128 };

/* Names and values as they come; all zero at first, what they point at is the caller's. */
struct target_pairs {
	struct request_pair *all;
	size_t count;
	size_t capacity;
};

void target_pairs_release(struct target_pairs *pairs);

/* Adds one. False when there are TARGET_PAIRS_MAX. */
bool target_pairs_add(struct target_pairs *pairs, const char *name, const char *value);

/* Whether it is UTF-8 to the end. */
bool target_is_text(const char *text);

/*
 * Decodes the path of a target in place. Returns NULL, or why it is refused: a path that does not begin with '/', that
 * has a part "." or "..", a slash, NUL or control character in disguise, or is no UTF-8.
 */
const char *target_decode_path(char *path);

/* Takes "a=1&b=two+words" apart, in place. Returns NULL, or why it is refused. */
const char *target_decode_pairs(struct target_pairs *pairs, char *text);

#endif
