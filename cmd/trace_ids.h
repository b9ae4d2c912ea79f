/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_ids - the traces of a store that a command line names by their numbers, such as --trace 3 --trace 7.
 */
#ifndef QGREPLAY_CMD_TRACE_IDS_H
#define QGREPLAY_CMD_TRACE_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "schema/store/store.h"

/* All zeros: none. */
struct trace_ids {
	uint64_t *all; /* in the order in which they were named, each once */
	size_t count;
	size_t capacity;
};

/* Adds the value of `option`. Errors: ERR_USAGE when it is no number. */
enum err trace_ids_add(struct trace_ids *ids, const char *text, const char *option, struct error *error);

/*
 * Sees to it that the store has all of them, before anything is done with the first. Errors: ERR_USAGE for one that it
 * has not; those of the store.
 */
enum err trace_ids_check(const struct trace_ids *ids, struct store *store, struct error *error);

/* The same; but where none was named, they become all that the store has. */
enum err trace_ids_or_all(struct trace_ids *ids, struct store *store, struct error *error);
void trace_ids_release(struct trace_ids *ids);

#endif
