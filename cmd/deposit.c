/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/deposit.h"

#include <stdlib.h>
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

enum err deposit_hash(const struct intake *intake, struct deposit_slip *slip, struct error *error)
{
	*slip = (struct deposit_slip){.loaded = {0}};
	if (input_sha256(intake->input.fd, slip->sha256, error) == ERR_OK)
		return ERR_OK;
	error_wrap(error, "cannot read '%s'", intake->input.name);
	return ERR_INPUT;
}

static enum err count_finding(void *context, const struct row *row, struct error *error)
{
	struct deposit_slip *slip = context;
	const char *word = row_text(row, row_column(ROW_FINDING, "severity"));

	(void)error;
	for (int severity = 0; severity < SEVERITY_COUNT; severity++)
		if (word != NULL && strcmp(word, finding_severity_name((enum finding_severity)severity)) == 0)
			slip->severities[severity]++;
	return ERR_OK;
}

static enum err count_findings(struct store *store, struct deposit_slip *slip, struct error *error)
{
	const struct row_sink sink = {count_finding, slip};
	uint64_t *ids = NULL;
	size_t count = 0;
	enum err err = store_replay_ids(store, slip->loaded.trace, &ids, &count, error);

	if (err == ERR_OK && count > 0)
		err = store_each(store, ROW_FINDING, ids[count - 1], &sink, error);
	free(ids);
	return err;
}

enum err deposit_look_up(const struct deposit *deposit, struct deposit_slip *slip, struct error *error)
{
	struct store *store = NULL;
	enum err err = open_store(deposit, STORE_WRITE, &store, error);

	if (err == ERR_OK)
		err = store_find_trace(store, slip->sha256, &slip->loaded.trace, error);
	slip->loaded.known = slip->loaded.trace != 0;
	if (err == ERR_OK && slip->loaded.known)
		err = count_findings(store, slip, error);
	store_close(store);
	return err;
}

/* What came through a pipe was written just now: its time says nothing. */
static void describe_file(struct store_facts *facts, const struct stat *file)
{
	facts->file_bytes = (uint64_t)file->st_size;
	if (file->st_nlink > 0 && file->st_mtime > 0)
		facts->recorded_at = (uint64_t)file->st_mtime;
}

enum err deposit_load(
	const struct deposit *deposit, const struct intake *intake, struct deposit_slip *slip, struct error *error)
{
	struct store_facts facts = {
		.sha256 = slip->sha256, .name = intake->input.name, .host = deposit->host, .now = (uint64_t)time(NULL)};
	struct store *store = NULL;
	enum err err = intake_unchanged(intake, error);

	describe_file(&facts, &intake->opened);
	if (err == ERR_OK)
		err = open_store(deposit, STORE_WRITE, &store, error);
	if (err == ERR_OK)
		err = store_load_trace(store, intake->input.rows_fd, &facts, &slip->loaded, error);
	store_close(store);
	return err;
}
