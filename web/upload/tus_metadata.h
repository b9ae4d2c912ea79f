/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tus_metadata - the header Upload-Metadata: "filename dHJhY2UuZGF0,host aGVyZQ==".
 */
#ifndef QGREPLAY_WEB_UPLOAD_TUS_METADATA_H
#define QGREPLAY_WEB_UPLOAD_TUS_METADATA_H

#include <stdbool.h>
#include <stddef.h>

/* Whether `text` is such a header: pairs of a key, which stands once, and, behind a blank, a value in base64. */
bool tus_metadata_is_valid(const char *text);

/*
 * The value of a key of a valid header, with a NUL behind it, cut to what fits; a NUL within becomes a blank. False
 * when there is no such key.
 */
bool tus_metadata_find(const char *text, const char *key, char *value, size_t size);

#endif
