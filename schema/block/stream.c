/* SPDX-License-Identifier: GPL-2.0-only */
#include "schema/block/stream.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/memory.h"

enum stream_method { STREAM_SAME, STREAM_PLANES, STREAM_DICTIONARY };
enum plane_method { PLANE_SAME, PLANE_RAW, PLANE_ZSTD };

/* Level 1: higher ones cost more time than the few bytes are worth. */
enum { LEVEL = 1, DICTIONARY_MAX = 256, SLOTS = 1024, PLANE_WORTH = 64 };

struct stream_coder {
	ZSTD_CCtx *zstd;
	uint64_t slots[SLOTS];	 /* values of the dictionary by hash */
	uint16_t indexes[SLOTS]; /* index + 1; 0: free */
	uint64_t dictionary[DICTIONARY_MAX];
	uint8_t plane[STREAM_VALUES_MAX];
};

struct range {
	uint64_t least;
	uint64_t greatest;
};

struct planes {
	uint64_t base;
	uint8_t width; /* how many */
};

struct stream_decoder {
	ZSTD_DCtx *zstd;
	uint64_t dictionary[STREAM_VALUES_MAX];
	uint8_t plane[STREAM_VALUES_MAX];
};

struct stream_coder *stream_coder_new(void)
{
	struct stream_coder *coder = memory_zeroed(sizeof(*coder));

	coder->zstd = memory_checked(ZSTD_createCCtx());
	return coder;
}

void stream_coder_free(struct stream_coder *coder)
{
	if (coder == NULL)
		return;
	ZSTD_freeCCtx(coder->zstd);
	free(coder);
}

struct stream_decoder *stream_decoder_new(void)
{
	struct stream_decoder *decoder = memory_zeroed(sizeof(*decoder));

	decoder->zstd = memory_checked(ZSTD_createDCtx());
	return decoder;
}

void stream_decoder_free(struct stream_decoder *decoder)
{
	if (decoder == NULL)
		return;
	ZSTD_freeDCtx(decoder->zstd);
	free(decoder);
}

static bool all_same(const uint8_t *bytes, size_t count)
{
	return memcmp(bytes, bytes + 1, count - 1) == 0;
}

/* Compresses the plane behind a varint of three bytes, so that nothing has to be moved; false when it does not help. */
static bool put_zstd(struct stream_coder *coder, const uint8_t *plane, size_t count, struct bytes_out *out)
{
	uint8_t *room;
	size_t size;

	if (count < PLANE_WORTH)
		return false;
	room = bytes_room(out, 4 + ZSTD_compressBound(count));
	size = ZSTD_compressCCtx(coder->zstd, room + 4, ZSTD_compressBound(count), plane, count, LEVEL);
	if (ZSTD_isError(size) || size + 4 >= count + 1)
		return false;
	room[0] = PLANE_ZSTD;
	room[1] = (uint8_t)(size | 0x80);
	room[2] = (uint8_t)(size >> 7 | 0x80);
	room[3] = (uint8_t)(size >> 14);
	bytes_took(out, 4 + size);
	return true;
}

static void put_plane(struct stream_coder *coder, const uint8_t *plane, size_t count, struct bytes_out *out)
{
	if (all_same(plane, count)) {
		bytes_put_byte(out, PLANE_SAME);
		bytes_put_byte(out, plane[0]);
	} else if (!put_zstd(coder, plane, count, out)) {
		bytes_put_byte(out, PLANE_RAW);
		bytes_put(out, plane, count);
	}
}

static void put_planes(struct stream_coder *coder, const uint64_t *values, size_t count, const struct range *range,
	struct bytes_out *out)
{
	uint64_t base = range->least;
	unsigned width = (71 - (unsigned)__builtin_clzll((range->greatest - base) | 1)) / 8;

	bytes_put_byte(out, STREAM_PLANES);
	bytes_put_number(out, base);
	bytes_put_byte(out, (uint8_t)width);
	for (unsigned shift = 0; shift < 8 * width; shift += 8) {
		for (size_t i = 0; i < count; i++)
			coder->plane[i] = (uint8_t)((values[i] - base) >> shift);
		put_plane(coder, coder->plane, count, out);
	}
}

/* Indexes into coder->plane; 0 when there are too many different values. */
static size_t make_dictionary(struct stream_coder *coder, const uint64_t *values, size_t count)
{
	size_t entries = 0;

	memset(coder->indexes, 0, sizeof(coder->indexes));
	for (size_t i = 0; i < count; i++) {
		size_t slot = (values[i] * UINT64_C(0x9e3779b97f4a7c15)) >> 54;

		while (coder->indexes[slot] != 0 && coder->slots[slot] != values[i])
			slot = (slot + 1) % SLOTS;
		if (coder->indexes[slot] == 0) {
			if (entries == DICTIONARY_MAX)
				return 0;
			coder->slots[slot] = values[i];
			coder->dictionary[entries++] = values[i];
			coder->indexes[slot] = (uint16_t)entries;
		}
		coder->plane[i] = (uint8_t)(coder->indexes[slot] - 1);
	}
	return entries;
}

