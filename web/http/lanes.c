/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/lanes.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

enum { LANE_THREADS_MAX = 4, WRITE_WAIT_MS = 10000 };

static const struct {
	unsigned threads;
	unsigned waiting_max;
} shapes[LANE_COUNT] = {
	[LANE_READ] = {4, 256},
	[LANE_WRITE] = {1, 128},
	[LANE_DISK] = {2, 256},
};

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t some;
	struct lane_job *first;
	struct lane_job **last;
	unsigned waiting;
	bool stopping;
};

struct lane_thread {
	pthread_t thread;
	bool started;
	enum lane lane;
	struct queue *queue;
	const char *db_name;
	struct store *store;
	uint64_t since_ms; /* of the job */
};

struct lanes {
	struct queue queues[LANE_COUNT];
	struct lane_thread threads[LANE_COUNT][LANE_THREADS_MAX];
};

/* The oldest job; NULL when there is none and none will come. */
static struct lane_job *next_job(struct queue *queue)
{
	struct lane_job *job;

	pthread_mutex_lock(&queue->mutex);
	while (!queue->first && !queue->stopping)
		pthread_cond_wait(&queue->some, &queue->mutex);
	job = queue->first;
	if (job) {
		queue->first = job->next;
		if (!queue->first)
			queue->last = &queue->first;
		queue->waiting--;
	}
	pthread_mutex_unlock(&queue->mutex);
	return job;
}

static void *work(void *context)
{
	struct lane_thread *thread = context;
	struct lane_job *job;

	while ((job = next_job(thread->queue))) {
		thread->since_ms = job->since_ms;
		job->run(job, thread);
	}
	store_close(thread->store);
	thread->store = NULL;
	return NULL;
}

/* Signals are for the thread that waits for the end of the server. */
static int start_thread(struct lane_thread *thread)
{
	sigset_t all;
	sigset_t before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&thread->thread, NULL, work, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	thread->started = failed == 0;
	return failed;
}

enum err lanes_start(struct lanes **result, const char *db_name, struct error *error)
{
	struct lanes *lanes = memory_zeroed(sizeof(*lanes));
	int failed = 0;

	for (unsigned lane = 0; lane < LANE_COUNT; lane++) {
		struct queue *queue = &lanes->queues[lane];

		pthread_mutex_init(&queue->mutex, NULL);
		pthread_cond_init(&queue->some, NULL);
		queue->last = &queue->first;
		for (unsigned i = 0; i < shapes[lane].threads && !failed; i++) {
			struct lane_thread *thread = &lanes->threads[lane][i];

			thread->lane = (enum lane)lane;
			thread->queue = queue;
			thread->db_name = db_name;
			failed = start_thread(thread);
		}
	}
	if (failed) {
		lanes_stop(lanes);
		return error_set(error, ERR_SYSTEM, "cannot start a thread: %s", strerror(failed));
	}
	*result = lanes;
	return ERR_OK;
}

void lanes_stop(struct lanes *lanes)
{
	if (!lanes)
		return;
	for (unsigned lane = 0; lane < LANE_COUNT; lane++) {
		struct queue *queue = &lanes->queues[lane];

		pthread_mutex_lock(&queue->mutex);
		queue->stopping = true;
		pthread_cond_broadcast(&queue->some);
		pthread_mutex_unlock(&queue->mutex);
		for (unsigned i = 0; i < LANE_THREADS_MAX; i++)
			if (lanes->threads[lane][i].started)
				pthread_join(lanes->threads[lane][i].thread, NULL);
	}
	for (unsigned lane = 0; lane < LANE_COUNT; lane++) {
		pthread_cond_destroy(&lanes->queues[lane].some);
		pthread_mutex_destroy(&lanes->queues[lane].mutex);
	}
	free(lanes);
}

static bool add(struct queue *queue, struct lane_job *job, unsigned waiting_max)
{
	bool room;

	job->next = NULL;
	job->since_ms = clock_ms();
	pthread_mutex_lock(&queue->mutex);
	room = queue->waiting < waiting_max;
	if (room) {
		*queue->last = job;
		queue->last = &job->next;
		queue->waiting++;
		pthread_cond_signal(&queue->some);
	}
	pthread_mutex_unlock(&queue->mutex);
	return room;
}

bool lanes_offer(struct lanes *lanes, enum lane lane, struct lane_job *job)
{
	return add(&lanes->queues[lane], job, shapes[lane].waiting_max);
}

void lanes_add(struct lanes *lanes, enum lane lane, struct lane_job *job)
{
	add(&lanes->queues[lane], job, ~0U);
}

static uint32_t wait_left_ms(const struct lane_thread *thread)
{
	uint64_t waited_ms = clock_ms() - thread->since_ms;

	return waited_ms < WRITE_WAIT_MS ? (uint32_t)(WRITE_WAIT_MS - waited_ms) : 0;
}

enum err lane_store_begin(struct lane_thread *thread, struct store **store, struct error *error)
{
	const struct store_options options = {
		.mode = thread->lane == LANE_WRITE ? STORE_WRITE : STORE_READ, .wait_ms = WRITE_WAIT_MS};
	enum err err = ERR_OK;

	*store = NULL;
	if (thread->lane != LANE_READ && thread->lane != LANE_WRITE)
		return ERR_OK;
	if (thread->store && store_has_moved(thread->store)) {
		store_close(thread->store);
		thread->store = NULL;
	}
	if (!thread->store)
		err = store_open(&thread->store, thread->db_name, &options, error);
	/* Whatever it is, the sender is not to blame, and may try again when somebody has seen to it. */
	if (err != ERR_OK) {
		err = ERR_SYSTEM;
		error->code = err;
	}
	if (err == ERR_OK && thread->lane == LANE_WRITE)
		store_wait(thread->store, wait_left_ms(thread));
	if (err == ERR_OK && thread->lane == LANE_READ)
		err = store_snapshot(thread->store, error);
	if (err == ERR_OK)
		*store = thread->store;
	else
		lane_store_end(thread, err);
	return err;
}

void lane_store_end(struct lane_thread *thread, enum err outcome)
{
	if (!thread->store)
		return;
	if (thread->lane == LANE_READ)
		store_snapshot_end(thread->store);
	if (outcome == ERR_OK || outcome == ERR_USAGE || outcome == ERR_LIMIT)
		return;
	store_close(thread->store);
	thread->store = NULL;
}
