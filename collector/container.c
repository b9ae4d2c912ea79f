/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/container.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "collector/container_parts.h"

enum { PAGE_BYTES_MIN = 512, PAGE_BYTES_MAX = 4 << 20 };

struct cursor container_cursor(const struct container *container, uint64_t offset)
{
	struct cursor cursor = {container->file.data, container->file.size, 0, container->big_endian, false};

	cursor_bytes(&cursor, offset);
	return cursor;
}

enum err container_cut_off(const struct cursor *cursor, const char *what, struct error *error)
{
	return error_set(error, ERR_INPUT, "it ends in the middle of %s (at %zu of %zu bytes): copy or record it again",
		what, cursor->at, cursor->size);
}

static struct span rest_of(const struct cursor *cursor)
{
	return cursor->failed ? (struct span){NULL, 0}
			      : (struct span){cursor->data + cursor->at, cursor->size - cursor->at};
}

/* Texts of options end at their NUL, if they have one. */
static struct span text_of(struct cursor body)
{
	struct span text = rest_of(&body);
	const unsigned char *end = text.size == 0 ? NULL : memchr(text.data, '\0', text.size);

	if (end != NULL)
		text.size = (size_t)(end - text.data);
	return text;
}

/* Decimal or 0x, as in "0x5f3a" or "-1200": what strtoll takes with base 0, from a text without a NUL. */
static uint64_t number_in(struct span text)
{
	char digits[32] = "";

	if (text.size > 0)
		memcpy(digits, text.data, text.size < sizeof(digits) ? text.size : sizeof(digits) - 1);
	return (uint64_t)strtoll(digits, NULL, 0);
}

struct span container_clock_in(struct span text)
{
	const unsigned char *start = text.size == 0 ? NULL : memchr(text.data, '[', text.size);
	size_t left = start == NULL ? 0 : text.size - (size_t)(start - text.data);
	const unsigned char *end = left == 0 ? NULL : memchr(start, ']', left);

	return end == NULL ? (struct span){NULL, 0} : (struct span){start + 1, (size_t)(end - start) - 1};
}

/* "Linux HOST RELEASE MACHINE"; where a version ("#1 SMP ...") stands behind the release, it stays with it. */
static struct span release_in(struct span text)
{
	const unsigned char *version;

	for (int word = 0; word < 2; word++) {
		const unsigned char *blank = text.size == 0 ? NULL : memchr(text.data, ' ', text.size);

		if (blank == NULL)
			return (struct span){NULL, 0};
		text.size -= (size_t)(blank + 1 - text.data);
		text.data = blank + 1;
	}
	version = text.size == 0 ? NULL : memchr(text.data, ' ', text.size);
	if (version != NULL && (size_t)(version - text.data) + 1 < text.size && version[1] != '#')
		text.size = (size_t)(version - text.data);
	return text;
}

static void read_tsc(struct container_clock *clock, struct cursor body)
{
	uint32_t multiplier = (uint32_t)cursor_number(&body, 4);
	uint32_t shift = (uint32_t)cursor_number(&body, 4);

	cursor_number(&body, 8);
	if (body.failed)
		return;
	clock->multiplier = multiplier;
	clock->shift = shift;
}

void container_read_option(struct container *container, unsigned id, struct cursor body)
{
	struct span text = text_of(body);

	switch (id) {
	case OPTION_DATE: /* microseconds */
		container->clock.offset_ns += number_in(text) * 1000;
		break;
	case OPTION_OFFSET:
		container->clock.offset_ns += number_in(text);
		break;
	case OPTION_TSC2NSEC:
		read_tsc(&container->clock, body);
		break;
	case OPTION_UNAME:
		container->release = release_in(text);
		break;
	case OPTION_TRACECLOCK:
		if (container->clock_name.size == 0)
			container->clock_name = container_clock_in(text);
		break;
	default:
		break;
	}
}

enum err container_read_header_info(struct container *container, struct cursor *cursor, struct error *error)
{
	static const char page_title[] = "header_page";
	static const char event_title[] = "header_event";
	const unsigned char *title = cursor_bytes(cursor, sizeof(page_title));
	struct cursor text;

	if (title != NULL && memcmp(title, page_title, sizeof(page_title)) != 0)
		return error_set(error, ERR_INPUT, "no '%s' at byte %zu: record it again", page_title, cursor->at);
	text = cursor_part(cursor, cursor_number(cursor, 8));
	container->header_page = rest_of(&text);
	title = cursor_bytes(cursor, sizeof(event_title));
	if (title != NULL && memcmp(title, event_title, sizeof(event_title)) != 0)
		return error_set(error, ERR_INPUT, "no '%s' at byte %zu: record it again", event_title, cursor->at);
	cursor_bytes(cursor, cursor_number(cursor, 8));
	return cursor->failed ? container_cut_off(cursor, "the ring buffer's header formats", error) : ERR_OK;
}

