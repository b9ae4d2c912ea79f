/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve_files - the files of uploads that have ended: they leave the queue's folder of the spool.
 *
 * Several processes may put the same file away at once: one of them does it.
 */
#ifndef QGREPLAY_CMD_SERVE_FILES_H
#define QGREPLAY_CMD_SERVE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The folder below the spool in which files wait, and that of those that are kept. */
#define SERVE_FILES_QUEUE "queue"
#define SERVE_FILES_KEPT "kept"

struct serve_files {
	const char *spool;
	bool keep; /* they go to the folder of those that are kept, each under the number of its upload */
};

/* The path of a file of the queue. Errors: ERR_INPUT when it is too long. */
enum err serve_files_path(
	const struct serve_files *files, const char *file, char *path, size_t size, struct error *error);

/*
 * Takes the file of an upload that has ended out of the queue; one that is not there is none less. Errors: ERR_SYSTEM
 * when one that is to be kept cannot be: it stays where it is.
 */
enum err serve_files_put_away(const struct serve_files *files, uint64_t upload, const char *file, struct error *error);

/*
 * Puts away what is left over: of uploads that ended, but whose worker was killed before it came to that. Files that
 * have no upload yet are let be. Errors: those of the store, and of serve_files_put_away().
 */
enum err serve_files_tidy(const struct serve_files *files, const char *db_name, struct error *error);

#endif
