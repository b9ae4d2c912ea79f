/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fsid - the id of a filesystem, 16 bytes, as the text that the kernel prints: "2f077664-b46e-4eb4-9cbe-2af92dee194d".
 */
#ifndef QGREPLAY_BASE_FSID_H
#define QGREPLAY_BASE_FSID_H

#include <stdbool.h>
#include <stddef.h>

enum { FSID_BYTES = 16, FSID_TEXT = 36 };

/*
 * Writes the id whose first `known` bytes stand at `bytes` (at most FSID_BYTES are read) as FSID_TEXT characters in
 * lower case and a NUL; digits of bytes that are not known are "x".
 */
void fsid_write(const unsigned char *bytes, size_t known, char text[FSID_TEXT + 1]);

/*
 * Copies the id that the first FSID_TEXT characters at `text` are, in lower case and with a NUL. False, and nothing is
 * copied, when they are none.
 */
bool fsid_read(const char *text, char fsid[FSID_TEXT + 1]);

#endif
