/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "web/message/query.h"
#include "web/site.h"
#include "web/upload/gate.h"
#include "web/upload/receipt.h"
#include "web/upload/upload.h"
#include "web/upload/upload_name.h"

/* So that the sync at the end does not have to write it all. */
enum { WRITE_BACK_EVERY = 8 * 1024 * 1024 };

void sha256_text(struct sha256_ctx *sha256, char hex[UPLOAD_SHA256 + 1])
{
	unsigned char digest[SHA256_DIGEST_SIZE];

	sha256_digest(sha256, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static const char *name_of(const struct request *request, const char *form_name)
{
	const char *name = request_query(request, "name");

	if (!name && request->captures[0] && request->captures[0][0])
		name = request->captures[0];
	return name ? name : form_name;
}

static enum err begin(struct call *call, const char *name, uint64_t size, void **receipt, struct error *error)
{
	static const char *const parameters[] = {"name", "host", NULL};
	bool announced = size != UINT64_MAX;
	struct upload_receipt *made;
	enum err err;

	err = query_check(call, parameters, error);
	if (err == ERR_OK)
		err = gate_visit(call, error);
	if (err == ERR_OK)
		err = gate_bytes(call, announced ? size : 0, announced ? size : 0, error);
	if (err != ERR_OK)
		return err;
	made = memory_zeroed(sizeof(*made));
	made->place = SPOOL_INCOMING;
	upload_name(made->name, name_of(call->request, name));
	sha256_init(&made->sha256);
	err = spool_create(call->site->spool, made->place, made->file, &made->fd, error);
	if (err == ERR_OK)
		*receipt = made;
	else
		free(made);
	return err;
}

static enum err take(struct call *call, void *receipt, const void *bytes, size_t count, struct error *error)
{
	struct upload_receipt *upload = receipt;
	enum err err = gate_bytes(call, upload->size + count, count, error);

	if (err == ERR_OK)
		err = gate_write(call, upload->fd, bytes, count, error);
	if (err != ERR_OK)
		return err;
	sha256_update(&upload->sha256, count, bytes);
	if ((upload->size + count) / WRITE_BACK_EVERY != upload->size / WRITE_BACK_EVERY)
		sync_file_range(upload->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	upload->size += count;
	return ERR_OK;
}

static enum err end(struct call *call, void *receipt, struct error *error)
{
	struct upload_receipt *upload = receipt;
	enum err err;

	if (upload->size == 0)
		return call_refuse(call, 400, error, "the upload is empty: send a trace as its body");
	if (fdatasync(upload->fd) != 0)
		return error_set(error, ERR_SYSTEM, "the upload cannot be synced: %s", strerror(errno));
	err = spool_move(call->site->spool, SPOOL_INCOMING, SPOOL_QUEUE, upload->file, error);
	if (err != ERR_OK)
		return err;
	upload->place = SPOOL_QUEUE;
	sha256_text(&upload->sha256, upload->hex);
	return ERR_OK;
}

static void drop(struct site *site, void *receipt)
{
	struct upload_receipt *upload = receipt;

	if (!upload)
		return;
	close(upload->fd);
	if (!upload->settled)
		spool_remove(site->spool, upload->place, upload->file);
	free(upload);
}

const struct receiver upload_receiver = {.begin = begin, .take = take, .end = end, .drop = drop};
