/* SPDX-License-Identifier: GPL-2.0-only */
#define ZSTD_STATIC_LINKING_ONLY /* for the names of ZSTD_d_format and its values; nothing is linked statically */
#include "collector/unpack.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/memory.h"

struct unpacker {
	enum unpack_method method;
	ZSTD_DCtx *zstd;
};

bool unpack_method_of(const char *name, enum unpack_method *method)
{
	static const char *const names[] = {[UNPACK_NONE] = "none", [UNPACK_ZLIB] = "zlib", [UNPACK_ZSTD] = "zstd"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*method = (enum unpack_method)i;
			return true;
		}
	}
	return false;
}

struct unpacker *unpacker_new(enum unpack_method method)
{
	struct unpacker *unpacker = memory_zeroed(sizeof(*unpacker));

	unpacker->method = method;
	if (method == UNPACK_ZSTD)
		unpacker->zstd = ZSTD_createDCtx();
	return unpacker;
}

void unpacker_free(struct unpacker *unpacker)
{
	if (unpacker == NULL)
		return;
	ZSTD_freeDCtx(unpacker->zstd);
	free(unpacker);
}

/*
 * trace-cmd has written frames with and without the four magic bytes in front. A frame without them cannot begin like
 * one with them: the bit 3 of its first byte is reserved, and is set in the magic.
 */
static ZSTD_format_e frame_format(struct span packed)
{
	static const unsigned char magic[] = {0x28, 0xb5, 0x2f, 0xfd};
	bool has_magic = packed.size >= sizeof(magic) && memcmp(packed.data, magic, sizeof(magic)) == 0;

	return has_magic ? ZSTD_f_zstd1 : ZSTD_f_zstd1_magicless;
}

static const char *unpack_zstd(ZSTD_DCtx *zstd, struct span packed, unsigned char *to, size_t size)
{
	size_t result;

	if (zstd == NULL)
		return "no memory for the decompressor";
	result = ZSTD_DCtx_setParameter(zstd, ZSTD_d_format, (int)frame_format(packed));
	if (!ZSTD_isError(result))
		result = ZSTD_decompressDCtx(zstd, to, size, packed.data, packed.size);
	if (ZSTD_isError(result))
		return ZSTD_getErrorName(result);
	return result == size ? NULL : "fewer bytes than promised";
}

static const char *unpack_zlib(struct span packed, unsigned char *to, size_t size)
{
	uLongf written = (uLongf)size;
	int result = uncompress(to, &written, packed.data, (uLong)packed.size);

	if (result != Z_OK)
		return zError(result);
	return written == size ? NULL : "fewer bytes than promised";
}

const char *unpack(struct unpacker *unpacker, struct span packed, unsigned char *to, size_t size)
{
	switch (unpacker->method) {
	case UNPACK_NONE:
		break;
	case UNPACK_ZLIB:
		return unpack_zlib(packed, to, size);
	case UNPACK_ZSTD:
		return unpack_zstd(unpacker->zstd, packed, to, size);
	}
	return "the file names no compression";
}