static enum err check_page_bytes(uint32_t bytes, struct error *error)
{
	if (bytes >= PAGE_BYTES_MIN && bytes <= PAGE_BYTES_MAX && (bytes & (bytes - 1)) == 0)
		return ERR_OK;
	return error_set(error, ERR_INPUT, "a page size of %" PRIu32 " is none: record it again", bytes);
}

enum err container_add_stream(struct container *container, const struct container_stream *stream, uint64_t offset,
	uint64_t size, struct error *error)
{
	struct cursor cursor = container_cursor(container, offset);
	struct container_stream *slot;

	if (size == 0)
		return ERR_OK;
	if (check_page_bytes(stream->page_bytes, error) != ERR_OK)
		return ERR_INPUT;
	if (cursor.failed || size > cursor_left(&cursor))
		return error_set(error, ERR_INPUT,
			"the data of CPU %u should be at bytes %" PRIu64 " to +%" PRIu64
			", but the file has only %zu: it is cut off, copy it again",
			stream->cpu, offset, size, container->file.size);
	if (container->stream_count == CONTAINER_STREAMS_MAX)
		return error_set(
			error, ERR_LIMIT, "more than %d CPUs and buffers: record fewer", CONTAINER_STREAMS_MAX);
	container->stream_bytes += (size_t)size;
	if (container->stream_bytes > container->file.size)
		return error_set(error, ERR_INPUT, "the data of CPU %u at byte %" PRIu64 " are another's too: %s",
			stream->cpu, offset, "record it again");
	container->streams = memory_grown(container->streams, &container->stream_capacity, container->stream_count + 1,
		sizeof(*container->streams));
	slot = &container->streams[container->stream_count++];
	*slot = *stream;
	slot->data = (struct span){cursor.data + cursor.at, (size_t)size};
	return ERR_OK;
}

static int by_place(const void *left, const void *right)
{
	const struct span *a = left;
	const struct span *b = right;

	return (a->data > b->data) - (a->data < b->data);
}

/* Else a file of a megabyte could have a thousand CPUs read the same megabyte each. */
static enum err check_apart(const struct container *container, struct error *error)
{
	struct span *places = memory_resized(NULL, container->stream_count, sizeof(*places));
	enum err result = ERR_OK;

	for (size_t i = 0; i < container->stream_count; i++)
		places[i] = container->streams[i].data;
	qsort(places, container->stream_count, sizeof(*places), by_place);
	for (size_t i = 1; i < container->stream_count && result == ERR_OK; i++)
		if ((size_t)(places[i].data - places[i - 1].data) < places[i - 1].size)
			result =
				error_set(error, ERR_INPUT, "the data of two CPUs overlap at byte %zu: record it again",
					(size_t)(places[i].data - container->file.data));
	free(places);
	return result;
}

static enum err read_start(struct container *container, struct cursor *cursor, struct error *error)
{
	const char *version;
	unsigned order, long_bytes;

	cursor_bytes(cursor, 10); /* the magic bytes, which tracedat_recognised() has seen */
	version = cursor_text(cursor);
	order = (unsigned)cursor_number(cursor, 1);
	long_bytes = (unsigned)cursor_number(cursor, 1);
	cursor->big_endian = order == 1;
	container->big_endian = cursor->big_endian;
	container->page_bytes = (uint32_t)cursor_number(cursor, 4);
	if (cursor->failed)
		return container_cut_off(cursor, "the header", error);
	if (strcmp(version, "6") != 0 && strcmp(version, "7") != 0)
		return error_set(error, ERR_INPUT,
			"trace.dat version '%.20s' is unknown: convert it to version 6 or 7 with trace-cmd convert",
			version);
	container->version = version[0] == '6' ? 6 : 7;
	if (order > 1 || (long_bytes != 4 && long_bytes != 8))
		return error_set(error, ERR_INPUT, "byte order %u with longs of %u bytes is none: record it again",
			order, long_bytes);
	return check_page_bytes(container->page_bytes, error);
}

enum err container_init(struct container *container, struct span file, struct error *error)
{
	struct cursor cursor = {.data = file.data, .size = file.size};
	enum err result;

	*container = (struct container){.file = file};
	result = read_start(container, &cursor, error);
	if (result != ERR_OK)
		return result;
	result = container->version == 6 ? container_read_v6(container, &cursor, error)
					 : container_read_v7(container, &cursor, error);
	if (result == ERR_OK && container->clock.shift > 32)
		result = error_set(error, ERR_INPUT, "a clock shifted by %" PRIu32 " bits is none: record it again",
			container->clock.shift);
	return result != ERR_OK ? result : check_apart(container, error);
}

void container_forget_texts(struct container *container)
{
	for (size_t i = 0; i < container->unpacked_count; i++)
		free(container->unpacked[i]);
	free(container->unpacked);
	container->unpacked = NULL;
	container->unpacked_count = 0;
	container->unpacked_capacity = 0;
}

void container_release(struct container *container)
{
	container_forget_texts(container);
	free(container->streams);
	unpacker_free(container->unpacker);
	*container = (struct container){.version = 0};
}
