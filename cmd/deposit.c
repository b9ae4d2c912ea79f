/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/deposit.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

static enum err open_store(
	const struct deposit *deposit, enum store_mode mode, struct store **store, struct error *error)
{
	const struct store_options options = {mode, deposit->wait_ms};

	return store_open(store, deposit->db_name, &options, error);
}

enum err deposit_prepare(const struct deposit *deposit, struct error *error)
{
	struct store *store = NULL;
	enum err err = open_store(deposit, STORE_CREATE, &store, error);

	store_close(store);
	return err;
}

enum err deposit_look_up(
	const struct deposit *deposit, const struct intake *intake, struct deposit_slip *slip, struct error *error)
{
	struct store *store = NULL;
	enum err err;

	*slip = (struct deposit_slip){.loaded = {0}};
	err = input_sha256(intake->input.fd, slip->sha256, error);
	if (err != ERR_OK)
		return error_wrap(error, "cannot read '%s'", intake->input.name);
	err = open_store(deposit, STORE_WRITE, &store, error);
	if (err == ERR_OK)
		err = store_find_trace(store, slip->sha256, &slip->loaded.trace, error);
	slip->loaded.known = slip->loaded.trace != 0;
	store_close(store);
	return err;
}

/* What came through a pipe was written just now: its time says nothing. */
static void describe_file(struct store_facts *facts, const struct intake *intake)
{
	struct stat status;

	if (fstat(intake->input.fd, &status) != 0)
		return;
	facts->file_bytes = (uint64_t)status.st_size;
	if (status.st_nlink > 0 && status.st_mtime > 0)
		facts->recorded_at = (uint64_t)status.st_mtime;
}

enum err deposit_load(
	const struct deposit *deposit, const struct intake *intake, struct deposit_slip *slip, struct error *error)
{
	struct store_facts facts = {
		.sha256 = slip->sha256, .name = intake->input.name, .host = deposit->host, .now = (uint64_t)time(NULL)};
	struct store *store = NULL;
	enum err err = open_store(deposit, STORE_WRITE, &store, error);

	describe_file(&facts, intake);
	if (err == ERR_OK)
		err = store_load_trace(store, intake->input.rows_fd, &facts, &slip->loaded, error);
	store_close(store);
	return err;
}
