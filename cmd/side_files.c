/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/side_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "collector/klog_file.h"
#include "collector/limits_file.h"

static enum err open_one(int *fd, const char *name, struct error *error)
{
	if (name == NULL)
		return ERR_OK;
	*fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return *fd >= 0 ? ERR_OK : error_set(error, ERR_INPUT, "cannot read '%s': %s", name, strerror(errno));
}

enum err side_files_open(struct side_files *files, const char *limits_name, const char *klog_name, struct error *error)
{
	enum err err;

	*files =
		(struct side_files){.limits_name = limits_name, .klog_name = klog_name, .limits_fd = -1, .klog_fd = -1};
	err = open_one(&files->limits_fd, limits_name, error);
	return err == ERR_OK ? open_one(&files->klog_fd, klog_name, error) : err;
}

void side_files_close(struct side_files *files)
{
	if (files->limits_fd >= 0)
		close(files->limits_fd);
	if (files->klog_fd >= 0)
		close(files->klog_fd);
	files->limits_fd = files->klog_fd = -1;
}

enum err side_files_read(struct side_files *files, struct replay_options *options, struct error *error)
{
	enum err err = ERR_OK;

	if (files->limits_fd >= 0) {
		options->limits = &files->limits;
		err = limits_file_read(&files->limits, files->limits_fd, files->limits_name, error);
	}
	if (err == ERR_OK && files->klog_fd >= 0) {
		options->log = &files->klog;
		err = klog_file_read(&files->klog, files->klog_fd, files->klog_name, error);
	}
	return err;
}

void side_files_release(struct side_files *files)
{
	limits_release(&files->limits);
	klog_release(&files->klog);
}
