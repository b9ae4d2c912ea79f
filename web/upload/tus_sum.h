/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tus_sum - the checksum of one part: header Upload-Checksum, "sha256 BASE64".
 */
#ifndef QGREPLAY_WEB_UPLOAD_TUS_SUM_H
#define QGREPLAY_WEB_UPLOAD_TUS_SUM_H

#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>

#define TUS_SUMS "sha1,sha256" /* as header Tus-Checksum-Algorithm names them; the protocol wants sha1 */

enum tus_sum_kind { TUS_SUM_NONE, TUS_SUM_SHA1, TUS_SUM_SHA256 };

struct tus_sum {
	enum tus_sum_kind kind;
	unsigned char wanted[SHA256_DIGEST_SIZE];
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
};

/* `header` may be NULL: then there is none. False for one that is none of ours, or no digest of its length. */
bool tus_sum_begin(struct tus_sum *sum, const char *header);

void tus_sum_update(struct tus_sum *sum, const void *bytes, size_t count);

/* Whether the bytes were those that were meant; true where nothing was said. */
bool tus_sum_is_right(struct tus_sum *sum);

#endif
