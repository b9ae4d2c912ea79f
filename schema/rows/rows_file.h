/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rows_file - rows on their way from one process to another, through a file.
 *
 * Nothing that outlives a command: both ends are the same program. Yet the writer may be a confined process that a
 * hostile trace has taken over, so the reader believes no length and no number.
 */
#ifndef QGREPLAY_SCHEMA_ROWS_ROWS_FILE_H
#define QGREPLAY_SCHEMA_ROWS_ROWS_FILE_H

#include "schema/rows/rows.h"

struct rows_writer;

/* Writes rows to `fd`, an empty file that stays the caller's. Freed by rows_writer_free(). */
struct rows_writer *rows_writer_new(int fd);
void rows_writer_free(struct rows_writer *writer);
const struct row_sink *rows_writer_sink(struct rows_writer *writer);

/* Writes what waits, and the mark that this is the end. Errors: ERR_SYSTEM; also for a write that failed before. */
enum err rows_writer_finish(struct rows_writer *writer, struct error *error);

/*
 * Hands all rows of the file to `sink`, in their order. Errors: those of the sink; ERR_SYSTEM for a read that fails;
 * ERR_INPUT when what is read is no row, or its end mark is missing.
 */
enum err rows_file_read(int fd, const struct row_sink *sink, struct error *error);

#endif
