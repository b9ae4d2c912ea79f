/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/store/upload.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/store/handle.h"

/* Names reach pages and terminals, and have an end. */
static void bind_harmless(sqlite3_stmt *prepared, int place, const char *text, size_t size)
{
	char *harmless;
	size_t length = 0;
	size_t step;

	if (text == NULL)
		return;
	harmless = utf8_harmless(text);
	while ((step = utf8_length(harmless + length)) != 0 && length + step < size)
		length += step;
	harmless[length] = '\0';
	sqlite3_bind_text(prepared, place, harmless, -1, free);
}

static enum err prepare(struct store *store, enum statement statement, sqlite3_stmt **prepared, struct error *error)
{
	return handle_prepare(store, statement_info(statement)->sql, prepared, error);
}

/* Ends the transaction that BEGIN_WRITE began: well, or as if it had not been. */
static enum err end(struct store *store, enum err err, struct error *error)
{
	if (err == ERR_OK)
		err = handle_run(store, STATEMENT_COMMIT, error);
	handle_roll_back(store);
	return err;
}

static enum err add(struct store *store, const struct upload_slip *slip, uint64_t *upload, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	bool more = false;
	enum err err = prepare(store, STATEMENT_UPLOAD_ADD, &prepared, error);

	if (err == ERR_OK) {
		bind_harmless(prepared, 1, slip->name, UPLOAD_NAME);
		bind_harmless(prepared, 2, slip->host, UPLOAD_HOST);
		sqlite3_bind_text(prepared, 3, slip->sha256, -1, SQLITE_STATIC);
		sqlite3_bind_text(prepared, 4, slip->file, -1, SQLITE_STATIC);
		sqlite3_bind_int64(prepared, 5, (int64_t)slip->size);
		sqlite3_bind_int64(prepared, 6, (int64_t)slip->now);
		err = handle_step(store, prepared, &more, error);
	}
	if (err == ERR_OK && more)
		*upload = (uint64_t)sqlite3_column_int64(prepared, 0);
	sqlite3_finalize(prepared);
	return err;
}

enum err upload_hand_in(
	struct store *store, const struct upload_slip *slip, struct upload_ticket *ticket, struct error *error)
{
	enum err err = handle_run(store, STATEMENT_BEGIN_WRITE, error);

	*ticket = (struct upload_ticket){0};
	if (err == ERR_OK)
		err = store_find_trace(store, slip->sha256, &ticket->trace, error);
	if (err == ERR_OK && ticket->trace == 0)
		err = handle_number_of(store, STATEMENT_UPLOAD_WAITING, slip->sha256, &ticket->upload, error);
	ticket->joined = ticket->upload != 0;
	if (err == ERR_OK && ticket->trace == 0 && !ticket->joined)
		err = add(store, slip, &ticket->upload, error);
	return end(store, err, error);
}

static void copy_text(char *to, size_t size, sqlite3_stmt *prepared, int column)
{
	const char *text = (const char *)sqlite3_column_text(prepared, column);

	snprintf(to, size, "%s", text == NULL ? "" : text);
}

static enum err claim(struct store *store, uint64_t upload, uint64_t now, struct upload_job *job, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	bool more = false;
	enum err err = prepare(store, STATEMENT_UPLOAD_CLAIM, &prepared, error);

	if (err == ERR_OK) {
		sqlite3_bind_int64(prepared, 1, (int64_t)upload);
		sqlite3_bind_int64(prepared, 2, (int64_t)now);
		err = handle_step(store, prepared, &more, error);
	}
	if (err == ERR_OK && more) {
		job->upload = (uint64_t)sqlite3_column_int64(prepared, 0);
		job->size = (uint64_t)sqlite3_column_int64(prepared, 1);
		job->tries = (unsigned)sqlite3_column_int(prepared, 2);
		copy_text(job->name, sizeof(job->name), prepared, 3);
		copy_text(job->host, sizeof(job->host), prepared, 4);
		copy_text(job->file, sizeof(job->file), prepared, 5);
	}
	sqlite3_finalize(prepared);
	return err;
}

enum err upload_claim(struct store *store, uint64_t now, struct upload_job *job, struct error *error)
{
	uint64_t next = 0;
	enum err err;

	*job = (struct upload_job){0};
	/* Looks before it locks: idle workers keep nobody from writing. */
	err = handle_number(store, STATEMENT_UPLOAD_NEXT, now, &next, error);
	if (err != ERR_OK || next == 0)
		return err;
	err = handle_run(store, STATEMENT_BEGIN_WRITE, error);
	if (err == ERR_OK)
		err = handle_number(store, STATEMENT_UPLOAD_NEXT, now, &next, error);
	if (err == ERR_OK && next != 0)
		err = claim(store, next, now, job, error);
	return end(store, err, error);
}

enum err upload_end(
	struct store *store, uint64_t upload, uint64_t trace, const char *reason, uint64_t now, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	bool more;
	enum err err = prepare(store, STATEMENT_UPLOAD_END, &prepared, error);

	if (err == ERR_OK) {
		sqlite3_bind_int64(prepared, 1, (int64_t)upload);
		sqlite3_bind_int64(prepared, 2, (int64_t)trace);
		bind_harmless(prepared, 3, reason, sizeof(error->text));
		sqlite3_bind_int64(prepared, 4, (int64_t)now);
		err = handle_step(store, prepared, &more, error);
	}
	sqlite3_finalize(prepared);
	return err;
}

enum err upload_give_back(struct store *store, const struct upload_return *back, bool *failed, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	bool more = true;
	enum err err = prepare(store, STATEMENT_UPLOAD_GIVE_BACK, &prepared, error);

	if (err == ERR_OK) {
		sqlite3_bind_int64(prepared, 1, (int64_t)back->upload);
		sqlite3_bind_int64(prepared, 2, back->upload == 0 ? INT64_MAX : (int64_t)back->upload);
		sqlite3_bind_int(prepared, 3, UPLOAD_TRIES);
		bind_harmless(prepared, 4, back->reason, sizeof(error->text));
		sqlite3_bind_int64(prepared, 5, (int64_t)back->now);
	}
	*failed = false;
	while (err == ERR_OK && more) {
		err = handle_step(store, prepared, &more, error);
		*failed = *failed || (err == ERR_OK && more && sqlite3_column_int(prepared, 0) != 0);
	}
	sqlite3_finalize(prepared);
	return err;
}

enum err upload_needs_file(struct store *store, const char *file, bool *needed, struct error *error)
{
	uint64_t found = 0;
	enum err err = handle_number_of(store, STATEMENT_UPLOAD_FILE, file, &found, error);

	*needed = found != 0;
	return err;
}

enum err upload_of_file(struct store *store, const char *file, uint64_t *upload, struct error *error)
{
	return handle_number_of(store, STATEMENT_UPLOAD_OF_FILE, file, upload, error);
}

enum err upload_load(struct store *store, struct upload_load *load, struct error *error)
{
	sqlite3_stmt *prepared = NULL;
	bool more = false;
	enum err err = prepare(store, STATEMENT_UPLOAD_LOAD, &prepared, error);

	*load = (struct upload_load){0};
	if (err == ERR_OK)
		err = handle_step(store, prepared, &more, error);
	if (err == ERR_OK && more) {
		load->queued = (uint64_t)sqlite3_column_int64(prepared, 0);
		load->running = (uint64_t)sqlite3_column_int64(prepared, 1);
		load->bytes = (uint64_t)sqlite3_column_int64(prepared, 2);
	}
	sqlite3_finalize(prepared);
	return err;
}
