/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_worker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cmd/serve_files.h"
#include "cmd/serve_limits.h"
#include "cmd/take_in.h"
#include "schema/store/store.h"
#include "schema/store/upload.h"

enum { NICENESS = 10, IDLE_MS = 2000, TROUBLE_MS = 3000, STORE_MS = 10000, WALL_SECONDS = 3600 };

struct work {
	const struct serve_worker *worker;
	struct serve_files files;
	struct board_worker *slot;
	struct take_in take;
	struct sandbox_options limits;
	enum serve_room room;
	struct upload_job job;
	struct error said; /* the last trouble that was told: the same is not told twice */
};

enum fate {
	FATE_ENDED,  /* done, or failed as it would again */
	FATE_AGAIN,  /* what went wrong may pass */
	FATE_NO_TRY, /* the same, and it would have met any other upload as well */
};

struct result {
	enum err outcome;
	enum fate fate;
	struct error trouble;
	bool ended;
};

/* How long to wait before the next look at the queue. */
enum next { NEXT_AT_ONCE, NEXT_WHEN_WOKEN, NEXT_AFTER_TROUBLE };

static uint64_t now(void)
{
	return (uint64_t)time(NULL);
}

static void say(struct work *work, const struct error *trouble)
{
	if (strcmp(work->said.text, trouble->text) != 0)
		work->worker->say(trouble->text);
	work->said = *trouble;
}

static enum err open_store(const struct work *work, struct store **store, struct error *error)
{
	const struct store_options options = {STORE_WRITE, STORE_MS};

	return store_open(store, work->worker->db_name, &options, error);
}

/* The supervisor must be able to tell an upload that nobody has from one that is just being claimed. */
static enum err claim(struct work *work, struct error *error)
{
	struct store *store = NULL;
	enum err err;

	work->job = (struct upload_job){.upload = 0};
	__atomic_store_n(&work->slot->upload, BOARD_CLAIMING, __ATOMIC_SEQ_CST);
	err = open_store(work, &store, error);
	if (err == ERR_OK)
		err = upload_claim(store, now(), &work->job, error);
	store_close(store);
	work->slot->events = 0;
	work->slot->done_bytes = 0;
	work->slot->total_bytes = 0;
	__atomic_store_n(&work->slot->upload, err == ERR_OK ? work->job.upload : 0, __ATOMIC_SEQ_CST);
	return err;
}

static void show_progress(void *context)
{
	struct work *work = context;
	const struct pipeline_progress *at = &work->take.shared->progress;

	work->slot->events = at->events;
	work->slot->done_bytes = at->done_bytes;
	work->slot->total_bytes = at->total_bytes;
}

/* How many uploads are in hand, that of this worker included. */
static unsigned busy_workers(const struct work *work)
{
	unsigned busy = 0;

	for (unsigned i = 0; i < BOARD_WORKERS_MAX; i++)
		busy += __atomic_load_n(&work->worker->board->workers[i].upload, __ATOMIC_SEQ_CST) != 0;
	return busy;
}

static void limit(struct work *work)
{
	struct serve_disk disk = serve_limits_disk(work->worker->spool, busy_workers(work));

	work->room = serve_limits_set(&work->limits, work->job.size, &disk);
	work->limits.wall_seconds = WALL_SECONDS;
	work->limits.closed = work->worker->closed;
	work->limits.closed_count = work->worker->closed_count;
	work->limits.tick = show_progress;
	work->limits.tick_context = work;
}

static enum err take(struct work *work, struct error *error)
{
	struct upload_job *job = &work->job;
	char path[PATH_MAX];
	enum err err = serve_files_path(&work->files, job->file, path, sizeof(path), error);

	limit(work);
	work->take.name = job->name;
	work->take.limits = &work->limits;
	work->take.deposit = (struct deposit){work->worker->db_name, job->host[0] == '\0' ? NULL : job->host, STORE_MS};
	work->take.store_failed = false;
	work->take.died = false;
	if (err != ERR_OK)
		return err;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return error_set(error, ERR_INPUT, "the file is no longer in the spool, send it again");
	if (work->room == SERVE_NO_ROOM)
		return error_set(error, ERR_SYSTEM,
			"the disk of the spool '%s' has no room to unpack what waits, free some space there",
			work->worker->spool);
	return take_in_run(&work->take, path, error);
}

static enum fate fate_of(const struct work *work, enum err outcome)
{
	bool cramped = work->take.died && work->room == SERVE_CRAMPED;

	if (work->take.store_failed || (outcome == ERR_SYSTEM && work->room == SERVE_NO_ROOM))
		return FATE_NO_TRY;
	return outcome == ERR_SYSTEM || cramped ? FATE_AGAIN : FATE_ENDED;
}

