/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "schema/store/handle.h"

static uint64_t log_bytes(const struct store *store)
{
	struct stat status;
	char *log = NULL;
	uint64_t size;

	if (asprintf(&log, "%s-wal", store->path) < 0)
		abort();
	size = stat(log, &status) == 0 ? (uint64_t)status.st_size : 0;
	free(log);
	return size;
}

/* The log and its index are made beside the store. */
static bool folder_writable(const struct store *store)
{
	char *folder = memory_text(store->path, (size_t)(strrchr(store->path, '/') - store->path) + 1);
	bool writable = access(folder, W_OK | X_OK) == 0;

	free(folder);
	return writable;
}

enum err store_health(struct store *store, struct store_health *health, struct error *error)
{
	struct stat status;
	struct statvfs disk;

	*health = (struct store_health){0};
	if (stat(store->path, &status) != 0 || statvfs(store->path, &disk) != 0)
		return error_set(error, ERR_SYSTEM, "cannot look at '%s': %s", store->name, strerror(errno));
	health->db_bytes = (uint64_t)status.st_size;
	health->wal_bytes = log_bytes(store);
	health->disk_free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	health->writable = access(store->path, W_OK) == 0 && folder_writable(store) && (disk.f_flag & ST_RDONLY) == 0;
	return handle_number(store, STATEMENT_VERSION, 0, &health->schema, error);
}

bool store_has_moved(const struct store *store)
{
	int moved = 0;

	return sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

void store_wait(struct store *store, uint32_t wait_ms)
{
	store->wait_ms = wait_ms > INT_MAX ? INT_MAX : wait_ms;
	sqlite3_busy_timeout(store->db, (int)store->wait_ms);
}
