/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/store/list.h"
#include "web/site.h"

static void copy(char *to, size_t size, const struct row_value *value)
{
	const char *text = value->kind == ROW_TEXT ? value->bytes : "";

	snprintf(to, size, "%s", text);
}

static uint64_t number_of(enum list list, const struct row_value *values, const char *column)
{
	const struct row_value *value = &values[list_column(list, column)];

	return value->kind == ROW_NUMBER ? (uint64_t)value->number : 0;
}

static enum err take_upload(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct upload_status *status = context;

	(void)count;
	(void)error;
	status->found = true;
	status->upload = number_of(LIST_UPLOADS, values, "id");
	copy(status->name, sizeof(status->name), &values[list_column(LIST_UPLOADS, "name")]);
	copy(status->host, sizeof(status->host), &values[list_column(LIST_UPLOADS, "host")]);
	copy(status->state, sizeof(status->state), &values[list_column(LIST_UPLOADS, "state")]);
	copy(status->reason, sizeof(status->reason), &values[list_column(LIST_UPLOADS, "reason")]);
	status->size = number_of(LIST_UPLOADS, values, "size");
	status->tries = number_of(LIST_UPLOADS, values, "tries");
	status->received_at = number_of(LIST_UPLOADS, values, "received_at");
	status->started_at = number_of(LIST_UPLOADS, values, "started_at");
	status->ended_at = number_of(LIST_UPLOADS, values, "ended_at");
	status->trace = number_of(LIST_UPLOADS, values, "trace");
	return ERR_OK;
}

static void look_at_board(const struct board *board, struct upload_status *status)
{
	for (size_t i = 0; board && i < BOARD_WORKERS_MAX; i++) {
		const struct board_worker *worker = &board->workers[i];

		if (worker->upload != status->upload)
			continue;
		status->events = worker->events;
		status->done_bytes = worker->done_bytes;
		status->total_bytes = worker->total_bytes;
	}
}

enum err upload_status_read(struct call *call, uint64_t upload, struct upload_status *status, struct error *error)
{
	const struct list_filter filter = {.name = "id", .number = upload};
	const struct list_wish wish = {.filters = &filter, .filter_count = 1, .limit = 1};
	const struct list_sink sink = {take_upload, status};
	struct list_place next;
	enum err err;

	memset(status, 0, sizeof(*status));
	err = store_list(call->store, LIST_UPLOADS, &wish, &sink, &next, error);
	if (err == ERR_OK && status->found && strcmp(status->state, "running") == 0)
		look_at_board(call->site->board, status);
	return err;
}

static enum err take_trace(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct upload_goal *goal = context;

	(void)count;
	(void)error;
	goal->errors = number_of(LIST_TRACES, values, "errors");
	goal->warnings = number_of(LIST_TRACES, values, "warnings");
	goal->notes = number_of(LIST_TRACES, values, "notes");
	return ERR_OK;
}

static enum err take_finding(void *context, const struct row_value *values, size_t count, struct error *error)
{
	struct upload_goal *goal = context;

	(void)count;
	(void)error;
	snprintf(goal->page, sizeof(goal->page), "/traces/%" PRIu64 "/findings/%" PRIu64,
		number_of(LIST_FINDINGS, values, "trace"), number_of(LIST_FINDINGS, values, "number"));
	return ERR_OK;
}

enum err upload_goal_read(struct store *store, uint64_t trace, struct upload_goal *goal, struct error *error)
{
	const struct list_filter of_trace = {.name = "id", .number = trace};
	const struct list_wish trace_wish = {.filters = &of_trace, .filter_count = 1, .limit = 1};
	const struct list_sink trace_sink = {take_trace, goal};
	const struct list_filter errors[] = {{.name = "trace", .number = trace}, {.name = "severity", .text = "error"}};
	const struct list_wish finding_wish = {.filters = errors, .filter_count = 2, .limit = 1};
	const struct list_sink finding_sink = {take_finding, goal};
	struct list_place next;
	enum err err;

	memset(goal, 0, sizeof(*goal));
	snprintf(goal->page, sizeof(goal->page), "/traces/%" PRIu64, trace);
	err = store_list(store, LIST_TRACES, &trace_wish, &trace_sink, &next, error);
	if (err == ERR_OK && goal->errors > 0)
		err = store_list(store, LIST_FINDINGS, &finding_wish, &finding_sink, &next, error);
	return err;
}
