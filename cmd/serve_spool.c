/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/deposit.h"
#include "cmd/serve_files.h"

/* So long it may take until the processes of a supervisor that was killed are gone. */
enum { TRIES = 40, TRY_MS = 50 };

static enum err make_folder(const char *folder, struct error *error)
{
	if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		return ERR_OK;
	return error_set(
		error, ERR_SYSTEM, "cannot make the folder '%s': %s, name another by --spool", folder, strerror(errno));
}

static enum err make_folders(const struct serve_options *options, struct error *error)
{
	char kept[PATH_MAX];
	enum err err = make_folder(options->web.spool, error);

	if (err != ERR_OK || !options->keep_uploads)
		return err;
	if (snprintf(kept, sizeof(kept), "%s/" SERVE_FILES_KEPT, options->web.spool) >= (int)sizeof(kept))
		return error_set(error, ERR_USAGE, "the name of the spool is too long, name another by --spool");
	return make_folder(kept, error);
}

static bool locked(int fd)
{
	for (int i = 0; i < TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		poll(NULL, 0, TRY_MS);
	}
	return false;
}

static enum err hold(int *fd, const char *name, int flags, struct error *error)
{
	*fd = open(name, flags | O_CLOEXEC, 0600);
	if (*fd < 0)
		return error_set(error, ERR_SYSTEM, "cannot open '%s': %s", name, strerror(errno));
	if (locked(*fd))
		return ERR_OK;
	return error_set(error, ERR_USAGE,
		"another server has '%s', stop it, or name another store and spool by --db and --spool", name);
}

enum err serve_spool_open(struct serve_spool *spool, const struct serve_options *options, struct error *error)
{
	const struct deposit deposit = {.db_name = options->web.db_name};
	enum err err = make_folders(options, error);

	*spool = (struct serve_spool){-1, -1};
	if (err == ERR_OK)
		err = hold(&spool->spool_fd, options->web.spool, O_RDONLY | O_DIRECTORY, error);
	if (err == ERR_OK)
		err = deposit_prepare(&deposit, error);
	/* Only now: to close the file would take away the locks that the library has in this process. */
	if (err == ERR_OK)
		err = hold(&spool->store_fd, options->web.db_name, O_RDONLY, error);
	return err;
}

void serve_spool_close(struct serve_spool *spool)
{
	if (spool->spool_fd >= 0)
		close(spool->spool_fd);
	if (spool->store_fd >= 0)
		close(spool->store_fd);
}
