/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * receipt - what the receiver of a whole body and the handler that follows it share.
 */
#ifndef QGREPLAY_WEB_UPLOAD_RECEIPT_H
#define QGREPLAY_WEB_UPLOAD_RECEIPT_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdint.h>

#include "schema/store/upload.h"
#include "web/message/call.h"
#include "web/upload/spool.h"

struct upload_receipt {
	int fd;
	enum spool_place place;
	char file[SPOOL_NAME + 1];
	char name[UPLOAD_NAME];
	uint64_t size;
	struct sha256_ctx sha256;
	char hex[UPLOAD_SHA256 + 1]; /* once it has ended */
	bool settled;		     /* the file is no longer the receipt's */
};

/* Ends a hash; its digits in lower case. */
void sha256_text(struct sha256_ctx *sha256, char hex[UPLOAD_SHA256 + 1]);

/*
 * Hands in a file that lies in the queue, and wakes a worker. `*kept` says whether the file belongs to an upload now;
 * when it does not, on an error too, it is still the caller's. Errors: those of upload_hand_in().
 */
enum err upload_queue(struct call *call, const struct upload_slip *slip, struct upload_ticket *ticket, bool *kept,
	struct error *error);

#endif
