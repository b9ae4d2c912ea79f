/* SPDX-License-Identifier: GPL-2.0-only */
/* Signatures, where they were seen, and uploads. */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/explain/meaning.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "web/html/html.h"
#include "web/list/list_links.h"

enum { NOTE_SHOWN = 120 };

static const char *state_word(size_t index)
{
	static const char *const states[] = {"open", "known", "fixed", "ignored"};

	return index < sizeof(states) / sizeof(states[0]) ? states[index] : NULL;
}

/* The fingerprint itself tells people nothing. */
static void write_what(FILE *stream, const struct list_row *row)
{
	const char *kind = list_row_text(row, "kind");
	const char *path = list_row_text(row, "path");

	if (kind == NULL || path == NULL)
		return;
	html_format(stream, "%s<br><small class=\"muted\">%s%s%s</small>", explain_title(kind, path), kind,
		*path != '\0' ? " · " : "", path);
}

/* The beginning of a long one: all of it is on the page of the signature. */
static void write_note(FILE *stream, const struct list_row *row)
{
	const char *note = list_row_text(row, "note");
	size_t shown = 0;
	char *beginning;

	if (note == NULL)
		return;
	for (size_t length = 1; shown < NOTE_SHOWN && length > 0; shown += length)
		length = utf8_length(note + shown);
	beginning = memory_text(note, shown);
	html_format(stream, "%s%s", beginning, note[shown] != '\0' ? "…" : "");
	free(beginning);
}

static const struct list_view_column signature_columns[] = {
	{.column = "signature", .cell = CELL_CODE},
	{.column = "severity", .cell = CELL_BADGE, .title = "Severity"},
	{.column = "kind",
		.cell = CELL_PROSE,
		.title = "What happens",
		.link = list_link_signature,
		.write = write_what},
	{.column = "path", .cell = CELL_CODE},
	{.column = "state", .cell = CELL_BADGE, .title = "State"},
	{.column = "findings", .cell = CELL_NUMBER, .title = "Findings", .sort = "findings"},
	{.column = "traces", .cell = CELL_NUMBER, .title = "Traces"},
	{.column = "hosts", .cell = CELL_NUMBER, .title = "Hosts"},
	{.column = "bytes", .cell = CELL_BYTES, .title = "Bytes", .sort = "bytes"},
	{.column = "first_seen", .cell = CELL_SECONDS, .title = "First seen"},
	{.column = "last_seen", .cell = CELL_SECONDS, .title = "Last seen", .sort = "last_seen"},
	{.column = "note", .cell = CELL_TEXT, .title = "Note", .write = write_note},
	{.column = NULL},
};

static const struct list_view_filter signature_filters[] = {
	{.name = "state", .title = "State", .word = state_word},
	{.name = "kind", .title = "Kind", .word = list_word_kind},
	{.name = "signature"},
	{.name = NULL},
};

const struct list_view list_view_signatures = {
	.list = LIST_SIGNATURES,
	.path = "/api/v1/signatures",
	.none = "No signatures.",
	.columns = signature_columns,
	.filters = signature_filters,
};

static const struct list_view_filter no_filters[] = {{.name = NULL}};

static const struct list_view_column signature_trace_columns[] = {
	{.column = "signature", .cell = CELL_CODE},
	{.column = "trace", .cell = CELL_NUMBER},
	{.column = "trace_name",
		.cell = CELL_TEXT,
		.title = "Trace",
		.link = list_link_trace,
		.write = list_write_trace_name},
	{.column = "host", .cell = CELL_TEXT, .title = "Host"},
	{.column = "kernel", .cell = CELL_TEXT, .title = "Kernel"},
	{.column = "findings", .cell = CELL_NUMBER, .title = "Findings"},
	{.column = "occurrences", .cell = CELL_NUMBER, .title = "Times"},
	{.column = "bytes", .cell = CELL_BYTES, .title = "Bytes"},
	{.column = "recorded_at", .cell = CELL_SECONDS, .title = "Recorded"},
	{.column = NULL},
};

const struct list_view list_view_signature_traces = {
	.list = LIST_SIGNATURE_TRACES,
	.none = "No trace has it now.",
	.columns = signature_trace_columns,
	.filters = no_filters,
};

static const struct list_view_column signature_kernel_columns[] = {
	{.column = "signature", .cell = CELL_CODE},
	{.column = "kernel", .cell = CELL_TEXT, .title = "Kernel"},
	{.column = "traces", .cell = CELL_NUMBER, .title = "Traces"},
	{.column = "findings", .cell = CELL_NUMBER, .title = "Findings"},
	{.column = "bytes", .cell = CELL_BYTES, .title = "Bytes"},
	{.column = NULL},
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
	{.column = "id", .cell = CELL_NUMBER, .title = "No.", .sort = "id", .link = link_upload},
	{.column = "name", .cell = CELL_TEXT, .title = "Name", .link = link_upload, .write = list_write_name},
	{.column = "state", .cell = CELL_BADGE, .title = "State"},
	{.column = "trace", .cell = CELL_NUMBER, .title = "Trace", .link = list_link_trace},
	{.column = "reason", .cell = CELL_PROSE, .title = "Reason"},
	{.column = "size", .cell = CELL_BYTES, .title = "Size"},
	{.column = "host", .cell = CELL_TEXT, .title = "Host"},
	{.column = "received_at", .cell = CELL_SECONDS, .title = "Received"},
	{.column = "started_at", .cell = CELL_SECONDS},
	{.column = "ended_at", .cell = CELL_SECONDS, .title = "Ended"},
	{.column = "tries", .cell = CELL_NUMBER},
	{.column = "sha256", .cell = CELL_CODE},
	{.column = NULL},
};

static const struct list_view_filter upload_filters[] = {
	{.name = "state", .title = "State", .word = upload_word},
	{.name = NULL},
};

const struct list_view list_view_uploads = {
	.list = LIST_UPLOADS,
	.path = "/api/v1/uploads",
	.none = "Nothing was uploaded yet.",
	.columns = upload_columns,
	.filters = upload_filters,
};
