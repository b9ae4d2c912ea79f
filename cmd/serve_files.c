/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/store/store.h"
#include "schema/store/upload.h"

enum { WAIT_MS = 1000 };

static enum err too_long(struct error *error)
{
	return error_set(error, ERR_INPUT, "the spool's name is too long, name another folder by --spool");
}

enum err serve_files_path(
	const struct serve_files *files, const char *file, char *path, size_t size, struct error *error)
{
	int length = snprintf(path, size, "%s/" SERVE_FILES_QUEUE "/%s", files->spool, file);

	return length < 0 || (size_t)length >= size ? too_long(error) : ERR_OK;
}

static enum err keep(const struct serve_files *files, uint64_t upload, const char *path, struct error *error)
{
	char kept[PATH_MAX];

	if (snprintf(kept, sizeof(kept), "%s/" SERVE_FILES_KEPT "/%" PRIu64, files->spool, upload) >= (int)sizeof(kept))
		return too_long(error);
	if (rename(path, kept) == 0 || (errno == ENOENT && access(path, F_OK) != 0))
		return ERR_OK;
	return error_set(error, ERR_SYSTEM,
		"cannot keep upload %" PRIu64 " as '%s': %s, it stays in the queue's folder", upload, kept,
		strerror(errno));
}

enum err serve_files_put_away(const struct serve_files *files, uint64_t upload, const char *file, struct error *error)
{
	char path[PATH_MAX];
	enum err err = serve_files_path(files, file, path, sizeof(path), error);

	if (err == ERR_OK && files->keep)
		return keep(files, upload, path, error);
	if (err == ERR_OK && unlink(path) != 0 && errno != ENOENT)
		return error_set(error, ERR_SYSTEM, "cannot delete '%s': %s", path, strerror(errno));
	return err;
}

static enum err tidy_one(const struct serve_files *files, struct store *store, const char *file, struct error *error)
{
	uint64_t upload = 0;
	bool needed = true;
	enum err err = upload_needs_file(store, file, &needed, error);

	if (err == ERR_OK && !needed)
		err = upload_of_file(store, file, &upload, error);
	if (err != ERR_OK || needed || upload == 0)
		return err;
	return serve_files_put_away(files, upload, file, error);
}

/* What one file meets stops none of the others; the last trouble is told. */
static enum err tidy_all(const struct serve_files *files, struct store *store, DIR *folder, struct error *error)
{
	enum err err = ERR_OK;
	struct dirent *entry;

	while ((entry = readdir(folder)) != NULL) {
		enum err one = tidy_one(files, store, entry->d_name, error);

		if (one != ERR_OK)
			err = one;
	}
	return err;
}

enum err serve_files_tidy(const struct serve_files *files, const char *db_name, struct error *error)
{
	const struct store_options options = {.mode = STORE_READ, .wait_ms = WAIT_MS};
	struct store *store = NULL;
	char path[PATH_MAX];
	DIR *folder;
	enum err err = serve_files_path(files, "", path, sizeof(path), error);

	if (err != ERR_OK)
		return err;
	folder = opendir(path);
	/* Before the first upload there is none. */
	if (folder == NULL)
		return errno == ENOENT ? ERR_OK
				       : error_set(error, ERR_SYSTEM, "cannot read '%s': %s", path, strerror(errno));
	err = store_open(&store, db_name, &options, error);
	if (err == ERR_OK)
		err = tidy_all(files, store, folder, error);
	store_close(store);
	closedir(folder);
	return err;
}
