/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/stream.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

void stream_init(struct stream *stream, const struct container *container, const struct container_stream *what,
	const struct ring_layout *layout, size_t *budget)
{
	*stream = (struct stream){.container = container, .what = what, .budget = budget};
	stream->layout = *layout;
	if (!what->packed) {
		stream->rest = what->data;
		return;
	}
	stream->chunks =
		(struct cursor){.data = what->data.data, .size = what->data.size, .big_endian = container->big_endian};
	stream->chunks_left = (uint32_t)cursor_number(&stream->chunks, 4);
}

void stream_release(struct stream *stream)
{
	free(stream->chunk);
}

static size_t file_offset(const struct stream *stream, const unsigned char *at)
{
	return (size_t)(at - stream->container->file.data);
}

static enum err refuse_chunk(const struct stream *stream, const char *what, struct error *error)
{
	return error_set(error, ERR_INPUT, "CPU %u, the chunk before byte %zu: %s: copy or record it again",
		stream->what->cpu, file_offset(stream, stream->chunks.data + stream->chunks.at), what);
}

static enum err make_room(struct stream *stream, size_t size, struct error *error)
{
	size_t more = size - stream->chunk_capacity;

	if (size <= stream->chunk_capacity)
		return ERR_OK;
	if (more > *stream->budget)
		return error_set(error, ERR_LIMIT,
			"the chunks of all CPUs, to that of %zu bytes of CPU %u, take too much memory: %s", size,
			stream->what->cpu, "convert it with trace-cmd convert --compression none");
	*stream->budget -= more;
	stream->chunk = memory_resized(stream->chunk, size, 1);
	stream->chunk_capacity = size;
	return ERR_OK;
}

/* Replaces the pages by those of the next chunk. */
static enum err next_chunk(struct stream *stream, struct error *error)
{
	struct span packed = {NULL, (size_t)cursor_number(&stream->chunks, 4)};
	size_t size = (size_t)cursor_number(&stream->chunks, 4);
	const char *trouble;
	enum err result;

	packed.data = cursor_bytes(&stream->chunks, packed.size);
	stream->chunks_left--;
	if (stream->chunks.failed)
		return refuse_chunk(stream, "it is longer than the CPU's data", error);
	result = make_room(stream, size, error);
	if (result != ERR_OK)
		return result;
	trouble = unpack(stream->container->unpacker, packed, stream->chunk, size);
	if (trouble != NULL)
		return refuse_chunk(stream, trouble, error);
	stream->rest = (struct span){stream->chunk, size};
	return ERR_OK;
}

/* Puts the place in front of what is wrong with the present page. */
static enum err refuse_page(const struct stream *stream, struct error *error)
{
	if (stream->what->packed)
		return error_wrap(error,
			"CPU %u, a page of the chunk before byte %zu is damaged, copy or record it again",
			stream->what->cpu, file_offset(stream, stream->chunks.data + stream->chunks.at));
	return error_wrap(error, "CPU %u, the page at byte %zu is damaged, copy or record it again", stream->what->cpu,
		file_offset(stream, stream->page));
}

/* A page that had lost events and nothing else must not hide them. */
static void add_loss(struct ring_loss *total, struct ring_loss loss)
{
	if (!loss.lost)
		return;
	total->count = total->lost && (total->count == 0 || loss.count == 0) ? 0 : total->count + loss.count;
	total->lost = true;
}

/*
 * The kernel hands out no page without a time: this one is a hole, from a copy that went wrong, and what was in it is
 * lost. 60,000 pages of real traces have none.
 */
static bool is_hole(struct span page)
{
	static const unsigned char zeros[16];

	return page.size >= sizeof(zeros) && memcmp(page.data, zeros, sizeof(zeros)) == 0;
}

static enum err next_page(struct stream *stream, struct error *error)
{
	struct span page = stream->rest;
	struct ring_loss loss;

	if (page.size > stream->what->page_bytes)
		page.size = stream->what->page_bytes;
	stream->rest.data += page.size;
	stream->rest.size -= page.size;
	if (is_hole(page)) {
		add_loss(&stream->loss, (struct ring_loss){true, 0});
		return ERR_OK;
	}
	stream->page = page.data;
	if (ring_walk_start(&stream->walk, &stream->layout, page, &loss, error) != ERR_OK)
		return refuse_page(stream, error);
	add_loss(&stream->loss, loss);
	return ERR_OK;
}

enum err stream_next(struct stream *stream, struct error *error)
{
	enum err result = ERR_OK;

	if (stream->alive)
		stream->loss = (struct ring_loss){false, 0};
	while (result == ERR_OK) {
		switch (ring_walk_next(&stream->walk, &stream->record)) {
		case RING_RECORD:
			stream->alive = true;
			return ERR_OK;
		case RING_END:
			if (stream->rest.size == 0 && stream->chunks_left == 0) {
				stream->record = (struct ring_record){NULL, 0, stream->walk.time};
				stream->alive = stream->loss.lost;
				return ERR_OK;
			}
			result = stream->rest.size > 0 ? next_page(stream, error) : next_chunk(stream, error);
			break;
		case RING_DAMAGED:
			error_set(error, ERR_INPUT,
				"the record at byte %zu of the page's %zu bytes of data is too long", stream->walk.at,
				stream->walk.size);
			result = refuse_page(stream, error);
			break;
		}
	}
	return result;
}
