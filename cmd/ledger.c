/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/utf8.h"

static const char column_names[] = "trace,time_ns,fsid,root,was_bytes,should_bytes,damage_bytes\n";

/* The rows of one trace. */
struct rows {
	struct whatif_rows rows; /* first, so that one is found from the other */
	FILE *stream;
	const struct report_options *options;
	const struct report_trace *trace;
	char *name; /* of the trace, as a value of the file */
};

enum err ledger_open(struct ledger *ledger, const char *name, struct error *error)
{
	enum err err;

	*ledger = (struct ledger){0};
	if (name == NULL)
		return ERR_OK;
	err = new_file_open(&ledger->file, name, error);
	if (err != ERR_OK)
		return err;
	ledger->stream = fdopen(fcntl(ledger->file.fd, F_DUPFD_CLOEXEC, 0), "a");
	if (ledger->stream == NULL)
		return error_set(error, ERR_SYSTEM, "cannot write '%s': %s", name, strerror(errno));
	fputs(column_names, ledger->stream);
	ledger_keep(ledger, 0);
	return ERR_OK;
}

/* Flushes, and says what failed since the file was opened. */
static int flushed(struct ledger *ledger)
{
	errno = 0;
	if (fflush(ledger->stream) == 0 && !ferror(ledger->stream))
		return 0;
	return errno != 0 ? errno : EIO;
}

/* A name with commas, quotes or line breaks is put into quotes, and quotes in it are doubled (RFC 4180). */
static char *quoted(const char *text)
{
	char *harmless = utf8_harmless(text);
	char *value;
	char *at;

	if (strpbrk(harmless, ",\"\r\n") == NULL)
		return harmless;
	value = at = memory_zeroed(2 * strlen(harmless) + 3);
	*at++ = '"';
	for (const char *from = harmless; *from != '\0'; from++) {
		if (*from == '"')
			*at++ = '"';
		*at++ = *from;
	}
	*at = '"';
	free(harmless);
	return value;
}

static void write_row(void *context, const struct whatif_row *row)
{
	struct rows *rows = context;
	const char *fsid = report_fsid(rows->trace, row->place.fs);
	bool less = row->should_bytes < row->was_bytes;

	if (!report_shows_root(rows->options, row->place.root) ||
		!report_shows_filesystem(rows->options, rows->trace, row->place.fs))
		return;
	fprintf(rows->stream, "%s,%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s%" PRIu64 "\n", rows->name,
		row->time_ns, fsid != NULL ? fsid : "", row->place.root, row->was_bytes, row->should_bytes,
		less ? "-" : "", less ? row->was_bytes - row->should_bytes : row->should_bytes - row->was_bytes);
}

struct whatif_rows *ledger_rows(
	struct ledger *ledger, const struct report_options *options, const struct report_trace *trace)
{
	struct rows *rows;

	if (ledger->stream == NULL || ledger->failure != 0)
		return NULL;
	rows = memory_zeroed(sizeof(*rows));
	*rows = (struct rows){{write_row, rows}, ledger->stream, options, trace, quoted(trace->name)};
	return &rows->rows;
}

int ledger_rows_end(struct ledger *ledger, struct whatif_rows *rows)
{
	struct rows *all = (struct rows *)rows;

	if (all == NULL)
		return 0;
	free(all->name);
	free(all);
	return flushed(ledger);
}

void ledger_keep(struct ledger *ledger, int failure)
{
	if (ledger->stream == NULL || ledger->failure != 0)
		return;
	ledger->failure = failure != 0 ? failure : flushed(ledger);
	ledger->size = lseek(fileno(ledger->stream), 0, SEEK_END);
}

void ledger_drop(struct ledger *ledger)
{
	if (ledger->stream != NULL && ledger->failure == 0 && ftruncate(fileno(ledger->stream), ledger->size) != 0)
		ledger->failure = errno;
}

enum err ledger_finish(struct ledger *ledger, struct error *error)
{
	if (ledger->stream == NULL)
		return ERR_OK;
	if (ledger->failure != 0)
		return error_set(error, ERR_SYSTEM, "cannot write '%s': %s, the report is complete without it",
			ledger->file.name, strerror(ledger->failure));
	return new_file_keep(&ledger->file, error);
}

void ledger_close(struct ledger *ledger)
{
	if (ledger->stream != NULL)
		fclose(ledger->stream);
	new_file_drop(&ledger->file);
	*ledger = (struct ledger){0};
}
