/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs that send a trace are told of it. */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "web/api/api.h"
#include "web/upload/status.h"
#include "web/upload/upload.h"

static void text_or_null(struct json *json, const char *key, const char *text)
{
	json_text(json, key, text[0] ? text : NULL);
}

static void number_or_null(struct json *json, const char *key, uint64_t number)
{
	if (number)
		json_number(json, key, number);
	else
		json_null(json, key);
}

static void write_progress(struct json *json, const struct upload_status *status)
{
	if (strcmp(status->state, "running") != 0) {
		json_null(json, "progress");
		return;
	}
	json_object(json, "progress");
	json_number(json, "events", status->events);
	json_number(json, "done_bytes", status->done_bytes);
	number_or_null(json, "total_bytes", status->total_bytes);
	json_object_end(json);
}

/* Into an open object. */
static void write_status(struct json *json, const struct upload_status *status)
{
	json_number(json, "id", status->upload);
	json_text(json, "state", status->state);
	text_or_null(json, "reason", status->reason);
	json_text(json, "name", status->name);
	text_or_null(json, "host", status->host);
	json_number(json, "size", status->size);
	json_number(json, "received_at", status->received_at);
	number_or_null(json, "started_at", status->started_at);
	number_or_null(json, "ended_at", status->ended_at);
	json_number(json, "tries", status->tries);
	write_progress(json, status);
	number_or_null(json, "trace", status->trace);
}

/* Closes an object with where to go: of a trace that is there the page that says most, else that of the upload. */
static enum err write_goal(struct call *call, struct json *json, uint64_t trace, uint64_t upload, struct error *error)
{
	struct upload_goal goal = {.errors = 0};
	char page[64];
	enum err err = ERR_OK;

	if (trace)
		err = upload_goal_read(call->store, trace, &goal, error);
	if (err != ERR_OK)
		return err;
	if (trace) {
		json_object(json, "findings");
		json_number(json, "errors", goal.errors);
		json_number(json, "warnings", goal.warnings);
		json_number(json, "notes", goal.notes);
		json_object_end(json);
	} else {
		json_null(json, "findings");
	}
	snprintf(page, sizeof(page), "/uploads/%" PRIu64, upload);
	json_text(json, "page", trace ? goal.page : page);
	json_object_end(json);
	fputc('\n', json->stream);
	return ERR_OK;
}

static enum err begin_answer(
	struct call *call, struct json *json, const struct upload_ticket *ticket, struct error *error)
{
	struct upload_status status = {.found = false};
	char url[64];
	enum err err = ERR_OK;

	call->response->type = RESPONSE_JSON;
	call->response->private_body = true;
	if (ticket->upload) {
		snprintf(url, sizeof(url), "/api/v1/uploads/%" PRIu64, ticket->upload);
		err = upload_status_read(call, ticket->upload, &status, error);
		call->response->status = 202;
	} else {
		snprintf(url, sizeof(url), "/api/v1/traces/%" PRIu64, ticket->trace);
	}
	if (err != ERR_OK)
		return err;
	response_header(call->response, "Location", "%s", url);
	json_object(json, NULL);
	json_bool(json, "known", ticket->upload == 0);
	number_or_null(json, "trace", ticket->trace);
	if (status.found) {
		json_object(json, "upload");
		write_status(json, &status);
		json_object_end(json);
	} else {
		json_null(json, "upload");
	}
	json_text(json, "url", url);
	return ERR_OK;
}

enum err api_trace_sent(struct call *call, struct error *error)
{
	struct upload_ticket ticket;
	struct json json;
	enum err err = upload_accept(call, &ticket, error);

	json_init(&json, call->response->body, 1);
	if (err == ERR_OK)
		err = begin_answer(call, &json, &ticket, error);
	if (err == ERR_OK)
		err = write_goal(call, &json, ticket.upload ? 0 : ticket.trace, ticket.upload, error);
	return err;
}

enum err api_upload(struct call *call, struct error *error)
{
	struct upload_status status = {.found = false};
	struct json json;
	uint64_t upload;
	enum err err;

	if (!request_capture(call->request, 0, false, &upload))
		return call_refuse(call, 404, error, "an upload is known by its number, see the list of uploads");
	err = upload_status_read(call, upload, &status, error);
	if (err != ERR_OK)
		return err;
	if (!status.found)
		return call_refuse(call, 404, error, "there is no upload %" PRIu64 ", see the list of uploads", upload);
	call->response->type = RESPONSE_JSON;
	call->response->private_body = true;
	json_init(&json, call->response->body, 1);
	json_object(&json, NULL);
	write_status(&json, &status);
	return write_goal(call, &json, status.trace, status.upload, error);
}
