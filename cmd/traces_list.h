/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traces_list - what `qgreplay traces` prints: a line for each trace of a store.
 */
#ifndef QGREPLAY_CMD_TRACES_LIST_H
#define QGREPLAY_CMD_TRACES_LIST_H

#include <stdio.h>

#include "base/error.h"
#include "schema/store/store.h"

enum traces_format { TRACES_TEXT, TRACES_CSV, TRACES_JSON };

/* Errors: those of store_query(). */
enum err traces_list(FILE *stream, struct store *store, enum traces_format format, struct error *error);

#endif
