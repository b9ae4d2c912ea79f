/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pack - bodies as small as their reader can take them, and not at all where it has them already.
 */
#ifndef QGREPLAY_WEB_HTTP_PACK_H
#define QGREPLAY_WEB_HTTP_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

enum pack { PACK_NONE, PACK_GZIP, PACK_ZSTD, PACK_COUNT };

enum { PACK_FROM_BYTES = 1024, PACK_TAG = 24 };

/* The best that a header Accept-Encoding (NULL: none) allows; at equal weight zstd goes before gzip. */
enum pack pack_choose(const char *accept_encoding);

/* Its name in a header; NULL for PACK_NONE. */
const char *pack_name(enum pack pack);

/* Whether a body of this media type gets smaller. */
bool pack_is_worth(const char *type, size_t size);

/* Writes `bytes` packed. Errors: ERR_SYSTEM, when it cannot be written. */
enum err pack_write(enum pack pack, const void *bytes, size_t size, FILE *stream, struct error *error);

/* The entity tag of a body, in quotes; weak ("W/...") when the bytes that are sent are not these. */
void pack_tag(char tag[PACK_TAG], const void *bytes, size_t size, bool weak);

/* Whether a header If-None-Match (or NULL) names the tag, weak or not, or any by '*'. */
bool pack_tag_known(const char *if_none_match, const char *tag);

#endif
