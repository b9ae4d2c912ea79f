/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Uploads that can be resumed, by the tus protocol 1.0.0: https://tus.io/protocols/resumable-upload. Where the upload
 * went stands in Content-Location of the answer to its last part, and of HEAD afterwards.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "web/api/api.h"
#include "web/site.h"
#include "web/upload/gate.h"
#include "web/upload/tus.h"
#include "web/upload/tus_metadata.h"
#include "web/upload/tus_sum.h"

static uint64_t upload_max(const struct call *call)
{
	const struct web_options *options = call->site->options;

	return options->upload_max_bytes < options->spool_max_bytes ? options->upload_max_bytes
								    : options->spool_max_bytes;
}

static void answer_place(struct call *call, uint64_t upload, uint64_t trace)
{
	if (upload)
		response_header(call->response, "Content-Location", "/api/v1/uploads/%" PRIu64, upload);
	else if (trace)
		response_header(call->response, "Content-Location", "/api/v1/traces/%" PRIu64, trace);
}

enum err api_tus_options(struct call *call, struct error *error)
{
	(void)error;
	call->response->status = 204;
	response_header(call->response, "Tus-Version", TUS_VERSION);
	response_header(call->response, "Tus-Extension", "creation,expiration,checksum,termination");
	response_header(call->response, "Tus-Max-Size", "%" PRIu64, upload_max(call));
	response_header(call->response, "Tus-Checksum-Algorithm", TUS_SUMS);
	return tus_answer(call, ERR_OK);
}

static enum err read_wish(struct call *call, struct tus_info *info, struct error *error)
{
	const char *metadata = request_header(call->request, "Upload-Metadata");

	if (request_header(call->request, "Upload-Defer-Length"))
		return call_refuse(call, 400, error, "the length must be known from the start: send Upload-Length");
	if (!request_number(&info->length, request_header(call->request, "Upload-Length"), false))
		return call_refuse(call, 400, error, "Upload-Length must say how many bytes there are");
	if (info->length == 0)
		return call_refuse(
			call, 400, error, "an upload of 0 bytes is no trace: see that the file is not empty");
	if (metadata && (strlen(metadata) >= sizeof(info->metadata) || !tus_metadata_is_valid(metadata)))
		return call_refuse(call, 400, error,
			"Upload-Metadata must be pairs of a key and a value in base64, fewer than %d bytes",
			TUS_METADATA);
	if (metadata)
		snprintf(info->metadata, sizeof(info->metadata), "%s", metadata);
	return ERR_OK;
}

enum err api_tus_create(struct call *call, struct error *error)
{
	struct tus_file file = {.fd = -1, .info = {.sure = UINT64_MAX, .created_at = (uint64_t)time(NULL)}};
	enum err err = tus_check_version(call, error);

	if (err == ERR_OK)
		err = read_wish(call, &file.info, error);
	if (err == ERR_OK)
		err = gate_visit(call, error);
	/* Before it is asked whether there is room. What cannot be tidied is no affair of this sender. */
	if (err == ERR_OK && spool_tidy_is_due(call->site->spool))
		tus_file_sweep(call->site->spool, file.info.created_at, false, NULL);
	if (err == ERR_OK)
		err = gate_bytes(call, file.info.length, file.info.length, error);
	if (err == ERR_OK)
		err = gate_parts(call, error);
	if (err == ERR_OK)
		err = tus_file_create(call->site->spool, &file, error);
	if (err != ERR_OK)
		return tus_answer(call, err);
	call->response->status = 201;
	response_header(call->response, "Location", "/api/v1/tus/%s", file.id);
	tus_answer_expiry(call, &file);
	return tus_answer(call, ERR_OK);
}

enum err api_tus_state(struct call *call, struct error *error)
{
	struct tus_file file = {.fd = -1};
	enum err err = tus_check_version(call, error);

	if (err == ERR_OK)
		err = tus_find(call, &file, error);
	if (err != ERR_OK)
		return tus_answer(call, err);
	call->response->private_body = true;
	response_header(call->response, "Upload-Offset", "%" PRIu64, file.offset);
	response_header(call->response, "Upload-Length", "%" PRIu64, file.info.length);
	if (file.info.metadata[0])
		response_header(call->response, "Upload-Metadata", "%s", file.info.metadata);
	answer_place(call, file.info.upload, file.info.trace);
	tus_answer_expiry(call, &file);
	tus_file_close(&file);
	return tus_answer(call, ERR_OK);
}

enum err api_tus_append(struct call *call, struct error *error)
{
	struct tus_outcome outcome;
	enum err err = tus_accept(call, &outcome, error);

	if (err != ERR_OK)
		return tus_answer(call, err);
	call->response->status = 204;
	response_header(call->response, "Upload-Offset", "%" PRIu64, outcome.file->offset);
	if (outcome.done)
		answer_place(call, outcome.ticket.upload, outcome.ticket.trace);
	tus_answer_expiry(call, outcome.file);
	return tus_answer(call, ERR_OK);
}

enum err api_tus_delete(struct call *call, struct error *error)
{
	struct tus_file file = {.fd = -1};
	enum err err = tus_check_version(call, error);

	if (err == ERR_OK)
		err = tus_find(call, &file, error);
	if (err != ERR_OK)
		return tus_answer(call, err);
	tus_file_remove(call->site->spool, &file);
	call->response->status = 204;
	return tus_answer(call, ERR_OK);
}
