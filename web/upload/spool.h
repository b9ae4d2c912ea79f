/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spool - the folder in which uploads wait, and who else may put something there.
 *
 *     SPOOL/lock      held by the one server that uses the spool
 *     SPOOL/incoming  bodies that are still on their way, one file each; worth nothing without their sender
 *     SPOOL/queue     files that are complete and on the disk; the rows of table `upload` name them
 *     SPOOL/tus       bodies that may come in parts (tus.h), with a side file each
 *
 * Files have random names of SPOOL_NAME hex digits, and nothing that a sender says is ever part of a path. All
 * functions may be called by several threads.
 */
#ifndef QGREPLAY_WEB_UPLOAD_SPOOL_H
#define QGREPLAY_WEB_UPLOAD_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { SPOOL_NAME = 32, SPOOL_PARTS_MAX = 1000 };

enum spool_place { SPOOL_INCOMING, SPOOL_QUEUE, SPOOL_TUS, SPOOL_PLACE_COUNT };

struct spool;

/*
 * Opens the spool at `folder`, with all folders made (0700), and locks it. `max_bytes` is for all files in it. On
 * success `*spool` is the caller's, to be closed by spool_close(), which accepts NULL. Errors: ERR_USAGE when another
 * process has locked it; ERR_SYSTEM.
 */
enum err spool_open(struct spool **spool, const char *folder, uint64_t max_bytes, struct error *error);
void spool_close(struct spool *spool);

/* The descriptor of a folder, for the *at() functions; the spool's. */
int spool_folder(const struct spool *spool, enum spool_place place);

/* Makes an empty file with a new name, open for reading and writing. Errors: ERR_SYSTEM. */
enum err spool_create(
	struct spool *spool, enum spool_place place, char name[SPOOL_NAME + 1], int *fd, struct error *error);

/* Whether `name` is one that spool_create() could have made. */
bool spool_is_name(const char *name);

/* Moves a file, durably. Errors: ERR_SYSTEM; then it is where it was. */
enum err spool_move(
	struct spool *spool, enum spool_place from, enum spool_place to, const char *name, struct error *error);

/* Deletes a file; one that is not there is none less. */
void spool_remove(struct spool *spool, enum spool_place place, const char *name);

/* Calls `each` for the name of every file of a folder, until one call fails. Files may be deleted and moved meanwhile.
 */
enum err spool_each(struct spool *spool, enum spool_place place,
	enum err (*each)(void *context, const char *name, struct error *error), void *context, struct error *error);

/* Whether there is room for so many more bytes. */
enum spool_room {
	SPOOL_ROOM,
	SPOOL_WAIT,	/* not before something that waits was taken out */
	SPOOL_DISK_FULL /* the disk is at its floor */
};

enum spool_room spool_room(struct spool *spool, uint64_t bytes);

/* Says that so many bytes were written: they count at once. */
void spool_took(struct spool *spool, uint64_t bytes);

/* Whether one more upload in parts may begin: it counts at once. At most SPOOL_PARTS_MAX are unfinished. */
bool spool_begin_parts(struct spool *spool);

/*
 * How often one sender may come: takes one of the `a_minute` visits that an address has a minute (of IPv6, all of a
 * /64), or says in how many seconds there will be one. 0: no limit.
 */
unsigned spool_visit(struct spool *spool, const char *remote, unsigned a_minute);

/* True once in ten minutes: whoever gets it looks for what has expired. */
bool spool_tidy_is_due(struct spool *spool);

#endif
