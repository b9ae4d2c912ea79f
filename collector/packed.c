/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/packed.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/memory.h"

enum { INPUT_SIZE = 128 * 1024, WINDOW_LOG_MAX = 27, GZIP_ONLY = 16, GZIP_FIRST = 0x1f };

struct packed {
	enum packed_kind kind;
	struct bytes bytes;
	z_stream gzip;
	bool gzip_ready;
	ZSTD_DStream *zstd;
	bool inside;	   /* a member or frame has begun and not ended */
	bool ended;	   /* `bytes` has no more */
	uint64_t consumed; /* bytes that were unpacked */
	uint64_t produced;
	size_t at, filled; /* the part of `input` that waits */
	unsigned char input[INPUT_SIZE];
};

enum packed_kind packed_recognised(const unsigned char *data, size_t size)
{
	static const unsigned char gzip[] = {GZIP_FIRST, 0x8b};
	static const unsigned char zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
	static const unsigned char skippable[] = {0x2a, 0x4d, 0x18}; /* after a byte 0x50 to 0x5f */

	if (size >= sizeof(gzip) && memcmp(data, gzip, sizeof(gzip)) == 0)
		return PACKED_GZIP;
	if (size < sizeof(zstd))
		return PACKED_NONE;
	if (memcmp(data, zstd, sizeof(zstd)) == 0)
		return PACKED_ZSTD;
	if ((data[0] & 0xf0) == 0x50 && memcmp(data + 1, skippable, sizeof(skippable)) == 0)
		return PACKED_ZSTD;
	return PACKED_NONE;
}

static ZSTD_DStream *zstd_new(void)
{
	ZSTD_DStream *zstd = ZSTD_createDStream();

	if (zstd != NULL && ZSTD_isError(ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
		ZSTD_freeDStream(zstd);
		zstd = NULL;
	}
	return zstd;
}

enum err packed_open(struct packed **packed, enum packed_kind kind, const struct bytes *bytes, struct error *error)
{
	struct packed *made = memory_zeroed(sizeof(*made));

	made->kind = kind;
	made->bytes = *bytes;
	made->inside = true; /* its magic number was seen */
	if (kind == PACKED_GZIP)
		made->gzip_ready = inflateInit2(&made->gzip, MAX_WBITS + GZIP_ONLY) == Z_OK;
	else
		made->zstd = zstd_new();
	if (!made->gzip_ready && made->zstd == NULL) {
		packed_close(made);
		return error_set(error, ERR_SYSTEM, "cannot start the unpacker, free some memory");
	}
	*packed = made;
	return ERR_OK;
}

void packed_close(struct packed *packed)
{
	if (packed == NULL)
		return;
	if (packed->gzip_ready)
		inflateEnd(&packed->gzip);
	ZSTD_freeDStream(packed->zstd);
	free(packed);
}

static const char *kind_name(const struct packed *packed)
{
	return packed->kind == PACKED_GZIP ? "gzip" : "zstd";
}

static enum err damaged(const struct packed *packed, const char *why, struct error *error)
{
	return error_set(error, ERR_INPUT, "the %s data are damaged at byte %" PRIu64 " (%s), fetch the file again",
		kind_name(packed), packed->consumed, why);
}

static enum err fill(struct packed *packed, struct error *error)
{
	enum err err;

	if (packed->at < packed->filled || packed->ended)
		return ERR_OK;
	packed->at = 0;
	packed->filled = 0;
	err = packed->bytes.read(packed->bytes.context, packed->input, sizeof(packed->input), &packed->filled, error);
	packed->ended = err == ERR_OK && packed->filled == 0;
	return err;
}

/*
 * What stands between gzip members: nothing, another member, or the zeros of a tape or block device. inflate() itself
 * checks the whole header, so the first byte of the magic number is enough here.
 */
static enum err gzip_between(struct packed *packed, struct error *error)
{
	while (packed->at < packed->filled && packed->input[packed->at] == 0) {
		packed->at++;
		packed->consumed++;
	}
	if (packed->at == packed->filled)
		return ERR_OK;
	if (packed->input[packed->at] != GZIP_FIRST || inflateReset(&packed->gzip) != Z_OK)
		return damaged(packed, "unexpected bytes behind the end", error);
	packed->inside = true;
	return ERR_OK;
}

static enum err gzip_step(struct packed *packed, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	z_stream *gzip = &packed->gzip;
	enum err err = packed->inside ? ERR_OK : gzip_between(packed, error);
	size_t at = packed->at;
	int result;

	if (err != ERR_OK || !packed->inside)
		return err;
	gzip->next_in = packed->input + at;
	gzip->avail_in = (uInt)(packed->filled - at);
	gzip->next_out = buffer;
	gzip->avail_out = size > INT32_MAX ? INT32_MAX : (uInt)size;
	result = inflate(gzip, Z_NO_FLUSH);
	packed->at = (size_t)(gzip->next_in - packed->input);
	packed->consumed += packed->at - at;
	*got = (size_t)(gzip->next_out - buffer);
	if (result == Z_STREAM_END)
		packed->inside = false;
	else if (result != Z_OK && result != Z_BUF_ERROR)
		return damaged(packed, gzip->msg != NULL ? gzip->msg : "no valid data", error);
	return ERR_OK;
}

static enum err zstd_step(struct packed *packed, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	ZSTD_inBuffer in = {packed->input, packed->filled, packed->at};
	ZSTD_outBuffer out = {buffer, size, 0};
	size_t result = ZSTD_decompressStream(packed->zstd, &out, &in);

	packed->consumed += in.pos - packed->at;
	packed->at = in.pos;
	*got = out.pos;
	if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
		return error_set(error, ERR_LIMIT, "the zstd data need a window of more than %d MiB, unpack it first",
			1 << (WINDOW_LOG_MAX - 20));
	if (ZSTD_isError(result))
		return damaged(packed, ZSTD_getErrorName(result), error);
	packed->inside = result != 0;
	return ERR_OK;
}

/* Even without new input an unpacker may hold output back, so that it is asked once more when the input has ended. */
static enum err step(struct packed *packed, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	enum err err = packed->kind == PACKED_GZIP ? gzip_step(packed, buffer, size, got, error)
						   : zstd_step(packed, buffer, size, got, error);

	if (err == ERR_OK && *got == 0 && packed->ended && packed->inside)
		return error_set(error, ERR_INPUT,
			"the %s data end early, after %" PRIu64 " bytes, fetch the file again", kind_name(packed),
			packed->consumed);
	return err;
}

enum err packed_read(void *context, unsigned char *buffer, size_t size, size_t *got, struct error *error)
{
	struct packed *packed = context;
	enum err err;

	*got = 0;
	while (*got == 0) {
		err = fill(packed, error);
		if (err != ERR_OK || (packed->ended && !packed->inside))
			return err;
		err = step(packed, buffer, size, got, error);
		if (err != ERR_OK)
			return err;
	}
	packed->produced += *got;
	if (packed->produced > PACKED_LIMIT)
		return error_set(error, ERR_LIMIT, "it unpacks to more than %" PRIu64 " GiB, unpack and split it first",
			PACKED_LIMIT >> 30);
	return ERR_OK;
}
