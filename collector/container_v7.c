/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/container_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

enum {
	SECTION_PACKED = 1,
	UNPACKED_MAX = 64 << 20, /* event formats and task names of real files have some megabytes at most */
	BUFFERS_MAX = 1024,
	STREAM_ENTRY_BYTES = 20
};

struct v7_section {
	struct cursor body; /* within the file */
	unsigned id;
	unsigned flags;
	uint32_t name; /* offset in the strings of the file */
};

struct v7 {
	uint64_t header_info;
	uint64_t ftrace;
	uint64_t formats;
	uint64_t tasks;
	size_t buffer_count;
	bool has_main;
	struct cursor main; /* the options BUFFER: of the main buffer, and the others, without their offset and name */
	struct cursor others[BUFFERS_MAX];
	uint64_t others_at[BUFFERS_MAX];
	uint64_t main_at;
};

/* Reads the header of the section at the cursor, and moves over its body. */
static enum err read_section(struct cursor *cursor, struct v7_section *section, struct error *error)
{
	size_t start = cursor->at;
	uint64_t size;

	section->id = (unsigned)cursor_number(cursor, 2);
	section->flags = (unsigned)cursor_number(cursor, 2);
	section->name = (uint32_t)cursor_number(cursor, 4);
	size = cursor_number(cursor, 8);
	section->body = cursor_part(cursor, size);
	if (!cursor->failed)
		return ERR_OK;
	return error_set(error, ERR_INPUT,
		"the section at byte %zu does not fit into the %zu bytes: it is cut off, copy it again", start,
		cursor->size);
}

/* The contents of a section: within the file, or unpacked into memory of the container. */
static enum err open_section(
	struct container *container, struct v7_section *section, struct cursor *contents, struct error *error)
{
	struct span packed;
	uint32_t size;
	unsigned char *memory;
	const char *trouble;

	*contents = section->body;
	if ((section->flags & SECTION_PACKED) == 0)
		return ERR_OK;
	packed.size = (size_t)cursor_number(contents, 4);
	size = (uint32_t)cursor_number(contents, 4);
	packed.data = cursor_bytes(contents, packed.size);
	if (contents->failed)
		return container_cut_off(contents, "a compressed section", error);
	if (size > UNPACKED_MAX)
		return error_set(error, ERR_LIMIT,
			"section %u unpacks to %" PRIu32 " bytes, more than %d: record fewer systems", section->id,
			size, UNPACKED_MAX);
	memory = memory_zeroed(size);
	container->unpacked = memory_grown(container->unpacked, &container->unpacked_capacity,
		container->unpacked_count + 1, sizeof(*container->unpacked));
	container->unpacked[container->unpacked_count++] = memory;
	trouble = unpack(container->unpacker, packed, memory, size);
	if (trouble != NULL)
		return error_set(error, ERR_INPUT, "section %u cannot be unpacked (%s): copy or record it again",
			section->id, trouble);
	*contents = (struct cursor){.data = memory, .size = size, .big_endian = container->big_endian};
	return ERR_OK;
}

static enum err read_section_at(
	struct container *container, uint64_t offset, unsigned id, struct v7_section *section, struct error *error)
{
	struct cursor cursor = container_cursor(container, offset);
	enum err result;

	if (cursor.failed)
		return error_set(error, ERR_INPUT,
			"section %u should be at byte %" PRIu64 " of %zu: it is cut off, copy it again", id, offset,
			container->file.size);
	result = read_section(&cursor, section, error);
	if (result != ERR_OK)
		return result;
	if (section->id != id)
		return error_set(error, ERR_INPUT,
			"section %u is at byte %" PRIu64 ", where section %u should be: copy or record it again",
			section->id, offset, id);
	return ERR_OK;
}

static enum err open_section_at(
	struct container *container, uint64_t offset, unsigned id, struct cursor *contents, struct error *error)
{
	struct v7_section section = {.id = 0};
	enum err result = read_section_at(container, offset, id, &section, error);

	return result != ERR_OK ? result : open_section(container, &section, contents, error);
}

static enum err read_buffer_option(struct v7 *v7, struct cursor body, struct error *error)
{
	uint64_t offset = cursor_number(&body, 8);
	const char *name = cursor_text(&body);

	if (name == NULL)
		return container_cut_off(&body, "a buffer option", error);
	if (name[0] == '\0') {
		if (v7->has_main)
			return error_set(error, ERR_INPUT, "it has two main buffers: record it again");
		v7->has_main = true;
		v7->main = body;
		v7->main_at = offset;
		return ERR_OK;
	}
	if (v7->buffer_count == BUFFERS_MAX)
		return error_set(error, ERR_LIMIT, "more than %d buffers: record fewer", BUFFERS_MAX);
	v7->others[v7->buffer_count] = body;
	v7->others_at[v7->buffer_count++] = offset;
	return ERR_OK;
}

