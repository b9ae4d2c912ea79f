/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "web/site.h"
#include "web/upload/gate.h"
#include "web/upload/receipt.h"
#include "web/upload/tus.h"
#include "web/upload/tus_metadata.h"
#include "web/upload/tus_sum.h"
#include "web/upload/upload.h"
#include "web/upload/upload_name.h"

enum { CHUNK = 256 * 1024 };

struct part {
	struct tus_file file;
	uint64_t start;		  /* offset of its first byte */
	struct sha256_ctx sha256; /* of the whole file, where this part is all of it */
	struct tus_sum sum;	  /* of this part */
	char hex[UPLOAD_SHA256 + 1];
	bool ended;
	bool whole;   /* nothing is missing any more */
	bool settled; /* the bytes are no longer the part's */
};

static enum err check_headers(struct call *call, struct part *part, struct error *error)
{
	enum err err = tus_check_version(call, error);

	if (err != ERR_OK)
		return err;
	if (!request_is_type(call->request, "application/offset+octet-stream"))
		return call_refuse(
			call, 415, error, "a part must have the Content-Type application/offset+octet-stream");
	if (!request_number(&part->start, request_header(call->request, "Upload-Offset"), false))
		return call_refuse(call, 400, error, "Upload-Offset must say where the part begins");
	if (!tus_sum_begin(&part->sum, request_header(call->request, "Upload-Checksum")))
		return call_refuse(
			call, 400, error, "Upload-Checksum must be one of " TUS_SUMS " and a digest in base64");
	return ERR_OK;
}

static enum err check_length(struct call *call, const struct part *part, uint64_t more, struct error *error)
{
	if (more > part->file.info.length - part->file.offset)
		return call_refuse(call, 413, error, "the upload was announced with %" PRIu64 " bytes, this is more",
			part->file.info.length);
	return ERR_OK;
}

/* Before the first byte of it comes. A server that died may have left another word behind. */
static enum err say_what_is_sure(struct site *site, struct part *part, struct error *error)
{
	uint64_t sure = part->sum.kind == TUS_SUM_NONE ? UINT64_MAX : part->start;

	if (part->file.fd < 0 || part->file.info.sure == sure)
		return ERR_OK;
	part->file.info.sure = sure;
	return tus_file_save(site->spool, &part->file, error);
}

static enum err check_part(struct call *call, struct part *part, uint64_t size, struct error *error)
{
	uint64_t more = size == UINT64_MAX ? 0 : size;
	enum err err;

	if (part->start != part->file.offset)
		return call_refuse(call, 409, error, "the part begins at %" PRIu64 ", but %" PRIu64 " bytes are here",
			part->start, part->file.offset);
	err = check_length(call, part, more, error);
	if (err == ERR_OK && more > 0)
		err = gate_bytes(call, part->file.info.length, more, error);
	return err == ERR_OK ? say_what_is_sure(call->site, part, error) : err;
}

static enum err begin(struct call *call, const char *name, uint64_t size, void **receipt, struct error *error)
{
	struct part *part = memory_zeroed(sizeof(*part));
	enum err err;

	(void)name;
	part->file.fd = -1;
	err = check_headers(call, part, error);
	if (err == ERR_OK)
		err = tus_find(call, &part->file, error);
	if (err == ERR_OK)
		err = check_part(call, part, size, error);
	sha256_init(&part->sha256);
	if (err == ERR_OK) {
		*receipt = part;
		return ERR_OK;
	}
	tus_file_close(&part->file);
	free(part);
	return tus_answer(call, err);
}

/*
 * Lets go of the file, before the answer goes out: the sender's next request must not meet the lock of this one. Of a
 * part whose checksum is wrong, or only half there, what came is beyond `sure`, and goes when the file is opened again.
 */
static void leave(struct part *part)
{
	if (part->file.fd >= 0 && !part->ended)
		fdatasync(part->file.fd);
	/* Complete but not handed in: by sending the last byte again the sender tries again. */
	if (part->whole && !part->settled && ftruncate(part->file.fd, (off_t)part->file.info.length - 1) == 0)
		part->file.offset--;
	part->whole = false;
	tus_file_close(&part->file);
}

static enum err refuse(struct call *call, struct part *part, enum err err)
{
	leave(part);
	return tus_answer(call, err);
}

static enum err take(struct call *call, void *receipt, const void *bytes, size_t count, struct error *error)
{
	struct part *part = receipt;
	enum err err = check_length(call, part, count, error);

	if (err == ERR_OK)
		err = gate_bytes(call, part->file.info.length, count, error);
	if (err == ERR_OK && lseek(part->file.fd, (off_t)part->file.offset, SEEK_SET) < 0)
		err = error_set(error, ERR_SYSTEM, "the upload cannot be written: %s", strerror(errno));
	if (err == ERR_OK)
		err = gate_write(call, part->file.fd, bytes, count, error);
	if (err != ERR_OK)
		return refuse(call, part, err);
	part->file.offset += count;
	tus_sum_update(&part->sum, bytes, count);
	if (part->start == 0)
		sha256_update(&part->sha256, count, bytes);
	return ERR_OK;
}

