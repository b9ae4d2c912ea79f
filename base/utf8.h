/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * utf8 - tells valid UTF-8 from other bytes: task names and file names may hold anything, reports may not.
 */
#ifndef QGREPLAY_BASE_UTF8_H
#define QGREPLAY_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The length in bytes (1 to 4) of the character at `text`, which ends with a NUL; 0 when what stands there is not valid
 * UTF-8 (overlong forms, surrogates and values above U+10FFFF are not) or the NUL itself.
 */
size_t utf8_length(const char *text);

/* Whether the character at `text`, which is valid UTF-8, is one that utf8_make_harmless() takes away. */
bool utf8_is_harmful(const char *text);

/*
 * Makes `text` fit for a terminal or a mail, in place: control characters (below U+0020, and U+007F to U+009F, which
 * some terminals obey too), marks that turn the direction of a line or end it unseen (U+061C, U+200E, U+200F, U+2028 to
 * U+202E, U+2066 to U+2069), and bytes that are not UTF-8 become one '?' each; all else stays.
 */
void utf8_make_harmless(char *text);

/* A copy of `text`, made harmless, to be freed. */
char *utf8_harmless(const char *text);

#endif
