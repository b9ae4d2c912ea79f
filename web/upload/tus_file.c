/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/tus_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "web/upload/tus_info.h"

bool tus_is_done(const struct tus_info *info)
{
	return info->upload != 0 || info->trace != 0;
}

static enum err trouble(const char *what, struct error *error)
{
	return error_set(error, ERR_SYSTEM, "an upload in parts: %s: %s", what, strerror(errno));
}

enum err tus_file_create(struct spool *spool, struct tus_file *file, struct error *error)
{
	enum err err = spool_create(spool, SPOOL_TUS, file->id, &file->fd, error);

	if (err != ERR_OK)
		return err;
	file->offset = 0;
	file->expires_at = file->info.created_at + TUS_EMPTY_S;
	err = tus_info_write(spool, file->id, &file->info, error);
	if (err != ERR_OK)
		spool_remove(spool, SPOOL_TUS, file->id);
	tus_file_close(file);
	return err;
}

void tus_file_close(struct tus_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* Takes the lock, which ends with the descriptor, however that is closed. */
static enum err lock_bytes(struct spool *spool, struct tus_file *file, enum tus_found *found, struct error *error)
{
	struct stat stat, named;

	if (flock(file->fd, LOCK_EX | LOCK_NB) != 0) {
		*found = TUS_BUSY;
		return errno == EWOULDBLOCK ? ERR_OK : trouble("it cannot be locked", error);
	}
	if (fstat(file->fd, &stat) != 0)
		return trouble("it cannot be looked at", error);
	/* Whoever had it may have handed it in, or deleted it, between the opening and the lock. */
	if (fstatat(spool_folder(spool, SPOOL_TUS), file->id, &named, AT_SYMLINK_NOFOLLOW) != 0 ||
		named.st_ino != stat.st_ino)
		tus_file_close(file);
	file->offset = (uint64_t)stat.st_size;
	file->expires_at = (uint64_t)stat.st_mtime + (stat.st_size > 0 ? TUS_EXPIRE_S : TUS_EMPTY_S);
	return ERR_OK;
}

static enum err cut(struct tus_file *file, uint64_t size, struct error *error)
{
	if (file->offset <= size)
		return ERR_OK;
	if (ftruncate(file->fd, (off_t)size) != 0)
		return trouble("it cannot be cut", error);
	file->offset = size;
	return ERR_OK;
}

/* Of an upload whose bytes have gone: it was handed in, or it is none. */
static void open_done(struct tus_file *file, enum tus_found *found)
{
	if (!tus_is_done(&file->info))
		*found = TUS_NONE;
	file->offset = file->info.length;
	file->expires_at = file->info.created_at + TUS_EXPIRE_S;
}

enum err tus_file_open(
	struct spool *spool, const char *id, struct tus_file *file, enum tus_found *found, struct error *error)
{
	enum err err = ERR_OK;

	*found = TUS_NONE;
	file->fd = -1;
	if (!spool_is_name(id))
		return ERR_OK;
	memcpy(file->id, id, sizeof(file->id));
	*found = TUS_FOUND;
	file->fd = openat(spool_folder(spool, SPOOL_TUS), id, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (file->fd >= 0)
		err = lock_bytes(spool, file, found, error);
	/* Under the lock, because the last user may have written it. */
	if (err == ERR_OK && *found == TUS_FOUND && !tus_info_read(spool, id, &file->info))
		*found = TUS_NONE;
	if (err == ERR_OK && *found == TUS_FOUND && file->fd >= 0)
		err = cut(file, file->info.sure < file->info.length ? file->info.sure : file->info.length, error);
	else if (err == ERR_OK && *found == TUS_FOUND)
		open_done(file, found);
	if (err != ERR_OK || *found != TUS_FOUND)
		tus_file_close(file);
	return err;
}

enum err tus_file_save(struct spool *spool, const struct tus_file *file, struct error *error)
{
	return tus_info_write(spool, file->id, &file->info, error);
}

void tus_file_remove(struct spool *spool, struct tus_file *file)
{
	spool_remove(spool, SPOOL_TUS, file->id);
	tus_info_remove(spool, file->id);
	tus_file_close(file);
}

struct sweep {
	struct spool *spool;
	uint64_t now;
	bool start;
};

/* All bytes of it came, but it was not handed in: without the last one, its sender sends that, and ends it. */
static enum err cut_last_byte(struct tus_file *file, struct error *error)
{
	return file->fd >= 0 && file->offset == file->info.length ? cut(file, file->info.length - 1, error) : ERR_OK;
}

static enum err sweep_upload(const struct sweep *sweep, const char *id, struct error *error)
{
	struct tus_file file;
	enum tus_found found;
	enum err err = tus_file_open(sweep->spool, id, &file, &found, error);

	if (err != ERR_OK || found == TUS_BUSY)
		return err;
	if (found == TUS_FOUND ? file.expires_at <= sweep->now : sweep->start) {
		memcpy(file.id, id, sizeof(file.id));
		tus_file_remove(sweep->spool, &file);
		return ERR_OK;
	}
	if (found != TUS_FOUND)
		return ERR_OK;
	if (sweep->start)
		err = cut_last_byte(&file, error);
	tus_file_close(&file);
	return err;
}

static enum err sweep_file(void *context, const char *name, struct error *error)
{
	const struct sweep *sweep = context;
	char id[SPOOL_NAME + 1];

	if (spool_is_name(name))
		return sweep_upload(sweep, name, error);
	if (tus_info_is_of(name, id))
		return sweep_upload(sweep, id, error);
	/* A side file that was being written, when somebody is not at it just now. */
	if (sweep->start)
		spool_remove(sweep->spool, SPOOL_TUS, name);
	return ERR_OK;
}

enum err tus_file_sweep(struct spool *spool, uint64_t now, bool start, struct error *error)
{
	struct sweep sweep = {spool, now, start};

	return spool_each(spool, SPOOL_TUS, sweep_file, &sweep, error);
}
