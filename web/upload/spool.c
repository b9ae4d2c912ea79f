/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "web/site.h"
#include "web/upload/visits.h"

/* Counting is to take a tenth of the time at most, where it takes long enough to matter. */
enum { COUNT_AGAIN_MS = 1000, COUNT_CHEAP_MS = 50, COUNT_SHARE = 10, TIDY_AGAIN_MS = 600000 };

struct spool {
	char *name;
	int folder;
	int lock;
	int places[SPOOL_PLACE_COUNT];
	uint64_t max_bytes;
	pthread_mutex_t mutex; /* for what follows */
	uint64_t used;	       /* when it was counted, and what came since; workers take files out meanwhile */
	unsigned unfinished;   /* uploads in parts, in the same way */
	uint64_t counted_ms;   /* 0: never */
	uint64_t count_took_ms;
	uint64_t tidied_ms;
	struct visits visits;
};

static const char *const place_names[SPOOL_PLACE_COUNT] = {
	[SPOOL_INCOMING] = "incoming", [SPOOL_QUEUE] = "queue", [SPOOL_TUS] = "tus"};

static enum err trouble(const struct spool *spool, const char *what, struct error *error)
{
	return error_set(error, ERR_SYSTEM, "spool '%s': %s: %s", spool->name, what, strerror(errno));
}

static enum err take_lock(struct spool *spool, struct error *error)
{
	spool->lock = openat(spool->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (spool->lock < 0)
		return trouble(spool, "its lock cannot be made", error);
	if (flock(spool->lock, LOCK_EX | LOCK_NB) == 0)
		return ERR_OK;
	if (errno != EWOULDBLOCK)
		return trouble(spool, "it cannot be locked", error);
	return error_set(error, ERR_USAGE,
		"another server uses the spool '%s': stop it, or name another folder with --spool", spool->name);
}

static enum err open_places(struct spool *spool, struct error *error)
{
	for (enum spool_place place = 0; place < SPOOL_PLACE_COUNT; place++) {
		const char *name = place_names[place];

		if (mkdirat(spool->folder, name, 0700) != 0 && errno != EEXIST)
			return trouble(spool, "a folder in it cannot be made", error);
		spool->places[place] = openat(spool->folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (spool->places[place] < 0)
			return trouble(spool, "a folder in it cannot be opened", error);
	}
	if (fsync(spool->folder) != 0)
		return trouble(spool, "it cannot be synced", error);
	return ERR_OK;
}

enum err spool_open(struct spool **spool, const char *folder, uint64_t max_bytes, struct error *error)
{
	struct spool *made = memory_zeroed(sizeof(*made));
	enum err err = ERR_OK;

