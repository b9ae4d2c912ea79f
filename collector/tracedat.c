/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/tracedat.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "collector/batch.h"
#include "collector/container.h"
#include "collector/decode.h"
#include "collector/stream.h"
#include "collector/tasks.h"

/* trace-cmd packs ten pages into a chunk: 40 kB for each CPU of most machines, 640 kB where pages are large. */
enum { CHUNK_BYTES_ALL = 128 << 20 };

/* A stream, and what the merge and the marks of lost events need to know of it. */
struct lane {
	struct stream stream;
	size_t order;	  /* breaks ties of time */
	uint64_t time_ns; /* of the present record */
	uint64_t last_ns; /* of the record before */
};

struct tracedat {
	struct container container;
	struct trace_info *info;
	struct decoder *decoder;
	struct tasks *tasks;
	struct ring_layout layout;
	struct lane *lanes;
	size_t lane_count;
	struct lane **heap; /* of the lanes that have a record left, the earliest on top */
	size_t heap_count;
	size_t chunk_budget;
	struct batch *batch;
};

static const unsigned char magic[] = {0x17, 0x08, 0x44, 't', 'r', 'a', 'c', 'i', 'n', 'g'};

bool tracedat_recognised(const unsigned char *data, size_t size)
{
	return size >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0;
}

enum formats_of { FORMATS_OTHER, FORMATS_BTRFS, FORMATS_FTRACE };

/* The events of one system: a count, then size and text of each. */
static enum err learn_system(
	struct decoder *decoder, struct cursor *cursor, enum formats_of system, struct error *error)
{
	uint64_t events = cursor_number(cursor, 4);
	enum err result = ERR_OK;

	for (uint64_t i = 0; i < events && !cursor->failed && result == ERR_OK; i++) {
		struct cursor part = cursor_part(cursor, cursor_number(cursor, 8));
		struct span text = {part.data, part.size};

		if (part.failed)
			break;
		if (system == FORMATS_BTRFS)
			result = decoder_learn(decoder, text, error);
		else if (system == FORMATS_FTRACE)
			decoder_learn_ftrace(decoder, text);
	}
	return result;
}

/* The section of event formats is one of systems; that of ftrace's own events has but the events. */
static enum err learn_formats(struct tracedat *tracedat, struct error *error)
{
	const struct container *container = &tracedat->container;
	struct cursor cursor = {container->formats.data, container->formats.size, 0, container->big_endian, false};
	struct cursor ftrace = {container->ftrace.data, container->ftrace.size, 0, container->big_endian, false};
	uint64_t systems = cursor_number(&cursor, 4);
	enum err result = ERR_OK;

	for (uint64_t i = 0; i < systems && !cursor.failed && result == ERR_OK; i++) {
		const char *name = cursor_text(&cursor);
		bool is_btrfs = name != NULL && strcmp(name, "btrfs") == 0;

		result = learn_system(tracedat->decoder, &cursor, is_btrfs ? FORMATS_BTRFS : FORMATS_OTHER, error);
	}
	if (result == ERR_OK && container->ftrace.size > 0)
		result = learn_system(tracedat->decoder, &ftrace, FORMATS_FTRACE, error);
	if (result != ERR_OK)
		return result;
	if (cursor.failed || ftrace.failed)
		return error_set(error, ERR_INPUT, "the event formats are cut off: copy or record it again");
	return ERR_OK;
}

static char *copied(struct span text)
{
	return text.size == 0 ? NULL : memory_text((const char *)text.data, text.size);
}

static enum err read_headers(struct tracedat *tracedat, const unsigned char *data, size_t size, struct error *error)
{
	struct container *container = &tracedat->container;
	enum err result = container_init(container, (struct span){data, size}, error);

	if (result != ERR_OK)
		return result;
	result = ring_layout_of(&tracedat->layout, container->header_page, container->big_endian, error);
	if (result != ERR_OK)
		return result;
	tracedat->decoder = decoder_new(container->big_endian, tracedat->info->fsids, tracedat->info->texts);
	result = learn_formats(tracedat, error);
	if (result != ERR_OK)
		return result;
	tracedat->tasks = tasks_new(container->saved_tasks, tracedat->info->comms);
	tracedat->info->kernel = copied(container->release);
	tracedat->info->clock = copied(container->clock_name);
	container_forget_texts(container);
	return ERR_OK;
}

enum err tracedat_open(struct tracedat **tracedat, const unsigned char *data, size_t size, struct trace_info *info,
	struct error *error)
{
	struct tracedat *opened = memory_zeroed(sizeof(*opened));
	enum err result;

	opened->info = info;
	result = tracedat_recognised(data, size) ? read_headers(opened, data, size, error)
						 : error_set(error, ERR_INPUT, "not a trace.dat file");
	if (result != ERR_OK) {
		tracedat_close(opened);
		return result;
	}
	*tracedat = opened;
	return ERR_OK;
}

/* As trace-cmd report does: the product in two halves, of which the upper one is cut off at 32 bits. */
static uint64_t nanoseconds(const struct container_clock *clock, uint64_t time)
{
	uint64_t low = (uint32_t)time;
	uint64_t high = time >> 32;

	if (clock->multiplier == 0)
		return time + clock->offset_ns;
	return ((low * clock->multiplier) >> clock->shift) + ((high * clock->multiplier) << (32 - clock->shift)) +
	       clock->offset_ns;
}

