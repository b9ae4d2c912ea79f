/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/input.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "collector/packed.h"

enum { PACKED_TWICE = 2, SPOOL_CHUNK = 256 * 1024 };

/* One view of the bytes: level 0 as they come from the descriptor, each further one unpacks the one below. */
struct level {
	struct bytes below;
	size_t head_size;
	size_t head_given; /* how much of the head read() has handed out */
	unsigned char head[INPUT_HEAD];
};

struct input {
	int fd;
	int spool_fd;
	struct stat status;
	uint64_t position; /* bytes read from `fd` */
	size_t depth;	   /* unpackers in use; the top level is levels[depth] */
	struct packed *unpackers[PACKED_TWICE];
	struct level levels[PACKED_TWICE + 1];
	void *map;
	size_t map_size;
};

static enum err descriptor_read(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	struct input *input = context;
	ssize_t count;

	do
		count = read(input->fd, buffer, size);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return error_set(
			error, ERR_SYSTEM, "reading failed at byte %" PRIu64 ": %s", input->position, strerror(errno));
	*got = (size_t)count;
	input->position += *got;
	return ERR_OK;
}

static enum err level_read(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	struct level *level = context;
	size_t left = level->head_size - level->head_given;

	if (left == 0)
		return level->below.read(level->below.context, buffer, size, got, error);
	*got = left < size ? left : size;
	memcpy(buffer, level->head + level->head_given, *got);
	level->head_given += *got;
	return ERR_OK;
}

static enum err fill_head(struct level *level, struct error *error)
{
	enum err err = ERR_OK;
	size_t got = 1;

	while (got != 0 && level->head_size < sizeof(level->head)) {
		err = level->below.read(level->below.context, level->head + level->head_size,
			sizeof(level->head) - level->head_size, &got, error);
		if (err != ERR_OK)
			return err;
		level->head_size += got;
	}
	return ERR_OK;
}

static enum err open_levels(struct input *input, struct error *error)
{
	struct level *level = &input->levels[0];
	enum packed_kind kind;
	enum err err;

	level->below = (struct bytes){descriptor_read, input};
	err = fill_head(level, error);
	if (err == ERR_OK && level->head_size == 0)
		return error_set(error, ERR_INPUT, "it is empty, record it again");
	while (err == ERR_OK && (kind = packed_recognised(level->head, level->head_size)) != PACKED_NONE) {
		struct bytes packed = {level_read, level};

		if (input->depth == PACKED_TWICE)
			return error_set(error, ERR_INPUT, "it is packed more than twice, unpack it first");
		err = packed_open(&input->unpackers[input->depth], kind, &packed, error);
		if (err != ERR_OK)
			return err;
		level = &input->levels[++input->depth];
		level->below = (struct bytes){packed_read, input->unpackers[input->depth - 1]};
		err = fill_head(level, error);
	}
	if (err == ERR_OK && level->head_size == 0)
		return error_set(error, ERR_INPUT, "there is nothing in the packed data, record the trace again");
	return err;
}

enum err input_open(struct input **input, int fd, int spool_fd, struct error *error)
{
	struct input *made = memory_zeroed(sizeof(*made));
	enum err err = ERR_OK;

	made->fd = fd;
	made->spool_fd = spool_fd;
	if (fstat(fd, &made->status) != 0)
		err = error_set(error, ERR_SYSTEM, "%s", strerror(errno));
	else if (S_ISDIR(made->status.st_mode))
		err = error_set(error, ERR_INPUT, "it is a directory, name a file in it");
	else if (S_ISREG(made->status.st_mode) && lseek(fd, 0, SEEK_SET) != 0 && errno != ESPIPE)
		err = error_set(error, ERR_SYSTEM, "cannot go to the beginning: %s", strerror(errno));
	if (err == ERR_OK)
		err = open_levels(made, error);
	if (err != ERR_OK) {
		input_close(made);
		return err;
	}
	*input = made;
	return ERR_OK;
}

const unsigned char *input_head(const struct input *input, size_t *size)
{
	const struct level *top = &input->levels[input->depth];

	*size = top->head_size;
	return top->head;
}

enum err input_read(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	struct input *input = context;

	return level_read(&input->levels[input->depth], buffer, size, got, error);
}

static enum err write_spool(int fd, const unsigned char *bytes, size_t size, struct error *error)
{
	while (size > 0) {
		ssize_t count = write(fd, bytes, size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return error_set(error, ERR_SYSTEM, "cannot unpack it into a temporary file (%s), %s",
				count < 0 ? strerror(errno) : "nothing was written", "unpack it elsewhere first");
		bytes += count;
		size -= (size_t)count;
	}
	return ERR_OK;
}

static enum err spool(struct input *input, uint64_t *size, struct error *error)
{
	unsigned char *chunk = memory_zeroed(SPOOL_CHUNK);
	enum err err = ERR_OK;
	size_t got = 1;

	*size = 0;
	if (input->spool_fd < 0)
		err = error_set(error, ERR_SYSTEM, "it is packed or a pipe and no temporary file is at hand, %s",
			"unpack it into a file first");
	while (err == ERR_OK && got != 0) {
		err = input_read(input, chunk, SPOOL_CHUNK, &got, error);
		*size += got;
		if (err == ERR_OK && *size > PACKED_LIMIT)
			err = error_set(error, ERR_LIMIT, "more than %" PRIu64 " GiB came, save it as a file first",
				PACKED_LIMIT >> 30);
		if (err == ERR_OK)
			err = write_spool(input->spool_fd, chunk, got, error);
	}
	free(chunk);
	return err;
}

enum err input_map(struct input *input, const unsigned char **data, size_t *size, struct error *error)
{
	bool direct = input->depth == 0 && S_ISREG(input->status.st_mode) && input->status.st_size > 0;
	uint64_t length = direct ? (uint64_t)input->status.st_size : 0;
	enum err err = direct ? ERR_OK : spool(input, &length, error);
	void *map;

	if (err != ERR_OK)
		return err;
	map = mmap(NULL, length, PROT_READ, MAP_PRIVATE, direct ? input->fd : input->spool_fd, 0);
	if (map == MAP_FAILED)
		return error_set(error, ERR_SYSTEM, "cannot map its %" PRIu64 " bytes: %s", length, strerror(errno));
	input->map = map;
	input->map_size = length;
	*data = map;
	*size = length;
	return ERR_OK;
}

void input_position(const struct input *input, uint64_t *done_bytes, uint64_t *total_bytes)
{
	*done_bytes = input->position;
	*total_bytes = S_ISREG(input->status.st_mode) ? (uint64_t)input->status.st_size : 0;
}

void input_close(struct input *input)
{
	if (input == NULL)
		return;
	if (input->map != NULL)
		munmap(input->map, input->map_size);
	for (size_t i = 0; i < input->depth; i++)
		packed_close(input->unpackers[i]);
	free(input);
}
