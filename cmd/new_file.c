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

enum { LINK_TRIES = 100 };

static enum err refused(const char *name, struct error *error)
{
	return error_set(error, ERR_SYSTEM, "cannot write '%s': %s", name, strerror(errno));
}

/* A file without a name is gone with its last descriptor, however the program ends. Not every file system has them. */
static int open_nameless(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *folder = slash == NULL ? strdup(".") : strndup(name, (size_t)(slash - name) + 1);
	int fd;

	if (folder == NULL)
		abort();
	fd = access("/proc/self/fd", X_OK) == 0 ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_APPEND, 0600) : -1;
	free(folder);
	return fd;
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
	file->fd = open_nameless(name);
	file->nameless = file->fd >= 0;
	if (!file->nameless)
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

/* A link never takes the place of a file, so that the nameless one gets a name of its own first. */
static bool give_temporary_name(struct new_file *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	for (int tries = 0; file->nameless && tries < LINK_TRIES; tries++) {
		free(file->temporary);
		if (asprintf(&file->temporary, "%s.%d-%d", file->name, (int)getpid(), tries) < 0)
			abort();
		if (linkat(AT_FDCWD, path, AT_FDCWD, file->temporary, AT_SYMLINK_FOLLOW) == 0)
			file->nameless = false;
		else if (errno != EEXIST)
			break;
	}
	return !file->nameless;
}

/* Before, only the owner may read it. */
static bool give_name(struct new_file *file)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(file->fd, 0666 & ~mask) == 0 && fsync(file->fd) == 0 && give_temporary_name(file) &&
	       rename(file->temporary, file->name) == 0;
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
	if (!file->nameless)
		unlink(file->temporary);
	close(file->fd);
	free(file->temporary);
	file->temporary = NULL;
}
