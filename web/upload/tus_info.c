/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/tus_info.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/write_all.h"

enum { FILE_NAME = SPOOL_NAME + 8, FILE_MAX = 4 * TUS_METADATA };

static void name_of(char name[FILE_NAME], const char *id, const char *end)
{
	snprintf(name, FILE_NAME, "%.*s%s", SPOOL_NAME, id, end);
}

bool tus_info_is_of(const char *file, char id[SPOOL_NAME + 1])
{
	char name[FILE_NAME];

	if (strlen(file) < SPOOL_NAME)
		return false;
	memcpy(id, file, SPOOL_NAME);
	id[SPOOL_NAME] = '\0';
	name_of(name, id, ".info");
	return spool_is_name(id) && strcmp(file, name) == 0;
}

/* The numbers are small enough for it: lengths are held against the size of the spool, ids come from SQLite. */
static char *json_of(const struct tus_info *info)
{
	json_t *object = json_pack("{s:I, s:I, s:I, s:I, s:s}", "length", (json_int_t)info->length, "upload",
		(json_int_t)info->upload, "trace", (json_int_t)info->trace, "created_at", (json_int_t)info->created_at,
		"metadata", info->metadata);
	char *text;

	if (info->sure != UINT64_MAX)
		json_object_set_new(object, "sure", json_integer((json_int_t)info->sure));
	text = memory_checked(json_dumps(object, JSON_INDENT(1)));
	json_decref(object);
	return text;
}

static int write_durably(int folder, const char *name, const char *text, size_t size)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int failed;

	if (fd < 0)
		return errno;
	failed = write_all(fd, text, size);
	if (!failed && fsync(fd) != 0)
		failed = errno;
	close(fd);
	return failed;
}

enum err tus_info_write(struct spool *spool, const char *id, const struct tus_info *info, struct error *error)
{
	int folder = spool_folder(spool, SPOOL_TUS);
	char name[FILE_NAME], fresh[FILE_NAME];
	char *text = json_of(info);
	int failed;

	name_of(name, id, ".info");
	name_of(fresh, id, ".new");
	failed = write_durably(folder, fresh, text, strlen(text));
	if (!failed && (renameat(folder, fresh, folder, name) != 0 || fsync(folder) != 0))
		failed = errno;
	if (failed)
		unlinkat(folder, fresh, 0);
	free(text);
	return failed ? error_set(
				error, ERR_SYSTEM, "what is known of an upload cannot be written: %s", strerror(failed))
		      : ERR_OK;
}

static bool number_of(const json_t *object, const char *key, uint64_t *number)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*number = (uint64_t)json_integer_value(value);
	return true;
}

static bool read_json(const json_t *object, struct tus_info *info)
{
	const char *metadata = json_string_value(json_object_get(object, "metadata"));

	if (!metadata || strlen(metadata) >= sizeof(info->metadata))
		return false;
	snprintf(info->metadata, sizeof(info->metadata), "%s", metadata);
	if (!number_of(object, "sure", &info->sure))
		info->sure = UINT64_MAX;
	return number_of(object, "length", &info->length) && number_of(object, "upload", &info->upload) &&
	       number_of(object, "trace", &info->trace) && number_of(object, "created_at", &info->created_at);
}

bool tus_info_read(struct spool *spool, const char *id, struct tus_info *info)
{
	char name[FILE_NAME], text[FILE_MAX];
	json_t *object;
	ssize_t size;
	bool good;
	int fd;

	name_of(name, id, ".info");
	fd = openat(spool_folder(spool, SPOOL_TUS), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	size = read(fd, text, sizeof(text));
	close(fd);
	if (size < 0)
		return false;
	object = json_loadb(text, (size_t)size, 0, NULL);
	good = read_json(object, info);
	json_decref(object);
	return good;
}

void tus_info_remove(struct spool *spool, const char *id)
{
	char name[FILE_NAME];

	name_of(name, id, ".info");
	unlinkat(spool_folder(spool, SPOOL_TUS), name, 0);
}
