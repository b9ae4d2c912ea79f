/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/ring_page.h"

#include <kbuffer.h>
#include <stdlib.h>

#include "base/memory.h"
#include "collector/format.h"

/* The upper bits of `commit` (kernel/trace/ring_buffer.c: RB_MISSED_EVENTS, RB_MISSED_STORED). */
#define MISSED_EVENTS (UINT32_C(1) << 31)
#define MISSED_STORED (UINT32_C(1) << 30)
#define COMMIT_MASK ((UINT32_C(1) << 27) - 1)

enum { TIME_BYTES = 8, WORD_BYTES = 4, TYPE_BITS = 5, DELTA_BITS = 27, TYPE_LONG_DATA = 0 };

struct ring_reader {
	struct kbuffer *kbuffer;
	struct ring_layout layout;
	bool at_first;
};

/* One record, as its first word or two say. */
struct record_shape {
	size_t head;   /* bytes before the data */
	uint64_t body; /* bytes of data */
};

enum err ring_layout_of(struct ring_layout *layout, struct span header_page, bool big_endian, struct error *error)
{
	struct format_field time, commit, data;

	if (!format_field(header_page, "timestamp", &time) || !format_field(header_page, "commit", &commit) ||
		!format_field(header_page, "data", &data))
		return error_set(error, ERR_INPUT, "the ring buffer's page format is garbled: record it again");
	if (time.offset != 0 || time.size != TIME_BYTES || commit.offset != TIME_BYTES ||
		(commit.size != 4 && commit.size != 8) || data.offset != TIME_BYTES + commit.size)
		return error_set(error, ERR_INPUT,
			"the ring buffer's pages are laid out in an unknown way: record it with a kernel of 4.4 or "
			"later");
	*layout = (struct ring_layout){big_endian, commit.size};
	return ERR_OK;
}

struct ring_reader *ring_reader_new(const struct ring_layout *layout)
{
	struct ring_reader *reader = memory_zeroed(sizeof(*reader));

	reader->layout = *layout;
	reader->kbuffer = kbuffer_alloc(layout->long_bytes == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
		layout->big_endian ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE);
	if (reader->kbuffer == NULL)
		abort();
	return reader;
}

void ring_reader_free(struct ring_reader *reader)
{
	if (reader == NULL)
		return;
	kbuffer_free(reader->kbuffer);
	free(reader);
}

/* `left` bytes, at least one word, are at `data`. False when the record's head does not fit. */
static bool shape_of(const unsigned char *data, size_t left, bool big_endian, struct record_shape *shape)
{
	uint32_t word = (uint32_t)cursor_peek(data, WORD_BYTES, big_endian);
	uint32_t type = big_endian ? word >> DELTA_BITS : word & ((1u << TYPE_BITS) - 1);
	uint32_t second;

	*shape = (struct record_shape){WORD_BYTES, (uint64_t)type * WORD_BYTES};
	if (type != TYPE_LONG_DATA && type < KBUFFER_TYPE_PADDING)
		return true;
	if (left < 2 * WORD_BYTES)
		return false;
	second = (uint32_t)cursor_peek(data + WORD_BYTES, WORD_BYTES, big_endian);
	if (type == KBUFFER_TYPE_PADDING) { /* its length counts the word that holds it */
		shape->body = second;
		return true;
	}
	shape->head = 2 * WORD_BYTES;
	shape->body = 0;
	if (type != TYPE_LONG_DATA)
		return true;
	shape->body = ((uint64_t)second - WORD_BYTES + 3) & ~UINT64_C(3);
	return second >= WORD_BYTES;
}

static enum err check_records(const struct ring_reader *reader, struct span records, struct error *error)
{
	struct record_shape shape;

	for (size_t at = 0; at < records.size; at += shape.head + (size_t)shape.body) {
		size_t left = records.size - at;

		if (left < WORD_BYTES || !shape_of(records.data + at, left, reader->layout.big_endian, &shape) ||
			shape.head + shape.body > left)
			return error_set(error, ERR_INPUT,
				"the record at byte %zu of %zu is longer than the page's data", at, records.size);
	}
	return ERR_OK;
}

static enum err read_loss(
	const struct ring_reader *reader, struct span page, size_t end, struct ring_loss *loss, struct error *error)
{
	unsigned bytes = reader->layout.long_bytes;
	uint64_t commit = cursor_peek(page.data + TIME_BYTES, bytes, reader->layout.big_endian);

	*loss = (struct ring_loss){(commit & MISSED_EVENTS) != 0, 0};
	if (!loss->lost || (commit & MISSED_STORED) == 0)
		return ERR_OK;
	if (page.size - end < bytes)
		return error_set(error, ERR_INPUT, "no room for the number of lost events behind %zu bytes", end);
	loss->count = cursor_peek(page.data + end, bytes, reader->layout.big_endian);
	return ERR_OK;
}

enum err ring_reader_load(struct ring_reader *reader, struct span page, struct ring_loss *loss, struct error *error)
{
	size_t head = TIME_BYTES + reader->layout.long_bytes;
	size_t used;
	enum err result;

	if (page.size < head)
		return error_set(error, ERR_INPUT, "a page of %zu bytes has no room for its header", page.size);
	used = cursor_peek(page.data + TIME_BYTES, reader->layout.long_bytes, reader->layout.big_endian) & COMMIT_MASK;
	if (used > page.size - head)
		return error_set(error, ERR_INPUT, "a page of %zu bytes claims %zu bytes of data", page.size, used);
	result = read_loss(reader, page, head + used, loss, error);
	if (result == ERR_OK)
		result = check_records(reader, (struct span){page.data + head, used}, error);
	if (result != ERR_OK)
		return result;
	kbuffer_load_subbuffer(reader->kbuffer, (void *)page.data);
	reader->at_first = true;
	return ERR_OK;
}

bool ring_reader_next(struct ring_reader *reader, struct ring_record *record)
{
	unsigned long long time;

	record->data = reader->at_first ? kbuffer_read_event(reader->kbuffer, &time)
					: kbuffer_next_event(reader->kbuffer, &time);
	reader->at_first = false;
	if (record->data == NULL)
		return false;
	record->size = (size_t)kbuffer_event_size(reader->kbuffer);
	record->time = time;
	return true;
}
