/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/take_in.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "cmd/pipeline.h"

struct work {
	struct take_in *take;
	struct intake intake;
};

enum err take_in_open(struct take_in *take, struct error *error)
{
	void *memory = mmap(NULL, sizeof(*take->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	take->shared = NULL;
	if (memory == MAP_FAILED)
		return error_set(error, ERR_SYSTEM, "cannot share memory with the decoder: %s", strerror(errno));
	take->shared = memory;
	return ERR_OK;
}

void take_in_close(struct take_in *take)
{
	if (take->shared != NULL)
		munmap(take->shared, sizeof(*take->shared));
	take->shared = NULL;
}

/* In the child. */
static enum err take_down(void *context, struct error *error)
{
	struct work *work = context;
	struct take_in_shared *shared = work->take->shared;
	const struct report_options everything = {.version = QGREPLAY_VERSION};
	struct pipeline *pipeline = NULL;
	enum err err = side_files_read(&work->intake.side, &work->intake.input.replay, error);

	if (err == ERR_OK)
		err = pipeline_run(&pipeline, &work->intake.input, error);
	if (err == ERR_OK)
		err = pipeline_draw(pipeline, NULL, true, error);
	if (err == ERR_OK)
		err = pipeline_keep(pipeline, &work->intake.input, error);
	if (err == ERR_OK)
		report_count(&shared->totals, &everything, pipeline_trace(pipeline));
	pipeline_free(pipeline);
	side_files_release(&work->intake.side);
	shared->finished = 1;
	return err;
}

static enum err read_and_load(struct work *work, struct error *error)
{
	struct take_in *take = work->take;
	enum err err = intake_run(&work->intake, take_down, work, &take->shared->finished, error);

	take->died = err != ERR_OK && take->shared->finished == 0;
	if (err != ERR_OK)
		return err;
	err = deposit_load(&take->deposit, &work->intake, &take->slip, error);
	take->store_failed = err == ERR_SYSTEM;
	return err;
}

enum err take_in_run(struct take_in *take, const char *file, struct error *error)
{
	struct work work = {.take = take};
	enum err err = intake_open(&work.intake, file, &take->wish, error);

	*take->shared = (struct take_in_shared){.finished = 0};
	take->slip = (struct deposit_slip){.loaded = {0}};
	take->store_failed = false;
	take->died = false;
	work.intake.progress = take->progress;
	work.intake.limits = take->limits;
	work.intake.input.name = take_in_name(take, file);
	work.intake.input.progress = &take->shared->progress;
	work.intake.input.replay = take->replay;
	if (err == ERR_OK)
		err = deposit_hash(&work.intake, &take->slip, error);
	if (err == ERR_OK) {
		err = deposit_look_up(&take->deposit, &take->slip, error);
		take->store_failed = err != ERR_OK;
	}
	if (err == ERR_OK && !take->slip.loaded.known)
		err = read_and_load(&work, error);
	intake_close(&work.intake);
	return err;
}

const char *take_in_name(const struct take_in *take, const char *file)
{
	if (take->name != NULL)
		return take->name;
	return strcmp(file, "-") == 0 ? "stdin" : file;
}

/* Of a trace that was there the store has them, of a new one the process that replayed it. */
uint64_t take_in_found(const struct take_in *take, enum finding_severity severity)
{
	return take->slip.severities[severity] + take->shared->totals.severities[severity];
}
