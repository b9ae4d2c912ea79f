/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/pack.h"

#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

enum { OUT_BYTES = 64 * 1024, GZIP_LEVEL = 4, ZSTD_LEVEL = 3, WEIGHT_ONE = 1000 };

static const char *const names[PACK_COUNT] = {[PACK_GZIP] = "gzip", [PACK_ZSTD] = "zstd"};

const char *pack_name(enum pack pack)
{
	return names[pack];
}

/* "q=0.25" in thousandths; what is none is 0. */
static int weight_of(const char *text)
{
	int weight = 0;
	int place = WEIGHT_ONE;

	if (*text != '0' && *text != '1')
		return 0;
	weight = (*text - '0') * WEIGHT_ONE;
	if (text[1] == '.')
		for (text += 2; *text >= '0' && *text <= '9' && place > 1; text++) {
			place /= 10;
			weight += (*text - '0') * place;
		}
	return weight > WEIGHT_ONE ? WEIGHT_ONE : weight;
}

/* One member of the list, "gzip;q=0.5": which it is, and its weight. */
static bool member_is(const char *member, size_t length, const char *name, int *weight)
{
	size_t word = strcspn(member, " \t;,");
	const char *parameter = memchr(member, ';', length);

	if (word != strlen(name) || strncasecmp(member, name, word) != 0)
		return false;
	*weight = WEIGHT_ONE;
	if (!parameter)
		return true;
	parameter += 1 + strspn(parameter + 1, " \t");
	if (strncasecmp(parameter, "q=", 2) == 0)
		*weight = weight_of(parameter + 2);
	return true;
}

static int weight_in(const char *list, const char *name)
{
	int star = 0;
	int weight;

	while (*list) {
		size_t length;

		list += strspn(list, " \t,");
		length = strcspn(list, ",");
		if (member_is(list, length, name, &weight))
			return weight;
		if (member_is(list, length, "*", &weight))
			star = weight;
		list += length;
	}
	return star;
}

enum pack pack_choose(const char *accept_encoding)
{
	enum pack best = PACK_NONE;
	int best_weight = 0;

	for (unsigned pack = PACK_GZIP; accept_encoding && pack < PACK_COUNT; pack++) {
		int weight = weight_in(accept_encoding, names[pack]);

		if (weight > 0 && weight >= best_weight) {
			best = (enum pack)pack;
			best_weight = weight;
		}
	}
	return best;
}

bool pack_is_worth(const char *type, size_t size)
{
	static const char *const types[] = {"text/", "application/json", "application/problem+json", "image/svg+xml",
		"application/javascript", "application/openapi"};

	if (size < PACK_FROM_BYTES)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strncmp(type, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

static bool write_gzip(const void *bytes, size_t size, FILE *stream)
{
	z_stream deflating = {0};
	unsigned char out[OUT_BYTES] = {0};
	bool good = deflateInit2(&deflating, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
	const unsigned char *next = bytes;
	int result = Z_OK;

	while (good && result != Z_STREAM_END) {
		size_t part = size > UINT_MAX / 2 ? UINT_MAX / 2 : size;

		if (deflating.avail_in == 0) {
			deflating.next_in = (unsigned char *)next;
			deflating.avail_in = (unsigned)part;
			next += part;
			size -= part;
		}
		deflating.next_out = out;
		deflating.avail_out = sizeof(out);
		result = deflate(&deflating, size ? Z_NO_FLUSH : Z_FINISH);
		good = fwrite(out, 1, sizeof(out) - deflating.avail_out, stream) == sizeof(out) - deflating.avail_out;
	}
	deflateEnd(&deflating);
	return good;
}

static bool write_zstd(const void *bytes, size_t size, FILE *stream)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_inBuffer in = {bytes, size, 0};
	unsigned char room[OUT_BYTES] = {0};
	size_t left = 1;
	bool good = context && !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZSTD_LEVEL));

	while (good && left) {
		ZSTD_outBuffer out = {room, sizeof(room), 0};

		left = ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
		good = !ZSTD_isError(left) && fwrite(room, 1, out.pos, stream) == out.pos;
	}
	ZSTD_freeCCtx(context);
	return good;
}

enum err pack_write(enum pack pack, const void *bytes, size_t size, FILE *stream, struct error *error)
{
	bool good = pack == PACK_ZSTD ? write_zstd(bytes, size, stream) : write_gzip(bytes, size, stream);

	return good ? ERR_OK : error_set(error, ERR_SYSTEM, "cannot pack the answer: there is no room for it");
}

void pack_tag(char tag[PACK_TAG], const void *bytes, size_t size, bool weak)
{
	snprintf(tag, PACK_TAG, "%s\"%016" PRIx64 "\"", weak ? "W/" : "", (uint64_t)XXH3_64bits(bytes, size));
}

bool pack_tag_known(const char *if_none_match, const char *tag)
{
	const char *bare = strncmp(tag, "W/", 2) == 0 ? tag + 2 : tag;
	size_t length = strlen(bare);

	while (if_none_match && *if_none_match) {
		size_t member;

		if_none_match += strspn(if_none_match, " \t,");
		if (strncmp(if_none_match, "W/", 2) == 0)
			if_none_match += 2;
		member = strcspn(if_none_match, " \t,");
		if ((member == 1 && *if_none_match == '*') ||
			(member == length && memcmp(if_none_match, bare, length) == 0))
			return true;
		if_none_match += member;
	}
	return false;
}
