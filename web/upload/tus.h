/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tus - what all requests of the tus protocol 1.0.0 have in common, and what becomes of a part that was received.
 */
#ifndef QGREPLAY_WEB_UPLOAD_TUS_H
#define QGREPLAY_WEB_UPLOAD_TUS_H

#include "schema/store/upload.h"
#include "web/message/call.h"
#include "web/upload/tus_file.h"

#define TUS_VERSION "1.0.0"

/* Errors: 412 for a request that names another version of the protocol, or none. */
enum err tus_check_version(struct call *call, struct error *error);

/* Finds the upload that the path names, to be closed. Errors: 404, 423 while another request has it; ERR_SYSTEM. */
enum err tus_find(struct call *call, struct tus_file *file, struct error *error);

/* Adds what each answer has, refusals too; returns `err`. */
enum err tus_answer(struct call *call, enum err err);

/* Header Upload-Expires. */
void tus_answer_expiry(struct call *call, const struct tus_file *file);

/* What became of a part. */
struct tus_outcome {
	const struct tus_file *file; /* as it is now; the receipt's */
	bool done;		     /* that was all of it, and it was handed in */
	struct upload_ticket ticket; /* then */
};

/*
 * In LANE_WRITE, after upload_tus_receiver: hands in what is complete. Errors: those of upload_hand_in(); the sender is
 * then to send the last byte again.
 */
enum err tus_accept(struct call *call, struct tus_outcome *outcome, struct error *error);

#endif
