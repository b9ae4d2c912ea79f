/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err refused(const char *name, struct error *error)
{
	return error_set(error, ERR_SYSTEM, "cannot write '%s': %s", name, strerror(errno));
}

enum err new_file_open(struct new_file *file, const char *name, struct error *error)
{
	struct stat status;

	*file = (struct new_file){.name = name, .fd = -1};
	if (strcmp(name, "-") == 0)
		return error_set(error, ERR_USAGE, "cannot write '-': the report is on stdout, name a file");
	if (stat(name, &status) == 0 && !S_ISREG(status.st_mode))
		return error_set(
			error, ERR_USAGE, "cannot write '%s': it is not a regular file, name another one", name);
	if (asprintf(&file->temporary, "%s.XXXXXX", name) < 0)
		abort();
	file->fd = mkostemp(file->temporary, O_CLOEXEC | O_APPEND);
	if (file->fd >= 0)
		return ERR_OK;
	refused(name, error);
	free(file->temporary);
	file->temporary = NULL;
	return ERR_SYSTEM;
}

enum err new_file_spares(const struct new_file *file, const char *input, struct error *error)
{
	struct stat target;
	struct stat source;

	if (input == NULL || stat(file->name, &target) != 0 || stat(input, &source) != 0)
		return ERR_OK;
	if (target.st_dev != source.st_dev || target.st_ino != source.st_ino)
		return ERR_OK;
	return error_set(error, ERR_USAGE, "'%s' would take the place of '%s', which is read, name another file",
		file->name, input);
}

/* mkostemp() lets only the owner read. */
static bool give_name(const struct new_file *file)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(file->fd, 0666 & ~mask) == 0 && fsync(file->fd) == 0 && rename(file->temporary, file->name) == 0;
}

enum err new_file_keep(struct new_file *file, struct error *error)
{
	if (!give_name(file)) {
		refused(file->name, error);
		new_file_drop(file);
		return ERR_SYSTEM;
	}
	close(file->fd);
	free(file->temporary);
	file->temporary = NULL;
	return ERR_OK;
}

void new_file_drop(struct new_file *file)
{
	if (file->temporary == NULL)
		return;
	unlink(file->temporary);
	close(file->fd);
	free(file->temporary);
	file->temporary = NULL;
}