	made->name = memory_text(folder, strlen(folder));
	made->max_bytes = max_bytes;
	made->lock = -1;
	for (enum spool_place place = 0; place < SPOOL_PLACE_COUNT; place++)
		made->places[place] = -1;
	made->tidied_ms = clock_ms();
	pthread_mutex_init(&made->mutex, NULL);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		err = trouble(made, "it cannot be made", error);
	made->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (err == ERR_OK && made->folder < 0)
		err = trouble(made, "it cannot be opened", error);
	if (err == ERR_OK)
		err = take_lock(made, error);
	if (err == ERR_OK)
		err = open_places(made, error);
	if (err == ERR_OK)
		*spool = made;
	else
		spool_close(made);
	return err;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void spool_close(struct spool *spool)
{
	if (!spool)
		return;
	for (enum spool_place place = 0; place < SPOOL_PLACE_COUNT; place++)
		close_fd(spool->places[place]);
	close_fd(spool->lock);
	close_fd(spool->folder);
	pthread_mutex_destroy(&spool->mutex);
	free(spool->name);
	free(spool);
}

int spool_folder(const struct spool *spool, enum spool_place place)
{
	return spool->places[place];
}

bool spool_is_name(const char *name)
{
	return strlen(name) == SPOOL_NAME && strspn(name, "0123456789abcdef") == SPOOL_NAME;
}

enum err spool_create(
	struct spool *spool, enum spool_place place, char name[SPOOL_NAME + 1], int *fd, struct error *error)
{
	unsigned char bytes[SPOOL_NAME / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return trouble(spool, "there is no random name for a file", error);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(name + 2 * i, 3, "%02x", bytes[i]);
	*fd = openat(spool->places[place], name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd < 0)
		return trouble(spool, "a file in it cannot be made", error);
	return ERR_OK;
}

enum err spool_move(
	struct spool *spool, enum spool_place from, enum spool_place to, const char *name, struct error *error)
{
	if (renameat(spool->places[from], name, spool->places[to], name) != 0)
		return trouble(spool, "a file in it cannot be moved", error);
	/* First where it is now: a file in two places after a loss of power is better than one in none. */
	if (fsync(spool->places[to]) == 0 && fsync(spool->places[from]) == 0)
		return ERR_OK;
	trouble(spool, "a folder in it cannot be synced", error);
	renameat(spool->places[to], name, spool->places[from], name);
	return ERR_SYSTEM;
}

void spool_remove(struct spool *spool, enum spool_place place, const char *name)
{
	unlinkat(spool->places[place], name, 0);
}

enum err spool_each(struct spool *spool, enum spool_place place,
	enum err (*each)(void *context, const char *name, struct error *error), void *context, struct error *error)
{
	/* Opened anew, because a copy of the descriptor would share its position with other threads. */
	int fd = openat(spool->places[place], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	enum err err = ERR_OK;
	struct dirent *entry;

	if (!folder) {
		err = trouble(spool, "a folder in it cannot be read", error);
		close_fd(fd);
		return err;
	}
	while (err == ERR_OK && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			err = each(context, entry->d_name, error);
	closedir(folder);
	return err;
}

struct count {
	int folder;
	uint64_t bytes;
	unsigned uploads;
};

static enum err count_file(void *context, const char *name, struct error *error)
{
	struct count *count = context;
	struct stat stat;

	(void)error;
	if (fstatat(count->folder, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(stat.st_mode))
		count->bytes += (uint64_t)stat.st_size;
	count->uploads += spool_is_name(name);
	return ERR_OK;
}

/* Under the mutex. A folder that cannot be read counts as empty: the disk itself is the limit then. */
static void count_used(struct spool *spool, uint64_t now_ms)
{
	spool->used = 0;
	for (enum spool_place place = 0; place < SPOOL_PLACE_COUNT; place++) {
		struct count count = {spool->places[place], 0, 0};

		spool_each(spool, place, count_file, &count, NULL);
		spool->used += count.bytes;
		if (place == SPOOL_TUS)
			spool->unfinished = count.uploads;
	}
	spool->counted_ms = now_ms;
	spool->count_took_ms = clock_ms() - now_ms;
}

/* Under the mutex. What is full is counted at once, as workers take files out; what is not, now and then. */
static void count_again(struct spool *spool, bool full)
{
	uint64_t now_ms = clock_ms();
	uint64_t since_ms = now_ms - spool->counted_ms;
	bool cheap = spool->count_took_ms < COUNT_CHEAP_MS || since_ms >= spool->count_took_ms * COUNT_SHARE;

	if (cheap && (full || since_ms >= COUNT_AGAIN_MS))
		count_used(spool, now_ms);
}

static bool is_disk_full(const struct spool *spool, uint64_t bytes)
{
	struct statvfs disk;
	uint64_t free_bytes;

	if (fstatvfs(spool->folder, &disk) != 0)
		return false;
	if (__builtin_mul_overflow((uint64_t)disk.f_bavail, (uint64_t)disk.f_frsize, &free_bytes))
		return false;
	return free_bytes < SPOOL_DISK_FLOOR || free_bytes - SPOOL_DISK_FLOOR < bytes;
}

static bool fits_now(const struct spool *spool, uint64_t bytes)
{
	return spool->used <= spool->max_bytes && bytes <= spool->max_bytes - spool->used;
}

enum spool_room spool_room(struct spool *spool, uint64_t bytes)
{
	bool fits;

	if (is_disk_full(spool, bytes))
		return SPOOL_DISK_FULL;
	pthread_mutex_lock(&spool->mutex);
	count_again(spool, !fits_now(spool, bytes));
	fits = fits_now(spool, bytes);
	pthread_mutex_unlock(&spool->mutex);
	return fits ? SPOOL_ROOM : SPOOL_WAIT;
}

bool spool_begin_parts(struct spool *spool)
{
	bool may;

	pthread_mutex_lock(&spool->mutex);
	count_again(spool, spool->unfinished >= SPOOL_PARTS_MAX);
	may = spool->unfinished < SPOOL_PARTS_MAX;
	spool->unfinished += may;
	pthread_mutex_unlock(&spool->mutex);
	return may;
}

void spool_took(struct spool *spool, uint64_t bytes)
{
	pthread_mutex_lock(&spool->mutex);
	spool->used += bytes;
	pthread_mutex_unlock(&spool->mutex);
}

unsigned spool_visit(struct spool *spool, const char *remote, unsigned a_minute)
{
	unsigned wait_s;

	if (a_minute == 0)
		return 0;
	pthread_mutex_lock(&spool->mutex);
	wait_s = visits_take(&spool->visits, remote, a_minute, clock_ms());
	pthread_mutex_unlock(&spool->mutex);
	return wait_s;
}

bool spool_tidy_is_due(struct spool *spool)
{
	uint64_t now_ms = clock_ms();
	bool due;

	pthread_mutex_lock(&spool->mutex);
	due = now_ms - spool->tidied_ms >= TIDY_AGAIN_MS;
	if (due)
		spool->tidied_ms = now_ms;
	pthread_mutex_unlock(&spool->mutex);
	return due;
}
