/* SPDX-License-Identifier: GPL-2.0-only */
/* Signatures, where they were seen, and uploads. */
#include <inttypes.h>

#include "web/html/html.h"
#include "web/list/list_links.h"

static const char *state_word(size_t index)
{
	static const char *const states[] = {"open", "known", "fixed", "ignored"};

	return index < sizeof(states) / sizeof(states[0]) ? states[index] : NULL;
}

static const struct list_view_column signature_columns[] = {
	{"signature", CELL_CODE, "Signature", NULL, list_link_signature, NULL},
	{"severity", CELL_BADGE, "Severity", NULL, NULL, NULL},
	{"kind", CELL_CODE, "Kind", NULL, NULL, NULL},
	{"path", CELL_CODE, "Path", NULL, NULL, NULL},
	{"state", CELL_BADGE, "State", NULL, NULL, NULL},
	{"findings", CELL_NUMBER, "Findings", "findings", NULL, NULL},
	{"traces", CELL_NUMBER, "Traces", NULL, NULL, NULL},
	{"hosts", CELL_NUMBER, "Hosts", NULL, NULL, NULL},
	{"bytes", CELL_BYTES, "Bytes", "bytes", NULL, NULL},
	{"first_seen", CELL_SECONDS, "First seen", NULL, NULL, NULL},
	{"last_seen", CELL_SECONDS, "Last seen", "last_seen", NULL, NULL},
	{"note", CELL_PROSE, "Note", NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

static const struct list_view_filter signature_filters[] = {
	{"state", "State", state_word, false},
	{"kind", "Kind", list_word_kind, false},
	{"signature", NULL, NULL, false},
	{NULL, NULL, NULL, false},
};

const struct list_view list_view_signatures = {
	.list = LIST_SIGNATURES,
	.path = "/api/v1/signatures",
	.none = "No signatures.",
	.columns = signature_columns,
	.filters = signature_filters,
};

static const struct list_view_filter no_filters[] = {{NULL, NULL, NULL, false}};

static const struct list_view_column signature_trace_columns[] = {
	{"signature", CELL_CODE, NULL, NULL, NULL, NULL},
	{"trace", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"trace_name", CELL_TEXT, "Trace", NULL, list_link_trace, list_write_trace_name},
	{"host", CELL_TEXT, "Host", NULL, NULL, NULL},
	{"kernel", CELL_TEXT, "Kernel", NULL, NULL, NULL},
	{"findings", CELL_NUMBER, "Findings", NULL, NULL, NULL},
	{"occurrences", CELL_NUMBER, "Times", NULL, NULL, NULL},
	{"bytes", CELL_BYTES, "Bytes", NULL, NULL, NULL},
	{"recorded_at", CELL_SECONDS, "Recorded", NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

const struct list_view list_view_signature_traces = {
	.list = LIST_SIGNATURE_TRACES,
	.none = "No trace has it now.",
	.columns = signature_trace_columns,
	.filters = no_filters,
};

static const struct list_view_column signature_kernel_columns[] = {
	{"signature", CELL_CODE, NULL, NULL, NULL, NULL},
	{"kernel", CELL_TEXT, "Kernel", NULL, NULL, NULL},
	{"traces", CELL_NUMBER, "Traces", NULL, NULL, NULL},
	{"findings", CELL_NUMBER, "Findings", NULL, NULL, NULL},
	{"bytes", CELL_BYTES, "Bytes", NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

const struct list_view list_view_signature_kernels = {
	.list = LIST_SIGNATURE_KERNELS,
	.none = "No kernel shows it now.",
	.columns = signature_kernel_columns,
	.filters = no_filters,
};

static void link_upload(FILE *stream, const struct list_row *row)
{
	html_format(stream, "/uploads/%" PRIu64, list_row_number(row, "id"));
}

static const char *upload_word(size_t index)
{
	static const char *const states[] = {"queued", "running", "done", "failed"};

	return index < sizeof(states) / sizeof(states[0]) ? states[index] : NULL;
}

static const struct list_view_column upload_columns[] = {
	{"id", CELL_NUMBER, "No.", "id", link_upload, NULL},
	{"name", CELL_TEXT, "Name", NULL, link_upload, list_write_name},
	{"state", CELL_BADGE, "State", NULL, NULL, NULL},
	{"trace", CELL_NUMBER, "Trace", NULL, list_link_trace, NULL},
	{"reason", CELL_PROSE, "Reason", NULL, NULL, NULL},
	{"size", CELL_BYTES, "Size", NULL, NULL, NULL},
	{"host", CELL_TEXT, "Host", NULL, NULL, NULL},
	{"received_at", CELL_SECONDS, "Received", NULL, NULL, NULL},
	{"started_at", CELL_SECONDS, NULL, NULL, NULL, NULL},
	{"ended_at", CELL_SECONDS, "Ended", NULL, NULL, NULL},
	{"tries", CELL_NUMBER, NULL, NULL, NULL, NULL},
	{"sha256", CELL_CODE, NULL, NULL, NULL, NULL},
	{NULL, CELL_TEXT, NULL, NULL, NULL, NULL},
};

static const struct list_view_filter upload_filters[] = {
	{"state", "State", upload_word, false},
	{NULL, NULL, NULL, false},
};

const struct list_view list_view_uploads = {
	.list = LIST_UPLOADS,
	.path = "/api/v1/uploads",
	.none = "Nothing was uploaded yet.",
	.columns = upload_columns,
	.filters = upload_filters,
};
