/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * new_file - a file of results that gets its name only when it is complete, so that nothing half-written is ever seen
 * and an older file of that name is there until then.
 */
#ifndef QGREPLAY_CMD_NEW_FILE_H
#define QGREPLAY_CMD_NEW_FILE_H

#include <stdbool.h>

#include "base/error.h"

/* All zeros: none is open. */
struct new_file {
	const char *name;
	char *temporary; /* its name until it is kept; NULL: none is open */
	bool nameless;	 /* it has not even that one yet */
	int fd;		 /* what is written is added at the end, by whichever process */
};

/* Opens one beside `name`, which stays the caller's. Errors: ERR_USAGE for a device, a pipe or "-"; ERR_SYSTEM. */
enum err new_file_open(struct new_file *file, const char *name, struct error *error);

/* Refuses (ERR_USAGE) to put it in the place of `input`, a file that is read, or NULL. */
enum err new_file_spares(const struct new_file *file, const char *input, struct error *error);

/* Gives it its name. Errors: ERR_SYSTEM; it is gone then. */
enum err new_file_keep(struct new_file *file, struct error *error);

/* Removes it, unless it was kept. */
void new_file_drop(struct new_file *file);

#endif
