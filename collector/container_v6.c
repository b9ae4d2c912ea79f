/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/container_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

enum { TITLE_BYTES = 10, BUFFERS_MAX = 1024 };

/* What stands between the header and the options, and where the tables of the other buffers are. */
struct v6 {
	uint32_t cpu_count;
	uint64_t buffers[BUFFERS_MAX];
	size_t buffer_count;
};

static void skip_sized(struct cursor *cursor, unsigned size_bytes)
{
	cursor_bytes(cursor, cursor_number(cursor, size_bytes));
}

/* The texts of ftrace's own events: a count, then size and text of each. */
static void skip_ftrace_formats(struct cursor *cursor)
{
	uint64_t count = cursor_number(cursor, 4);

	for (uint64_t i = 0; i < count && !cursor->failed; i++)
		skip_sized(cursor, 8);
}

static void skip_formats(struct cursor *cursor)
{
	uint64_t systems = cursor_number(cursor, 4);

	for (uint64_t i = 0; i < systems && !cursor->failed; i++) {
		cursor_text(cursor);
		skip_ftrace_formats(cursor);
	}
}

static enum err read_texts(struct container *container, struct cursor *cursor, struct error *error)
{
	struct cursor tasks;
	size_t start;

	if (container_read_header_info(container, cursor, error) != ERR_OK)
		return ERR_INPUT;
	start = cursor->at;
	skip_ftrace_formats(cursor);
	container->ftrace = (struct span){cursor->data + start, cursor->at - start};
	start = cursor->at;
	skip_formats(cursor);
	container->formats = (struct span){cursor->data + start, cursor->at - start};
	if (cursor->failed)
		return container_cut_off(cursor, "the event formats", error);
	skip_sized(cursor, 4); /* kallsyms */
	skip_sized(cursor, 4); /* printk formats */
	tasks = cursor_part(cursor, cursor_number(cursor, 8));
	container->saved_tasks = (struct span){tasks.data, tasks.size};
	return cursor->failed ? container_cut_off(cursor, "the symbols or the task names", error) : ERR_OK;
}

static enum err read_option(
	struct container *container, struct v6 *v6, unsigned id, struct cursor body, struct error *error)
{
	switch (id) {
	case OPTION_BUFFER:
		if (v6->buffer_count == BUFFERS_MAX)
			return error_set(error, ERR_LIMIT, "more than %d buffers: record fewer", BUFFERS_MAX);
		v6->buffers[v6->buffer_count++] = cursor_number(&body, 8);
		return body.failed ? container_cut_off(&body, "a buffer option", error) : ERR_OK;
	case OPTION_CPUCOUNT:
		v6->cpu_count = (uint32_t)cursor_number(&body, 4);
		return body.failed ? container_cut_off(&body, "the option of the CPU count", error) : ERR_OK;
	default:
		container_read_option(container, id, body);
		return ERR_OK;
	}
}

static enum err read_options(struct container *container, struct v6 *v6, struct cursor *cursor, struct error *error)
{
	enum err result = ERR_OK;

	while (result == ERR_OK) {
		unsigned id = (unsigned)cursor_number(cursor, 2);
		struct cursor body;

		if (id == OPTION_DONE)
			break;
		body = cursor_part(cursor, cursor_number(cursor, 4));
		if (cursor->failed)
			break;
		result = read_option(container, v6, id, body, error);
	}
	if (result != ERR_OK)
		return result;
	return cursor->failed ? container_cut_off(cursor, "the options", error) : ERR_OK;
}

static bool has_title(const unsigned char *title, const char *text)
{
	return title != NULL && memcmp(title, text, TITLE_BYTES) == 0;
}

/* "flyrecord", then place and size of the pages of each CPU. */
static enum err read_table(struct container *container, struct v6 *v6, struct cursor *cursor, struct error *error)
{
	const unsigned char *title = cursor_bytes(cursor, TITLE_BYTES);
	enum err result = ERR_OK;

	if (has_title(title, "latency  "))
		return error_set(
			error, ERR_INPUT, "it holds the text of a latency tracer, not events: record the btrfs events");
	if (!has_title(title, "flyrecord"))
		return error_set(
			error, ERR_INPUT, "no table of CPU data at byte %zu: copy or record it again", cursor->at);
	for (uint32_t cpu = 0; cpu < v6->cpu_count && result == ERR_OK; cpu++) {
		struct container_stream stream = {.page_bytes = container->page_bytes, .cpu = (uint16_t)cpu};
		uint64_t offset = cursor_number(cursor, 8);
		uint64_t size = cursor_number(cursor, 8);

		result = cursor->failed ? container_cut_off(cursor, "the table of CPU data", error)
					: container_add_stream(container, &stream, offset, size, error);
	}
	return result;
}

static enum err read_buffers(struct container *container, struct v6 *v6, struct cursor *cursor, struct error *error)
{
	enum err result = read_table(container, v6, cursor, error);
	struct cursor text;

	if (result != ERR_OK)
		return result;
	/* The text of trace_clock follows if the option said so; old files lack it, and then nothing depends on it. */
	text = cursor_part(cursor, cursor_number(cursor, 8));
	if (!text.failed && container->clock_name.size == 0)
		container->clock_name = container_clock_in((struct span){text.data, text.size});
	for (size_t i = 0; i < v6->buffer_count && result == ERR_OK; i++) {
		struct cursor table = container_cursor(container, v6->buffers[i]);

		result = read_table(container, v6, &table, error);
	}
	return result;
}

enum err container_read_v6(struct container *container, struct cursor *cursor, struct error *error)
{
	struct v6 *v6 = memory_zeroed(sizeof(*v6));
	enum err result = read_texts(container, cursor, error);

	if (result != ERR_OK)
		goto out;
	v6->cpu_count = (uint32_t)cursor_number(cursor, 4);
	if (has_title(cursor_bytes(cursor, TITLE_BYTES), "options  "))
		result = read_options(container, v6, cursor, error);
	else
		cursor->at -= cursor->failed ? 0 : TITLE_BYTES;
	if (result != ERR_OK)
		goto out;
	if (v6->cpu_count > CONTAINER_STREAMS_MAX)
		result = error_set(
			error, ERR_INPUT, "%" PRIu32 " CPUs are too many to be true: record it again", v6->cpu_count);
	else
		result = read_buffers(container, v6, cursor, error);
out:
	free(v6);
	return result;
}
