/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/upload/tus_sum.h"

#include <nettle/base64.h>
#include <stdint.h>
#include <string.h>

static const struct {
	enum tus_sum_kind kind;
	const char *name;
	size_t size;
} kinds[] = {
	{TUS_SUM_SHA1, "sha1 ", SHA1_DIGEST_SIZE},
	{TUS_SUM_SHA256, "sha256 ", SHA256_DIGEST_SIZE},
};

static bool read_digest(struct tus_sum *sum, const char *text, size_t size)
{
	uint8_t bytes[BASE64_DECODE_LENGTH(BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE))];
	struct base64_decode_ctx base64;
	size_t length;

	if (strlen(text) != BASE64_ENCODE_RAW_LENGTH(size))
		return false;
	base64_decode_init(&base64);
	if (!base64_decode_update(&base64, &length, bytes, strlen(text), text) || !base64_decode_final(&base64) ||
		length != size)
		return false;
	memcpy(sum->wanted, bytes, size);
	return true;
}

bool tus_sum_begin(struct tus_sum *sum, const char *header)
{
	sum->kind = TUS_SUM_NONE;
	sha1_init(&sum->sha1);
	sha256_init(&sum->sha256);
	if (!header)
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].name);

		if (strncmp(header, kinds[i].name, length) != 0)
			continue;
		sum->kind = kinds[i].kind;
		return read_digest(sum, header + length, kinds[i].size);
	}
	return false;
}

void tus_sum_update(struct tus_sum *sum, const void *bytes, size_t count)
{
	if (sum->kind == TUS_SUM_SHA1)
		sha1_update(&sum->sha1, count, bytes);
	else if (sum->kind == TUS_SUM_SHA256)
		sha256_update(&sum->sha256, count, bytes);
}

bool tus_sum_is_right(struct tus_sum *sum)
{
	unsigned char digest[SHA256_DIGEST_SIZE];

	if (sum->kind == TUS_SUM_NONE)
		return true;
	if (sum->kind == TUS_SUM_SHA1) {
		sha1_digest(&sum->sha1, SHA1_DIGEST_SIZE, digest);
		return memcmp(digest, sum->wanted, SHA1_DIGEST_SIZE) == 0;
	}
	sha256_digest(&sum->sha256, SHA256_DIGEST_SIZE, digest);
	return memcmp(digest, sum->wanted, SHA256_DIGEST_SIZE) == 0;
}
