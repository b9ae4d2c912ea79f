/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/ring_page.h"

#include "collector/format.h"

/* The upper bits of `commit` (kernel/trace/ring_buffer.c: RB_MISSED_EVENTS, RB_MISSED_STORED). */
#define MISSED_EVENTS (UINT32_C(1) << 31)
#define MISSED_STORED (UINT32_C(1) << 30)
#define COMMIT_MASK ((UINT32_C(1) << 27) - 1)

/* An absolute time stamp has 59 bits; the kernel's clock has the rest from the time before (TS_MSB). */
#define ABSOLUTE_MISSING (UINT64_C(0x1f) << 59)

enum { TIME_BYTES = 8, WORD_BYTES = 4, TYPE_BITS = 5, DELTA_BITS = 27 };

/* enum ring_buffer_type; what is between TYPE_LONG and TYPE_PADDING is the number of words of data. */
enum { TYPE_LONG = 0, TYPE_PADDING = 29, TYPE_TIME_EXTEND = 30, TYPE_TIME_STAMP = 31 };

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

enum err ring_walk_start(struct ring_walk *walk, const struct ring_layout *layout, struct span page,
	struct ring_loss *loss, struct error *error)
{
	size_t head = TIME_BYTES + layout->long_bytes;
	uint64_t commit;
	size_t used;

	*walk = (struct ring_walk){.big_endian = layout->big_endian};
	*loss = (struct ring_loss){false, 0};
	if (page.size < head)
		return error_set(error, ERR_INPUT, "a page of %zu bytes has no room for its header", page.size);
	commit = cursor_peek(page.data + TIME_BYTES, layout->long_bytes, layout->big_endian);
	used = commit & COMMIT_MASK;
	if (used > page.size - head)
		return error_set(error, ERR_INPUT, "a page of %zu bytes claims %zu bytes of data", page.size, used);
	loss->lost = (commit & MISSED_EVENTS) != 0;
	if (loss->lost && (commit & MISSED_STORED) != 0) {
		if (page.size - head - used < layout->long_bytes)
			return error_set(
				error, ERR_INPUT, "no room for the number of lost events behind %zu bytes", used);
		loss->count = cursor_peek(page.data + head + used, layout->long_bytes, layout->big_endian);
	}
	walk->data = page.data + head;
	walk->size = used;
	walk->time = cursor_peek(page.data, TIME_BYTES, layout->big_endian);
	return ERR_OK;
}

/*
 * What a type with a second word says: moves the walk over the entry, and gives its data, if it has any. False when it
 * does not fit.
 */
static bool take_long(struct ring_walk *walk, uint32_t type, uint64_t delta, struct ring_record *record)
{
	size_t left = walk->size - walk->at;
	const unsigned char *entry = walk->data + walk->at;
	uint64_t second, length;

	if (left < 2 * WORD_BYTES)
		return false;
	second = cursor_peek(entry + WORD_BYTES, WORD_BYTES, walk->big_endian);
	length = 2 * WORD_BYTES;
	record->data = NULL;
	walk->time += delta;
	switch (type) {
	case TYPE_PADDING: /* also a record that its writer took back; the length counts the word that holds it */
		length = WORD_BYTES + second;
		break;
	case TYPE_TIME_EXTEND:
		walk->time += second << DELTA_BITS;
		break;
	case TYPE_TIME_STAMP:
		walk->time = ((walk->time - delta) & ABSOLUTE_MISSING) | (second << DELTA_BITS) | delta;
		break;
	default: /* TYPE_LONG; the length counts the word that holds it, and is rounded up to words */
		if (second < WORD_BYTES)
			return false;
		length = WORD_BYTES + ((second + WORD_BYTES - 1) & ~UINT64_C(3));
		record->data = entry + 2 * WORD_BYTES;
		record->size = (size_t)length - 2 * WORD_BYTES;
		break;
	}
	walk->at += length <= left ? (size_t)length : 0;
	return length <= left;
}

enum ring_step ring_walk_next(struct ring_walk *walk, struct ring_record *record)
{
	while (walk->at < walk->size) {
		const unsigned char *entry = walk->data + walk->at;
		size_t left = walk->size - walk->at;
		uint32_t word, type, delta;

		if (left < WORD_BYTES)
			return RING_DAMAGED;
		word = (uint32_t)cursor_peek(entry, WORD_BYTES, walk->big_endian);
		type = walk->big_endian ? word >> DELTA_BITS : word & ((1u << TYPE_BITS) - 1);
		delta = walk->big_endian ? word & ((1u << DELTA_BITS) - 1) : word >> TYPE_BITS;
		if (type == TYPE_LONG || type >= TYPE_PADDING) {
			if (!take_long(walk, type, delta, record))
				return RING_DAMAGED;
			if (record->data == NULL)
				continue;
		} else {
			record->data = entry + WORD_BYTES;
			record->size = (size_t)type * WORD_BYTES;
			if (record->size > left - WORD_BYTES)
				return RING_DAMAGED;
			walk->at += WORD_BYTES + record->size;
			walk->time += delta;
		}
		record->time = walk->time;
		return RING_RECORD;
	}
	return RING_END;
}