static enum err check_sum(struct call *call, struct part *part, struct error *error)
{
	if (part->sum.kind == TUS_SUM_NONE)
		return ERR_OK;
	if (tus_sum_is_right(&part->sum)) {
		part->file.info.sure = UINT64_MAX;
		return tus_file_save(call->site->spool, &part->file, error);
	}
	return call_refuse(call, 460, error, "the part is not what its Upload-Checksum says: send it again");
}

static enum err hash_all(struct part *part, struct error *error)
{
	unsigned char *chunk = memory_zeroed(CHUNK);
	off_t at = 0;
	ssize_t got;

	sha256_init(&part->sha256);
	while ((got = pread(part->file.fd, chunk, CHUNK, at)) > 0) {
		sha256_update(&part->sha256, (size_t)got, chunk);
		at += got;
	}
	free(chunk);
	if (got < 0 || (uint64_t)at != part->file.info.length)
		return error_set(
			error, ERR_SYSTEM, "the upload cannot be read again: %s", strerror(got < 0 ? errno : EIO));
	return ERR_OK;
}

static enum err end(struct call *call, void *receipt, struct error *error)
{
	struct part *part = receipt;
	enum err err = ERR_OK;

	if (part->file.fd < 0)
		return ERR_OK;
	if (fdatasync(part->file.fd) != 0)
		err = error_set(error, ERR_SYSTEM, "the upload cannot be synced: %s", strerror(errno));
	if (err == ERR_OK)
		err = check_sum(call, part, error);
	if (err != ERR_OK)
		return refuse(call, part, err);
	part->ended = true;
	part->whole = part->file.offset == part->file.info.length;
	if (part->whole && part->start != 0)
		err = hash_all(part, error);
	if (err != ERR_OK)
		return refuse(call, part, err);
	if (part->whole)
		sha256_text(&part->sha256, part->hex);
	return ERR_OK;
}

static void drop(struct site *site, void *receipt)
{
	struct part *part = receipt;

	(void)site;
	if (!part)
		return;
	leave(part);
	free(part);
}

static enum err hand_in(struct call *call, struct part *part, struct upload_ticket *ticket, struct error *error)
{
	struct spool *spool = call->site->spool;
	char given[4 * UPLOAD_NAME] = "", host[UPLOAD_HOST], name[UPLOAD_NAME];
	struct upload_slip slip = {.name = name,
		.sha256 = part->hex,
		.file = part->file.id,
		.size = part->file.info.length,
		.now = (uint64_t)time(NULL)};
	enum err err;

	if (!tus_metadata_find(part->file.info.metadata, "filename", given, sizeof(given)))
		tus_metadata_find(part->file.info.metadata, "name", given, sizeof(given));
	upload_name(name, given);
	given[0] = '\0';
	tus_metadata_find(part->file.info.metadata, "host", given, sizeof(given));
	upload_host(host, given);
	slip.host = host[0] ? host : NULL;
	err = spool_move(spool, SPOOL_TUS, SPOOL_QUEUE, part->file.id, error);
	if (err != ERR_OK)
		return err;
	err = upload_queue(call, &slip, ticket, &part->settled, error);
	if (err != ERR_OK && !part->settled)
		spool_move(spool, SPOOL_QUEUE, SPOOL_TUS, part->file.id, NULL);
	return err;
}

static enum err accept_part(struct call *call, struct part *part, struct tus_outcome *outcome, struct error *error)
{
	struct tus_info *info = &part->file.info;
	enum err err;

	outcome->done = tus_is_done(info);
	outcome->ticket = (struct upload_ticket){.upload = info->upload, .trace = info->trace};
	if (outcome->done || !part->whole)
		return ERR_OK;
	err = hand_in(call, part, &outcome->ticket, error);
	if (err != ERR_OK)
		return err;
	outcome->done = true;
	info->upload = outcome->ticket.upload;
	info->trace = outcome->ticket.trace;
	/* Only for those who ask by this address later: it is handed in whether that can be written or not. */
	tus_file_save(call->site->spool, &part->file, NULL);
	/* Only then: a server that dies in between finds the one or the other, and its sender what became of it. */
	if (!part->settled)
		spool_remove(call->site->spool, SPOOL_QUEUE, part->file.id);
	part->settled = true;
	return ERR_OK;
}

enum err tus_accept(struct call *call, struct tus_outcome *outcome, struct error *error)
{
	struct part *part = call->request->receipt;
	enum err err;

	*outcome = (struct tus_outcome){.file = NULL};
	if (!part)
		return call_refuse(call, 400, error, "a part without a body");
	outcome->file = &part->file;
	err = accept_part(call, part, outcome, error);
	leave(part);
	return err;
}

const struct receiver upload_tus_receiver = {.begin = begin, .take = take, .end = end, .drop = drop};
