/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A row is its size, its table, the number of its values, and the values: a kind, then 8 bytes of a number, or a size
 * and so many bytes; a text has a NUL behind it. Numbers are the machine's own: both ends are on it. At the end stands
 * a row of no table.
 */
#include "schema/rows/rows_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/write_all.h"

enum { BUFFER_BYTES = 256 * 1024, ROW_BYTES_MAX = 64 * 1024 * 1024, END_MARK = 0xff };

struct rows_writer {
	struct row_sink sink;
	int fd;
	int failure; /* errno of the first write that failed */
	size_t used;
	unsigned char buffer[BUFFER_BYTES];
};

static void flush(struct rows_writer *writer)
{
	if (writer->failure == 0)
		writer->failure = write_all(writer->fd, writer->buffer, writer->used);
	writer->used = 0;
}

static void put_bytes(struct rows_writer *writer, const void *bytes, size_t size)
{
	if (size > sizeof(writer->buffer) - writer->used)
		flush(writer);
	if (size > sizeof(writer->buffer)) {
		if (writer->failure == 0)
			writer->failure = write_all(writer->fd, bytes, size);
		return;
	}
	if (size > 0)
		memcpy(writer->buffer + writer->used, bytes, size);
	writer->used += size;
}

static void put_byte(struct rows_writer *writer, unsigned byte)
{
	unsigned char one = (unsigned char)byte;

	put_bytes(writer, &one, 1);
}

static void put_size(struct rows_writer *writer, size_t size)
{
	uint32_t narrow = (uint32_t)size;

	put_bytes(writer, &narrow, sizeof(narrow));
}

static bool has_bytes(const struct row_value *value)
{
	return value->kind == ROW_TEXT || value->kind == ROW_BLOB;
}

static size_t value_size(const struct row_value *value)
{
	if (value->kind == ROW_NUMBER)
		return 1 + sizeof(value->number);
	return has_bytes(value) ? 1 + sizeof(uint32_t) + value->size + (value->kind == ROW_TEXT) : 1;
}

static void put_value(struct rows_writer *writer, const struct row_value *value)
{
	put_byte(writer, value->kind);
	if (value->kind == ROW_NUMBER)
		put_bytes(writer, &value->number, sizeof(value->number));
	if (!has_bytes(value))
		return;
	put_size(writer, value->size);
	put_bytes(writer, value->bytes, value->size);
	if (value->kind == ROW_TEXT)
		put_byte(writer, 0);
}

static enum err no_room(int failure, struct error *error)
{
	return error_set(error, ERR_SYSTEM, "cannot keep rows in a temporary file: %s, set TMPDIR", strerror(failure));
}

static enum err put(void *context, const struct row *row, struct error *error)
{
	struct rows_writer *writer = context;
	size_t size = 2;

	for (size_t i = 0; i < row->count; i++) {
		if (row->values[i].size > ROW_BYTES_MAX)
			return error_set(error, ERR_LIMIT, "a value of %zu bytes is too large for the store",
				row->values[i].size);
		size += value_size(&row->values[i]);
	}
	if (size > ROW_BYTES_MAX)
		return error_set(error, ERR_LIMIT, "a row of %zu bytes is too large for the store", size);
	put_size(writer, size);
	put_byte(writer, row->table);
	put_byte(writer, (unsigned)row->count);
	for (size_t i = 0; i < row->count; i++)
		put_value(writer, &row->values[i]);
	return writer->failure == 0 ? ERR_OK : no_room(writer->failure, error);
}

struct rows_writer *rows_writer_new(int fd)
{
	struct rows_writer *writer = memory_zeroed(sizeof(*writer));

	writer->sink = (struct row_sink){put, writer};
	writer->fd = fd;
	return writer;
}

void rows_writer_free(struct rows_writer *writer)
{
	free(writer);
}

const struct row_sink *rows_writer_sink(struct rows_writer *writer)
{
	return &writer->sink;
}

enum err rows_writer_finish(struct rows_writer *writer, struct error *error)
{
	put_size(writer, 2);
	put_byte(writer, END_MARK);
	put_byte(writer, 0);
	flush(writer);
	return writer->failure == 0 ? ERR_OK : no_room(writer->failure, error);
}

