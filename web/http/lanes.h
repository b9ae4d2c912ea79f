/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lanes - threads on which handlers and receivers run, so that the threads that move bytes never wait for a disk.
 *
 * Each lane has a queue of its own. Threads of LANE_READ and LANE_WRITE hold one handle of the store each.
 */
#ifndef QGREPLAY_WEB_HTTP_LANES_H
#define QGREPLAY_WEB_HTTP_LANES_H

#include <stdbool.h>

#include "base/error.h"
#include "schema/store/store.h"
#include "web/message/route.h"

struct lanes;
struct lane_thread;

/* Work to be done; the owner's, and in one queue at a time. */
struct lane_job {
	void (*run)(struct lane_job *job, struct lane_thread *thread);
	struct lane_job *next;
	uint64_t since_ms; /* when it came into the queue */
};

/* Starts the threads of all lanes but LANE_NONE. `db_name` outlives them. Errors: ERR_SYSTEM. */
enum err lanes_start(struct lanes **result, const char *db_name, struct error *error);

/* Lets them do what waits, and ends them; accepts NULL. Nobody may add work any more. */
void lanes_stop(struct lanes *lanes);

/* From any thread: adds work that is new; false when so much waits that the sender should come back later. */
bool lanes_offer(struct lanes *lanes, enum lane lane, struct lane_job *job);

/* The same for a step of work that was let in already. */
void lanes_add(struct lanes *lanes, enum lane lane, struct lane_job *job);

/*
 * The store of this thread: for reading in one snapshot, for writing in LANE_WRITE, NULL in LANE_DISK. To be given back
 * by lane_store_end() with what the work with it came to: after trouble it is opened anew the next time, and so it is
 * when another file has its name. Waits for other writers as long as is left of WRITE_WAIT_MS since the job came into
 * the queue, so that jobs that stand in line wait at the same time. Errors: ERR_SYSTEM.
 */
enum err lane_store_begin(struct lane_thread *thread, struct store **store, struct error *error);
void lane_store_end(struct lane_thread *thread, enum err outcome);

#endif
