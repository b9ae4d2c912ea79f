/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_packed - any bytes as gzip or zstd data, in pieces: they end, with or without an error, and an error has a text.
 */
#include <stdlib.h>
#include <string.h>

#include "collector/packed.h"

enum { ENOUGH = 1 << 22 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct piece {
	const unsigned char *data;
	size_t size, step;
};

static enum err piece_read(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	struct piece *piece = context;

	(void)error;
	*got = piece->size < piece->step ? piece->size : piece->step;
	if (*got > size)
		abort();
	memcpy(buffer, piece->data, *got);
	piece->data += *got;
	piece->size -= *got;
	return ERR_OK;
}

static void unpack(enum packed_kind kind, struct piece piece, size_t step)
{
	unsigned char *buffer = malloc(step);
	struct bytes bytes = {piece_read, &piece};
	struct packed *packed = NULL;
	struct error error = {ERR_OK, ""};
	enum err err = packed_open(&packed, kind, &bytes, &error);
	size_t got = 1, all = 0;

	while (err == ERR_OK && got > 0 && all < ENOUGH) {
		err = packed_read(packed, buffer, step, &got, &error);
		if (err == ERR_OK && got > step)
			abort();
		all += got;
	}
	if (err != ERR_OK && (error.code != err || error.text[0] == '\0'))
		abort();
	packed_close(packed);
	free(buffer);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size_t step = size > 0 ? data[size - 1] % 100 + 1u : 1;

	if (packed_recognised(data, size) == PACKED_NONE)
		return -1;
	unpack(packed_recognised(data, size), (struct piece){data, size, step}, 4096);
	unpack(packed_recognised(data, size), (struct piece){data, size, 4096}, step);
	return 0;
}