/* What is given back for the last time has ended as well. */
static enum err write_down(struct work *work, struct result *result, struct error *error)
{
	const struct upload_return back = {
		work->job.upload, result->fate == FATE_NO_TRY ? NULL : result->trouble.text, now()};
	const char *reason = result->outcome == ERR_OK ? NULL : result->trouble.text;
	struct store *store = NULL;
	enum err err = open_store(work, &store, error);

	result->ended = result->fate == FATE_ENDED;
	if (err == ERR_OK && result->ended)
		err = upload_end(
			store, back.upload, reason == NULL ? work->take.slip.loaded.trace : 0, reason, back.now, error);
	else if (err == ERR_OK)
		err = upload_give_back(store, &back, &result->ended, error);
	store_close(store);
	return err;
}

static void count(struct work *work, enum err outcome)
{
	struct board *board = work->worker->board;

	if (outcome == ERR_OK && !work->take.slip.loaded.known)
		board->events_read += work->take.shared->totals.events;
	if (outcome == ERR_OK)
		board->uploads_done++;
	else
		board->uploads_failed++;
	if (work->take.died)
		board->decoders_died++;
}

/* Whether to stop; waits so long for that, and for the queue when nothing else is to be done. */
static bool stopped(const struct work *work, enum next next)
{
	static const int wait_ms[] = {
		[NEXT_AT_ONCE] = 0, [NEXT_WHEN_WOKEN] = IDLE_MS, [NEXT_AFTER_TROUBLE] = TROUBLE_MS};
	struct pollfd fds[] = {{.fd = work->worker->stop_fd, .events = POLLIN},
		{.fd = next == NEXT_WHEN_WOKEN ? work->worker->board->wake_fd : -1, .events = POLLIN}};
	uint64_t uploads;

	if (poll(fds, 2, wait_ms[next]) <= 0)
		return false;
	/* It may be another one that gets it: then nothing is to be read here. */
	if (fds[1].revents != 0 && read(fds[1].fd, &uploads, sizeof(uploads)) < 0)
		return fds[0].revents != 0;
	return fds[0].revents != 0;
}

/* What became of the upload must get into the store, however long that takes. */
static bool written_down(struct work *work, struct result *result)
{
	struct error refusal = {0};

	while (write_down(work, result, &refusal) != ERR_OK) {
		say(work, &refusal);
		if (stopped(work, NEXT_AFTER_TROUBLE))
			return false;
	}
	return true;
}

static enum next work_on(struct work *work)
{
	struct result result = {.ended = false};
	struct error refusal = {0};

	result.outcome = take(work, &result.trouble);
	result.fate = fate_of(work, result.outcome);
	if (result.fate != FATE_ENDED)
		say(work, &result.trouble);
	if (written_down(work, &result) && result.ended) {
		count(work, result.outcome);
		if (serve_files_put_away(&work->files, work->job.upload, work->job.file, &refusal) != ERR_OK)
			say(work, &refusal);
	}
	__atomic_store_n(&work->slot->upload, 0, __ATOMIC_SEQ_CST);
	return result.fate == FATE_NO_TRY ? NEXT_AFTER_TROUBLE : NEXT_AT_ONCE;
}

static enum next look(struct work *work)
{
	struct error trouble = {0};

	if (claim(work, &trouble) != ERR_OK) {
		say(work, &trouble);
		return NEXT_AFTER_TROUBLE;
	}
	work->said.text[0] = '\0';
	return work->job.upload == 0 ? NEXT_WHEN_WOKEN : work_on(work);
}

enum err serve_worker_run(const struct serve_worker *worker, struct error *error)
{
	struct work work = {.worker = worker,
		.files = {worker->spool, worker->keep_uploads},
		.slot = &worker->board->workers[worker->place],
		.take.wish = {.rows = true, .confined = true}};
	enum next next = NEXT_AT_ONCE;
	enum err err = take_in_open(&work.take, error);

	if (err != ERR_OK)
		return err;
	/* What is unpacked lies where uploads lie, and not in memory; a decoder sees nothing of the board. */
	if (setenv("TMPDIR", worker->spool, 1) != 0 || setpriority(PRIO_PROCESS, 0, NICENESS) != 0 ||
		madvise(worker->board, sizeof(*worker->board), MADV_DONTFORK) != 0)
		err = error_set(error, ERR_SYSTEM, "cannot start a worker: %s", strerror(errno));
	while (err == ERR_OK && !stopped(&work, next))
		next = look(&work);
	take_in_close(&work.take);
	return err;
}