static void put_dictionary(struct stream_coder *coder, size_t entries, size_t count, struct bytes_out *out)
{
	uint64_t last = 0;

	bytes_put_byte(out, STREAM_DICTIONARY);
	bytes_put_number(out, entries);
	for (size_t i = 0; i < entries; i++) {
		bytes_put_number(out, bytes_zigzag(coder->dictionary[i] - last));
		last = coder->dictionary[i];
	}
	put_plane(coder, coder->plane, count, out);
}

void stream_encode(struct stream_coder *coder, const uint64_t *values, size_t count, struct bytes_out *out)
{
	struct range range = {values[0], values[0]};
	size_t entries = 0;

	for (size_t i = 1; i < count; i++) {
		range.least = values[i] < range.least ? values[i] : range.least;
		range.greatest = values[i] > range.greatest ? values[i] : range.greatest;
	}
	if (range.least == range.greatest) {
		bytes_put_byte(out, STREAM_SAME);
		bytes_put_number(out, range.least);
		return;
	}
	if (range.greatest - range.least > UINT8_MAX)
		entries = make_dictionary(coder, values, count);
	if (entries > 0)
		put_dictionary(coder, entries, count, out);
	else
		put_planes(coder, values, count, &range, out);
}

static bool get_zstd(struct stream_decoder *decoder, struct bytes_in *in, size_t count)
{
	const uint8_t *frame;
	uint64_t size;

	if (!bytes_get_number(in, &size) || size > SIZE_MAX)
		return false;
	frame = bytes_get(in, (size_t)size);
	return frame != NULL && ZSTD_decompressDCtx(decoder->zstd, decoder->plane, count, frame, (size_t)size) == count;
}

/* The plane, either in the decoder's memory or in that of `in`; NULL when it is damaged. */
static const uint8_t *get_plane(struct stream_decoder *decoder, struct bytes_in *in, size_t count)
{
	uint8_t method;
	uint8_t byte;

	if (!bytes_get_byte(in, &method))
		return NULL;
	if (method == PLANE_RAW)
		return bytes_get(in, count);
	if (method == PLANE_ZSTD)
		return get_zstd(decoder, in, count) ? decoder->plane : NULL;
	if (method != PLANE_SAME || !bytes_get_byte(in, &byte))
		return NULL;
	memset(decoder->plane, byte, count);
	return decoder->plane;
}

static bool add_plane(
	struct stream_decoder *decoder, struct bytes_in *in, unsigned shift, uint64_t *values, size_t count)
{
	const uint8_t *plane = get_plane(decoder, in, count);

	if (plane == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		values[i] += (uint64_t)plane[i] << shift;
	return true;
}

/* The first plane is laid down with the base, for the many streams that have no other. */
static bool get_planes(
	struct stream_decoder *decoder, struct bytes_in *in, struct planes planes, uint64_t *values, size_t count)
{
	const uint8_t *plane = get_plane(decoder, in, count);
	bool good = plane != NULL;

	for (size_t i = 0; good && i < count; i++)
		values[i] = planes.base + plane[i];
	for (unsigned i = 1; good && i < planes.width; i++)
		good = add_plane(decoder, in, 8 * i, values, count);
	return good;
}

static bool get_based(struct stream_decoder *decoder, struct bytes_in *in, uint64_t *values, size_t count)
{
	struct planes planes;

	if (!bytes_get_number(in, &planes.base) || !bytes_get_byte(in, &planes.width) || planes.width == 0 ||
		planes.width > sizeof(uint64_t))
		return false;
	return get_planes(decoder, in, planes, values, count);
}

static bool get_dictionary(struct stream_decoder *decoder, struct bytes_in *in, uint64_t *values, size_t count)
{
	uint64_t entries;
	uint64_t entry;
	uint64_t last = 0;

	if (!bytes_get_number(in, &entries) || entries == 0 || entries > STREAM_VALUES_MAX)
		return false;
	for (size_t i = 0; i < entries; i++) {
		if (!bytes_get_number(in, &entry))
			return false;
		last += bytes_unzigzag(entry);
		decoder->dictionary[i] = last;
	}
	if (!get_planes(decoder, in, (struct planes){0, entries > 256 ? 2 : 1}, values, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (values[i] >= entries)
			return false;
		values[i] = decoder->dictionary[values[i]];
	}
	return true;
}

bool stream_decode(struct stream_decoder *decoder, struct bytes_in *in, uint64_t *values, size_t count)
{
	uint8_t method;
	uint64_t value;

	if (!bytes_get_byte(in, &method))
		return false;
	if (method == STREAM_PLANES)
		return get_based(decoder, in, values, count);
	if (method == STREAM_DICTIONARY)
		return get_dictionary(decoder, in, values, count);
	if (method != STREAM_SAME || !bytes_get_number(in, &value))
		return false;
	for (size_t i = 0; i < count; i++)
		values[i] = value;
	return true;
}