static enum err read_option(
	struct container *container, struct v7 *v7, unsigned id, struct cursor body, struct error *error)
{
	switch (id) {
	case OPTION_BUFFER:
		return read_buffer_option(v7, body, error);
	case OPTION_HEADER_INFO:
		v7->header_info = cursor_number(&body, 8);
		break;
	case OPTION_FTRACE_FORMATS:
		v7->ftrace = cursor_number(&body, 8);
		break;
	case OPTION_EVENT_FORMATS:
		v7->formats = cursor_number(&body, 8);
		break;
	case OPTION_CMDLINES:
		v7->tasks = cursor_number(&body, 8);
		break;
	default:
		container_read_option(container, id, body);
		return ERR_OK;
	}
	return body.failed ? container_cut_off(&body, "an option", error) : ERR_OK;
}

/* Reads the options of one section; `next` becomes the place of the next such section, 0 when there is none. */
static enum err read_options(
	struct container *container, struct v7 *v7, struct cursor *options, uint64_t *next, struct error *error)
{
	enum err result = ERR_OK;

	*next = 0;
	while (result == ERR_OK) {
		unsigned id = (unsigned)cursor_number(options, 2);
		struct cursor body = cursor_part(options, cursor_number(options, 4));

		if (options->failed)
			return container_cut_off(options, "the options", error);
		if (id != OPTION_DONE) {
			result = read_option(container, v7, id, body, error);
			continue;
		}
		*next = cursor_number(&body, 8);
		return body.failed ? container_cut_off(&body, "the last option", error) : ERR_OK;
	}
	return result;
}

/*
 * Sections do not overlap, so that the option sections together are no longer than the file: a chain that exceeds this
 * runs in a circle.
 */
static enum err read_option_chain(struct container *container, struct v7 *v7, uint64_t offset, struct error *error)
{
	size_t total = 0;
	struct cursor options;
	enum err result = ERR_OK;

	while (offset != 0 && result == ERR_OK) {
		result = open_section_at(container, offset, OPTION_DONE, &options, error);
		if (result != ERR_OK)
			break;
		total += options.size + 1;
		if (total > container->file.size)
			return error_set(error, ERR_INPUT, "the options at byte %" PRIu64 " run in a circle: %s",
				offset, "record it again");
		result = read_options(container, v7, &options, &offset, error);
	}
	return result;
}

/*
 * How many bytes the chunks at `offset` take, with their count in front; 0 when that is neither `size` nor 4 more. The
 * size that trace-cmd 3.1.6 states leaves out the count; its manual page does not say whether it should.
 */
static uint64_t chunks_size(const struct container *container, uint64_t offset, uint64_t size)
{
	struct cursor cursor = container_cursor(container, offset);
	size_t left = cursor_left(&cursor);
	struct cursor part = cursor_part(&cursor, size < left && left - size >= 4 ? size + 4 : left);
	uint64_t count = cursor_number(&part, 4);

	for (uint64_t i = 0; i < count && !part.failed; i++) {
		uint64_t packed = cursor_number(&part, 4);

		cursor_number(&part, 4);
		cursor_bytes(&part, packed);
	}
	return !part.failed && (part.at == size || part.at == size + 4) ? part.at : 0;
}

static enum err add_stream(
	struct container *container, const struct container_stream *stream, struct cursor *body, struct error *error)
{
	uint64_t offset = cursor_number(body, 8);
	uint64_t size = cursor_number(body, 8);
	uint64_t real_size = stream->packed && size != 0 ? chunks_size(container, offset, size) : size;

	if (real_size == 0 && size != 0)
		return error_set(error, ERR_INPUT,
			"the data of CPU %u at byte %" PRIu64 " are not the chunks of %" PRIu64
			" bytes that they should be: copy or record it again",
			stream->cpu, offset, size);
	return container_add_stream(container, stream, offset, real_size, error);
}

/* Clock, page size, and the place of the data of each CPU: what follows the name in an option BUFFER. */
static enum err read_buffer(struct container *container, uint64_t offset, struct cursor body, struct error *error)
{
	struct container_stream stream = {.cpu = 0};
	struct v7_section section = {.id = 0};
	const char *clock = cursor_text(&body);
	uint64_t count;
	enum err result = read_section_at(container, offset, OPTION_BUFFER, &section, error);

	if (result != ERR_OK)
		return result;
	stream.packed = (section.flags & SECTION_PACKED) != 0;
	stream.page_bytes = (uint32_t)cursor_number(&body, 4);
	count = cursor_number(&body, 4);
	if (body.failed || count > cursor_left(&body) / STREAM_ENTRY_BYTES)
		return container_cut_off(&body, "a buffer option", error);
	if (clock[0] != '\0' && container->clock_name.size == 0)
		container->clock_name = (struct span){(const unsigned char *)clock, strlen(clock)};
	for (uint64_t i = 0; i < count && result == ERR_OK; i++) {
		uint64_t cpu = cursor_number(&body, 4);

		stream.cpu = (uint16_t)cpu;
		result = cpu > UINT16_MAX ? error_set(error, ERR_INPUT, "no machine has a CPU %" PRIu64 ": %s", cpu,
						    "record it again")
					  : add_stream(container, &stream, &body, error);
	}
	return result;
}

