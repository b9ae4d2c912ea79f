/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cmd/take_in.h"
#include "schema/store/store.h"
#include "schema/store/upload.h"

enum { NICENESS = 10, IDLE_MS = 2000, TROUBLE_MS = 3000, STORE_MS = 10000, WALL_SECONDS = 3600 };

/* What is packed well unpacks to 20 times its size, and a bomb to a thousand times. */
enum { UNPACKED_TIMES = 63 };

static const uint64_t decoder_memory_bytes = UINT64_C(192) << 20;
static const uint64_t decoder_output_bytes = UINT64_C(256) << 20;
static const uint64_t decoder_output_max_bytes = UINT64_C(16) << 30;

struct work {
	const struct serve_worker *worker;
	struct board_worker *slot;
	struct take_in take;
	struct sandbox_options limits;
	struct upload_job job;
	char file[PATH_MAX]; /* of the job */
	struct error said;   /* the last trouble that was told: the same is not told twice */
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

static void limit(struct work *work)
{
	work->limits = sandbox_defaults(work->job.size);
	work->limits.memory_bytes = decoder_memory_bytes;
	work->limits.output_bytes = decoder_output_max_bytes;
	if (work->job.size < (decoder_output_max_bytes - decoder_output_bytes) / UNPACKED_TIMES)
		work->limits.output_bytes = decoder_output_bytes + UNPACKED_TIMES * work->job.size;
	work->limits.wall_seconds = WALL_SECONDS;
	work->limits.closed = work->worker->closed;
	work->limits.closed_count = work->worker->closed_count;
	work->limits.tick = show_progress;
	work->limits.tick_context = work;
}

static enum err take(struct work *work, struct error *error)
{
	struct upload_job *job = &work->job;

	limit(work);
	work->take.name = job->name;
	work->take.limits = &work->limits;
	work->take.deposit = (struct deposit){work->worker->db_name, job->host[0] == '\0' ? NULL : job->host, STORE_MS};
	work->take.store_failed = false;
	work->take.died = false;
	if (snprintf(work->file, sizeof(work->file), "%s/" SERVE_WORKER_QUEUE "/%s", work->worker->spool, job->file) >=
		(int)sizeof(work->file))
		return error_set(error, ERR_INPUT, "the spool's name is too long, name another folder by --spool");
	if (access(work->file, F_OK) != 0 && errno == ENOENT)
		return error_set(error, ERR_INPUT, "the file is no longer in the spool, send it again");
	return take_in_run(&work->take, work->file, error);
}

/* Whether the trace is to blame, and would be again. */
static bool is_final(const struct work *work, enum err outcome)
{
	return outcome == ERR_OK || (!work->take.store_failed && outcome != ERR_SYSTEM);
}

static enum err write_down(struct work *work, enum err outcome, const struct error *trouble, struct error *error)
{
	uint64_t upload = work->job.upload;
	struct store *store = NULL;
	enum err err = open_store(work, &store, error);

	if (err == ERR_OK && outcome == ERR_OK)
		err = upload_end(store, upload, work->take.slip.loaded.trace, NULL, now(), error);
	else if (err == ERR_OK && is_final(work, outcome))
		err = upload_end(store, upload, 0, trouble->text, now(), error);
	else if (err == ERR_OK)
		err = upload_give_back(store, upload, work->take.store_failed ? NULL : trouble->text, now(), error);
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

static void put_away(const struct work *work)
{
	char kept[PATH_MAX];

	if (work->worker->keep_uploads &&
		snprintf(kept, sizeof(kept), "%s/" SERVE_WORKER_KEPT "/%" PRIu64, work->worker->spool,
			work->job.upload) < (int)sizeof(kept) &&
		rename(work->file, kept) == 0)
		return;
	unlink(work->file);
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
static bool written_down(struct work *work, enum err outcome, const struct error *trouble)
{
	struct error refusal = {0};

	while (write_down(work, outcome, trouble, &refusal) != ERR_OK) {
		say(work, &refusal);
		if (stopped(work, NEXT_AFTER_TROUBLE))
			return false;
	}
	return true;
}

static enum next work_on(struct work *work)
{
	struct error trouble = {0};
	enum err outcome = take(work, &trouble);
	bool final = is_final(work, outcome);

	if (!final)
		say(work, &trouble);
	if (written_down(work, outcome, &trouble) && final) {
		count(work, outcome);
		put_away(work);
	}
	__atomic_store_n(&work->slot->upload, 0, __ATOMIC_SEQ_CST);
	return final ? NEXT_AT_ONCE : NEXT_AFTER_TROUBLE;
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
