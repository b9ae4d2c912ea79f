/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mktrace_out - numbers and blocks into a trace.dat file, in its byte order, with lies on demand.
 *
 * Every number that a reader could be fooled with is written under a name; `--set NAME=VALUE` writes VALUE instead,
 * everywhere that name is written. A program of one translation unit: its parts are headers, because the Makefile
 * makes each file with a main a program of its own.
 */
#ifndef QGREPLAY_TESTS_MKTRACE_OUT_H
#define QGREPLAY_TESTS_MKTRACE_OUT_H

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { LIES_MAX = 16 };

enum compression { COMPRESSION_NONE, COMPRESSION_ZSTD, COMPRESSION_ZLIB };

struct lie {
	const char *name;
	size_t name_length;
	uint64_t value;
	bool told;
};

struct out {
	FILE *file;
	bool big_endian;
	unsigned long_size;
	size_t page_size;
	enum compression compression;
	struct lie lies[LIES_MAX];
	size_t lie_count;
	bool list_names; /* print the name of each number to stdout */
};

/* Puts `width` bytes of `value` at `bytes`, in the file's order. */
static inline void out_encode(const struct out *out, unsigned char *bytes, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		bytes[out->big_endian ? width - 1 - i : i] = (unsigned char)(value >> (8 * i));
}

static inline uint64_t out_told(struct out *out, const char *name, uint64_t value)
{
	if (out->list_names)
		puts(name);
	for (size_t i = 0; i < out->lie_count; i++) {
		struct lie *lie = &out->lies[i];
		if (strlen(name) == lie->name_length && memcmp(name, lie->name, lie->name_length) == 0) {
			lie->told = true;
			return lie->value;
		}
	}
	return value;
}

static inline void out_bytes(struct out *out, const void *bytes, size_t size)
{
	if (size > 0 && fwrite(bytes, 1, size, out->file) != size)
		err(2, "cannot write the trace");
}

static inline void out_number(struct out *out, const char *name, uint64_t value, unsigned width)
{
	unsigned char bytes[8];

	out_encode(out, bytes, out_told(out, name, value), width);
	out_bytes(out, bytes, width);
}

/* A text with its NUL. */
static inline void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text) + 1);
}

static inline uint64_t out_position(struct out *out)
{
	off_t position = ftello(out->file);

	if (position < 0)
		err(2, "cannot tell the position in the trace");
	return (uint64_t)position;
}

static inline void out_seek(struct out *out, uint64_t position)
{
	if (fseeko(out->file, (off_t)position, SEEK_SET) != 0)
		err(2, "cannot seek in the trace");
}

/* Writes a number at an earlier place, and goes back to the end. */
static inline void out_patch(struct out *out, uint64_t position, const char *name, uint64_t value, unsigned width)
{
	uint64_t end = out_position(out);

	out_seek(out, position);
	out_number(out, name, value, width);
	out_seek(out, end);
}

static inline void out_align(struct out *out)
{
	static const unsigned char zeros[4096];
	size_t rest = (size_t)(out_position(out) % out->page_size);

	for (size_t left = rest == 0 ? 0 : out->page_size - rest; left > 0;) {
		size_t now = left < sizeof(zeros) ? left : sizeof(zeros);
		out_bytes(out, zeros, now);
		left -= now;
	}
}

static inline void *out_memory(void *memory)
{
	if (memory == NULL)
		errx(2, "out of memory");
	return memory;
}

/* Compressed size, compressed bytes: the framing of both sections and chunks, whose names begin with `what`. */
static inline void out_compressed(struct out *out, const char *what, const void *bytes, size_t size)
{
	uLong zlib_size = compressBound((uLong)size);
	size_t bound = ZSTD_compressBound(size) > zlib_size ? ZSTD_compressBound(size) : zlib_size;
	unsigned char *packed = out_memory(malloc(bound));
	size_t packed_size;
	char name[64];

	if (out->compression == COMPRESSION_ZSTD) {
		packed_size = ZSTD_compress(packed, bound, bytes, size, 3);
		if (ZSTD_isError(packed_size))
			errx(2, "zstd: %s", ZSTD_getErrorName(packed_size));
	} else {
		if (compress(packed, &zlib_size, bytes, (uLong)size) != Z_OK)
			errx(2, "zlib cannot compress %zu bytes", size);
		packed_size = zlib_size;
	}
	snprintf(name, sizeof(name), "%s.compressed_size", what);
	out_number(out, name, packed_size, 4);
	snprintf(name, sizeof(name), "%s.size", what);
	out_number(out, name, size, 4);
	out_bytes(out, packed, packed_size);
	free(packed);
}

#endif