static enum err read_buffers(struct container *container, struct v7 *v7, struct error *error)
{
	enum err result = ERR_OK;

	if (!v7->has_main && v7->buffer_count == 0)
		return error_set(
			error, ERR_INPUT, "it holds no buffer: the recording was not finished, record it again");
	if (v7->has_main)
		result = read_buffer(container, v7->main_at, v7->main, error);
	for (size_t i = 0; i < v7->buffer_count && result == ERR_OK; i++)
		result = read_buffer(container, v7->others_at[i], v7->others[i], error);
	return result;
}

static enum err read_texts(struct container *container, struct v7 *v7, struct error *error)
{
	struct cursor contents, tasks;
	enum err result;

	if (v7->header_info == 0 || v7->formats == 0)
		return error_set(error, ERR_INPUT, "it lacks the event formats: record it again");
	result = open_section_at(container, v7->header_info, OPTION_HEADER_INFO, &contents, error);
	if (result == ERR_OK)
		result = container_read_header_info(container, &contents, error);
	if (result == ERR_OK)
		result = open_section_at(container, v7->formats, OPTION_EVENT_FORMATS, &contents, error);
	if (result != ERR_OK)
		return result;
	container->formats = (struct span){contents.data + contents.at, cursor_left(&contents)};
	if (v7->ftrace != 0) {
		result = open_section_at(container, v7->ftrace, OPTION_FTRACE_FORMATS, &contents, error);
		if (result != ERR_OK)
			return result;
		container->ftrace = (struct span){contents.data + contents.at, cursor_left(&contents)};
	}
	if (v7->tasks == 0)
		return ERR_OK;
	result = open_section_at(container, v7->tasks, OPTION_CMDLINES, &contents, error);
	if (result != ERR_OK)
		return result;
	tasks = cursor_part(&contents, cursor_number(&contents, 8));
	container->saved_tasks = (struct span){tasks.data, tasks.size};
	return tasks.failed ? container_cut_off(&contents, "the task names", error) : ERR_OK;
}

/*
 * Sections follow one another to the end of the file, and their names stand in the last one, so that a file that was
 * cut off shows it even when nothing that is read lies behind the cut.
 */
static enum err check_whole(const struct cursor *start, struct error *error)
{
	struct cursor cursor = *start;
	struct v7_section section = {.id = 0};
	uint64_t last_name = 0;
	uint64_t names = 0;
	enum err result = ERR_OK;

	while (cursor_left(&cursor) > 0 && result == ERR_OK) {
		size_t at = cursor.at;

		result = read_section(&cursor, &section, error);
		if (result != ERR_OK)
			break;
		if (section.id == OPTION_DONE && section.body.size == 0)
			return error_set(error, ERR_INPUT, "from byte %zu on it holds zeros: copy it again", at);
		if (section.name > last_name)
			last_name = section.name;
		if (section.id != OPTION_STRINGS)
			continue;
		if ((section.flags & SECTION_PACKED) != 0)
			cursor_number(&section.body, 4);
		names += (section.flags & SECTION_PACKED) != 0 ? cursor_number(&section.body, 4) : section.body.size;
	}
	if (result == ERR_OK && last_name > 0 && last_name >= names)
		return container_cut_off(&cursor, "the names of the sections", error);
	return result;
}

enum err container_read_v7(struct container *container, struct cursor *cursor, struct error *error)
{
	struct v7 *v7 = memory_zeroed(sizeof(*v7));
	const char *method = cursor_text(cursor);
	const char *method_version = cursor_text(cursor);
	uint64_t options = cursor_number(cursor, 8);
	enum err result;

	if (cursor->failed || method_version == NULL) {
		result = container_cut_off(cursor, "the header", error);
		goto out;
	}
	if (!unpack_method_of(method, &container->method)) {
		result = error_set(error, ERR_INPUT,
			"compressed with '%.20s', which is unknown: convert it with trace-cmd convert --compression "
			"none",
			method);
		goto out;
	}
	if (options == 0) {
		result = error_set(
			error, ERR_INPUT, "it has no options: the recording was not finished, record it again");
		goto out;
	}
	container->unpacker = unpacker_new(container->method);
	result = check_whole(cursor, error);
	if (result == ERR_OK)
		result = read_option_chain(container, v7, options, error);
	if (result == ERR_OK)
		result = read_texts(container, v7, error);
	if (result == ERR_OK)
		result = read_buffers(container, v7, error);
out:
	free(v7);
	return result;
}
