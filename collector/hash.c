/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector/hash.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum { CHUNK = 1 << 20 };

enum err input_sha256(int fd, char hex[HASH_HEX + 1], struct error *error)
{
	unsigned char *chunk = memory_zeroed(CHUNK);
	unsigned char digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha256;
	enum err err = ERR_OK;
	off_t at = 0;
	ssize_t got;

	sha256_init(&sha256);
	do {
		got = pread(fd, chunk, CHUNK, at);
		if (got > 0) {
			sha256_update(&sha256, (size_t)got, chunk);
			at += got;
		}
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		err = error_set(error, ERR_SYSTEM, "reading failed at byte %lld: %s", (long long)at, strerror(errno));
	sha256_digest(&sha256, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	free(chunk);
	return err;
}

void hash_of_bytes(const void *bytes, size_t size, unsigned char digest[HASH_BYTES])
{
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	sha256_update(&sha256, size, bytes);
	sha256_digest(&sha256, HASH_BYTES, digest);
}
