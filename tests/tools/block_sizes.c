/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block_sizes TRACE [TIMES] - what the events of a trace cost in blocks: bytes an event in all and for each column, and
 * how many millions of events a second are coded and decoded (the best of TIMES runs). Says whether all came back as
 * they were.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "collector/source.h"
#include "schema/block/bytes.h"
#include "schema/block/layout.h"

struct kept {
	struct event *events;
	size_t count;
	size_t capacity;
};

struct stored {
	struct block *blocks;
	size_t count;
	size_t skip_size;
	size_t payload_size;
};

static enum err take(void *context, const struct event *events, size_t count, struct error *error)
{
	struct kept *kept = context;

	(void)error;
	kept->events = memory_grown(kept->events, &kept->capacity, kept->count + count, sizeof(*events));
	memcpy(kept->events + kept->count, events, count * sizeof(*events));
	kept->count += count;
	return ERR_OK;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Codes all, into memory that is there already from the second time on. Returns the seconds. */
static double encode(const struct kept *kept, struct stored *stored)
{
	struct block_coder *coder = block_coder_new();
	double seconds = 0;
	struct block block;

	stored->count = stored->skip_size = stored->payload_size = 0;
	for (size_t at = 0; at < kept->count; at += BLOCK_EVENTS) {
		size_t count = kept->count - at < BLOCK_EVENTS ? kept->count - at : BLOCK_EVENTS;
		double start = now();
		struct block *copy = &stored->blocks[stored->count++];

		block_encode(coder, kept->events + at, count, &block);
		seconds += now() - start;
		free((void *)copy->payload);
		free((void *)copy->skip);
		*copy = block;
		copy->payload = memory_text(block.payload, block.payload_size);
		copy->skip = memory_text(block.skip, block.skip_size);
		stored->skip_size += block.skip_size;
		stored->payload_size += block.payload_size;
	}
	block_coder_free(coder);
	return seconds;
}

static double decode(const struct stored *stored, uint32_t wanted)
{
	struct block_decoder *decoder = block_decoder_new();
	struct error error = {ERR_OK, ""};
	double start = now();

	for (size_t i = 0; i < stored->count; i++)
		if (block_decode_start(decoder, &stored->blocks[i], &error) != ERR_OK ||
			block_decode(decoder, wanted, &error) != ERR_OK)
			printf("block %zu: %s\n", i, error.text);
	start = now() - start;
	block_decoder_free(decoder);
	return start;
}

static size_t count_wrong(const struct kept *kept, const struct stored *stored)
{
	struct block_decoder *decoder = block_decoder_new();
	struct event event;
	size_t wrong = 0;
	size_t at = 0;

	for (size_t i = 0; i < stored->count; i++) {
		if (block_decode_start(decoder, &stored->blocks[i], NULL) != ERR_OK ||
			block_decode(decoder, BLOCK_ALL, NULL) != ERR_OK)
			break;
		for (uint32_t j = 0; j < block_columns(decoder)->events; j++, at++) {
			block_event(block_columns(decoder), j, &event);
			wrong += memcmp(&event, &kept->events[at], offsetof(struct event, type) + 1) != 0;
		}
	}
	block_decoder_free(decoder);
	return wrong + (kept->count - at);
}

/* The directory of the payload, as layout.h has it. */
static void print_columns(const struct stored *stored, size_t events)
{
	uint64_t sizes[BLOCK_COLUMN_COUNT] = {0};

	for (size_t i = 0; i < stored->count; i++) {
		struct bytes_in in = {stored->blocks[i].payload,
			(const uint8_t *)stored->blocks[i].payload + stored->blocks[i].payload_size};
		uint64_t number;

		bytes_get(&in, 1);
		for (int j = 0; j < 4; j++)
			bytes_get_number(&in, &number);
		bytes_get(&in, 8);
		for (int j = 0; j < BLOCK_COLUMN_COUNT; j++) {
			bytes_get_number(&in, &number);
			sizes[j] += number;
		}
	}
	for (int j = 0; j < BLOCK_COLUMN_COUNT; j++)
		printf("  %-6s %7.3f\n", layout_columns[j].name, (double)sizes[j] / (double)events);
}

static double best_decode(const struct stored *stored, uint32_t wanted, int times)
{
	double best = 1e9;

	for (int i = 0; i < times; i++) {
		double seconds = decode(stored, wanted);

		best = seconds < best ? seconds : best;
	}
	return best;
}

static void measure(const struct kept *kept, int times)
{
	struct stored stored = {.blocks = memory_zeroed((kept->count / BLOCK_EVENTS + 1) * sizeof(struct block))};
	double millions = (double)kept->count / 1e6;
	double best = 1e9;

	for (int i = 0; i < times; i++) {
		double seconds = encode(kept, &stored);

		best = seconds < best ? seconds : best;
	}
	printf("%zu events, %.3f bytes each, of them %.3f to skip by; %zu came back wrong\n", kept->count,
		(double)(stored.payload_size + stored.skip_size) / (double)kept->count,
		(double)stored.skip_size / (double)kept->count, count_wrong(kept, &stored));
	print_columns(&stored, kept->count);
	printf("M events/s: coded %.1f, decoded %.1f, kind %.1f, root and ino %.1f\n", millions / best,
		millions / best_decode(&stored, BLOCK_ALL, times),
		millions / best_decode(&stored, BLOCK_BIT(BLOCK_KIND), times),
		millions / best_decode(&stored, BLOCK_BIT(BLOCK_ROOT) | BLOCK_BIT(BLOCK_INO), times));
	for (size_t i = 0; i < stored.count; i++) {
		free((void *)stored.blocks[i].payload);
		free((void *)stored.blocks[i].skip);
	}
	free(stored.blocks);
}

int main(int argc, char **argv)
{
	struct kept kept = {NULL, 0, 0};
	const struct sink sink = {take, &kept};
	struct source *source = NULL;
	struct error error = {ERR_OK, ""};
	int fd = argc < 2 ? -1 : open(argv[1], O_RDONLY | O_CLOEXEC);
	int spool = memfd_create("block_sizes", MFD_CLOEXEC);

	if (fd < 0 || spool < 0) {
		fprintf(stderr, "usage: block_sizes TRACE [TIMES]\n");
		return 2;
	}
	if (source_open(&source, fd, spool, argv[1], &error) == ERR_OK)
		source_read(source, &sink, &error);
	if (error.code != ERR_OK)
		fprintf(stderr, "block_sizes: %s\n", error.text);
	else if (kept.count > 0)
		measure(&kept, argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3);
	source_close(source);
	close(spool);
	close(fd);
	free(kept.events);
	return error.code == ERR_OK ? 0 : 2;
}
