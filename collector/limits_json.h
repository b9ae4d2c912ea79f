/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * limits_json - the JSON form of limits_file, and what both forms share. Used by limits_file.c only.
 */
#ifndef QGREPLAY_COLLECTOR_LIMITS_JSON_H
#define QGREPLAY_COLLECTOR_LIMITS_JSON_H

#include "base/error.h"
#include "base/limits.h"

/* Adds the limits of a JSON text, as limits_file_read() does; the text ends with a NUL. */
enum err limits_json_read(struct limits *limits, const char *text, const char *name, struct error *error);

/* "0/257" and "1/100"; false for anything else. */
bool limits_qgroup_read(const char *text, uint64_t *qgid);

/* A number of bytes, or "none"; false for anything else, such as a rounded "3.00MiB". */
bool limits_value_read(const char *text, uint64_t *value);

#endif
