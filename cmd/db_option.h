/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * db_option - what all commands with an option --db share: which store is meant, and how it is opened.
 */
#ifndef QGREPLAY_CMD_DB_OPTION_H
#define QGREPLAY_CMD_DB_OPTION_H

#include "base/error.h"
#include "cmd/new_file.h"
#include "schema/store/store.h"

/* What --db means where it is not given: the environment's QGREPLAY_DB when it is not empty, else "qgreplay.db". */
const char *db_option_default(void);

/*
 * Opens the store that --db named, or with NULL the default one, waiting as long for other writers as all commands do.
 * On success `*store` is the caller's, to be closed by store_close(). Errors: those of store_open().
 */
enum err db_option_open(struct store **store, const char *name, enum store_mode mode, struct error *error);

/*
 * Refuses (ERR_USAGE) to put a file of results in the place of the store that --db named, or with NULL of the default
 * one, or of what SQLite keeps beside it.
 */
enum err db_option_spared(const struct new_file *file, const char *name, struct error *error);

/*
 * Takes the name of the machine for which traces are kept. Errors: ERR_USAGE when it is empty or has more than the 255
 * bytes of a domain's name: it stands in every line that tells of its traces.
 */
enum err db_option_host(const char **host, const char *text, struct error *error);

#endif
