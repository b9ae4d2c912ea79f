/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * magic - says of bytes that are no trace what they are instead, so that the user knows what to do.
 */
#ifndef QGREPLAY_COLLECTOR_MAGIC_H
#define QGREPLAY_COLLECTOR_MAGIC_H

#include <stddef.h>

#include "base/error.h"

/* Sets `error` to ERR_INPUT for the beginning `data` (at least one byte) of something that is no trace. */
enum err magic_refuse(const unsigned char *data, size_t size, struct error *error);

#endif