/* The file, a window of it in memory. */
struct reader {
	int fd;
	uint64_t offset; /* of the window's end in the file */
	unsigned char *window;
	size_t capacity;
	size_t from; /* what is not consumed yet lies from here */
	size_t to;
};

static enum err damaged(struct error *error)
{
	return error_set(error, ERR_INPUT, "the temporary file of rows is damaged or cut short");
}

/* Makes at least `size` bytes lie in the window. Grows with what the file really holds, whatever it claims. */
static enum err need(struct reader *reader, size_t size, struct error *error)
{
	if (reader->to - reader->from >= size)
		return ERR_OK;
	memmove(reader->window, reader->window + reader->from, reader->to - reader->from);
	reader->to -= reader->from;
	reader->from = 0;
	while (reader->to < size) {
		ssize_t got;

		if (reader->to == reader->capacity)
			reader->window = memory_grown(reader->window, &reader->capacity, reader->capacity + 1, 1);
		got = pread(
			reader->fd, reader->window + reader->to, reader->capacity - reader->to, (off_t)reader->offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(
				error, ERR_SYSTEM, "cannot read the temporary file of rows: %s", strerror(errno));
		if (got == 0)
			return damaged(error);
		reader->to += (size_t)got;
		reader->offset += (uint64_t)got;
	}
	return ERR_OK;
}

/* The bytes of one row that are left. */
struct rest {
	const unsigned char *at;
	size_t size;
};

static bool take(struct rest *rest, void *bytes, size_t size)
{
	if (rest->size < size)
		return false;
	memcpy(bytes, rest->at, size);
	rest->at += size;
	rest->size -= size;
	return true;
}

static bool take_bytes(struct rest *rest, struct row_value *value)
{
	size_t end = value->kind == ROW_TEXT ? 1 : 0;
	uint32_t size;

	if (!take(rest, &size, sizeof(size)) || rest->size < end || size > rest->size - end)
		return false;
	value->bytes = rest->at;
	value->size = size;
	if (end != 0 && memchr(rest->at, '\0', (size_t)size + 1) != rest->at + size)
		return false;
	rest->at += size + end;
	rest->size -= size + end;
	return true;
}

static bool take_value(struct rest *rest, struct row_value *value)
{
	unsigned char kind;

	*value = (struct row_value){0};
	if (!take(rest, &kind, 1) || kind > ROW_BLOB)
		return false;
	value->kind = kind;
	if (kind == ROW_NUMBER)
		return take(rest, &value->number, sizeof(value->number));
	return kind == ROW_NULL || take_bytes(rest, value);
}

static bool parse(struct rest rest, struct row *row)
{
	unsigned char table;
	unsigned char count;

	if (!take(&rest, &table, 1) || !take(&rest, &count, 1) || table >= ROW_TABLE_COUNT)
		return false;
	row->table = table;
	row->count = count;
	if (count != row_table_info(row->table)->column_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!take_value(&rest, &row->values[i]))
			return false;
	return rest.size == 0;
}

static enum err read_row(struct reader *reader, const struct row_sink *sink, bool *ended, struct error *error)
{
	struct row row;
	uint32_t size;
	enum err err = need(reader, sizeof(size), error);

	if (err != ERR_OK)
		return err;
	memcpy(&size, reader->window + reader->from, sizeof(size));
	if (size < 2 || size > ROW_BYTES_MAX)
		return damaged(error);
	reader->from += sizeof(size);
	err = need(reader, size, error);
	if (err != ERR_OK)
		return err;
	*ended = size == 2 && reader->window[reader->from] == END_MARK;
	if (*ended)
		return ERR_OK;
	if (!parse((struct rest){reader->window + reader->from, size}, &row))
		return damaged(error);
	reader->from += size;
	return row_put(sink, &row, error);
}

enum err rows_file_read(int fd, const struct row_sink *sink, struct error *error)
{
	struct reader reader = {.fd = fd};
	enum err err = ERR_OK;
	bool ended = false;

	reader.window = memory_grown(NULL, &reader.capacity, BUFFER_BYTES, 1);
	while (err == ERR_OK && !ended)
		err = read_row(&reader, sink, &ended, error);
	free(reader.window);
	return err;
}
