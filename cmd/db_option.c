/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/db_option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_BYTES_MAX = 255 };

const char *db_option_default(void)
{
	const char *name = getenv("QGREPLAY_DB");

	return name != NULL && name[0] != '\0' ? name : "qgreplay.db";
}

enum err db_option_open(struct store **store, const char *name, enum store_mode mode, struct error *error)
{
	const struct store_options options = {.mode = mode, .wait_ms = STORE_WAIT_MS};

	return store_open(store, name != NULL ? name : db_option_default(), &options, error);
}

/* Also when it is not there yet: a log is made when it is needed, and the store itself by what is imported. */
static enum err spare_name(const struct new_file *file, const char *name, struct error *error)
{
	if (strcmp(file->name, name) == 0)
		return error_set(error, ERR_USAGE,
			"'%s' would take the place of the store or of its log, name another file", name);
	return new_file_spares(file, name, error);
}

enum err db_option_spared(const struct new_file *file, const char *name, struct error *error)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
	enum err err = ERR_OK;

	if (name == NULL)
		name = db_option_default();
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && err == ERR_OK; i++) {
		char *whole = NULL;

		if (asprintf(&whole, "%s%s", name, endings[i]) < 0)
			abort();
		err = spare_name(file, whole, error);
		free(whole);
	}
	return err;
}

enum err db_option_host(const char **host, const char *text, struct error *error)
{
	if (*text == '\0')
		return error_set(error, ERR_USAGE, "--host wants a name");
	if (strlen(text) > HOST_BYTES_MAX)
		return error_set(error, ERR_USAGE, "--host wants a name of at most %d bytes, not of %zu",
			HOST_BYTES_MAX, strlen(text));
	*host = text;
	return ERR_OK;
}
