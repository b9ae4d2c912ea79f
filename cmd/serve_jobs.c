/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_jobs.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "schema/store/store.h"
#include "schema/store/upload.h"

enum { WAIT_MS = 1000 };

struct ids {
	uint64_t *all;
	size_t count;
	size_t capacity;
};

static enum err ignore_columns(void *context, const char *const *names, size_t count, struct error *error)
{
	(void)context;
	(void)names;
	(void)count;
	(void)error;
	return ERR_OK;
}

static enum err add_id(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct ids *ids = context;

	(void)error;
	if (count == 0)
		return ERR_OK;
	ids->all = memory_grown(ids->all, &ids->capacity, ids->count + 1, sizeof(*ids->all));
	ids->all[ids->count++] = (uint64_t)values[0].number;
	return ERR_OK;
}

static bool is_on_board(const struct board *board, uint64_t upload, bool *unsure)
{
	bool found = false;

	for (unsigned i = 0; i < BOARD_WORKERS_MAX; i++) {
		uint64_t held = __atomic_load_n(&board->workers[i].upload, __ATOMIC_SEQ_CST);

		*unsure = *unsure || held == BOARD_CLAIMING;
		found = found || held == upload;
	}
	return found;
}

/*
 * Whether a worker has it; `*unsure` when one may be about to. Places are looked at one after the other: what went from
 * a later one to an earlier one meanwhile is seen at the second look.
 */
static bool is_in_hand(const struct board *board, uint64_t upload, bool *unsure)
{
	bool found = false;

	for (int look = 0; look < 2 && !found; look++)
		found = is_on_board(board, upload, unsure);
	return found;
}

static const char died[] = "the process that read it died each time it was tried";

static enum err give_back(struct store *store, uint64_t upload, const char *reason, struct error *error)
{
	const struct upload_return back = {upload, reason, (uint64_t)time(NULL)};
	bool failed;

	return upload_give_back(store, &back, &failed, error);
}

/* First the store, then the board: what a living worker has taken before the look at the store is on the board by the
 * time of the look there, or already ended, and then nothing is given back. */
static enum err give_back_unheld(struct store *store, const struct board *board, bool *unsure, struct error *error)
{
	struct ids ids = {NULL, 0, 0};
	const struct store_query_sink sink = {ignore_columns, add_id, &ids};
	enum err err = store_query(store, "SELECT id FROM upload WHERE state = 'running' ORDER BY id", &sink, error);

	for (size_t i = 0; i < ids.count && err == ERR_OK; i++)
		if (!is_in_hand(board, ids.all[i], unsure) && !*unsure)
			err = give_back(store, ids.all[i], died, error);
	free(ids.all);
	return err;
}

/* What cannot be given back at a stop, because another process holds the store, is at the next start. */
enum { STOP_WAIT_MS = 1000 };

enum err serve_jobs_give_back_all(const char *db_name, bool stopped, struct error *error)
{
	const struct store_options options = {STORE_WRITE, stopped ? STOP_WAIT_MS : 0};
	struct store *store = NULL;
	enum err err = store_open(&store, db_name, &options, error);

	if (err == ERR_OK)
		err = give_back(store, 0, stopped ? NULL : died, error);
	store_close(store);
	return err;
}

enum serve_jobs_end serve_jobs_give_back(const char *db_name, const struct board *board, struct error *error)
{
	const struct store_options options = {STORE_WRITE, WAIT_MS};
	struct store *store = NULL;
	bool unsure = false;
	enum err err = store_open(&store, db_name, &options, error);

	if (err == ERR_OK)
		err = give_back_unheld(store, board, &unsure, error);
	store_close(store);
	return err != ERR_OK ? SERVE_JOBS_TROUBLE : unsure ? SERVE_JOBS_UNSURE : SERVE_JOBS_DONE;
}