/* trace-cmd report takes the earliest record, and of equal ones that of the first buffer, then that of the first CPU.
 */
static bool earlier(const struct lane *a, const struct lane *b)
{
	return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->order < b->order;
}

static void sift_down(struct lane **heap, size_t count, size_t at)
{
	struct lane *lane = heap[at];

	for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
		if (child + 1 < count && earlier(heap[child + 1], heap[child]))
			child++;
		if (!earlier(heap[child], lane))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = lane;
}

static enum err advance(struct tracedat *tracedat, struct lane *lane, struct error *error)
{
	enum err result = stream_next(&lane->stream, error);

	lane->last_ns = lane->time_ns;
	if (result == ERR_OK && lane->stream.alive)
		lane->time_ns = nanoseconds(&tracedat->container.clock, lane->stream.record.time);
	return result;
}

static enum err start_lanes(struct tracedat *tracedat, struct error *error)
{
	const struct container *container = &tracedat->container;
	enum err result = ERR_OK;

	tracedat->chunk_budget = CHUNK_BYTES_ALL;
	tracedat->lanes = memory_zeroed(container->stream_count * sizeof(*tracedat->lanes));
	tracedat->heap = memory_zeroed(container->stream_count * sizeof(struct lane *));
	for (size_t i = 0; i < container->stream_count && result == ERR_OK; i++) {
		struct lane *lane = &tracedat->lanes[i];

		lane->order = i;
		stream_init(
			&lane->stream, container, &container->streams[i], &tracedat->layout, &tracedat->chunk_budget);
		tracedat->lane_count++;
		result = advance(tracedat, lane, error);
		if (result == ERR_OK && lane->stream.alive)
			tracedat->heap[tracedat->heap_count++] = lane;
	}
	for (size_t i = tracedat->heap_count / 2; i-- > 0;)
		sift_down(tracedat->heap, tracedat->heap_count, i);
	return result;
}

static enum err emit_loss(struct tracedat *tracedat, const struct lane *lane, struct error *error)
{
	struct event event = {.kind = EVENT_LOST};

	event.cpu = lane->stream.what->cpu;
	event.time_ns = lane->time_ns;
	event.start = lane->last_ns;
	event.bytes = lane->stream.loss.count;
	return batch_add(tracedat->batch, &event, error);
}

static enum err emit(struct tracedat *tracedat, const struct lane *lane, struct error *error)
{
	const struct stream *stream = &lane->stream;
	struct span record = {stream->record.data, stream->record.size};
	struct event event = {.kind = EVENT_NONE};
	enum err result = stream->loss.lost ? emit_loss(tracedat, lane, error) : ERR_OK;

	if (result != ERR_OK || record.data == NULL)
		return result;
	event.cpu = stream->what->cpu;
	event.time_ns = lane->time_ns;
	switch (decoder_event(tracedat->decoder, tracedat->tasks, record, &event)) {
	case DECODED_EVENT:
		return batch_add(tracedat->batch, &event, error);
	case DECODED_OTHER:
		tracedat->info->skipped_events++;
		return ERR_OK;
	case DECODED_SHORT:
		break;
	}
	return error_set(error, ERR_INPUT,
		"CPU %u, the record of %zu bytes at time %" PRIu64 ".%09" PRIu64
		" is shorter than its format says: record it again",
		event.cpu, record.size, event.time_ns / 1000000000, event.time_ns % 1000000000);
}

static enum err merge(struct tracedat *tracedat, struct error *error)
{
	enum err result = start_lanes(tracedat, error);

	while (result == ERR_OK && tracedat->heap_count > 0) {
		struct lane *lane = tracedat->heap[0];

		result = emit(tracedat, lane, error);
		if (result == ERR_OK)
			result = advance(tracedat, lane, error);
		if (!lane->stream.alive)
			tracedat->heap[0] = tracedat->heap[--tracedat->heap_count];
		if (tracedat->heap_count > 0)
			sift_down(tracedat->heap, tracedat->heap_count, 0);
	}
	return result == ERR_OK ? batch_flush(tracedat->batch, error) : result;
}

void tracedat_position(const struct tracedat *tracedat, uint64_t *done_bytes, uint64_t *total_bytes)
{
	*done_bytes = *total_bytes = 0;
	for (size_t i = 0; i < tracedat->lane_count; i++) {
		const struct stream *stream = &tracedat->lanes[i].stream;
		size_t size = stream->what->data.size;

		*total_bytes += size;
		*done_bytes += stream->what->packed ? stream->chunks.at : size - stream->rest.size;
	}
}

enum err tracedat_read(struct tracedat *tracedat, const struct sink *sink, struct error *error)
{
	enum err result;

	tracedat->batch = memory_zeroed(sizeof(*tracedat->batch));
	batch_init(tracedat->batch, sink);
	result = merge(tracedat, error);
	free(tracedat->batch);
	tracedat->batch = NULL;
	return result;
}

void tracedat_close(struct tracedat *tracedat)
{
	if (tracedat == NULL)
		return;
	for (size_t i = 0; i < tracedat->lane_count; i++)
		stream_release(&tracedat->lanes[i].stream);
	free(tracedat->lanes);
	free(tracedat->heap);
	decoder_free(tracedat->decoder);
	tasks_free(tracedat->tasks);
	container_release(&tracedat->container);
	free(tracedat);
}
