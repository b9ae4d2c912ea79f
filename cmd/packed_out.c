/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/packed_out.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
/* zlib takes its input as const then. */
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "base/memory.h"
#include "base/write_all.h"

enum { BUFFER_BYTES = 128 * 1024, GZIP_WINDOW = 15 + 16, ZSTD_LEVEL = 6 };

struct packer {
	int fd;
	enum packed_out_kind kind;
	z_stream gzip;
	ZSTD_CCtx *zstd;
	unsigned char buffer[BUFFER_BYTES]; /* packed */
};

enum packed_out_kind packed_out_kind_of(const char *name)
{
	size_t length = strlen(name);

	if (length > 3 && strcmp(name + length - 3, ".gz") == 0)
		return PACKED_OUT_GZIP;
	return length > 4 && strcmp(name + length - 4, ".zst") == 0 ? PACKED_OUT_ZSTD : PACKED_OUT_PLAIN;
}

static bool pack_gzip(struct packer *packer, const char *data, size_t size, bool last)
{
	z_stream *gzip = &packer->gzip;

	gzip->next_in = (const Bytef *)data;
	gzip->avail_in = (uInt)size;
	do {
		gzip->next_out = packer->buffer;
		gzip->avail_out = BUFFER_BYTES;
		deflate(gzip, last ? Z_FINISH : Z_NO_FLUSH);
		if (write_all(packer->fd, packer->buffer, BUFFER_BYTES - gzip->avail_out) != 0)
			return false;
	} while (gzip->avail_out == 0);
	return true;
}

static bool pack_zstd(struct packer *packer, const char *data, size_t size, bool last)
{
	ZSTD_inBuffer in = {data, size, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {packer->buffer, BUFFER_BYTES, 0};

		left = ZSTD_compressStream2(packer->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left)) {
			errno = ENOMEM;
			return false;
		}
		if (write_all(packer->fd, packer->buffer, out.pos) != 0)
			return false;
	} while (last ? left != 0 : in.pos < in.size);
	return true;
}

static bool pack(struct packer *packer, const char *data, size_t size, bool last)
{
	if (packer->kind == PACKED_OUT_GZIP)
		return pack_gzip(packer, data, size, last);
	if (packer->kind == PACKED_OUT_ZSTD)
		return pack_zstd(packer, data, size, last);
	return write_all(packer->fd, data, size) == 0;
}

static ssize_t write_packed(void *cookie, const char *data, size_t size)
{
	return pack(cookie, data, size, false) ? (ssize_t)size : 0;
}

static int close_packed(void *cookie)
{
	struct packer *packer = cookie;
	bool packed = pack(packer, NULL, 0, true);
	int failure = errno;

	if (packer->kind == PACKED_OUT_GZIP)
		deflateEnd(&packer->gzip);
	ZSTD_freeCCtx(packer->zstd);
	free(packer);
	errno = failure;
	return packed ? 0 : EOF;
}

static bool start(struct packer *packer)
{
	if (packer->kind == PACKED_OUT_GZIP)
		return deflateInit2(&packer->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MAX_MEM_LEVEL,
			       Z_DEFAULT_STRATEGY) == Z_OK;
	if (packer->kind == PACKED_OUT_PLAIN)
		return true;
	packer->zstd = ZSTD_createCCtx();
	return packer->zstd != NULL &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_checksumFlag, 1));
}

enum err packed_out_open(FILE **stream, int fd, enum packed_out_kind kind, struct error *error)
{
	const cookie_io_functions_t functions = {.write = write_packed, .close = close_packed};
	struct packer *packer = memory_zeroed(sizeof(*packer));

	packer->fd = fd;
	packer->kind = kind;
	*stream = start(packer) ? fopencookie(packer, "w", functions) : NULL;
	if (*stream != NULL)
		return ERR_OK;
	ZSTD_freeCCtx(packer->zstd);
	free(packer);
	return error_set(error, ERR_SYSTEM, "cannot pack what is to be written: out of memory");
}

enum err packed_out_close(FILE *stream, const char *name, struct error *error)
{
	bool failed;
	int failure;

	if (stream == NULL)
		return ERR_OK;
	failed = fflush(stream) != 0 || ferror(stream) != 0;
	failure = errno;
	if (fclose(stream) != 0 && !failed) {
		failed = true;
		failure = errno;
	}
	if (!failed)
		return ERR_OK;
	return error_set(error, ERR_SYSTEM, "cannot write '%s': %s", name, strerror(failure));
}
